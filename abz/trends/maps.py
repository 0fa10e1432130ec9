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
    "intercept": "level of the trend line one year before the first",
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
        Years as whole numbers, or dates of which no two lie in one year. Missing years keep
        their place.
    **options
        raw_slope, lags, draws, block_length and seed, as in `trend_series`.

    Returns
    -------
    xarray.Dataset (...)
        slope, lower, upper (units of `da` per year), p_value, tau, intercept (units of `da`),
        autocorrelation, iterations, converged, n_valid; `da`'s other coordinates. NaN, zero
        iterations and not converged where there is no result.

    Raises
    ------
    UnitsError
        If `da` carries no units.
    InputError
        If `dim` is missing or holds a year twice, or the method is unknown.

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
    if "units" not in da.attrs:
        raise UnitsError(
            f"{da.name or 'array'} carries no units",
            rule='attrs["units"] says what is tested',
            value=da.attrs,
            remedy="set it where the array is made",
        )
    settings: dict[str, Any] = {"preserve_range": preserve_range, **options}
    found = xr.apply_ufunc(
        _of_block,
        _years_together(da, dim),
        input_core_dims=[[dim]],
        output_core_dims=[[]] * len(_LONG_NAMES),
        kwargs={"years": _years(da, dim), "method": method, "settings": settings},
        dask="parallelized",
        output_dtypes=[_TYPES.get(name, np.float64) for name in _LONG_NAMES],
        keep_attrs=True,
    )
    for name, array in zip(_LONG_NAMES, found, strict=True):
        array.attrs = _attributes(name, da.attrs["units"])
    return xr.Dataset(
        dict(zip(_LONG_NAMES, found, strict=True)),
        attrs={"method": method, **{k: int(v) for k, v in settings.items() if v is not None}},
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
    if dim not in da.coords or dim not in da.dims:
        raise InputError(
            "the dimension of the years is missing",
            rule=f"{dim!r} is a dimension with a coordinate",
            value=da.dims,
            remedy='name it with dim="year" or dim="time"',
        )
    labels = da[dim]
    return np.asarray(labels.values if labels.dtype.kind in "iuf" else labels.dt.year.values)


def _attributes(name: str, units: str) -> dict[str, Any]:
    """Attributes of one result, from the units of what is tested."""
    unit = "1"
    if name in ("slope", "lower", "upper"):
        unit = f"{units} per year"
    elif name == "intercept":
        unit = units
    return {"long_name": _LONG_NAMES[name], "units": unit, **_CF.get(name, {})}
