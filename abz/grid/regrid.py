"""From one grid to another: areas shared by cells, and the means, masses and classes they give.

Every method is a sparse matrix (target cells × source cells) applied to a flattened map, so a
matrix is built once for a pair of grids and serves every variable and month.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from affine import Affine
from scipy.sparse import coo_array, csr_array

from abz.errors import GridError
from abz.grid.geometry import Grid
from abz.grid.rectangles import shared_rectangles
from abz.grid.seams import seam_growth
from abz.validation import check_range

__all__ = [
    "Overlap",
    "area_mean",
    "bilinear",
    "bilinear_matrix",
    "bilinear_weights",
    "class_fraction",
    "conserve",
    "majority",
    "nearest",
    "overlap",
]

PARTS_AT_ONCE = 4_000_000
"""Parts of source cells that are projected in one go; it bounds the memory only."""


@dataclass(frozen=True)
class Overlap:
    """What each target cell takes from each source cell.

    Parameters
    ----------
    source, target : Grid
        From and to.
    matrix : scipy.sparse.csr_array (target cells, source cells)
        Shared areas, m2, or weights of an interpolation, 1.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> shared = overlap(polar_grid(1e6), polar_grid(2e6))
    >>> shared.matrix.shape
    (36, 100)
    """

    source: Grid
    target: Grid
    matrix: csr_array

    @property
    def covered(self) -> np.ndarray:
        """Sum of the weights (ny, nx) in each target cell; zero where no source cell reaches."""
        return np.asarray(self.matrix.sum(axis=1)).reshape(self.target.shape)

    @property
    def taken(self) -> np.ndarray:
        """Sum of the weights (y, x) of each source cell; of areas, what reaches the target."""
        return np.asarray(self.matrix.sum(axis=0)).reshape(self.source.shape)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Weighted sums (..., ny, nx) of `values` (..., y, x), in float64."""
        if values.shape[-2:] != self.source.shape:
            raise GridError(
                "the array does not lie on the source grid of the overlap",
                rule=f"its last two dimensions are {self.source.shape}",
                value=values.shape,
                remedy="build the overlap from Grid.of(dataset)",
            )
        flat = values.reshape(-1, self.matrix.shape[1]).T.astype(np.float64)
        return (self.matrix @ flat).T.reshape(*values.shape[:-2], *self.target.shape)


