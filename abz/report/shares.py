"""How much of the land changes significantly."""

from __future__ import annotations

import xarray as xr

__all__ = ["significant_share"]


def significant_share(
    slope: xr.DataArray, p_value: xr.DataArray, area: xr.DataArray, sign: int, alpha: float = 0.05
) -> float:
    """Share of the tested area whose trend has a sign and is significant, %.

    Parameters
    ----------
    slope, p_value : xarray.DataArray (y, x)
        Trend of each cell and its p; NaN where it was not tested.
    area : xarray.DataArray (y, x)
        Land area of each cell, m2.
    sign : int
        1 for rising, −1 for falling.
    alpha : float, optional
        Level of significance.

    Returns
    -------
    float
        0 to 100; NaN where nothing was tested.

    Notes
    -----
    Cells are judged one by one, without control of the field's significance; where nothing
    changes, 100 · alpha / 2 percent are expected for each sign.

    Examples
    --------
    >>> slope = xr.DataArray([[-1.0, 2.0]], dims=("y", "x"))
    >>> significant_share(slope, 0 * slope, xr.ones_like(slope), sign=-1)
    50.0
    """
    tested = p_value.notnull()
    weight = area.where(tested, 0.0)
    total = float(weight.sum())
    changed = tested & (p_value < alpha) & (sign * slope > 0)
    return 100 * float(weight.where(changed, 0.0).sum()) / total if total else float("nan")
