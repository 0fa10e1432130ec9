"""The land of a map in coarse blocks, so that all pairs of places can be visited."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.grid.geometry import Grid
from abz.validation import check_range, check_variables

__all__ = ["land_blocks"]


def land_blocks(zones: xr.Dataset, block_m: float) -> xr.Dataset:
    """Area of each atom in each block of the map that holds land.

    Parameters
    ----------
    zones : xarray.Dataset
        `area` (y, x), m2 of land; `atom` (y, x), −1 outside; a row of blocks is read at a time.
    block_m : float
        Edge of a block in units of the grid's coordinates, at least one cell.

    Returns
    -------
    xarray.Dataset (block, atom_id)
        `area`, m2, whose sum over the blocks is the area of each atom; `longitude`, `latitude`
        (block), degrees, of the middle of the block's land; attribute `edge_km`, edge of a block,
        of a grid in m.

    Raises
    ------
    MissingDataError
        If a map is missing.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(2e6, (-2e6, -2e6, 2e6, 2e6))
    >>> zones = xr.Dataset({"area": (("y", "x"), np.full((2, 2), 4e12)),
    ...     "atom": (("y", "x"), [[0, 1], [1, -1]])},
    ...     coords={**grid.coords(), "atom_area": ("atom_id", [4e12, 8e12])})
    >>> land_blocks(zones, 4e6)["area"].values.tolist()
    [[4000000000000.0, 8000000000000.0]]
    """
    check_variables(zones, ["area", "atom"], "zones")
    grid, n_atoms = Grid.of(zones), zones.sizes["atom_id"]
    edge = abs(grid.transform.a)
    cells = max(1, round(check_range(block_m, "edge of a block", minimum=0) / edge))
    parts = [
        _row_of_blocks(zones, grid, slice(top, min(top + cells, grid.shape[0])), cells, n_atoms)
        for top in range(0, grid.shape[0], cells)
    ]
    area, x, y = (np.concatenate([part[i] for part in parts]) for i in range(3))
    longitude, latitude = grid.to_lonlat(x, y)
    return xr.Dataset(
        {
            "area": (("block", "atom_id"), area, {"units": "m2"}),
            "longitude": ("block", longitude, {"units": "degrees_east"}),
            "latitude": ("block", latitude, {"units": "degrees_north"}),
        },
        attrs={"edge_km": cells * edge / 1000.0},
    )


def _row_of_blocks(
    zones: xr.Dataset, grid: Grid, rows: slice, cells: int, n_atoms: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Areas (block, atom_id) and middles x, y (block,) of the blocks with land in some rows."""
    atom = zones["atom"].isel(y=rows).values
    area = np.where(atom >= 0, np.nan_to_num(zones["area"].isel(y=rows).values), 0.0)
    block = np.broadcast_to(np.arange(grid.shape[1]) // cells, atom.shape)
    count = int(block.max()) + 1
    place = (block * n_atoms + np.maximum(atom, 0)).ravel()
    held = np.bincount(place, area.ravel(), count * n_atoms).reshape(count, n_atoms)
    total = held.sum(axis=1)
    there = total > 0
    x, y = np.broadcast_to(grid.x, atom.shape), np.broadcast_to(grid.y[rows, None], atom.shape)
    middle = [
        np.bincount(block.ravel(), (area * axis).ravel(), count)[there] / total[there]
        for axis in (x, y)
    ]
    return held[there], middle[0], middle[1]
