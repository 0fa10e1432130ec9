"""The fits of the bias as tables: coefficients by month, and curves by years since fire."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from abz.fire.bias_model import NO_MODEL, BiasFit

__all__ = ["bias_curves", "fit_table"]


def fit_table(fits: Sequence[BiasFit], alpha: float, max_age: int) -> pd.DataFrame:
    """Fixed effects of each month.

    Parameters
    ----------
    fits : sequence of BiasFit
        One a month.
    alpha : float
        Level of both tests.
    max_age : int
        Most years since the fire.

    Returns
    -------
    pandas.DataFrame
        month, model, reason, sites, rows; intercept (g C m-2 month-1), slope (g C m-2 month-1 per
        yr), their `_sd`, `_p` and `covariance`, NaN without a model; kept, whether both differ
        from zero at `alpha`; positive_years, how many years from the year of the fire on have a
        bias above zero, NaN without a model.

    Examples
    --------
    >>> fit = BiasFit(6, "m", "", 9, 60, np.array([6.5, -1.0]), np.eye(2), np.zeros(2))
    >>> fit_table([fit], 0.05, 18)[["month", "kept", "positive_years"]].values.tolist()
    [[6, True, 7.0]]
    """
    return pd.DataFrame([_row(fit, alpha, max_age) for fit in fits])


def _row(fit: BiasFit, alpha: float, max_age: int) -> dict[str, object]:
    """One month."""
    known = fit.model != NO_MODEL
    above = fit.predict(np.arange(max_age + 1)) > 0
    numbers = {
        "intercept": fit.coefficients[0], "slope": fit.coefficients[1],
        "intercept_sd": np.sqrt(fit.covariance[0, 0]), "slope_sd": np.sqrt(fit.covariance[1, 1]),
        "covariance": fit.covariance[0, 1], "intercept_p": fit.p_values[0],
        "slope_p": fit.p_values[1], "positive_years": float(np.cumprod(above).sum()),
    }  # fmt: skip
    return {
        "month": fit.month, "model": fit.model, "reason": fit.reason, "sites": fit.sites,
        "rows": fit.rows, "kept": fit.is_significant(alpha),
        **{name: value if known else np.nan for name, value in numbers.items()},
    }  # fmt: skip


def bias_curves(fits: Sequence[BiasFit], max_age: int) -> pd.DataFrame:
    """Predicted bias by years since fire of each month that has a model.

    Parameters
    ----------
    fits : sequence of BiasFit
        One a month.
    max_age : int
        Most years since the fire.

    Returns
    -------
    pandas.DataFrame
        month, years_since_fire (0 to `max_age`), bias and bias_sd, g C m-2 month-1.

    Examples
    --------
    >>> fit = BiasFit(6, "m", "", 9, 60, np.array([6.5, -1.0]), np.eye(2), np.zeros(2))
    >>> bias_curves([fit], 2)["bias"].tolist()
    [6.5, 5.5, 4.5]
    """
    ages = np.arange(max_age + 1)
    parts = [
        pd.DataFrame(
            {"month": fit.month, "years_since_fire": ages, "bias": fit.predict(ages),
             "bias_sd": fit.predict_sd(ages)}
        )
        for fit in fits
        if fit.model != NO_MODEL
    ]  # fmt: skip
    columns = ["month", "years_since_fire", "bias", "bias_sd"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
