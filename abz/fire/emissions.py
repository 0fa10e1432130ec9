"""Fire emission and burned fraction on the grid of a model set, with all mass accounted for.

Maps at 500 m do not fit in memory: windows of the target take what they need of the source, and the
account of the masses grows with them. Masses are whole quanta, so that no order changes a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import xarray as xr

from abz.errors import GridError
from abz.grid import Grid, Window, WindowWeights, area_outside, values_at, window_areas
from abz.grid.zonal import zonal_quanta
from abz.ledger import FLUX_PARTS
from abz.units import (
    AREA_QUANTUM,
    GRAM_QUANTUM,
    MONTHLY_FLUX,
    grams_to_teragrams,
    require_units,
)
from abz.validation import check_variables

__all__ = ["FIRE_MAPS", "FireAccount", "check_fire", "fire_on_grid", "fire_window", "source_pieces"]

_GRAMS = {
    "long_name": "carbon emitted by fire in the month, in whole quanta",
    "units": f"{GRAM_QUANTUM!r} g C",
    "scale": GRAM_QUANTUM,
    **FLUX_PARTS["fire"].attrs(),
}
_BURNED_AREA = {
    "long_name": "area burned in the month, in whole quanta",
    "units": f"{AREA_QUANTUM!r} m2",
    "scale": AREA_QUANTUM,
}
FIRE_MAPS = {
    "emission": {
        "units": MONTHLY_FLUX,
        "long_name": "carbon emitted by fire, per area of the whole cell",
        **FLUX_PARTS["fire"].attrs(),
    },
    "burned_fraction": {"units": "1", "long_name": "share of the cell that burned in the month"},
}
"""Variable to its attributes."""
_MASSES = {
    "source_mass": "fire emission in the source",
    "outside_grid_mass": "fire emission that the grid misses",
    "outside_domain_mass": "fire emission on the grid, in no atom",
}
_SUMS = ("grams", "burned_area", "aside", "source", "missed", "cells")
"""What an account adds up, all in whole numbers."""
BALANCE = 1e-10
"""Part of a month's mass that may be lost to rounding."""


def check_fire(source: xr.Dataset) -> xr.Dataset:
    """The fire product, if it holds emission, in g C m-2 month-1, and burned fraction.

    Raises
    ------
    UnitsError
        If the emission is not in g C m-2 month-1.
    MissingDataError
        If a variable is missing.
    """
    check_variables(source, list(FIRE_MAPS), "the fire product")
    require_units(source["emission"], MONTHLY_FLUX)
    return source


def fire_window(
    source: xr.Dataset, weights: WindowWeights, atom: np.ndarray, account: FireAccount
) -> xr.Dataset:
    """Emission and burned fraction in a window of the target; their masses go to the account.

    Parameters
    ----------
    source : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive; `burned_fraction`, 1; in memory or
        dask-lazy.
    weights : WindowWeights
        From the source to the window, m2, its cells taken `whole`.
    atom : numpy.ndarray of int (ny, nx)
        Atom of each cell of the window, −1 outside the domain.
    account : FireAccount
        Of the months of the source.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1, `burned_fraction`, 0 to 1; float32, NaN where the source does
        not reach.

    Examples
    --------
    `fire_on_grid` is the one window of a whole grid.
    """
    cell_area = weights.target.cell_area()
    densities = {
        name: _conserved(values_at(source[name], weights.cells), weights, cell_area)
        for name in FIRE_MAPS
    }
    account.add_window(source["time"].values, densities, cell_area, atom)
    burned = weights.means(values_at(source["burned_fraction"], weights.cells))
    maps = {"emission": densities["emission"], "burned_fraction": np.minimum(burned, 1.0)}
    return xr.Dataset(
        {n: (("time", "y", "x"), m.astype(np.float32), FIRE_MAPS[n]) for n, m in maps.items()},
        {"time": source["time"], **weights.target.coords()},
    )


def _conserved(values: np.ndarray, weights: WindowWeights, cell_area: np.ndarray) -> np.ndarray:
    """Amount per m2 (time, ny, nx) that holds the mass of source values (time, n)."""
    valid = np.isfinite(values)
    reached = weights.sums(valid) > 0
    return np.where(reached, weights.sums(np.where(valid, values, 0.0)) / cell_area, np.nan)


