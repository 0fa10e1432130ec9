"""Files that break off or are damaged: refused by name, whichever library meets it first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xarray as xr
from netCDF4 import Dataset

from abz.errors import InputError
from abz.validation import check_file

__all__ = ["NETCDF", "intact", "open_netcdf", "open_plain"]

NETCDF = "NetCDF of which every piece is whole"
"""What a NetCDF file has to be."""


@contextmanager
def intact(path: Path, rule: str = "every piece of the file is whole") -> Iterator[None]:
    """What a library says of a damaged file while it reads, as an error that says what to do.

    Parameters
    ----------
    path : Path
        The file.
    rule : str, optional
        What it has to be.

    Raises
    ------
    InputError
        If the library cannot read it. What the operating system says of the disk passes.

    Examples
    --------
    >>> with intact(Path("a.nc"), "NetCDF of which every piece is whole"):
    ...     raise RuntimeError("NetCDF: HDF error")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: a.nc cannot be read
      rule:   NetCDF of which every piece is whole
      got:    NetCDF: HDF error
      remedy: fetch the file again; it may be cut off or damaged
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        # NetCDF numbers its own faults below zero; those of the operating system are above.
        if isinstance(error, OSError) and (error.errno or 0) > 0:
            raise
        raise InputError(
            f"{path.name} cannot be read",
            rule=rule,
            value=(str(error.__cause__ or error).splitlines() or ["nothing"])[0],
            remedy="fetch the file again; it may be cut off or damaged",
        ) from error


@contextmanager
def open_netcdf(path: Path, what: str = "the product") -> Iterator[Dataset]:
    """A NetCDF file as netCDF4 reads it.

    Parameters
    ----------
    path : Path
        The file.
    what : str, optional
        Of what product, for the message where it is not there.

    Raises
    ------
    MissingDataError
        If there is no such file.
    InputError
        If it is no NetCDF, or a part of it cannot be read.
    """
    with intact(check_file(path, what), NETCDF), Dataset(path) as file:
        yield file


@contextmanager
def open_plain(path: Path, what: str = "the product") -> Iterator[xr.Dataset]:
    """A NetCDF file as xarray reads it, its times as numbers.

    Parameters
    ----------
    path : Path
        The file.
    what : str, optional
        Of what product, for the message where it is not there.

    Raises
    ------
    MissingDataError
        If there is no such file.
    InputError
        If it is no NetCDF, or a part of it cannot be read.
    """
    with (
        intact(check_file(path, what), NETCDF),
        xr.open_dataset(path, engine="netcdf4", decode_times=False, cache=False) as file,
    ):
        yield file
