"""Fire emissions and burned fraction at 500 m (GFED500m), monthly, on the MODIS sinusoidal grid."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

import dask.array
import numpy as np
import xarray as xr
from affine import Affine
from netCDF4 import Dataset, num2date

from abz.errors import GridError, InputError, MissingDataError
from abz.grid.geometry import Grid
from abz.ledger import FLUX_PARTS
from abz.readers.bands import multiple_of, stored_piece
from abz.readers.calendars import check_year
from abz.readers.file_names import parse_names
from abz.readers.intact import open_netcdf
from abz.readers.labels import label, provenance
from abz.readers.lazy import lazy_map
from abz.units import MONTHLY_FLUX
from abz.validation import check_values, check_whole

__all__ = ["GFED_ATTRS", "GFED_FIELDS", "check_rows", "read_gfed500m"]

GFED_FIELDS = {"emission": "C", "burned_fraction": "burned_fraction"}
"""Canonical name to the variable in the file."""
GFED_ATTRS = {
    "emission": {"units": MONTHLY_FLUX, "long_name": "carbon emitted by fire, positive"},
    "burned_fraction": {"units": "1", "long_name": "part of the cell that burned in the month"},
}

_NAME = re.compile(r"GFED500m_(?P<year>\d{4})\.nc")
SIDE = 512
"""Most rows and columns that are read together, unless the file stores larger pieces."""
_VALID = {"emission": (0.0, np.inf), "burned_fraction": (0.0, 1.0)}


def read_gfed500m(
    paths: Sequence[Path],
    *,
    years: Collection[int] | None = None,
    rows: tuple[int, int] | None = None,
    lazy: bool = False,
) -> xr.Dataset:
    """Fire emission and burned fraction, GFED500m.

    Parameters
    ----------
    paths : sequence of Path
        Yearly files `GFED500m_{year}.nc`, in the schema below.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    rows : tuple of int = (first, stop), optional
        Only these rows of the grid, counted from the north; no more is read.
    lazy : bool, optional
        Whether parts of the map are read, and their values checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, and `burned_fraction`, 1; zero where nothing
        burned, NaN where missing.

    Raises
    ------
    InputError
        If a name or value is not the product's, a file is of another year, or a year has not
        twelve months.
    GridError
        If a file does not say where it lies, or the files lie on different grids.
    MissingDataError
        If a file or variable is not there.

    Notes
    -----
    The schema that abz declares, as the product is delivered on request and without a fixed
    format: one NetCDF a year; dimensions time (12 months), y, x; variables `C` (float32,
    g C m-2 month-1) and `burned_fraction` (float32, 0 to 1), NaN where missing; y and x are centres
    on the MODIS sinusoidal projection, y descending; the grid mapping variable `crs` carries
    `crs_wkt` and `GeoTransform`.

    References
    ----------
    .. [1] van Wees et al. (2022), doi:10.5194/gmd-15-8411-2022.
    """
    files = _files(paths, years)
    order = sorted(files)
    grid = _grid(files[order[0]])
    band = slice(*check_rows(rows, grid.shape[0]))
    part = grid.window(band, slice(None))
    for year in order:
        _check_file(files[year], year, grid)
    arrays = {
        name: dask.array.concatenate([_lazy(files[year], name, band, part) for year in order])
        for name in GFED_FIELDS
    }
    if not lazy:
        arrays = {n: array.compute(scheduler="synchronous") for n, array in arrays.items()}
    months = [np.arange(f"{y}-01", f"{y + 1}-01", dtype="datetime64[M]") for y in order]
    time = np.concatenate(months).astype("datetime64[ns]")
    steps_of = {"time": xr.DataArray(time, dims="time", attrs={"standard_name": "time"})}
    attrs = {**GFED_ATTRS, "emission": {**GFED_ATTRS["emission"], **FLUX_PARTS["fire"].attrs()}}
    data = label(arrays, attrs, steps_of, part, "GFED500m")
    return data.assign_attrs(provenance("GFED500m", files.values()), per_area="cell")


def check_rows(rows: tuple[int, int] | None, ny: int) -> tuple[int, int]:
    """First and stop of a band of rows, all of them without one.

    Raises
    ------
    InputError
        If the band is empty or reaches beyond the grid.

    Examples
    --------
    >>> check_rows(None, 10), check_rows((4, 8), 10)
    ((0, 10), (4, 8))
    """
    first, stop = (0, ny) if rows is None else rows
    check_whole(first, "first row", maximum=ny - 1)
    return first, check_whole(stop, "stop row", minimum=first + 1, maximum=ny)


def _files(paths: Sequence[Path], years: Collection[int] | None) -> dict[int, Path]:
    """The file of each year."""
    names = parse_names(paths, _NAME, "GFED500m", "GFED500m_2002.nc", years)
    return {int(part["year"]): path for path, part in names}


def _check_file(path: Path, year: int, grid: Grid) -> None:
    """Nothing, if a file holds the twelve months of its year on the grid."""
    if _grid(path) != grid:
        raise GridError(
            f"{path.name} lies on another grid",
            rule="all years share one grid",
            value=_grid(path).bounds,
            remedy="read files of one version only",
        )
    with open_netcdf(path) as file:
        _check_time(file, year, path)
        for field in GFED_FIELDS.values():
            if field not in file.variables:
                raise MissingDataError(
                    f"{path.name} lacks a variable",
                    rule=f"it holds `{field}`",
                    value=f"found {', '.join(file.variables)}",
                    remedy="bring the file to the schema of abz.readers.gfed.read_gfed500m",
                )
            whole = (12, *grid.shape)
            if file.variables[field].shape != whole:
                raise InputError(
                    f"`{field}` in {path.name} has another shape",
                    rule=f"(time, y, x) = {whole}",
                    value=file.variables[field].shape,
                    remedy="give whole years",
                )


def _lazy(path: Path, name: str, band: slice, part: Grid) -> dask.array.Array:
    """The months of one file in a band of rows, read in pieces as the file stores them."""
    field = GFED_FIELDS[name]
    heights, widths = (
        [min(step, size - first) for first in range(0, size, step)]
        for size, step in (
            (size, multiple_of(stored, most=SIDE, size=size))
            for stored, size in zip(stored_piece(path, field), part.shape, strict=True)
        )
    )

    def read(steps: slice, rows: slice, columns: slice) -> np.ndarray:
        down = slice(rows.start + band.start, rows.stop + band.start)
        with open_netcdf(path) as file:
            values = np.ma.filled(file.variables[field][steps, down, columns], np.nan)
        checked = check_values(values, _VALID[name], f"`{field}` in {path.name}")
        return np.asarray(checked, np.float32)

    return lazy_map(read, np.float32, ([12], heights, widths))


def _check_time(file: Dataset, year: int, path: Path) -> None:
    """Nothing, if the time axis, where there is one, is of the year in the name."""
    if "time" in file.variables:
        time = file.variables["time"]
        dates = num2date(time[:], time.units, getattr(time, "calendar", "standard"))
        months = [f"{date.year:04d}-{date.month:02d}" for date in np.array(dates)]
        check_year(np.array(months, "datetime64[M]"), year, path.name)


def _grid(path: Path) -> Grid:
    """The grid that a file's `crs` declares."""
    with open_netcdf(path) as file:
        mapping = file.variables["crs"].__dict__ if "crs" in file.variables else {}
        shape = tuple(file.dimensions[d].size for d in ("y", "x") if d in file.dimensions)
    if len(shape) != 2 or not {"crs_wkt", "GeoTransform"} <= set(mapping):
        raise GridError(
            f"{path.name} does not say where it lies",
            rule="dimensions y, x and a variable `crs` with crs_wkt and GeoTransform",
            value=f"dimensions {shape}, crs has {', '.join(mapping) or 'nothing'}",
            remedy="bring the file to the schema of abz.readers.gfed.read_gfed500m",
        )
    numbers = [float(number) for number in mapping["GeoTransform"].split()]
    return Grid(mapping["crs_wkt"], Affine.from_gdal(*numbers), (shape[0], shape[1]))
