"""Trends of labelled arrays: a map of series in, a map of trends out, with units."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.trends.series import trend_series

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


def trend(
    da: xr.DataArray,
    method: str = "zhang",
    preserve_range: bool = False,
    dim: str = "year",
    *,
    raw_slope: bool = False,
) -> xr.Dataset:
    """Trend of every series along a dimension.

    Parameters
    ----------
    da : xarray.DataArray (year, ...)
        One value a year, any units; NaN where missing. The dimension is in any place, but first
        is fastest.
    method : {"zhang", "yue_pilon", "none"}, optional
        Prewhitening.
    preserve_range : bool, optional
        As in `trend_series`.
    dim : str, optional
        Years as whole numbers, or dates of which no two lie in one year. Missing years keep
        their place.
    raw_slope : bool, optional
        As in `trend_series`.

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

    See Also
    --------
    abz.trends.trend_series : the test, its guards and its references.

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
    if "units" not in da.attrs:
        raise UnitsError(
            f"{da.name or 'array'} carries no units",
            rule='attrs["units"] says what is tested',
            value=da.attrs,
            remedy="set it where the array is made",
        )
    years = _years(da, dim)
    first = da.transpose(dim, ...)
    series = np.asarray(first.values).reshape(years.size, -1).T
    result = trend_series(series, years, method, preserve_range=preserve_range, raw_slope=raw_slope)
    template = first.isel({dim: 0}, drop=True)
    return xr.Dataset(
        {
            name: (
                template.dims,
                getattr(result, name).reshape(template.shape),
                {"long_name": label, "units": _units(name, da.attrs["units"])},
            )
            for name, label in _LONG_NAMES.items()
        },
        coords=template.coords,
        attrs={"method": method, "preserve_range": int(preserve_range)},
    )


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


def _units(name: str, units: str) -> str:
    """Units of one result, from those of what is tested."""
    if name in ("slope", "lower", "upper"):
        return f"{units} per year"
    return units if name == "intercept" else "1"
