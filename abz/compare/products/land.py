"""What the cells of a product hold of our land: of each atom, and of each cell of a common map.

Our mask is much finer than most products, so it alone says how much land of a zone lies in a cell
of theirs. Every fine cell is cut into parts; a part belongs whole to the cell that holds its
centre.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import xarray as xr
from scipy.sparse import coo_array, csr_array

from abz.compare.products.cells import Cells, narrowest_m
from abz.errors import GridError
from abz.grid import Grid
from abz.validation import check_variables

__all__ = ["LandShares", "land_shares", "samples_for"]

PARTS_A_CELL = 8
"""Parts of our cells along the narrowest cell of a product, at least,"""
MOST_SAMPLES = 16
"""unless our own cells would need more parts a side."""
PARTS_AT_ONCE = 2_000_000
"""Parts that are placed in one go; it bounds the memory only."""


@dataclass(frozen=True, eq=False)
class LandShares:
    """Our land in the cells of a product.

    Parameters
    ----------
    cells : Grid or UnevenCells
        Those of the product.
    common : Grid
        Grid of maps that are compared.
    used : numpy.ndarray of int (cell,)
        Flat positions of the cells that hold land of the domain; the others are left out.
    atoms : scipy.sparse.csr_array (atom, cell)
        Land of each atom in each cell, m2.
    shared : scipy.sparse.csr_array (common cell, cell)
        Land of the domain that lies in both, m2.
    land : numpy.ndarray (cell,)
        All land in the cell, in the domain or not, m2.
    covered : numpy.ndarray (cell,)
        Part of the cell that our map covers, m2.
    """

    cells: Cells
    common: Grid
    used: np.ndarray
    atoms: csr_array
    shared: csr_array
    land: np.ndarray
    covered: np.ndarray

    @property
    def land_share(self) -> np.ndarray:
        """Share of land (cell,) in what our map covers of each cell, above 0 to 1."""
        return np.asarray(self.land / self.covered)

    def at_used(self, values: np.ndarray) -> np.ndarray:
        """Values (..., cell) of the cells that are used, from a map (..., y, x)."""
        return np.asarray(values.reshape(*values.shape[:-2], -1)[..., self.used])

    def sums(self, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Amounts of the atoms and the land that they come from.

        Parameters
        ----------
        density : numpy.ndarray (..., cell)
            Per m2 of land; NaN is missing.

        Returns
        -------
        tuple of numpy.ndarray (..., atom)
            Amounts, and land with a value, m2.
        """
        return _applied(self.atoms, density)

    def common_sums(self, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of the cells of the common map (..., y, x).

        Notes
        -----
        d_t = Σ_c A_tc d_c / Σ_c A_tc over the cells c with a value, A_tc the land in both: the
        amount on the land that is known stays as it is.
        """
        shape = (*density.shape[:-1], *self.common.shape)
        amount, land = _applied(self.shared, density)
        return amount.reshape(shape), land.reshape(shape)


def _applied(matrix: csr_array, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums (..., row) of density × weight and of the weights with a value."""
    flat = density.reshape(-1, density.shape[-1]).astype(np.float64)
    known = np.isfinite(flat)
    shape = (*density.shape[:-1], matrix.shape[0])
    amounts = (matrix @ np.where(known, flat, 0.0).T).T.reshape(shape)
    return amounts, (matrix @ known.T.astype(np.float64)).T.reshape(shape)


def samples_for(grid: Grid, cells: Cells) -> int:
    """Parts a side of our cells, so that a cell of the product is at least eight parts wide.

    Notes
    -----
    Two parts do for a product on our projection whose cells are cut by ours, and one where each of
    our cells lies whole in one of theirs.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> ours = polar_grid(2e4)
    >>> [samples_for(ours, other) for other in (lonlat_grid(1.0), ours, polar_grid(3e4))]
    [5, 1, 2]
    """
    if isinstance(cells, Grid) and cells.crs == grid.crs:
        return (
            1 if _nested(grid, cells) else ceil(2 * max(1.0, grid.transform.a / cells.transform.a))
        )
    wanted = ceil(PARTS_A_CELL * grid.transform.a / narrowest_m(cells))
    return int(np.clip(wanted, 1, MOST_SAMPLES))


def _nested(grid: Grid, cells: Grid) -> bool:
    """Whether edges of the product's cells are edges of ours."""
    a, b = grid.transform, cells.transform
    steps = np.array([b.a / a.a, b.e / a.e, (b.c - a.c) / a.a, (b.f - a.f) / a.e])
    return bool(np.allclose(steps, np.rint(steps), atol=1e-6) and (steps[:2] > 0.5).all())


def land_shares(
    zones: xr.Dataset,
    cells: Cells,
    common: Grid,
    *,
    rows: slice = slice(None),
    samples: int | None = None,
) -> LandShares:
    """Our land in the cells of a product.

    Parameters
    ----------
    zones : xarray.Dataset
        Zones of a model set: `area` (y, x), m2 of land in the domain; `land_fraction` (y, x), 1;
        `atom` (y, x), −1 outside; atoms along `atom_id`. Some rows are read at a time.
    cells : Grid or UnevenCells
        Those of the product.
    common : Grid
        Grid of maps that are compared.
    rows : slice, optional
        Only these rows of our map, where the cells lie in no others.
    samples : int, optional
        Each of our cells is cut in `samples` × `samples` parts; by default as many as
        `samples_for` finds for the product, or for the common map.

    Returns
    -------
    LandShares

    Raises
    ------
    GridError
        If the product lies nowhere on our map.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> from abz.harmonise import zones_of_classes
    >>> grid = polar_grid(5e5)
    >>> taiga = np.full(grid.shape, 6)
    >>> zones = zones_of_classes(grid, taiga, taiga * 0, taiga * 0 + 80, np.ones(grid.shape))
    >>> held = land_shares(zones, lonlat_grid(5.0), lonlat_grid(5.0))
    >>> bool(np.isclose(held.atoms.sum(), zones["area"].sum())), float(held.land_share.min())
    (True, 1.0)
    """
    check_variables(zones, ["area", "land_fraction", "atom"], "zones")
    grid = Grid.of(zones)
    parts = samples or max(samples_for(grid, cells), samples_for(grid, common))
    n, held = int(np.prod(cells.shape)), int(np.prod(common.shape))
    atoms, shared = csr_array((zones.sizes["atom_id"], n)), csr_array((held, n))
    land, covered = np.zeros(n), np.zeros(n)
    for band in _bands(grid, rows, parts):
        part = zones[["area", "land_fraction", "atom"]].isel(y=band).load()
        window = grid.window(band, slice(None))
        area = part["area"].values.ravel() / parts**2
        whole = window.cell_area().ravel() / parts**2
        every = np.where(part["area"] > 0, part["area"].values, 0.0).ravel() / parts**2
        every = np.maximum(every, whole * np.nan_to_num(part["land_fraction"].values.ravel()))
        lon, lat = _centres(window, parts)
        into = _flat(cells, lon, lat)
        reached = into >= 0
        own = np.broadcast_to(np.arange(area.size)[:, None], into.shape)
        covered += np.bincount(into[reached], whole[own[reached]], minlength=n)
        land += np.bincount(into[reached], every[own[reached]], minlength=n)
        inside = reached & (area > 0)[:, None]
        target, source, weight = into[inside], own[inside], area[own[inside]]
        atom = part["atom"].values.ravel()[source]
        atoms = atoms + _matrix(atom, target, weight, atoms.shape)
        onto = _flat(common, lon[inside], lat[inside])
        kept = onto >= 0
        shared = shared + _matrix(onto[kept], target[kept], weight[kept], shared.shape)
    used = np.flatnonzero(np.bincount(atoms.indices, atoms.data, minlength=n))
    if not used.size:
        raise GridError(
            "a product lies nowhere on the map of the run",
            rule="some of its cells hold land of the domain",
            value=f"{cells.shape} cells",
            remedy="read the product for the north of the globe",
        )
    return LandShares(
        cells, common, used, atoms[:, used], shared[:, used], land[used], covered[used]
    )


def _bands(grid: Grid, rows: slice, parts: int) -> Iterator[slice]:
    """Rows of our map, so many at a time that memory stays small."""
    first, last, _ = rows.indices(grid.shape[0])
    step = max(1, PARTS_AT_ONCE // (grid.shape[1] * parts**2))
    for top in range(first, last, step):
        yield slice(top, min(top + step, last))


def _centres(window: Grid, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude (cell, part) of the centres of all parts, degrees."""
    inner = (np.arange(parts) + 0.5) / parts - 0.5
    x = window.x[None, :, None, None] + window.transform.a * inner[None, None, None, :]
    y = window.y[:, None, None, None] + window.transform.e * inner[None, None, :, None]
    x, y = (np.ascontiguousarray(a) for a in np.broadcast_arrays(x, y))
    lon, lat = window.to_lonlat(x, y)
    return lon.reshape(-1, parts**2), lat.reshape(-1, parts**2)


def _flat(cells: Cells, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Flat position of the cell of each point; −1 where it is in none."""
    row, column = cells.index(np.nan_to_num(lon, nan=0.0), np.nan_to_num(lat, nan=-90.0))
    inside = (row >= 0) & np.isfinite(lat)
    return np.where(inside, row * cells.shape[1] + column, -1)


def _matrix(
    row: np.ndarray, column: np.ndarray, weight: np.ndarray, shape: tuple[int, ...]
) -> csr_array:
    """Weights that fall on the same place added up."""
    return coo_array((weight, (row, column)), shape=shape).tocsr()