@dataclass
class FireAccount:
    """Masses and burned areas of a fire product, in whole quanta, as its parts come.

    Parameters
    ----------
    time : numpy.ndarray of datetime64 (time,)
        All months.
    target : Grid
        The whole target.
    atoms : int
        Their number.

    Attributes
    ----------
    grams, burned_area : numpy.ndarray of int64 (time, atom)
        What lies in the atoms.
    aside, source, missed : numpy.ndarray of int64 (time,)
        Emission on the grid in no atom, in the source, and in the source off the grid.
    cells : int
        Cells that were rounded, each once a month at most.
    """

    time: np.ndarray
    target: Grid
    atoms: int
    grams: np.ndarray = field(init=False)
    burned_area: np.ndarray = field(init=False)
    aside: np.ndarray = field(init=False)
    source: np.ndarray = field(init=False)
    missed: np.ndarray = field(init=False)
    cells: int = 0

    def __post_init__(self) -> None:
        """Start with nothing."""
        self.grams, self.burned_area = (
            np.zeros((self.time.size, self.atoms), np.int64) for _ in range(2)
        )
        self.aside, self.source, self.missed = (np.zeros(self.time.size, np.int64) for _ in "abc")

    def add_window(
        self, time: np.ndarray, densities: dict[str, np.ndarray], area: np.ndarray, atom: np.ndarray
    ) -> None:
        """Add what lies in a window of the target (time, y, x), per m2."""
        steps = np.searchsorted(self.time, time)
        emission, burned = densities["emission"], densities["burned_fraction"]
        self.grams[steps] += zonal_quanta(emission, area, atom, self.atoms)
        self.burned_area[steps] += zonal_quanta(burned, area, atom, self.atoms, AREA_QUANTUM)
        aside = np.where(atom < 0, 0, -1)
        self.aside[steps] += zonal_quanta(emission, area, aside, 1)[:, 0]
        self.cells += atom.size

    def add_source(self, source: xr.Dataset, window: Window) -> None:
        """Add what a part of the source holds, and how much of that the target misses."""
        grid, (rows, columns) = Grid.of(source), window
        part = source["emission"].isel(y=rows, x=columns)
        values = part.compute(scheduler="synchronous").values
        steps = np.searchsorted(self.time, source["time"].values)
        down, across = np.nonzero((values > 0).any(axis=0))
        if not down.size:
            return
        burning = values[:, None, down, across]
        row = down + rows.start
        outside = area_outside(grid, self.target, row * grid.shape[1] + across + columns.start)
        one = np.zeros((1, down.size), np.int32)
        whole = grid.row_area[row][None]
        self.source[steps] += zonal_quanta(burning, whole, one, 1)[:, 0]
        self.missed[steps] += zonal_quanta(burning, outside[None], one, 1)[:, 0]
        self.cells += 2 * down.size

    def arrays(self) -> dict[str, np.ndarray]:
        """All that was added, to be kept apart from the account.

        Examples
        --------
        >>> from abz.grid import polar_grid
        >>> account = FireAccount(np.array(["2002-07"], "datetime64[ns]"), polar_grid(1e6), 3)
        >>> sorted(account.arrays())
        ['aside', 'burned_area', 'cells', 'grams', 'missed', 'source']
        """
        return {name: np.asarray(getattr(self, name)) for name in _SUMS}

    def add_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Add what was kept of another part of the same product."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + arrays[name])

    def close(self) -> xr.Dataset:
        """Totals of the atoms, and the masses.

        Returns
        -------
        xarray.Dataset
            `grams` (time, atom_id) int64, quanta of `GRAM_QUANTUM` g; `burned_area` (time, atom_id)
            int64, quanta of `AREA_QUANTUM` m2. `source_mass`, `outside_grid_mass` (what the target
            misses) and `outside_domain_mass` (what is on the grid but in no atom) (time),
            Tg C month-1.

        Raises
        ------
        GridError
            If the masses of a month do not balance, as with shares of areas that are not areas.
        """
        self._check_balance()
        masses = {
            "source_mass": self.source, "outside_grid_mass": self.missed,
            "outside_domain_mass": self.aside,
        }  # fmt: skip
        totals = {
            name: ("time", grams_to_teragrams(mass * GRAM_QUANTUM),
                   {"units": "Tg C month-1", "long_name": _MASSES[name]})
            for name, mass in masses.items()
        }  # fmt: skip
        both = ("time", "atom_id")
        zonal = {
            "grams": (both, self.grams, _GRAMS),
            "burned_area": (both, self.burned_area, _BURNED_AREA),
        }
        time = ("time", self.time, {"standard_name": "time"})
        return xr.Dataset({**zonal, **totals}, {"time": time})

    def _check_balance(self) -> None:
        """Nothing, if the source is in the atoms or outside, to half a quantum in each cell."""
        lost = self.source - self.missed - self.aside - self.grams.sum(axis=1)
        worst = int(np.argmax(np.abs(lost)))
        if abs(int(lost[worst])) > BALANCE * float(self.source[worst]) + 0.5 * self.cells:
            whole = float(self.source[worst]) * GRAM_QUANTUM
            raise GridError(
                "the mass of a fire product does not balance",
                rule="source = in the domain + outside the domain + outside the grid",
                value=f"{float(lost[worst]) * GRAM_QUANTUM:g} g of {whole:g} g are lost in month "
                f"{worst + 1}",
                remedy="take the shared areas from abz.grid.window_areas of the same two grids",
            )


