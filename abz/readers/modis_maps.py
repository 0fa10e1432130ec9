"""From stored MODIS numbers to a variable in its unit and its steps of time, whatever the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import xarray as xr

from abz.errors import InputError
from abz.readers.labels import composites
from abz.readers.modis_layers import Layer, Product, composite_lengths
from abz.validation import check_values

__all__ = ["check_start", "decode", "steps_of"]

ROWS_AT_ONCE = 64
"""Rows that are scaled together; so many stay in the processor's cache."""


def decode(layer: Layer, stored: np.ndarray, name: str) -> np.ndarray:
    """Stored whole numbers as the variable, in its unit.

    Parameters
    ----------
    layer : Layer
        How they are stored.
    stored : numpy.ndarray (y, x)
        Whole numbers, fill values among them.
    name : str
        The file, for messages.

    Returns
    -------
    numpy.ndarray (y, x)
        float32 with NaN where missing; of a code its own type, −1 where missing.

    Raises
    ------
    InputError
        If a number is neither a value of the layer nor one that means missing.

    Examples
    --------
    >>> from abz.readers.modis_layers import MOD11A2
    >>> decode(MOD11A2.layers[0], np.array([[14000, 0]], np.uint16), "a.hdf").tolist()
    [[280.0, nan]]
    """
    missing = (stored >= layer.missing[0]) & (stored <= layer.missing[1])
    check_values(stored, layer.valid, f"stored {layer.variable} in {name}", missing)
    if layer.is_code:
        return np.where(missing, -1, stored).astype(layer.dtype)
    values = np.empty(stored.shape, np.float32)
    for top in range(0, len(stored), ROWS_AT_ONCE):
        rows = slice(top, top + ROWS_AT_ONCE)
        values[rows] = np.where(missing[rows], np.nan, stored[rows] * layer.step)
    return values


def check_start(product: Product, start: date, name: str) -> None:
    """Nothing, if a composite or month of a product begins on a day.

    Raises
    ------
    InputError
        If none does.

    Examples
    --------
    >>> from abz.readers.modis_layers import MOD11A2
    >>> check_start(MOD11A2, date(2001, 1, 10), "a.hdf")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: no composite of MOD11A2 begins on this day
      rule:   composites begin every 8 days from 1 January on
      got:    a.hdf, 2001-01-10
      remedy: use the Terra product of the archive, whose composites begin on 1 January
    """
    if product.monthly and start.day != 1:
        raise InputError(
            f"no month of {product.name} begins on this day",
            rule="files are dated to the first day of a month",
            value=f"{name}, {start}",
            remedy="use the file of the archive, under its own name",
        )
    if product.days and (start.timetuple().tm_yday - 1) % product.days:
        raise InputError(
            f"no composite of {product.name} begins on this day",
            rule=f"composites begin every {product.days} days from 1 January on",
            value=f"{name}, {start}",
            remedy="use the Terra product of the archive, whose composites begin on 1 January",
        )


def steps_of(product: Product, starts: Sequence[date]) -> dict[str, xr.DataArray]:
    """The coordinates of the first dimension: years, months, or composites with their lengths.

    Examples
    --------
    >>> from abz.readers.modis_layers import MOD13A1
    >>> steps_of(MOD13A1, [date(2001, 12, 19)])["days"].values.tolist()
    [13]
    """
    first = np.array(starts, dtype="datetime64[D]")
    if product.monthly:
        time = first.astype("datetime64[ns]")
        return {"time": xr.DataArray(time, dims="time", attrs={"standard_name": "time"})}
    if product.days:
        return composites(first, composite_lengths(first, product.days))
    years = np.array([start.year for start in starts], dtype=np.int64)
    return {"year": xr.DataArray(years, dims="year", attrs={"units": "1", "long_name": "year"})}
