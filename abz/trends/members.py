"""Trends of an ensemble: how the members spread, and whether that is more than each one's noise.

The members of an ensemble differ by what they were trained on; the years of one member scatter
about its trend. The two are different doubts, and are told apart here.
"""

from __future__ import annotations

from typing import Unpack

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.trends.maps import trend
from abz.trends.series import TrendOptions
from abz.trends.theil_sen import Z_975

__all__ = ["member_spread", "trend_members"]

_LONG_NAMES = {
    "n_members": "members with a slope",
    "slope_mean": "mean slope of the members",
    "slope_sd": "standard deviation of the slopes of the members",
    "below_zero": "share of members with a slope below zero",
    "noise": "standard error of the slope of one member, from its bounds",
    "spread_over_noise": "spread of the members over the noise of one",
}


def trend_members(
    da: xr.DataArray,
    member: str = "member",
    method: str = "zhang",
    preserve_range: bool = False,
    dim: str = "year",
    **options: Unpack[TrendOptions],
) -> xr.Dataset:
    """Trend of every member of an ensemble, and the distribution of their slopes.

    Parameters
    ----------
    da : xarray.DataArray (member, year, ...)
        One value a year, any units; NaN where missing. Every entry of `member` is a member: leave
        out what was not drawn, such as a central run.
    member : str, optional
        Dimension of the members.
    method : str, optional
        One of `abz.trends.METHODS`, applied to each member by itself.
    preserve_range : bool, optional
        As in `trend_series`.
    dim : str, optional
        Dimension of the years.
    **options
        As in `trend_series`.

    Returns
    -------
    xarray.Dataset
        `slope`, `lower`, `upper` (member, ...), units of `da` per year, and `p_value`, as in
        `trend`. Over the members with a slope (...): their number `n_members`; `slope_mean`;
        `slope_sd` (n − 1); `below_zero`, the share of slopes below zero; `noise`, the standard
        error of one member's slope as its bounds tell it, a root mean square over the members;
        `spread_over_noise`, the ratio of `slope_sd` to it. NaN where there are too few members.

    Raises
    ------
    InputError
        If `member` is not a dimension, or as in `trend`.
    UnitsError
        If `da` carries no units.

    Notes
    -----
    noise² = mean [(upper − lower) / (2 · 1.96)]². `below_zero` answers for the members only: where
    `spread_over_noise` is below one, the scatter of the years is the larger doubt, and it is in
    none of the shares.

    Examples
    --------
    >>> years = np.arange(2001, 2021)
    >>> slopes = xr.DataArray([-14.0, -10.0, 2.0, -6.0], dims="member")
    >>> nee = slopes * xr.DataArray(years - 2001.0, dims="year", coords={"year": years})
    >>> found = trend_members(nee.assign_attrs(units="Tg C yr-1"), method="none")
    >>> found["below_zero"].item(), found["slope_mean"].item()
    (0.75, -7.0)
    """
    if member not in da.dims:
        raise InputError(
            "the dimension of the members is missing",
            rule=f"{member!r} is a dimension",
            value=da.dims,
            remedy="name it with member=, or use `trend` for a single run",
        )
    each = trend(da, method, preserve_range, dim, **options)[["slope", "lower", "upper", "p_value"]]
    if each["slope"].chunks:
        each = each.chunk({member: -1})
    found = xr.apply_ufunc(
        member_spread,
        *(each[name] for name in ("slope", "lower", "upper")),
        input_core_dims=[[member]] * 3,
        output_core_dims=[[]] * len(_LONG_NAMES),
        dask="parallelized",
        output_dtypes=[np.int64] + [np.float64] * (len(_LONG_NAMES) - 1),
        keep_attrs=True,
    )
    units = each["slope"].attrs["units"]
    for (name, label), array in zip(_LONG_NAMES.items(), found, strict=True):
        plain = name in ("n_members", "below_zero", "spread_over_noise")
        array.attrs = {"long_name": label, "units": "1" if plain else units}
        each[name] = array
    return each


def member_spread(
    slope: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, ...]:
    """What `trend_members` says over the members.

    Parameters
    ----------
    slope, lower, upper : numpy.ndarray (..., n_members)
        Slopes and their 95 % bounds; NaN of a member without a trend.

    Returns
    -------
    tuple of numpy.ndarray (...) = (number, mean, sd, below_zero, noise, spread_over_noise)
        As `trend_members` defines them.

    Examples
    --------
    >>> slope = np.array([-14.0, -10.0, 2.0])
    >>> number, mean, sd, below, *_ = member_spread(slope, slope - 4, slope + 4)
    >>> int(number), round(float(mean), 1), round(float(sd), 1), round(float(below), 2)
    (3, -7.3, 8.3, 0.67)
    """
    error = (upper - lower) / (2.0 * Z_975)
    known, told = np.isfinite(slope), np.isfinite(error)
    number = known.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, slope, 0.0).sum(-1) / number
        squares = np.where(known, slope - mean[..., None], 0.0) ** 2
        spread = np.sqrt(squares.sum(-1) / np.where(number > 1, number - 1, np.nan))
        below = (slope < 0.0).sum(-1) / number
        noise = np.sqrt(np.where(told, error**2, 0.0).sum(-1) / told.sum(-1))
        ratio = spread / np.where(noise > 0.0, noise, np.nan)
    return number, mean, spread, below, noise, ratio
