"""Fire emissions and burned fraction of GFED4.1s, 0.25 degrees, a file of HDF5 a year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import h5py
import numpy as np
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.ledger import FLUX_PARTS
from abz.readers.axes import Window, lonlat_window
from abz.readers.calendars import check_no_gap
from abz.readers.file_names import parse_names
from abz.readers.fluxes import canonical_flux
from abz.readers.geotiff import Bounds
from abz.readers.labels import provenance
from abz.readers.orientation import check_orientation
from abz.units import parse_flux_unit
from abz.validation import check_file, check_values

__all__ = ["GFED4_FIELDS", "GFED4_MONTHS", "GFED4_REGIONS", "read_gfed4"]

GFED4_MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
"""Names of the months' groups."""
GFED4_FIELDS = MappingProxyType(
    {"emission": "emissions/{}/C", "burned_fraction": "burned_area/{}/burned_fraction"}
)
"""Canonical name to dataset, `{}` the month."""
GFED4_REGIONS = "ancill/basis_regions"
"""Regions of land, 0 at sea."""

_NAME = re.compile(r"GFED4\.1s_(?P<year>\d{4})(?P<beta>_beta)?\.hdf5")
_BURNED = {"units": "1", "long_name": "part of the cell that burned in the month"}


def read_gfed4(paths: Sequence[Path], *, bounds: Bounds | None = None) -> xr.Dataset:
    """Fire emission and burned fraction, GFED4.1s with small fires.

    Parameters
    ----------
    paths : sequence of Path
        `GFED4.1s_{year}.hdf5`, from 2017 on `GFED4.1s_{year}_beta.hdf5`.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive; `burned_fraction`, 1, NaN in years
        whose file has no burned area, as the beta files. Zero where nothing burned.

    Raises
    ------
    InputError
        If a name or a value is not the product's, a file is no HDF5, or two are of one year.
    MissingDataError
        If a file, a month or a dataset is missing.
    UnitsError
        If the emission states another unit than a carbon flux.
    GridError
        If files lie on different grids, or their regions lie upside down.

    References
    ----------
    .. [1] van der Werf et al. (2017), doi:10.5194/essd-9-697-2017.
    """
    names = parse_names(paths, _NAME, "GFED4.1s", "GFED4.1s_2003.hdf5")
    files = {int(part["year"]): path for path, part in names}
    if len(files) < len(names):
        raise InputError(
            "two files are of the same year",
            rule="one file a year",
            value=", ".join(path.name for path, _ in names),
            remedy="keep either the final or the beta file",
        )
    order = sorted(files)
    windows = [_window(files[year], bounds) for year in order]
    if any(window.grid != windows[0].grid for window in windows):
        raise GridError(
            "the files lie on different grids",
            rule="all files of a product share one grid",
            value=", ".join(path.name for path in files.values()),
            remedy="read files of one version only",
        )
    months = [_year(files[year], window) for year, window in zip(order, windows, strict=True)]
    time = np.concatenate(
        [np.arange(f"{y}-01", f"{y + 1}-01", dtype="datetime64[M]") for y in order]
    ).astype("datetime64[ns]")
    check_no_gap(time, "GFED4.1s")
    coords = {"time": time, **windows[0].grid.coords()}
    arrays = {
        name: xr.DataArray(np.concatenate([m[name] for m in months]), coords, ("time", "y", "x"))
        for name in GFED4_FIELDS
    }
    emission = canonical_flux(arrays["emission"], "emission", FLUX_PARTS["fire"], "GFED4.1s")
    burned = arrays["burned_fraction"].assign_attrs(_BURNED)
    data = xr.Dataset({"emission": emission, "burned_fraction": burned})
    return data.assign_attrs(provenance("GFED4.1s", files.values()), per_area="cell")


def _open(path: Path) -> h5py.File:
    """An HDF5 file.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return h5py.File(check_file(path, "GFED4.1s"), "r")
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be opened",
            rule="the file is HDF5",
            value=error,
            remedy="fetch the file again; it may be cut off",
        ) from error


def _window(path: Path, bounds: Bounds | None) -> Window:
    """The cells of a file in a box; its regions must lie where land is."""
    with _open(path) as file:
        lat, lon = (_dataset(file, name, path)[:] for name in ("lat", "lon"))
        axes = (lon[0], lat[:, 0]) if lon.ndim == 2 else (lon, lat)
        window = lonlat_window(*axes, path.name, bounds)
        if GFED4_REGIONS in file:
            regions = window.turned(file[GFED4_REGIONS][window.rows, window.columns])
            where = f"basis_regions of {path.name}"
            check_orientation(regions, window.longitude, window.latitude, where)
    return window


def _year(path: Path, window: Window) -> dict[str, np.ndarray]:
    """Emission and burned fraction (12, y, x) of one file."""
    with _open(path) as file:
        _check_months(file, "emissions", path)
        arrays = {"emission": _months(file, "emission", path, window)}
        factor = parse_flux_unit(_units(file, path)).per_month(np.ones(1), np.ones(1))
        arrays["emission"] *= np.float32(factor[0])
        if "burned_area" in file:
            _check_months(file, "burned_area", path)
            burned = _months(file, "burned_fraction", path, window)
            check_values(burned, (0.0, 1.0), f"burned_fraction in {path.name}")
            arrays["burned_fraction"] = np.minimum(burned, np.float32(1.0))
        else:
            arrays["burned_fraction"] = np.full_like(arrays["emission"], np.nan)
    return arrays


def _months(file: h5py.File, name: str, path: Path, window: Window) -> np.ndarray:
    """A field (12, y, x) as stored, in float32."""
    stored = (_dataset(file, GFED4_FIELDS[name].format(month), path) for month in GFED4_MONTHS)
    parts = [window.turned(field[window.rows, window.columns]) for field in stored]
    return np.stack(parts).astype(np.float32)


def _units(file: h5py.File, path: Path) -> str:
    """Unit of the emission; files that state none hold g C m-2 month-1."""
    first = _dataset(file, GFED4_FIELDS["emission"].format(GFED4_MONTHS[0]), path)
    stated = first.attrs.get("units", b"g C m-2 month-1")
    return stated.decode() if isinstance(stated, bytes) else str(stated)


def _check_months(file: h5py.File, group: str, path: Path) -> None:
    """Nothing, if a group holds all twelve months."""
    held = set(file[group]) if group in file else set()
    missing = [month for month in GFED4_MONTHS if month not in held]
    if missing:
        raise MissingDataError(
            f"{path.name} lacks months",
            rule=f"`{group}` holds the groups 01 to 12",
            value=f"missing {', '.join(missing)}",
            remedy="fetch the file again; it may be cut off",
        )


def _dataset(file: h5py.File, name: str, path: Path) -> h5py.Dataset:
    """A dataset of an open file."""
    if name not in file:
        raise MissingDataError(
            f"{path.name} lacks a dataset",
            rule=f"it holds `{name}`",
            value=f"found {', '.join(file)}",
            remedy="use the file of the archive, not a converted copy",
        )
    return file[name]
