"""Where all land of the map is: in a zone, in no zone of a set, or outside the domain and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.zones import UNKNOWN, zone_sets
from abz.errors import GridError
from abz.grid.geometry import Grid
from abz.units import AREA_QUANTUM
from abz.validation import check_variables
from abz.vocabulary import ZONE_SETS

__all__ = ["HELD", "NO_ZONE", "OUTSIDE", "WITHOUT_LAND", "left_out"]

HELD, NO_ZONE, OUTSIDE = "in a zone", "in no zone", "outside the domain"
WITHOUT_LAND = "zone without land"
SOUTHERN = 1
"""First of the reasons: the cell lies south of the domain's southern end."""
ROWS_AT_ONCE = 256
"""Rows of cells that are counted in one go; it bounds the memory only."""
WHOLE = "abz"


def left_out(zones: xr.Dataset) -> pd.DataFrame:
    """Cells and land of the map by zone set: in a zone, in none, outside the domain by reason.

    Parameters
    ----------
    zones : xarray.Dataset
        Zones of a model set: `area` and `land_fraction` (y, x), `outside` (y, x) with its
        `reasons`, a map (y, x) and `atom_<set>` of each set; some rows are read at a time.

    Returns
    -------
    pandas.DataFrame
        zone_set; part, `HELD`, `NO_ZONE` or `OUTSIDE`, which together are all cells at or north
        of the domain's southern end, and below them `WITHOUT_LAND` for a zone of a set of one's
        own that has no cell; reason, why the land is in no zone or outside, or the name of the
        zone without land; cells; area_m2, land; overlap_m2, what two zones of the set claim at
        once. The set "abz" is the whole domain. A reason that no cell has is left out.

    Raises
    ------
    MissingDataError
        If a map is missing.
    GridError
        If the map has no cell north of the domain's southern end.

    Notes
    -----
    Areas are counted in whole quanta of `units.AREA_QUANTUM` m2, so the parts of each set add up
    to the land of the map exactly.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> from abz.harmonise import zones_of_classes
    >>> grid = polar_grid(1e6)
    >>> taiga = np.full(grid.shape, 6)
    >>> land = np.where(grid.lonlat()[0] < 0, 1.0, 0.0)
    >>> zones = zones_of_classes(grid, taiga, taiga * 0, taiga * 0 + 80, land)
    >>> rows = left_out(zones)
    >>> rows[rows["zone_set"] == "abz"][["part", "reason", "cells"]].values.tolist()
    [['in a zone', '', 30], ['outside the domain', 'no land', 30]]
    """
    sets = zone_sets(zones)
    check_variables(zones, ["area", "land_fraction", "outside", *sets], "zones")
    reasons = [str(reason) for reason in zones["outside"].attrs["reasons"]]
    cells, quanta = _counted(zones, list(sets), len(reasons))
    if not cells[0].sum():
        raise GridError(
            "the map ends south of the domain",
            rule="it has cells north of the domain's southern end",
            value=f"{zones['area'].shape} cells",
            remedy="make the zones again",
        )
    rows = []
    for place, name in enumerate([WHOLE, *sets]):
        shared = float(zones[name].attrs.get("overlap_m2", 0.0)) if name in sets else 0.0
        named = _reasons(name, reasons, known=bool(cells[place, 0]))
        for kind, (part, reason) in enumerate(named):
            if kind == 0 or cells[place, kind]:
                area = float(quanta[place, kind] * AREA_QUANTUM)
                rows.append(
                    (name, part, reason, int(cells[place, kind]), area, shared * (kind == 0))
                )
        rows += [
            (name, WITHOUT_LAND, zone, 0, 0.0, 0.0)
            for code, zone in sets.get(name, {}).items()
            if name not in ZONE_SETS and not (zones[f"atom_{name}"].values == code).any()
        ]
    columns = ["zone_set", "part", "reason", "cells", "area_m2", "overlap_m2"]
    return pd.DataFrame(rows, columns=columns)


def _reasons(name: str, reasons: Sequence[str], *, known: bool) -> list[tuple[str, str]]:
    """Part and reason of each count of a set."""
    alone = "no zone holds it" if known else f"the run has no map of {name}"
    # The first reason is the southern end, beyond which nothing is counted.
    return [(HELD, ""), (NO_ZONE, alone), *((OUTSIDE, reason) for reason in reasons[1:])]


def _counted(zones: xr.Dataset, sets: list[str], reasons: int) -> np.ndarray:
    """Cells and quanta of area (2, set, kind), int64: the whole first, then each set.

    Kinds are in a zone, in no zone, and the reasons from the second on.
    """
    grid = Grid.of(zones)
    counts = np.zeros((2, len(sets) + 1, reasons + 1), np.int64)
    for top in range(0, grid.shape[0], ROWS_AT_ONCE):
        rows = slice(top, min(top + ROWS_AT_ONCE, grid.shape[0]))
        part = zones.isel(y=rows)
        outside, quanta = part["outside"].values, _quanta(part, grid.window(rows, slice(None)))
        for kind in range(reasons + 1):
            if kind != SOUTHERN:
                counts[:, :, kind] += _sums(outside == kind, quanta)[:, None]
        for place, name in enumerate(sets, 1):
            none = _sums((outside == 0) & (part[name].values == UNKNOWN), quanta)
            counts[:, place, 0] -= none
            counts[:, place, 1] += none
    return counts


def _quanta(part: xr.Dataset, grid: Grid) -> np.ndarray:
    """Land (y, x) of the cells of some rows in whole quanta."""
    land = part["land_fraction"].values.astype(np.float64)
    inside = part["outside"].values == 0
    area = np.where(inside, part["area"].values, grid.cell_area() * land)
    return np.rint(area / AREA_QUANTUM).astype(np.int64)


def _sums(chosen: np.ndarray, quanta: np.ndarray) -> np.ndarray:
    """Cells and quanta (2,) of the chosen cells."""
    return np.array([np.count_nonzero(chosen), quanta[chosen].sum()], np.int64)
