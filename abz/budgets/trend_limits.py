"""What the trend test can and cannot say of the annual budgets of zones."""

from __future__ import annotations

import pandas as pd

from abz.trends import trend_limits
from abz.validation import check_columns

__all__ = ["zonal_trend_limits"]

KEYS = ["model_set", "flux", "zone_set", "zone"]
COLUMNS = [
    *KEYS, "first_year", "last_year", "n", "method", "autocorrelation", "rho", "sd", "size",
    "detectable",
]  # fmt: skip


def zonal_trend_limits(
    annual: pd.DataFrame, method: str = "zhang", preserve_range: bool = False, alpha: float = 0.05
) -> pd.DataFrame:
    """Measured size of the trend test, and the smallest slope it finds, for each zone's budget.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`, of any model sets.
    method, preserve_range
        As in `zonal_trends`.
    alpha : float, optional
        Nominal level.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, first_year, last_year, n, method; of the central member's
        annual budget the columns of `abz.trends.trend_limits`: sd in Tg C yr-1, detectable in Tg C
        yr-1 per yr, found in 80 of 100 cases. NaN where a zone has fewer than four years.

    Raises
    ------
    InputError
        If a column is missing or the method is unknown.

    Examples
    --------
    >>> annual = pd.DataFrame({
    ...     "model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "member": 0,
    ...     "year": range(2001, 2021), "tg": [-280.0, -300.0, -260.0, -290.0] * 5,
    ... })
    >>> bool(1 < zonal_trend_limits(annual, "none")["detectable"].item() < 4)
    True
    """
    check_columns(annual, [*KEYS, "year", "member", "tg"], "annual budgets")
    parts = []
    for _, rows in annual[annual["member"] == 0].groupby(["model_set", "flux"], sort=False):
        series = rows.set_index([*KEYS, "year"])["tg"].unstack("year").sort_index(axis=1)
        years = series.columns.to_numpy()
        found = trend_limits(
            series.to_numpy(), years, method, preserve_range=preserve_range, alpha=alpha
        )
        table = series.index.to_frame(index=False).join(found)
        ends = {"first_year": int(years[0]), "last_year": int(years[-1])}
        parts.append(table.assign(**ends, method=method))
    return pd.concat(parts, ignore_index=True)[COLUMNS]
