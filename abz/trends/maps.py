"""Trends of labelled arrays: a map of series in, a map of trends out, with units."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any, Unpack

import numpy as np
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.trends.methods import METHODS
from abz.trends.series import TrendOptions, trend_series
from abz.validation import check_choice

__all__ = ["trend"]

_LONG_NAMES = {
    "slope": "Theil-Sen slope",
    "lower": "lower 95 % confidence bound of the slope",
    "upper": "upper 95 % confidence bound of the slope",
    "p_value": "two-sided p of the Mann-Kendall test",
    "tau": "Kendall's tau-b against time",
    "intercept": "level, one year before the first, of the line through the series of the slope",
    "autocorrelation": "lag-one autocorrelation used in prewhitening",
    "iterations": "passes of the prewhitening",
    "converged": "whether the prewhitening came to rest",
    "n_valid": "years with a value",
}
_TYPES = {"iterations": np.int32, "converged": np.bool_, "n_valid": np.int32}
_CF: dict[str, dict[str, Any]] = {
    "slope": {"cell_methods": "time: median (comment: of all pairwise slopes)"},
    "intercept": {"cell_methods": "time: median (comment: of value - slope x time)"},
    "n_valid": {"standard_name": "number_of_observations"},
}
"""Attributes of the CF conventions; they have no standard name for a trend or its test."""


def trend(
    da: xr.DataArray,
    method: str = "zhang",
    preserve_range: bool = False,
    dim: str = "year",
    **options: Unpack[TrendOptions],
) -> xr.Dataset:
    """Trend of every series along a dimension.

    Parameters
    ----------
    da : xarray.DataArray (year, ...)
        One value a year, any units; NaN where missing. A Dask array stays one, and its chunks hold
        all years; any other is read, and not copied where `dim` is first or last.
    method : str, optional
        One of `abz.trends.METHODS`.
    preserve_range : bool, optional
        As in `trend_series`.
    dim : str, optional
        Years as whole numbers, or dates of any calendar, ascending, no two in one year. Missing
        years keep their place.
    **options
        raw_slope, lags, draws, block_length and seed, as in `trend_series`.

    Returns
    -------
    xarray.Dataset (...)
        slope, lower, upper (units of `da` per year), p_value, tau, intercept (units of `da`),
        autocorrelation, iterations, converged, n_valid; `da`'s other coordinates. NaN, zero
        iterations and not converged where there is no result. Attributes: method, options, first
        and last year.

    Raises
    ------
    UnitsError
        If `da` carries no units.
    InputError
        At the call, for a Dask array too: if `da` is no DataArray or holds no real numbers, `dim`
        is missing, or holds a year twice or anything but ascending years, the method is unknown,
        or an option is out of its range.

    Warns
    -----
    UserWarning
        If the years of a Dask array lie in several chunks, which are joined.

    See Also
    --------
    abz.trends.trend_series : the tests, their guards and their references.

    Examples
    --------
    >>> nee = xr.DataArray(
    ...     -14.0 * np.arange(20.0),
    ...     dims="year",
    ...     coords={"year": np.arange(2001, 2021)},
    ...     attrs={"units": "Tg C yr-1"},
    ... )
    >>> result = trend(nee)
    >>> float(result["slope"]), result["slope"].attrs["units"]
    (-14.0, 'Tg C yr-1 per year')
    """
    check_choice(method, METHODS, "method")
    if not isinstance(da, xr.DataArray):
        raise InputError(
            "a trend of labelled values needs labels",
            rule="da is an xarray.DataArray",
            value=type(da).__name__,
            remedy="pass one variable of a Dataset; `trend_series` takes NumPy arrays",
        )
    if "units" not in da.attrs:
        raise UnitsError(
            f"{da.name or 'array'} carries no units",
            rule='attrs["units"] says what is tested',
            value=da.attrs,
            remedy="set it where the array is made",
        )
    settings: dict[str, Any] = {"preserve_range": preserve_range, **options}
    years = _years(da, dim)
    if da.chunks:
        trend_series(np.empty((0, years.size), da.dtype), years, method, **settings)
    found = xr.apply_ufunc(
        _of_block,
        _years_together(da, dim),
        input_core_dims=[[dim]],
        output_core_dims=[[]] * len(_LONG_NAMES),
        kwargs={"years": years, "method": method, "settings": settings},
        dask="parallelized",
        output_dtypes=[_TYPES.get(name, np.float64) for name in _LONG_NAMES],
        keep_attrs=True,
    )
    for name, array in zip(_LONG_NAMES, found, strict=True):
        array.attrs = _attributes(name, da.attrs["units"])
    return xr.Dataset(
        dict(zip(_LONG_NAMES, found, strict=True)),
        attrs={
            "method": method,
            **{k: int(v) for k, v in settings.items() if v is not None},
            "first_year": int(years[0]),
            "last_year": int(years[-1]),
        },
    )


def _of_block(
    block: np.ndarray, years: np.ndarray, method: str, settings: dict[str, Any]
) -> tuple[np.ndarray, ...]:
    """The results of a block (..., year), each (...)."""
    try:
        rows = np.reshape(block, (prod(block.shape[:-1]), years.size), copy=False)
    except ValueError:
        parts = [_of_block(part, years, method, settings) for part in block]
        return tuple(np.stack(part) for part in zip(*parts, strict=True))
    found = trend_series(rows, years, method, **settings)
    return tuple(getattr(found, name).reshape(block.shape[:-1]) for name in _LONG_NAMES)


def _years_together(da: xr.DataArray, dim: str) -> xr.DataArray:
    """The array, its years in one chunk if it has chunks."""
    pieces = len(da.chunksizes.get(dim, [1]))
    if pieces == 1:
        return da
    warnings.warn(
        f"{dim} lies in {pieces} chunks, and a trend needs all years at once; they are joined. "
        f"Write or open the data with {dim} in one chunk, and the others small, to spare memory",
        stacklevel=3,
    )
    return da.chunk({dim: -1, **{other: "auto" for other in da.dims if other != dim}})


def _years(da: xr.DataArray, dim: str) -> np.ndarray:
    """The years along a dimension of whole numbers or dates."""
    if not isinstance(dim, str) or dim not in da.coords or dim not in da.dims:
        raise InputError(
            "the dimension of the years is missing",
            rule=f"{dim!r} is the name of a dimension with a coordinate",
            value=da.dims,
            remedy='name it with dim="year" or dim="time"',
        )
    years = _calendar_years(da[dim])
    steps = np.diff(years)
    if years.size and np.isfinite(years).all() and (years % 1 == 0).all() and (steps > 0).all():
        return years.astype(np.int64)
    remedy = "give every value a year" if years.size else "give at least one year"
    if np.unique(years).size < years.size:
        remedy = f'make one value of each year: da.groupby("{dim}.year").mean(), or .sum()'
    elif (steps < 0).any():
        remedy = f'da.sortby("{dim}")'
    raise InputError(
        f"{dim} does not tell one year after the other",
        rule="one value a year, whole years ascend",
        value=f"{years.size} values from {da[dim].values[:1]} to {da[dim].values[-1:]}",
        remedy=remedy,
    )


def _calendar_years(labels: xr.DataArray) -> np.ndarray:
    """The year of each label, a number or a date of any calendar, as float; NaN of no date."""
    if labels.dtype.kind in "iuf":
        return labels.values.astype(np.float64)
    try:
        return labels.dt.year.values.astype(np.float64)
    except (AttributeError, TypeError) as error:
        raise InputError(
            f"{labels.name} holds neither years nor dates",
            rule="whole numbers, datetime64 or cftime",
            value=f"{labels.dtype}, {labels.values[:1]}",
            remedy="assign_coords with the years as whole numbers",
        ) from error


def _attributes(name: str, units: str) -> dict[str, Any]:
    """Attributes of one result, from the units of what is tested."""
    unit = "1"
    if name in ("slope", "lower", "upper"):
        unit = f"{units or 1} per year"
    elif name == "intercept":
        unit = units or unit
    return {"long_name": _LONG_NAMES[name], "units": unit, **_CF.get(name, {})}