def overlap(source: Grid, target: Grid, samples: int = 4, *, whole: bool = False) -> Overlap:
    """Areas that source and target cells share.

    Parameters
    ----------
    source, target : Grid
        Any two grids.
    samples : int, optional
        Each source cell is split in `samples` × `samples` parts, unless both grids have one
        projection: then the areas are exact.
    whole : bool, optional
        Whether parts of a source cell that lie off its projection give their area to the other
        parts of the cell, as the amount of a cell at the seam of a map lies on the globe.

    Returns
    -------
    Overlap
        Areas, m2. Parts outside the target are dropped, and so are those off the projection where
        they are not given to others.

    Notes
    -----
    A part belongs whole to the target cell that holds its centre. Areas are those of the source
    grid, so the sum over target cells is the area of the source that the target covers. Where
    target cells are smaller than the parts, some stay empty: take more samples.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> shared = overlap(lonlat_grid(1.0), polar_grid(5e5))
    >>> bool(abs(shared.covered[8, 10] / 2.5e11 - 1) < 0.05)
    True
    """
    check_range(samples, "samples", minimum=1)
    if source.crs == target.crs:
        return Overlap(source, target, shared_rectangles(source, target))
    rows_at_once = max(1, PARTS_AT_ONCE // (source.shape[1] * samples**2))
    matrix = csr_array((np.prod(target.shape), np.prod(source.shape)))
    for top in range(0, source.shape[0], rows_at_once):
        rows = slice(top, min(top + rows_at_once, source.shape[0]))
        matrix = matrix + _shared_areas(source, rows, target, samples, whole)
    return Overlap(source, target, matrix)


def _shared_areas(source: Grid, rows: slice, target: Grid, samples: int, whole: bool) -> csr_array:
    """The part of the area matrix that belongs to some rows of the source."""
    window = source.window(rows, slice(None))
    parts = Grid(
        source.crs,
        window.transform * Affine.scale(1 / samples),
        (window.shape[0] * samples, window.shape[1] * samples),
    )
    x, y = _centres_in(parts, target)
    area = parts.cell_area()
    if whole:
        area = area * seam_growth(np.isfinite(x), samples)
    row, column = target.cell_of(x, y)
    inside = row >= 0
    part_row, part_column = np.nonzero(inside)
    into = row[inside] * target.shape[1] + column[inside]
    origin = (part_row // samples + rows.start) * source.shape[1] + part_column // samples
    shape = (np.prod(target.shape), np.prod(source.shape))
    return coo_array((area[inside], (into, origin)), shape=shape).tocsr()


def _centres_in(grid: Grid, other: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Centres (ny, nx) of the cells of `grid`, in the CRS of `other`."""
    if grid.crs == other.crs and not grid.is_lonlat:
        x, y = np.meshgrid(grid.x, grid.y)
        return x, y
    return other.from_lonlat(*grid.lonlat())


def _cells_of_centres(grid: Grid, other: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Row and column (ny, nx) of the cells of `other` that hold the centres of `grid`'s cells."""
    return other.cell_of(*_centres_in(grid, other))


def bilinear_weights(source: Grid, target: Grid) -> Overlap:
    """Weights of the four source centres around each target centre.

    Parameters
    ----------
    source, target : Grid
        Any two grids; a source that goes round the globe is joined at its seam.

    Returns
    -------
    Overlap
        Weights that sum to 1; an empty row where the target centre lies outside the source.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> float(bilinear_weights(lonlat_grid(5.0), polar_grid(5e5)).covered[8, 10])
    1.0
    """
    return Overlap(source, target, bilinear_matrix(source, *_centres_in(target, source)))


def bilinear_matrix(source: Grid, x: np.ndarray, y: np.ndarray) -> csr_array:
    """Weights of the four source centres around each point.

    Parameters
    ----------
    source : Grid
        Any grid; one that goes round the globe is joined at its seam.
    x, y : numpy.ndarray
        Points in the source's CRS.

    Returns
    -------
    scipy.sparse.csr_array (points, source cells)
        Rows sum to 1; those of points outside the source are empty.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> bilinear_matrix(polar_grid(1e6), np.array([0.0]), np.array([0.5e6])).data.tolist()
    [0.5, 0.5]
    """
    x, y = x.ravel(), y.ravel()
    inside = np.flatnonzero(source.cell_of(x, y)[0] >= 0)
    t, (ny, nx) = source.transform, source.shape
    at_column = (x[inside] - t.c) / t.a - 0.5
    at_row = (y[inside] - t.f) / t.e - 0.5
    left, top = np.floor(at_column).astype(np.int64), np.floor(at_row).astype(np.int64)
    shape = (x.size, ny * nx)
    round_globe = source.is_lonlat and np.isclose(nx * t.a, 360.0)
    matrix = csr_array(shape)
    for down in (0, 1):
        for right in (0, 1):
            row = np.clip(top + down, 0, ny - 1)
            column = left + right
            column = column % nx if round_globe else np.clip(column, 0, nx - 1)
            weight = (1 - np.abs(at_row - top - down)) * (1 - np.abs(at_column - left - right))
            entries = coo_array((weight, (inside, row * nx + column)), shape=shape)
            matrix = matrix + entries.tocsr()
    return matrix


def area_mean(da: xr.DataArray, weights: Overlap, min_share: float = 0.0) -> xr.DataArray:
    """Mean of the valid source values in each target cell.

    Parameters
    ----------
    da : xarray.DataArray (..., y, x)
        On the source grid; NaN is missing.
    weights : Overlap
        From `overlap` (area mean) or `bilinear_weights` (interpolation).
    min_share : float, optional
        Share (0–1) of the weights that must be valid; 0 asks for any valid part.

    Returns
    -------
    xarray.DataArray (..., y, x)
        Same units and dtype; NaN where too little is valid.

    Notes
    -----
    v_t = Σ w·v / Σ w over the valid source cells.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> ones = xr.DataArray(np.ones(source.shape), dims=("y", "x"), coords=source.coords())
    >>> float(area_mean(ones, overlap(source, target)).min())
    1.0
    """
    check_range(min_share, "min_share", minimum=0.0, maximum=1.0)
    values = da.values
    valid = np.isfinite(values)
    total = weights.sums(np.where(valid, values, 0.0))
    weight = weights.sums(_once_if_constant(valid))
    enough = (weight > 0) & (weight >= min_share * weights.covered * (1 - 1e-9))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(enough, total / weight, np.nan)
    return _on_target(means.astype(_float_type(values)), da, weights.target)


def _once_if_constant(valid: np.ndarray) -> np.ndarray:
    """The mask (y, x) alone, if it is the same at each step."""
    flat = valid.reshape(-1, *valid.shape[-2:])
    return flat[0] if len(flat) and (flat == flat[0]).all() else valid


def conserve(da: xr.DataArray, shared: Overlap) -> xr.DataArray:
    """Densities on the target that hold the mass of the densities on the source.

    Parameters
    ----------
    da : xarray.DataArray (..., y, x)
        Amount per m2 on the source grid; NaN is missing and holds no mass.
    shared : Overlap
        Areas from `overlap`, m2.

    Returns
    -------
    xarray.DataArray (..., y, x)
        Amount per m2 of the target cell; NaN where no valid source cell reaches.

    Notes
    -----
    d_t = Σ_s A_st · d_s / A_t, hence Σ d_t · A_t = Σ d_s · A_s over the covered area.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> fire = xr.DataArray(np.ones(source.shape), dims=("y", "x"), coords=source.coords())
    >>> moved = conserve(fire, overlap(source, target)) * target.cell_area()
    >>> float(moved.sum()) == float((fire * source.cell_area()).sum())
    True
    """
    values = da.values
    valid = np.isfinite(values)
    mass = shared.sums(np.where(valid, values, 0.0))
    reached = shared.sums(_once_if_constant(valid)) > 0
    density = np.where(reached, mass / shared.target.cell_area(), np.nan)
    return _on_target(density, da, shared.target)


def class_fraction(da: xr.DataArray, shared: Overlap, codes: Iterable[int]) -> xr.DataArray:
    """Share of the covered area of each target cell that each class takes.

    Parameters
    ----------
    da : xarray.DataArray (y, x)
        Codes on the source grid.
    shared : Overlap
        Areas from `overlap`.
    codes : iterable of int
        Classes to count; all other codes count as area without a class.

    Returns
    -------
    xarray.DataArray (code, y, x)
        0 to 1; NaN where the source does not reach.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> water = xr.DataArray(np.full(source.shape, 210), dims=("y", "x"), coords=source.coords())
    >>> float(class_fraction(water, overlap(source, target), [210]).max())
    1.0
    """
    wanted = np.array(list(codes), dtype=np.int64)
    area = shared.sums(da.values == wanted[:, None, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.minimum(area / shared.covered, 1.0)
    coords = {"code": wanted, **shared.target.coords()}
    return xr.DataArray(share, dims=("code", "y", "x"), coords=coords, name=da.name)


def majority(da: xr.DataArray, shared: Overlap, codes: Iterable[int]) -> xr.DataArray:
    """The class that covers most of each target cell.

    Parameters
    ----------
    da : xarray.DataArray (y, x)
        Codes on the source grid.
    shared : Overlap
        Areas from `overlap`.
    codes : iterable of int
        Classes that may win; all other codes are missing.

    Returns
    -------
    xarray.DataArray (y, x)
        int16; ties go to the smaller code; −1 where no class is present.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> source, target = polar_grid(1e6), polar_grid(2e6)
    >>> larch = xr.DataArray(np.full(source.shape, 80), dims=("y", "x"), coords=source.coords())
    >>> int(majority(larch, overlap(source, target), [70, 80])[2, 2])
    80
    """
    wanted = np.array(sorted(codes), dtype=np.int64)
    share = np.nan_to_num(class_fraction(da, shared, wanted).values)
    most = share.max(axis=0)
    # Equal areas may differ in their last bit; the first code that reaches the top wins.
    winner = wanted[np.argmax(share >= most * (1 - 1e-9), axis=0)]
    return _on_target(np.where(most > 0, winner, -1).astype(np.int16), da, shared.target)


def bilinear(da: xr.DataArray, source: Grid, target: Grid) -> xr.DataArray:
    """Interpolation between the four nearest source centres, for sources coarser than the target.

    Parameters
    ----------
    da : xarray.DataArray (..., y, x)
        On the source grid; a missing neighbour is left out of the weights.
    source, target : Grid
        From and to.

    Returns
    -------
    xarray.DataArray (..., y, x)
        Same units and dtype; NaN outside the source and where all four neighbours are missing.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> source = lonlat_grid(5.0, (-180.0, 0.0, 180.0, 90.0))
    >>> lat = xr.DataArray(source.lonlat()[1], dims=("y", "x"), coords=source.coords())
    >>> round(float(bilinear(lat, source, polar_grid(2e6))[2, 2]), 1)
    77.3
    """
    return area_mean(da, bilinear_weights(source, target))


def nearest(da: xr.DataArray, source: Grid, target: Grid) -> xr.DataArray:
    """Value of the source cell that holds each target centre.

    Parameters
    ----------
    da : xarray.DataArray (..., y, x)
        On the source grid.
    source, target : Grid
        From and to.

    Returns
    -------
    xarray.DataArray (..., y, x)
        Same dtype; NaN (−1 for integers) outside the source.

    Examples
    --------
    >>> from abz.grid import lonlat_grid, polar_grid
    >>> source = lonlat_grid(5.0)
    >>> lat = xr.DataArray(source.lonlat()[1], dims=("y", "x"), coords=source.coords())
    >>> float(nearest(lat, source, polar_grid(2e6))[2, 2])
    77.5
    """
    row, column = _cells_of_centres(target, source)
    missing = -1 if da.dtype.kind in "iu" else np.nan
    values = np.where(row >= 0, da.values[..., row, column], missing)
    return _on_target(values.astype(da.dtype), da, target)


def _float_type(values: np.ndarray) -> np.dtype:
    """The dtype of `values` if it is a float, else float64."""
    return values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)


def _on_target(values: np.ndarray, like: xr.DataArray, target: Grid) -> xr.DataArray:
    """`values` (..., y, x) with the attributes and leading coordinates of `like`."""
    leading: Sequence[object] = like.dims[:-2]
    coords = {
        name: coord
        for name, coord in like.coords.items()
        if name != "spatial_ref" and set(coord.dims) <= set(leading)
    }
    return xr.DataArray(
        values, dims=like.dims, coords={**coords, **target.coords()}, name=like.name,
        attrs=like.attrs,
    )  # fmt: skip
