"""The predictor cube: all predictors of a model set on its grid, and blocks of it for the models.

The cube is made window by window, and in a window year by year, so that neither the size of the map
nor the length of the study sets a limit. In memory are the source cells that a window needs of one
dataset and year, of NDVI of three years, and the weights between the grids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dask.array
import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.grid import Grid
from abz.harmonise.sources import Archive, Harmoniser, WindowSources
from abz.harmonise.station_record import whole_record
from abz.validation import check_variables
from abz.vocabulary import MODEL_SETS, PREDICTORS, Source

__all__ = ["CubeMaker", "CubeWindow", "predictor_block"]

FILLED = ("ndvi_filled", "share of NDVI that has no observation of its own")
"""What comes with NDVI besides the predictors."""


@dataclass(frozen=True)
class CubeMaker:
    """Makes the predictor cube of a model set.

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
    """

    archive: Archive
    model_set: str
    zones: xr.Dataset
    years: range
    air_temperature: str = "era5_land"

    @cached_property
    def grid(self) -> Grid:
        """The grid of the set."""
        return Grid.of(self.zones)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Where each predictor comes from."""
        sources = dict(MODEL_SETS[self.model_set])
        if "air_temperature" in sources:
            sources["air_temperature"] = Source(self.air_temperature, "air_temperature")
        return sources

    def window(self, rows: slice, columns: slice) -> CubeWindow:
        """The cube in some rows and columns of the grid."""
        return CubeWindow(self, self._harmoniser.window(rows, columns))

    def whole(self) -> CubeWindow:
        """The cube on all of the grid at once, for maps that fit in memory."""
        return self.window(*(slice(0, size) for size in self.grid.shape))

    def template(self) -> xr.Dataset:
        """The cube without a value but for vegetation and CO2: coordinates and all metadata.

        Returns
        -------
        xarray.Dataset
            Monthly predictors (time, y, x) and `co2` (time), annual ones (year, y, x), static ones
            and `vegetation` (y, x), as `CubeWindow` makes them; dask-lazy, all NaN.

        Raises
        ------
        MissingDataError
            If a dataset is missing, or the CO2 record lacks a month.
        """
        months = np.concatenate(
            [np.arange(f"{y}-01", f"{y + 1}-01", dtype="datetime64[M]") for y in self.years]
        ).astype("datetime64[ns]")
        coords: dict[str, Any] = {
            "time": months,
            "year": np.array(self.years, np.int64),
            **self.grid.coords(),
        }
        maps = {
            name: self._empty(name, source, coords)
            for name, source in self.sources.items()
            if PREDICTORS[name].cadence in STEPS
        }
        if "ndvi" in maps:
            dims, values, attrs = maps["ndvi"]
            about = {**attrs, "units": "1", "long_name": FILLED[1]}
            maps[FILLED[0]] = (dims, values, about)
        cube = xr.Dataset(maps, coords)
        cube["co2"] = self._co2(months)
        cube["vegetation"] = self.zones["vegetation"].assign_attrs(
            source="esa_cci_lc and cavm", method="majority"
        )
        return cube

    @cached_property
    def _harmoniser(self) -> Harmoniser:
        domain = self.zones["domain"].values == 1
        return Harmoniser(self.archive, self.grid, domain, self.years)

    def _empty(
        self, name: str, source: Source, coords: Mapping[str, Sized]
    ) -> tuple[tuple[str, ...], dask.array.Array, dict[str, str]]:
        """A predictor without values: dimensions, NaN, attributes."""
        predictor = PREDICTORS[name]
        step = STEPS[predictor.cadence]
        dims = (*step, "y", "x")
        shape = tuple(len(coords[dim]) for dim in dims)
        method = self._harmoniser.method(source.dataset, self.years[0] if step else None)
        attrs = {
            "units": predictor.units, "long_name": predictor.long_name, "source": source.dataset,
            "method": method,
        }  # fmt: skip
        return dims, dask.array.full(shape, np.float32(np.nan), chunks=shape), attrs

    def _co2(self, months: np.ndarray) -> xr.DataArray:
        """CO2 (time) of the months, ppm."""
        series = self.archive.open("noaa_brw")["co2"].load()
        predictor = PREDICTORS["co2"]
        attrs = {
            "units": predictor.units, "long_name": predictor.long_name, "source": "noaa_brw"
        }  # fmt: skip
        co2 = whole_record(series, months, "CO2")
        filled = {"filled_months": co2.attrs["filled_months"]}
        return co2.astype(np.float32).drop_attrs().assign_attrs(attrs | filled)


STEPS: Mapping[str, tuple[str, ...]] = {"monthly": ("time",), "annual": ("year",), "static": ()}
"""Dimension of a predictor besides y and x, by its cadence."""


@dataclass(frozen=True)
class CubeWindow:
    """The cube of a model set on a window of its grid.

    Parameters
    ----------
    maker : CubeMaker
        Of the cube.
    sources : WindowSources
        Of the window.
    """

    maker: CubeMaker
    sources: WindowSources

    def static(self) -> xr.Dataset:
        """Static predictors (y, x).

        Returns
        -------
        xarray.Dataset
            float32, NaN outside the domain; attributes `units`, `long_name`, `source`, `method`
            and `coast_filled_cells`.

        Raises
        ------
        InputError, UnitsError
            If a source holds values that cannot be true, or the wrong unit.
        MissingDataError
            If a variable is missing.
        """
        pieces = [
            self.sources.static(dataset, names) for dataset, names in self._datasets("static")
        ]
        self.sources.forget_weights()  # maps that do not change are the finest, and asked for once
        return self._labelled(pieces)

    def year(self, year: int) -> xr.Dataset:
        """Monthly (time, y, x) and annual (year, y, x) predictors of one year.

        Returns
        -------
        xarray.Dataset
            As `static`. With NDVI comes `ndvi_filled`, the share of the month's NDVI that has no
            observation of its own.

        Raises
        ------
        InputError, UnitsError
            If a source holds values that cannot be true, or the wrong unit.
        MissingDataError
            If a year, month or variable is missing.
        """
        pieces = [
            self.sources.monthly(dataset, names, year)
            for dataset, names in self._datasets("monthly")
        ]
        pieces += [
            self.sources.annual(dataset, names, year) for dataset, names in self._datasets("annual")
        ]
        return self._labelled(pieces)

    def _datasets(self, cadence: str) -> list[tuple[str, list[str]]]:
        """Datasets of one cadence, each with the predictors that it gives."""
        datasets: dict[str, list[str]] = {}
        for predictor, source in self.maker.sources.items():
            if PREDICTORS[predictor].cadence == cadence:
                datasets.setdefault(source.dataset, []).append(source.variable)
        return list(datasets.items())

    def _labelled(self, pieces: Sequence[xr.Dataset]) -> xr.Dataset:
        """Pieces together, with the predictors' names and units."""
        piece = xr.merge(pieces, compat="override", join="exact", combine_attrs="override")
        for name in map(str, piece.data_vars):
            if name in PREDICTORS:
                predictor = PREDICTORS[name]
                piece[name].attrs.update(units=predictor.units, long_name=predictor.long_name)
            else:
                piece[name].attrs.update(units="1", long_name=FILLED[1])
        return piece


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