def source_pieces(source: xr.Dataset) -> Iterator[Window]:
    """Rows and columns of the parts in which the source is best read; all of one in memory."""
    emission = source["emission"]
    if emission.chunks is None:
        yield slice(0, emission.sizes["y"]), slice(0, emission.sizes["x"])
        return
    down, across = (np.cumsum([0, *emission.chunksizes[dim]]).tolist() for dim in ("y", "x"))
    for top, bottom in pairwise(down):
        for left, right in pairwise(across):
            yield slice(top, bottom), slice(left, right)


def fire_on_grid(source: xr.Dataset, zones: xr.Dataset) -> xr.Dataset:
    """Emission, burned fraction and zone totals on the whole target grid, of maps in memory.

    Parameters
    ----------
    source : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive; `burned_fraction`, 1.
    zones : xarray.Dataset
        `atom` (y, x) and `atom_*` along `atom_id`.

    Returns
    -------
    xarray.Dataset
        What `fire_window` and `FireAccount.close` give, with the atoms.

    Raises
    ------
    UnitsError
        If the emission is not in g C m-2 month-1.
    MissingDataError
        If a variable is missing.
    GridError
        If the masses of a month do not balance.

    Notes
    -----
    An emission density belongs to the whole cell, water included: its mass is density × cell
    area, never × land area. So Σ grams is the mass of the source under the domain's cells, and
    source = in the atoms + outside the domain + outside the grid, each summed by itself, to 1e-10
    of the source. The burned area is kept alike, whereas the burned fraction is the mean over the
    source cells that are known: where all are, both agree but for the sampling of the areas.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid, whole = polar_grid(1e6), ("time", "y", "x")
    >>> burning = np.ones((1, *grid.shape), np.float32)
    >>> source = xr.Dataset(
    ...     {"emission": (whole, burning, {"units": "g C m-2 month-1"}),
    ...      "burned_fraction": (whole, 0.1 * burning)},
    ...     coords={"time": np.array(["2002-07-01"], "datetime64[ns]"), **grid.coords()},
    ... )
    >>> zones = xr.Dataset(
    ...     {"atom": (("y", "x"), np.zeros(grid.shape, np.int32))},
    ...     coords={**grid.coords(), "atom_area": ("atom_id", [1e14])},
    ... )
    >>> fire = fire_on_grid(source, zones)
    >>> float(fire["grams"].sum()) * GRAM_QUANTUM / 1e12  # 100 million km2
    100.0
    """
    target = Grid.of(zones)
    everything = slice(0, target.shape[0]), slice(0, target.shape[1])
    account = FireAccount(check_fire(source)["time"].values, target, zones.sizes["atom_id"])
    weights = window_areas(Grid.of(source), target, everything, whole=True)
    maps = fire_window(source, weights, zones["atom"].values, account)
    for window in source_pieces(source):
        account.add_source(source, window)
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    return maps.merge(account.close()).assign_coords(atoms)
