"""The last step of every reader: canonical type, unit and limits of a variable."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.readers.labels import predictor_attrs
from abz.vocabulary import PREDICTORS

__all__ = ["canonical"]

ROUNDING = 1e-3
"""Packed files overshoot the limits by rounding; more than this part of the range is an error."""


def canonical(array: xr.DataArray, name: str) -> xr.DataArray:
    """A predictor as float32 with its unit and long name, inside the limits that can be true.

    Parameters
    ----------
    array : xarray.DataArray
        Any dimensions; values in the unit of `abz.vocabulary.PREDICTORS[name]`, NaN where missing.
    name : str
        Canonical name.

    Returns
    -------
    xarray.DataArray
        Same dimensions and coordinates. Rounding noise beyond a limit is set to the limit. A lazy
        array stays lazy, and is checked where it is read.

    Raises
    ------
    InputError
        If a value lies beyond the limits by more than 0.1 % of their range: the unit is wrong, or
        a fill value has survived.

    Examples
    --------
    >>> snow = canonical(xr.DataArray([100.001, 3.0], dims="time"), "snow_cover")
    >>> snow.values.tolist(), snow.attrs["units"]
    ([100.0, 3.0], '%')
    """
    if array.chunks is None:
        limited: Any = _limited(array.values, name)
    else:
        limited = array.data.map_blocks(_limited, name, dtype=np.float32, meta=np.empty(0, "f4"))
    return xr.DataArray(limited, array.coords, array.dims, name, predictor_attrs(name))


def _limited(stored: np.ndarray, name: str) -> np.ndarray:
    """Values as float32 within the limits of a predictor."""
    predictor = PREDICTORS[name]
    low, high = predictor.valid
    slack = ROUNDING * (high - low)
    values = np.asarray(stored, dtype=np.float32)
    if (values < low - slack).any() or (values > high + slack).any():
        raise InputError(
            f"{name} holds values that cannot be true",
            rule=f"{low:g} <= {name} <= {high:g} {predictor.units}",
            value=f"{np.nanmin(values):g} to {np.nanmax(values):g}",
            remedy="check the unit and the fill value of the file",
        )
    return np.clip(values, np.float32(low), np.float32(high))
