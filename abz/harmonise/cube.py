"""The predictor cube: all predictors of a model set on its grid, and blocks of it for the models.

The cube is made year by year, one dataset at a time: in memory are one year of one dataset on its
own grid, of NDVI three years, and the year's maps on the target. Weights between grids are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.grid import Grid
from abz.harmonise.sources import Archive, Harmoniser
from abz.validation import check_variables
from abz.vocabulary import MODEL_SETS, PREDICTORS, Source

__all__ = ["cube_pieces", "predictor_block"]


def cube_pieces(
    archive: Archive,
    model_set: str,
    zones: xr.Dataset,
    years: range,
    air_temperature: str = "era5_land",
) -> Iterator[xr.Dataset]:
    """The predictor cube in pieces: the static maps first, then each year.

    Parameters
    ----------
    archive : Archive
        Opens the datasets in canonical form, e.g. `abz.catalog.Catalog`.
    model_set : str
        Name in `abz.vocabulary.MODEL_SETS`.
    zones : xarray.Dataset
        Grid, domain and vegetation of the set, from `build_zones`.
    years : range
        Years of the set.
    air_temperature : str, optional
        Dataset of the air temperature, of a set that uses it: the paper names ERA5-Land, the
        authors' code reads the mean of TerraClimate's tmin and tmax.

    Yields
    ------
    xarray.Dataset
        First the static predictors and `vegetation` (y, x). Then for each year the monthly
        predictors (time, y, x) and `co2` (time), and the annual predictors (year, y, x). float32,
        NaN outside the domain; attributes `units`, `long_name`, `source`, `method` and
        `coast_filled_cells`. With NDVI comes `ndvi_filled`, the share of the month's NDVI that
        has no observation of its own.

    Raises
    ------
    InputError, UnitsError
        If a source holds values that cannot be true, or the wrong unit.
    MissingDataError
        If a year, month or variable is missing.
    """
    target = Grid.of(zones)
    domain = zones["domain"].values == 1
    harmoniser = Harmoniser(archive, target, domain, years)
    sources = dict(MODEL_SETS[model_set])
    if "air_temperature" in sources:
        sources["air_temperature"] = Source(air_temperature, "air_temperature")
    yield _labelled(_static_piece(harmoniser, sources, zones), target)
    co2 = archive.open("noaa_brw")["co2"].load()
    for year in years:
        pieces = [
            harmoniser.monthly(dataset, names, year)
            for dataset, names in _by_dataset(sources, "monthly").items()
        ]
        pieces += [
            harmoniser.annual(dataset, names, year)
            for dataset, names in _by_dataset(sources, "annual").items()
        ]
        piece = xr.merge(pieces, compat="override", join="exact", combine_attrs="override")
        months = piece["time"]
        piece["co2"] = co2.reindex(time=months.values).astype(np.float32)
        piece["co2"].attrs["source"] = "noaa_brw"
        yield _labelled(piece, target)


def _static_piece(
    harmoniser: Harmoniser, sources: Mapping[str, Source], zones: xr.Dataset
) -> xr.Dataset:
    """The static predictors and the vegetation of the zones."""
    pieces = [
        harmoniser.static(dataset, names)
        for dataset, names in _by_dataset(sources, "static").items()
    ]
    piece = xr.merge(pieces, compat="override", join="exact", combine_attrs="override")
    piece["vegetation"] = zones["vegetation"].assign_attrs(
        source="esa_cci_lc and cavm", method="majority"
    )
    return piece


def _by_dataset(sources: Mapping[str, Source], cadence: str) -> dict[str, list[str]]:
    """Datasets of one cadence, each with the predictors that it gives."""
    datasets: dict[str, list[str]] = {}
    for predictor, source in sources.items():
        if PREDICTORS[predictor].cadence == cadence:
            datasets.setdefault(source.dataset, []).append(source.variable)
    return datasets


def _labelled(piece: xr.Dataset, target: Grid) -> xr.Dataset:
    """A piece with the grid's coordinates and the predictors' names and units."""
    for name in piece.data_vars:
        if name in PREDICTORS:
            predictor = PREDICTORS[str(name)]
            piece[name].attrs.update(units=predictor.units, long_name=predictor.long_name)
    return piece.assign_coords(target.coords())


def predictor_block(
    cube: xr.Dataset,
    times: slice | Sequence[np.datetime64] | np.ndarray,
    rows: slice,
    columns: slice,
    predictors: Sequence[str],
) -> np.ndarray:
    """Predictors of a window of the cube, as the forests take them.

    Parameters
    ----------
    cube : xarray.Dataset
        Monthly (time, y, x), annual (year, y, x), static (y, x) and series (time) predictors.
    times : slice, or sequence of datetime64 (t,)
        Steps of the cube's `time`, or first days of the months.
    rows, columns : slice
        Window of the grid.
    predictors : sequence of str (p,)
        Names in the order of the forests; `month` follows from `times`.

    Returns
    -------
    numpy.ndarray (t, ny, nx, p)
        float32; NaN is missing; the code −1 of a category becomes NaN.

    Raises
    ------
    MissingDataError
        If the cube lacks a predictor, month or year.

    Examples
    --------
    >>> cube = xr.Dataset({"soc": (("y", "x"), [[5.0, 7.0]])})
    >>> may = np.array(["2001-05-01"], dtype="datetime64[ns]")
    >>> predictor_block(cube, may, slice(0, 1), slice(1, 2), ["month", "soc"]).tolist()
    [[[[5.0, 7.0]]]]
    """
    check_variables(cube, [name for name in predictors if name != "month"], "the cube")
    steps = cube["time"].values[times] if isinstance(times, slice) else np.asarray(times)
    months = steps.astype("datetime64[M]")
    ny, nx = (
        len(range(*window.indices(cube.sizes[dim])))
        for window, dim in ((rows, "y"), (columns, "x"))
    )
    block = np.empty((len(months), ny, nx, len(predictors)), dtype=np.float32)
    for position, name in enumerate(predictors):
        if name == "month":
            values = (months.astype(np.int64) % 12 + 1)[:, None, None]
        else:
            values = _window(cube[name], months, rows, columns)
        block[..., position] = values
    return block


def _window(da: xr.DataArray, months: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """Values of one predictor that broadcast to (t, ny, nx)."""
    window = da.isel(y=rows, x=columns) if "y" in da.dims else da
    if "time" in da.dims:
        steps = _positions(da["time"].values.astype("datetime64[M]"), months, da.name)
        values = _steps(window, "time", steps)
    elif "year" in da.dims:
        wanted = months.astype("datetime64[Y]").astype(np.int64) + 1970
        values = _steps(window, "year", _positions(da["year"].values, wanted, da.name))
    else:
        values = window.values
    if values.dtype.kind in "iu":
        values = np.where(values >= 0, values, np.nan)
    return values[:, None, None] if values.ndim == 1 else values


def _steps(window: xr.DataArray, dim: str, steps: np.ndarray) -> np.ndarray:
    """The steps of a window, read in one go from first to last."""
    first = int(steps.min())
    read = window.isel({dim: slice(first, int(steps.max()) + 1)}).values
    return read[steps - first]


def _positions(steps: np.ndarray, wanted: np.ndarray, name: object) -> np.ndarray:
    """Where the wanted steps stand among the ascending steps of the cube."""
    found = np.searchsorted(steps, wanted)
    known = found < len(steps)
    known[known] = steps[found[known]] == wanted[known]
    if not known.all():
        raise MissingDataError(
            f"the cube does not hold all the steps of {name}",
            rule=f"{steps[0]} to {steps[-1]}",
            value=wanted[~known][0],
            remedy="ask for months of the model set's years",
        )
    return found
