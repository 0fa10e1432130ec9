"""What mapping a model set costs: processor time, wall time, memory and disk, from measured rates.

All of it is arithmetic on a `Workload`, which says how much there is to do, and a `Cost`, which
says what a piece of it takes on some machine; `abz.upscaling.calibration` measures costs.
"""

from __future__ import annotations

from dataclasses import dataclass

from abz.validation import check_range

__all__ = [
    "MONTHS",
    "Cost",
    "Workload",
    "core_seconds",
    "cube_bytes",
    "flux_bytes",
    "memory_bytes",
    "totals_bytes",
    "wall_seconds",
]

STATISTICS = 3
"""Maps of a flux: central value, mean and SD of the members."""
MONTHS = 12
"""Months of a year."""


@dataclass(frozen=True)
class Workload:
    """How much there is to map.

    Parameters
    ----------
    cells : int
        Cells of the domain.
    years : int
        Years of twelve months.
    fluxes, members : int
        Fluxes, and members beside the central forest of each.
    trees, member_trees : int
        Trees of a central forest and of a member.
    atoms : int
        Atoms of the zones.
    monthly_layers, annual_layers, static_layers : int
        Predictors of the cube that are maps of a month, of a year, and of all time.
    tile_cells, window_cells : int
        Cells of the largest tile and of the largest window in it.
    keep_members : bool, optional
        Whether the members' own maps are stored.
    """

    cells: int
    years: int
    fluxes: int
    members: int
    trees: int
    member_trees: int
    atoms: int
    monthly_layers: int
    annual_layers: int
    static_layers: int
    tile_cells: int
    window_cells: int
    keep_members: bool = False

    @property
    def maps(self) -> int:
        """Maps of a flux."""
        return STATISTICS + self.members * self.keep_members

    @property
    def cell_months(self) -> int:
        """Cells times months."""
        return self.cells * self.years * MONTHS

    @property
    def evaluations(self) -> int:
        """Cell-months times forests."""
        return self.cell_months * self.fluxes * (1 + self.members)

    @property
    def tree_evaluations(self) -> int:
        """Cell-months times trees."""
        return self.cell_months * self.fluxes * (self.trees + self.members * self.member_trees)

    @property
    def map_values(self) -> int:
        """Values of all flux maps."""
        return self.cell_months * self.fluxes * self.maps


@dataclass(frozen=True)
class Cost:
    """What a piece of the work takes on a machine.

    Parameters
    ----------
    read_s : float
        Seconds of a core to read the predictors of a cell-month.
    forest_s : float
        Seconds of a core for a cell-month and forest, beside its trees.
    tree_s : float
        Seconds of a core for a cell-month and tree.
    write_s : float
        Seconds of a core to store a value of a flux map, and its share of the flags.
    efficiency : float
        Seconds of a core that each thread got in a second of wall time, at most 1.
    row_bytes : float
        Memory that a cell-month of a window takes while it is predicted.
    map_bytes : float
        Disk that a value of a flux map takes, and its share of the flags.
    forest_bytes : float
        Memory of a forest.
    """

    read_s: float
    forest_s: float
    tree_s: float
    write_s: float
    efficiency: float
    row_bytes: float
    map_bytes: float
    forest_bytes: float


def core_seconds(work: Workload, cost: Cost) -> float:
    """Seconds of a core for the whole map.

    Notes
    -----
    N c_read + N E c_forest + N T c_tree + N M c_write, with N cell-months, E forests and T trees of
    all fluxes, and M maps: three of each flux, and those of the members if they are kept.

    Examples
    --------
    >>> work = Workload(10, 1, 3, 20, 500, 500, 1, 1, 1, 1, 10, 10)
    >>> core_seconds(work, Cost(1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0))
    1200.0
    """
    return (
        work.cell_months * cost.read_s
        + work.evaluations * cost.forest_s
        + work.tree_evaluations * cost.tree_s
        + work.map_values * cost.write_s
    )


def wall_seconds(work: Workload, cost: Cost, workers: int) -> float:
    """Seconds until the whole map is done with so many threads or one-threaded workers.

    Raises
    ------
    InputError
        If there are no workers.
    """
    return core_seconds(work, cost) / (check_range(workers, "workers", minimum=1) * cost.efficiency)


def flux_bytes(work: Workload, cost: Cost) -> float:
    """Disk of the flux maps."""
    return work.map_values * cost.map_bytes


def totals_bytes(work: Workload) -> int:
    """Disk of the totals, uncompressed: grams of each forest, and the valid area, as 64 bits."""
    forests = work.fluxes * (1 + work.members)
    return 8 * work.years * MONTHS * work.atoms * (forests + 1)


def cube_bytes(work: Workload) -> int:
    """Disk of the predictor cube, as if values of the domain did not compress and the rest did."""
    layers = (
        work.monthly_layers * work.years * MONTHS
        + work.annual_layers * work.years
        + work.static_layers
    )
    return 4 * work.cells * layers


def memory_bytes(work: Workload, cost: Cost, *, threads: int, blocks_at_once: int) -> float:
    """Memory of one process that maps so many blocks at once, beside Python and its libraries.

    Parameters
    ----------
    work, cost
        What is done, and what it takes.
    threads : int
        Threads in all; each takes room for the part of a forest that its rows can reach.
    blocks_at_once : int
        One where threads share a window; as many as threads in a Dask worker.

    Notes
    -----
    All forests, once; a forest a thread; and for each block its window, the maps of its tile and
    its totals.
    """
    forests = work.fluxes * (1 + work.members)
    window = work.window_cells * MONTHS * cost.row_bytes
    maps = 4 * (work.maps + 1) * work.fluxes * MONTHS * work.tile_cells  # one of flags
    totals = 2 * 8 * forests * MONTHS * work.atoms  # those of the tile and of the window
    return (forests + threads) * cost.forest_bytes + blocks_at_once * (window + maps + totals)
