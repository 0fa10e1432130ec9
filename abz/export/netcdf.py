"""A flux and year as CF NetCDF, in the layout of the published product."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from abz.export.attributes import flag_attributes, layer_attributes, support_attributes
from abz.export.layers import FluxYear
from abz.export.names import published_name
from abz.upscaling import NO_FLUX

__all__ = ["write_netcdf_year"]

CONVENTIONS = "CF-1.11"
TIME_UNITS = "days since 2001-01-01 00:00:00"
CHUNK = (3, 256, 256)
"""Months, rows and columns that are compressed together."""
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable."
"""By this name NetCDF knows a dimension without coordinates."""


def write_netcdf_year(year: FluxYear, path: Path, about: Mapping[str, str]) -> Path:
    """Write the central map of a flux with its members' mean, their SD, its flags and support.

    Parameters
    ----------
    year : FluxYear
        Read one window at a time.
    path : Path
        File that ends in .nc.
    about : mapping of {str: str}
        Global attributes.

    Returns
    -------
    Path
        `path`; its bytes depend on the arguments and on HDF5 alone.

    Raises
    ------
    InputError
        If a value is too large for the precision in which the maps are stored.
    OSError
        If the file could not be written whole.

    Notes
    -----
    NetCDF-4 is HDF5 with dimension scales. The file is written through h5py, as NetCDF libraries
    add their versions, and lay out attributes in an order that varies.

    References
    ----------
    .. [1] CF Metadata Conventions 1.11: §5.6 grid mappings, §7.1 bounds, §7.3 cell methods,
       §3.4 ancillary data, §8.1 packing.
    """
    with _whole(path) as file:
        _describe(file, {"Conventions": CONVENTIONS, **about})
        _write_time(file, year.months)
        _write_members(file, year.members)
        _write_grid(file, year)
        for name in year.fluxes:
            _write_months(file, year, name)
        if year.flags:
            _write_flags(file, year, year.flags)
        if year.support:
            _write_support(file, year, year.support)
    return path


class _Disk(io.FileIO):
    """A file that keeps the first fault of its disk to itself, as HDF5 cannot go on after one."""

    fault: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all of the data; after a fault, none."""
        left = memoryview(data).cast("B")
        try:
            while left and self.fault is None:
                left = left[super().write(left) :]
        except OSError as error:
            self.fault = OSError(error.errno, error.strerror, str(self.name))
        return memoryview(data).nbytes


@contextmanager
def _whole(path: Path) -> Iterator[h5py.File]:
    """A file to fill, or the fault of the disk that kept it from being whole."""
    with _Disk(path, "w+") as disk:
        try:
            with h5py.File(disk, "w") as file:
                yield file
        finally:
            if disk.fault is not None:
                raise disk.fault


def _write_time(file: h5py.File, months: xr.DataArray) -> None:
    """Middle and bounds of the months; `time` again, which readers of the product look for."""
    first = pd.DatetimeIndex(months.values)
    edges = np.stack([first, first + pd.offsets.MonthBegin()], axis=1)
    bounds = (edges - np.datetime64("2001-01-01")) / np.timedelta64(1, "D")
    axis = {
        "units": TIME_UNITS, "calendar": "standard", "standard_name": "time",
        "units_metadata": "leap_seconds: none",
    }  # fmt: skip
    _put(file, "tm", bounds.mean(axis=1), ("tm",), {
        **axis, "long_name": "middle of the month", "axis": "T", "bounds": "tm_bnds",
    })  # fmt: skip
    nothing = file.create_dataset("nv", shape=(2,), dtype=">f4")
    nothing.make_scale(f"{NO_VARIABLE}{2:10d}")
    _put(file, "tm_bnds", bounds, ("tm", "nv"), {})
    _put(file, "time", bounds.mean(axis=1), ("tm",), {**axis, "long_name": "as tm"})


def _write_members(file: h5py.File, members: int) -> None:
    """What is left of the members where their mean and SD were taken."""
    about = {"standard_name": "realization", "units": "1"}
    long_name = "number of the bootstrap members that were taken together"
    _put(file, "realization", np.int32(members), (), {**about, "long_name": long_name})


def _write_grid(file: h5py.File, year: FluxYear) -> None:
    """Coordinates of the cells, and the grid mapping."""
    coords = year.grid.coords()
    for name, source in (("northing", "y"), ("easting", "x")):
        about = {**coords[source].attrs, "long_name": f"{name} of the centre of the cell"}
        _put(file, name, coords[source].values, (name,), about)
    _put(file, "crs", coords["spatial_ref"].values, (), coords["spatial_ref"].attrs)


def _write_months(file: h5py.File, year: FluxYear, name: str) -> None:
    """One monthly map, window by window; windows without a value stay unwritten."""
    packing = year.packing(name)
    shape = (year.months.size, *year.grid.shape)
    stored = _compressed(file, published_name(name), shape, packing.dtype, packing.missing)
    _attach(file, stored, ("tm", "northing", "easting"))
    _describe(stored, {**layer_attributes(year, name), **packing.attributes})
    for rows, columns in year.windows():
        values = year.read(name, rows, columns)
        if not np.isnan(values).all():
            stored[:, rows, columns] = packing.pack(values, name)


def _write_flags(file: h5py.File, year: FluxYear, name: str) -> None:
    """Which predictors lie outside their training range."""
    shape = (year.months.size, *year.grid.shape)
    stored = _compressed(file, published_name(name), shape, np.dtype(np.int32), NO_FLUX)
    _attach(file, stored, ("tm", "northing", "easting"))
    _describe(stored, flag_attributes(year))
    for rows, columns in year.windows():
        values = year.read(name, rows, columns)
        if (values != NO_FLUX).any():
            stored[:, rows, columns] = values


def _write_support(file: h5py.File, year: FluxYear, name: str) -> None:
    """What the flux rests on."""
    stored = _compressed(file, published_name(name), year.grid.shape, np.dtype(np.int8), None)
    _attach(file, stored, ("northing", "easting"))
    _describe(stored, support_attributes(year))
    for rows, columns in year.windows():
        stored[rows, columns] = year.read(name, rows, columns)


def _compressed(
    file: h5py.File, name: str, shape: tuple[int, ...], dtype: np.dtype, missing: Any
) -> h5py.Dataset:
    """An empty compressed variable."""
    chunks = tuple(map(min, shape, CHUNK[-len(shape) :]))
    return file.create_dataset(
        name, shape=shape, dtype=dtype, chunks=chunks, compression="gzip", shuffle=True,
        fillvalue=missing,
    )  # fmt: skip


def _put(
    file: h5py.File,
    name: str,
    values: npt.ArrayLike,
    dims: tuple[str, ...],
    about: Mapping[str, Any],
) -> None:
    """A small variable; a coordinate where it bears the name of its dimension."""
    stored = file.create_dataset(name, data=values)
    if dims == (name,):
        stored.make_scale(name)
    else:
        _attach(file, stored, dims)
    _describe(stored, about)


def _attach(file: h5py.File, stored: h5py.Dataset, dims: tuple[str, ...]) -> None:
    """Give a variable its dimensions."""
    for place, dim in enumerate(dims):
        stored.dims[place].attach_scale(file[dim])


def _describe(target: h5py.HLObject, attributes: Mapping[str, Any]) -> None:
    """Attributes in the order given; text of fixed length, so that no heap is needed."""
    for name, value in attributes.items():
        if isinstance(value, str):
            text = value.encode()
            target.attrs.create(name, text, dtype=h5py.string_dtype("utf-8", max(1, len(text))))
        else:
            target.attrs.create(name, value)
