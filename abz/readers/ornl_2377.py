"""The published fluxes at 1 km (ORNL DAAC 2377): monthly NetCDF, and mean maps as GeoTIFF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid
from abz.ledger import FLUX_PARTS
from abz.readers.bands import row_bands, stored_rows
from abz.readers.calendars import check_year, months_of, open_dated
from abz.readers.file_names import parse_names
from abz.readers.fluxes import canonical_flux, check_sign
from abz.readers.geotiff import Bounds, read_values
from abz.readers.labels import as_given, provenance
from abz.readers.months import check_scaled
from abz.readers.projected import ProjectedWindow, projected_window
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX, parse_flux_unit
from abz.validation import check_values, check_variables

__all__ = [
    "ORNL_MEANS",
    "ORNL_VARIABLES",
    "check_ornl_2377_year",
    "ornl_2377_bands",
    "ornl_2377_grid",
    "read_ornl_2377",
    "read_ornl_2377_means",
    "read_ornl_2377_trends",
]

ORNL_VARIABLES = {"NEE": "nee", "GPP": "gpp", "Reco": "reco"}
"""Variable in the files to flux."""
ORNL_MEANS = {
    ("NEE", "avg"): ("nee", ANNUAL_FLUX, "mean annual NEE"),
    ("NEEfire", "avg"): ("nee_fire", ANNUAL_FLUX, "mean annual NEE with fire emission"),
    ("NEE", "trend"): ("nee_trend", f"{ANNUAL_FLUX} yr-1", "trend of annual NEE"),
    ("NEEfire", "trend"): (
        "nee_fire_trend",
        f"{ANNUAL_FLUX} yr-1",
        "trend of annual NEE with fire emission",
    ),
}
"""Layer and kind in the name of a map to its name, unit and meaning."""

_NAME = re.compile(r"CO2Fluxes_Arctic_Boreal_(?P<variable>NEE|GPP|Reco)_(?P<year>\d{4})\.nc")
_MEAN = re.compile(
    r"CO2Fluxes_Arctic_Boreal_(?P<layer>NEEfire|NEE)_(?P<first>\d{4})_(?P<last>\d{4})"
    r"_(?P<kind>avg|trend)\.tif"
)
_ANNUAL = (-5e3, 2e4)
JULY = 6
"""Place of the month whose NEE tells the sign."""
LEAST_GROSS = 5.0
"""What GPP and Reco of the whole land exceed in the mean month of a year, g C m-2 month-1; a rate
per day, or a mass in kg, that is taken for g C m-2 month-1 does not."""
AXES = {"time": "tm", "y": "northing", "x": "easting"}


def read_ornl_2377(
    paths: Sequence[Path], *, bounds: Bounds | None = None, rows: tuple[int, int] | None = None
) -> xr.Dataset:
    """Published monthly NEE, GPP and Reco.

    Parameters
    ----------
    paths : sequence of Path
        `CO2Fluxes_Arctic_Boreal_{NEE|GPP|Reco}_{year}.nc`.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, m on the polar projection; no more is read.
        A year of one flux is 4 GB.
    rows : tuple of int = (first, stop), optional
        Only these rows of the box, counted from its upper edge.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `nee`, below zero where the land takes up carbon, `gpp` and `reco`, positive, those of
        which there are files, g C m-2 month-1; NaN outside land.

    Raises
    ------
    InputError
        If a name is not the product's, a file is of another year, values are whole numbers
        without a scale, or sign or size of a value cannot be true.
    MissingDataError
        If a file, a variable or a month is missing.
    GridError
        If a file does not say where it lies, or files lie on different grids.
    UnitsError
        If the unit is not one of a carbon flux.

    References
    ----------
    .. [1] Virkkala et al. (2024), doi:10.3334/ORNLDAAC/2377.
    """
    files = _files(paths)
    first = next(iter(next(iter(files.values())).values()))
    _check_years(files)
    window = _window(first, bounds, rows)
    made = {}
    for name, of_year in files.items():
        years = "-".join(map(str, sorted({min(of_year), max(of_year)})))
        parts = []
        for year, path in sorted(of_year.items()):
            own = _window(path, bounds, rows)
            _check_grid(own.grid, window.grid, path)
            parts.append(_months(path, name, year, own))
        joined = xr.concat(parts, "time")
        flux = ORNL_VARIABLES[name]
        made[flux] = canonical_flux(
            joined.assign_coords(window.grid.coords()),
            flux, FLUX_PARTS[flux], f"the published fluxes of {years}", whole=rows is None,
        )  # fmt: skip
    every = [path for of_year in files.values() for path in of_year.values()]
    given = as_given(
        str(joined.attrs["units"]), "uptake is below zero; GPP and Reco are positive", "standard"
    )
    about = provenance("ORNL DAAC 2377", every) | given
    return xr.Dataset(made).assign_attrs(about, per_area="land")


def ornl_2377_bands(
    paths: Sequence[Path], height: int | None = None, *, bounds: Bounds | None = None
) -> Iterator[xr.Dataset]:
    """The same data band by band from the upper edge, so that only one band is in memory.

    Parameters
    ----------
    paths : sequence of Path
        Files of any years and fluxes.
    height : int, optional
        Rows of a band; those of the pieces that the first file stores, where not given.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, m.

    Yields
    ------
    xarray.Dataset (time, y, x)
        From `read_ornl_2377`.
    """
    variable, of_year = next(iter(_files(paths).items()))
    first = of_year[min(of_year)]
    rows = stored_rows(first, variable) if height is None else height
    for band in row_bands(_window(first, bounds, None).grid.shape[0], rows):
        yield read_ornl_2377(paths, bounds=bounds, rows=band)


def check_ornl_2377_year(means: Mapping[str, np.ndarray], year: int) -> None:
    """Nothing, if a whole year of the published fluxes can be true; what no band of it tells.

    Parameters
    ----------
    means : mapping of {str: numpy.ndarray (12,)}
        Mean of each flux over all its cells, by month, g C m-2 month-1; NaN without a cell.
    year : int
        Their year.

    Raises
    ------
    InputError
        If a month of a flux has no value, a sign is the opposite, or GPP or Reco are next to
        nothing.

    Examples
    --------
    >>> months = np.full(12, 40.0)
    >>> check_ornl_2377_year({"nee": -months, "gpp": 2 * months, "reco": months}, 2001)
    >>> check_ornl_2377_year({"gpp": months / 30}, 2001)
    Traceback (most recent call last):
        ...
    abz.errors.InputError: gpp of the published fluxes of 2001 is next to nothing
      rule:   a mean of more than 5 g C m-2 month-1 over the land and the year
      got:    1.33
      remedy: check the attribute `units` and the scale factor of the file
    """
    for name, monthly in means.items():
        what = f"the published fluxes of {year}"
        if not np.isfinite(monthly).all():
            raise InputError(
                f"{name} of {what} has months without a value",
                rule="each month has a value somewhere",
                value=f"none in {np.count_nonzero(~np.isfinite(monthly))} of {monthly.size} months",
                remedy="fetch the file again; it may be damaged",
            )
        mean = float(monthly[JULY] if name == "nee" else monthly.mean())
        check_sign(name, mean, what)
        if name != "nee" and mean < LEAST_GROSS:
            raise InputError(
                f"{name} of {what} is next to nothing",
                rule=f"a mean of more than {LEAST_GROSS:g} {MONTHLY_FLUX} over the land and the "
                "year",
                value=f"{mean:.3g}",
                remedy="check the attribute `units` and the scale factor of the file",
            )


def ornl_2377_grid(paths: Sequence[Path]) -> Grid:
    """The grid of the published maps, from the first file alone.

    Parameters
    ----------
    paths : sequence of Path
        Files of any years and fluxes.

    Raises
    ------
    InputError
        If a name is not the product's.
    MissingDataError
        If there is no file.
    GridError
        If the file does not say where it lies.
    """
    of_year = next(iter(_files(paths).values()))
    return _window(of_year[min(of_year)], None, None).grid


def read_ornl_2377_means(paths: Sequence[Path], bounds: Bounds | None = None) -> xr.Dataset:
    """Published mean maps: NEE, NEE with fire, trend of NEE.

    Parameters
    ----------
    paths : sequence of Path
        `CO2Fluxes_Arctic_Boreal_{NEE|NEEfire}_{first}_{last}_{avg|trend}.tif`.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, m.

    Returns
    -------
    xarray.Dataset (y, x)
        Of `nee`, `nee_fire` (g C m-2 yr-1), `nee_trend`, `nee_fire_trend` (g C m-2 yr-1 yr-1) those
        of which there are files; `attrs["period"]` of each: the years that it stands for.

    Raises
    ------
    InputError
        If a name is not the product's, a map occurs twice, or a value cannot be true.
    MissingDataError
        If there is no file.
    GridError
        If the maps lie on different grids.
    """
    example = "CO2Fluxes_Arctic_Boreal_NEEfire_2002_2020_avg.tif"
    maps: dict[str, xr.DataArray] = {}
    for path, part in parse_names(paths, _MEAN, "the published mean maps", example):
        name, units, long_name = ORNL_MEANS[part["layer"], part["kind"]]
        if name in maps:
            raise InputError(
                f"{path.name} is a second map of {name}",
                rule="one map of each kind",
                value=", ".join(Path(p).name for p in paths),
                remedy="read maps of other periods in separate calls",
            )
        values = read_values(path, bounds)
        check_values(values.values, _ANNUAL, f"{name} in {path.name}")
        if maps:
            _check_grid(Grid.of(values), Grid.of(next(iter(maps.values()))), path)
        parts = FLUX_PARTS[name.removesuffix("_trend")].attrs()
        period = f"{part['first']}-{part['last']}"
        attrs = {"units": units, "long_name": long_name, "period": period, **parts}
        maps[name] = values.assign_attrs(attrs)
    return xr.Dataset(maps).assign_attrs(provenance("ORNL DAAC 2377", paths), per_area="land")


def read_ornl_2377_trends(paths: Sequence[Path], bounds: Bounds | None = None) -> xr.Dataset:
    """Published map of the trend of NEE, with fire emission or without.

    Parameters
    ----------
    paths : sequence of Path
        `CO2Fluxes_Arctic_Boreal_{NEE|NEEfire}_{first}_{last}_trend.tif`.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells that touch this box, m.

    Returns
    -------
    xarray.Dataset (y, x)
        `nee_trend`, `nee_fire_trend`, as `read_ornl_2377_means` gives them.
    """
    return read_ornl_2377_means(paths, bounds)


def _files(paths: Sequence[Path]) -> dict[str, dict[int, Path]]:
    """The file of each variable and year."""
    files: dict[str, dict[int, Path]] = defaultdict(dict)
    example = "CO2Fluxes_Arctic_Boreal_NEE_2001.nc"
    for path, part in parse_names(paths, _NAME, "the published fluxes", example):
        files[part["variable"]][int(part["year"])] = path
    return files


def _check_grid(found: Grid, expected: Grid, path: Path) -> None:
    """Nothing, if a file lies on the grid of the others."""
    if found != expected:
        raise GridError(
            f"{path.name} lies on another grid",
            rule=f"all files lie in {expected.bounds}",
            value=found.bounds,
            remedy="read files of one version only",
        )


def _check_years(files: Mapping[str, Mapping[int, Path]]) -> None:
    """Nothing, if all variables have files of the same years."""
    (first, one), *others = files.items()
    for name, other in others:
        odd = sorted(set(one) ^ set(other))
        if odd:
            raise MissingDataError(
                f"{first} and {name} of the published fluxes cover different years",
                rule="all variables have the same years",
                value=f"only in one: {', '.join(map(str, odd))}",
                remedy="fetch the missing files",
            )


def _window(path: Path, bounds: Bounds | None, rows: tuple[int, int] | None) -> ProjectedWindow:
    """The cells of a file in a box, or a band of it."""
    with open_dated(path) as file:
        check_variables(file, [AXES["x"], AXES["y"]], path.name)
        wkt = file["crs"].attrs.get("crs_wkt") if "crs" in file else None
        easting, northing = file[AXES["x"]].values, file[AXES["y"]].values
    return projected_window(easting, northing, wkt, path.name, bounds=bounds, band=rows)


def _months(path: Path, name: str, year: int, window: ProjectedWindow) -> xr.DataArray:
    """The twelve months of one file."""
    with open_dated(path) as file:
        check_variables(file, [name], path.name)
        _check_months(file, year, path)
        stored = file[name].rename({found: axis for axis, found in AXES.items()})
        check_scaled(stored.encoding["dtype"], stored.encoding, f"{name} of {path.name}")
        part = stored.isel(y=window.rows, x=window.columns).transpose("time", "y", "x")
        units = str(stored.attrs.get("units") or MONTHLY_FLUX)
        unit = parse_flux_unit(units)
        values = window.turned(part.values.astype(np.float32))
    starts = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    days = (starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")
    factor = unit.per_month(days.astype(float), np.full(12, days.astype(float).sum()))
    if not (factor == 1.0).all():
        values = values * factor.astype(np.float32)[:, None, None]
    time = starts.astype("datetime64[ns]")
    return xr.DataArray(values, {"time": time}, ("time", "y", "x"), name, {"units": units})


def _check_months(file: xr.Dataset, year: int, path: Path) -> None:
    """Nothing, if a file has twelve steps and, where it has dates, they are of its year."""
    if file.sizes.get(AXES["time"]) != 12:
        raise MissingDataError(
            f"{path.name} lacks months",
            rule=f"`{AXES['time']}` has twelve steps",
            value=dict(file.sizes),
            remedy="fetch the file again; it may be cut off",
        )
    if "time" in file.variables:
        check_year(months_of(file, "time", path.name).starts, year, path.name, whole=True)
