"""Fluxes upscaled from towers: FLUXCOM-X-BASE and its predecessor FLUXCOM RS+METEO, monthly."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError, MissingDataError
from abz.grid import Grid
from abz.ledger import FLUX_PARTS
from abz.readers.axes import lonlat_window
from abz.readers.calendars import check_no_gap, check_year
from abz.readers.file_names import parse_names
from abz.readers.fluxes import canonical_flux, monthly
from abz.readers.geotiff import Bounds
from abz.readers.intact import open_plain
from abz.readers.labels import as_given, provenance
from abz.readers.months import join_months, read_months
from abz.validation import check_values

__all__ = [
    "FLUXCOM_UNITS",
    "FLUXCOM_VARIABLES",
    "read_fluxcom",
    "read_fluxcom_x_base",
    "read_fluxcom_x_base_fine",
]

FLUXCOM_VARIABLES = {"NEE": "nee", "GPP": "gpp", "TER": "reco"}
"""Variable in the files to flux."""
FLUXCOM_UNITS = "gC m-2 d-1"
"""Unit of files that state none."""

_X_BASE = re.compile(r"(?P<variable>NEE|GPP)_(?P<year>\d{4})_(?P<step>\d{3})_monthly\.nc")
_FLUXCOM = re.compile(
    r"(?P<variable>NEE|GPP|TER)\.RS_METEO\.(?P<way>.+)\.monthly\.(?P<year>\d{4})\.nc"
)


def read_fluxcom_x_base(paths: Sequence[Path], *, bounds: Bounds | None = None) -> xr.Dataset:
    """NEE and GPP of FLUXCOM-X-BASE.

    Parameters
    ----------
    paths : sequence of Path
        `{NEE|GPP}_{year}_{050|005}_monthly.nc`, of one resolution: 0.5 or 0.05 degrees.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees; no more is read, which at 0.05
        degrees is needed.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `nee`, below zero where the land takes up carbon, and `gpp`, positive, those of which there
        are files, g C m-2 month-1 of land; NaN where missing. `land_fraction` (y, x), 1, if the
        files hold it.

    Raises
    ------
    InputError
        If a name is not the product's, a file is of another year, a month occurs twice, or sign or
        size of a value cannot be true.
    MissingDataError
        If a file, a variable or a month is missing.
    GridError
        If files lie on different grids, or a map lies upside down.
    UnitsError
        If the unit is not one of a carbon flux.

    References
    ----------
    .. [1] Nelson and Walther et al. (2024), X-BASE, doi:10.5194/bg-21-5079-2024.
    """
    names = parse_names(paths, _X_BASE, "FLUXCOM-X-BASE", "NEE_2001_050_monthly.nc")
    return _read(names, "FLUXCOM-X-BASE", bounds)


read_fluxcom_x_base_fine = read_fluxcom_x_base
"""The same files at 0.05 degrees, an entry of their own."""


def read_fluxcom(paths: Sequence[Path], *, bounds: Bounds | None = None) -> xr.Dataset:
    """NEE, GPP and Reco of FLUXCOM RS+METEO.

    Parameters
    ----------
    paths : sequence of Path
        `{NEE|GPP|TER}.RS_METEO.{methods}.720_360.monthly.{year}.nc`, of one forcing.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `nee`, `gpp`, `reco` (TER in the files), those of which there are files, g C m-2 month-1 of
        land; NaN where missing.

    Raises
    ------
    InputError, MissingDataError, GridError, UnitsError
        As `read_fluxcom_x_base`.

    References
    ----------
    .. [1] Jung et al. (2020), doi:10.5194/bg-17-1343-2020.
    """
    example = "NEE.RS_METEO.FP-NONE.MLM-ALL.METEO-ALL.720_360.monthly.2001.nc"
    return _read(parse_names(paths, _FLUXCOM, "FLUXCOM", example), "FLUXCOM RS+METEO", bounds)


def _read(
    names: Sequence[tuple[Path, Mapping[str, str]]], product: str, bounds: Bounds | None
) -> xr.Dataset:
    """All fluxes of a product, each joined along time."""
    files: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for path, part in names:
        files[part["variable"]].append((path, int(part["year"])))
    series = {name: _series(found, name, bounds) for name, found in files.items()}
    _check_alike(series, product)
    data = xr.Dataset(
        {
            FLUXCOM_VARIABLES[name]: canonical_flux(
                monthly(months[name], FLUXCOM_UNITS),
                FLUXCOM_VARIABLES[name],
                FLUX_PARTS[FLUXCOM_VARIABLES[name]],
                product,
            )
            for name, months in series.items()
        }
    )
    share = _land_fraction(names[0][0], bounds)
    name, first = next(iter(series.items()))
    attrs = provenance(product, [path for path, _ in names], first.attrs) | as_given(
        str(first[name].attrs.get("units", "")).strip() or FLUXCOM_UNITS,
        "uptake is below zero; GPP is positive",
        first["days"].attrs["calendar"],
    )
    data = data if share is None else data.assign(land_fraction=share)
    return data.assign_attrs(attrs, per_area="land")


def _series(files: Sequence[tuple[Path, int]], name: str, bounds: Bounds | None) -> xr.Dataset:
    """A variable of all years."""
    parts = []
    for path, year in files:
        part = read_months(path, [name], bounds)
        check_year(part["time"].values, year, path.name)
        parts.append(part)
    joined = join_months(parts)
    check_no_gap(joined["time"].values, f"{name} of {files[0][0].name}")
    return joined


def _check_alike(series: Mapping[str, xr.Dataset], product: str) -> None:
    """Nothing, if all variables have the months and the grid of the first."""
    (first, one), *others = series.items()
    for name, other in others:
        if Grid.of(one) != Grid.of(other):
            raise GridError(
                f"{first} and {name} of {product} lie on different grids",
                rule=f"all lie in {Grid.of(one).bounds}, {Grid.of(one).shape} cells",
                value=f"{Grid.of(other).bounds}, {Grid.of(other).shape} cells",
                remedy="read files of one resolution only",
            )
        odd = np.setxor1d(one["time"].values, other["time"].values)
        if odd.size:
            raise MissingDataError(
                f"{first} and {name} of {product} cover different months",
                rule="all variables have the same years",
                value=f"only in one: {np.datetime_as_string(odd[:12], unit='M').tolist()}",
                remedy="fetch the missing files",
            )


def _land_fraction(path: Path, bounds: Bounds | None) -> xr.DataArray | None:
    """Land share (y, x) of the cells, if the file holds it."""
    with open_plain(path) as file:
        if "land_fraction" not in file:
            return None
        axes = [file[name].values for name in ("lon", "lat")]
        window = lonlat_window(axes[0], axes[1], path.name, bounds)
        part = file["land_fraction"].isel(lat=window.rows, lon=window.columns)
        stored = window.turned(part.transpose("lat", "lon").values.astype(np.float32))
    values = check_values(stored, (0.0, 1.0), f"land_fraction in {path.name}")
    attrs = {"units": "1", "long_name": "land share of the cell"}
    return xr.DataArray(values, dims=("y", "x"), attrs=attrs)
