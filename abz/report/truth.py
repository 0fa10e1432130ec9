"""What the forests recovered of a world whose truth is known."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.units import G_PER_TG

__all__ = ["recovery"]


def recovery(truth: xr.DataArray, made: xr.DataArray, area: xr.DataArray) -> dict[str, float]:
    """Budgets of the truth and of the forests over the cells that both know, and their likeness.

    Parameters
    ----------
    truth, made : xarray.DataArray (y, x)
        Mean annual flux, g C m-2 yr-1; NaN is unknown.
    area : xarray.DataArray (y, x)
        Land area of each cell, m2.

    Returns
    -------
    dict of {str: float}
        `true_budget`, `made_budget` (Tg C yr-1); `r2`, squared correlation of the maps (1), NaN
        where a map is constant.

    Notes
    -----
    B = 1e-12 Σ_p A_p F_p over the cells p with both values.

    Examples
    --------
    >>> layer = xr.DataArray([[1.0, 2.0], [3.0, np.nan]], dims=("y", "x"))
    >>> found = recovery(layer, 2 * layer, xr.full_like(layer, 1e12))
    >>> found["true_budget"], found["made_budget"], round(found["r2"], 6)
    (6.0, 12.0, 1.0)
    """
    both = np.isfinite(truth.values) & np.isfinite(made.values)
    known, found, weight = truth.values[both], made.values[both], area.values[both]
    varies = known.size > 2 and np.ptp(known) > 0 and np.ptp(found) > 0
    return {
        "true_budget": float(np.sum(known * weight)) / G_PER_TG,
        "made_budget": float(np.sum(found * weight)) / G_PER_TG,
        "r2": float(np.corrcoef(known, found)[0, 1] ** 2) if varies else float("nan"),
    }
