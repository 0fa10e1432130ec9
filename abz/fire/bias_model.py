"""How the bias of held-out predictions at burned sites changes with the years since fire.

A linear mixed model a month. Few sites with short records often cannot tell their own slopes or
even their own levels; then a simpler model is fitted, and the fit says which and why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student_t
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from abz.fire.since_fire import burned_rows
from abz.validation import check_columns, check_same_shape, check_whole

__all__ = ["MODELS", "NO_MODEL", "BiasFit", "bias_fits", "bias_rows", "fit_bias"]

MODELS = (
    "random slope and intercept",
    "independent random slope and intercept",
    "random intercept",
    "no random effects",
)
"""Models in the order in which they are tried; the effects are those of sites."""
NO_MODEL = "none"

LEAST_ROWS = 8
"""Rows below which the six parameters of the first model leave nothing to tell them by."""
SINGULAR = 0.01
"""SD of a random effect, in SDs of the residuals, below which it is not told from none."""

Estimate = tuple[np.ndarray, np.ndarray]


class _NotFitted(Exception):  # noqa: N818
    """Why a model is passed over."""


@dataclass(frozen=True, eq=False)
class BiasFit:
    """Fixed effects of the bias in one calendar month.

    Parameters
    ----------
    month : int
        1 to 12.
    model : str
        One of `MODELS`, or `NO_MODEL`.
    reason : str
        Why not an earlier one of `MODELS`; empty for the first.
    sites, rows : int
        Burned sites and their site-months.
    coefficients : numpy.ndarray (2,)
        Intercept, g C m-2 month-1, and slope, g C m-2 month-1 per yr; zero without a model.
    covariance : numpy.ndarray (2, 2)
        Of the coefficients; zero without a model.
    p_values : numpy.ndarray (2,)
        Two-sided, of each coefficient; 1 without a model.

    Examples
    --------
    >>> fit = BiasFit(6, MODELS[0], "", 9, 60, np.array([7.0, -1.0]), np.eye(2), np.zeros(2))
    >>> fit.predict(np.array([0, 7])).tolist(), fit.is_significant(0.05)
    ([7.0, 0.0], True)
    """

    month: int
    model: str
    reason: str
    sites: int
    rows: int
    coefficients: np.ndarray
    covariance: np.ndarray
    p_values: np.ndarray

    def is_significant(self, alpha: float) -> bool:
        """Whether both coefficients differ from zero, p < alpha each."""
        return bool((self.p_values < alpha).all())

    def predict(self, age: np.ndarray) -> np.ndarray:
        """Bias by the fixed effects (n,) at years since fire (n,), g C m-2 month-1."""
        return np.asarray(self.coefficients[0] + self.coefficients[1] * np.asarray(age))

    def predict_sd(self, age: np.ndarray) -> np.ndarray:
        """SD (n,) of `predict`, from the covariance of the fixed effects."""
        terms = np.stack([np.ones(np.shape(age)), np.asarray(age, np.float64)])
        return np.sqrt(np.einsum("in,ij,jn->n", terms, self.covariance, terms))

    def draw(self, rng: np.random.Generator, samples: int) -> np.ndarray:
        """Coefficients (samples, 2) as they might have come out, normally distributed."""
        if not self.covariance.any():
            return np.tile(self.coefficients, (samples, 1))
        spread = np.linalg.cholesky(self.covariance)
        return np.asarray(self.coefficients + rng.standard_normal((samples, 2)) @ spread.T)


def bias_rows(held_out: pd.DataFrame, max_age: int) -> pd.DataFrame:
    """Bias of the held-out predictions at burned sites.

    Parameters
    ----------
    held_out : pandas.DataFrame
        site, year, month, disturbance, disturbance_year, observed and predicted NEE, g C m-2
        month-1; rows without a prediction are left out.
    max_age : int
        Most years since the fire.

    Returns
    -------
    pandas.DataFrame
        site, year, month, years_since_fire, observed, predicted, bias; sorted by site and time.

    Notes
    -----
    bias = observed − predicted: above zero where the forest predicts too strong a sink, which is
    the opposite of the mean bias error of the skill tables.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a"], "year": 2006, "month": 7, "disturbance": "Fire",
    ...                      "disturbance_year": 2004, "observed": 5.0, "predicted": -20.0})
    >>> bias_rows(rows, 18)[["years_since_fire", "bias"]].values.tolist()
    [[2.0, 25.0]]
    """
    check_columns(held_out, ["site", "month", "observed", "predicted"], "held-out table")
    burned = burned_rows(held_out, max_age).dropna(subset=["observed", "predicted"])
    columns = ["site", "year", "month", "years_since_fire", "observed", "predicted", "bias"]
    table = burned.assign(bias=burned["observed"] - burned["predicted"])[columns]
    return table.sort_values(columns, ignore_index=True)


def bias_fits(rows: pd.DataFrame, least_sites: int = 3) -> list[BiasFit]:
    """A fit for each calendar month.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `bias_rows`.
    least_sites : int, optional
        Sites below which a month has no model.

    Returns
    -------
    list of BiasFit
        January to December.
    """
    check_columns(rows, ["site", "month", "years_since_fire", "bias"], "rows of the bias")
    return [
        fit_bias(
            *(part[name].to_numpy() for name in ("bias", "years_since_fire", "site")),
            month=month, least_sites=least_sites,
        )
        for month, part in ((m, rows[rows["month"] == m]) for m in range(1, 13))
    ]  # fmt: skip


def fit_bias(
    bias: np.ndarray, age: np.ndarray, site: np.ndarray, *, month: int = 7, least_sites: int = 3
) -> BiasFit:
    """Fit the bias by years since fire.

    Parameters
    ----------
    bias : numpy.ndarray (n,)
        Observed − predicted NEE, g C m-2 month-1.
    age : numpy.ndarray (n,)
        Years since fire.
    site : numpy.ndarray (n,)
        Site of each row.
    month : int, optional
        For the record.
    least_sites : int, optional
        Sites below which there is no model, at least 2.

    Returns
    -------
    BiasFit
        Of the first of `MODELS` that can be fitted. The order of the rows does not matter.

    Raises
    ------
    InputError
        If the shapes differ.

    Notes
    -----
    b_si = β₀ + u_s + (β₁ + v_s) a_si + ε_si, by restricted maximum likelihood, with a free
    covariance of u and v; then without the covariance at the mean age, without v, without u. A
    model is passed over if it does not converge, as where its likelihood is highest at the edge, if
    its standard errors cannot be had, or if its random effects are singular: one of them, or a mix
    of them, has an SD below 0.01 residual SDs. The tests are those of Wald, with Student's t of
    sites − 1 degrees of freedom, since it is the sites that are independent.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, "Fire and disturbance".

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> age, site = np.tile(np.arange(10.0), 9), np.repeat(np.arange(9), 10)
    >>> own = np.repeat(rng.normal(0, [[3.0], [0.4]], (2, 9)), 10, axis=1)
    >>> fit = fit_bias(20 - 2 * age + own[0] + own[1] * age + rng.normal(size=90), age, site)
    >>> fit.model, fit.is_significant(0.05)
    ('random slope and intercept', True)
    """
    check_same_shape(bias, age, "bias and years since fire")
    check_same_shape(bias, site, "bias and sites")
    check_whole(least_sites, "least_sites", minimum=2)
    names, group = np.unique(np.asarray(site).astype(str), return_inverse=True)
    order = np.lexsort((bias, age, group))
    rows = np.asarray(bias, np.float64)[order], np.asarray(age, np.float64)[order], group[order]
    known = {"month": month, "sites": names.size, "rows": len(bias)}
    reasons = [_too_little(*rows, least_sites)]
    for name in MODELS if not reasons[0] else ():
        try:
            coefficients, covariance = _estimate(_FITS[name], *rows)
        except _NotFitted as fault:
            reasons.append(f"{name}: {fault}")
        else:
            p = _p_values(coefficients, covariance, names.size - 1)
            reason = "; ".join(filter(None, reasons))
            return BiasFit(
                model=name, reason=reason, coefficients=coefficients, covariance=covariance,
                p_values=p, **known,
            )  # fmt: skip
    return BiasFit(
        model=NO_MODEL, reason="; ".join(filter(None, reasons)), coefficients=np.zeros(2),
        covariance=np.zeros((2, 2)), p_values=np.ones(2), **known,
    )  # fmt: skip


def _too_little(bias: np.ndarray, age: np.ndarray, group: np.ndarray, least_sites: int) -> str:
    """Why the rows cannot bear any model; empty if they can."""
    sites = np.unique(group).size
    if sites < least_sites:
        return f"{sites} of at least {least_sites} burned sites"
    if bias.size < LEAST_ROWS:
        return f"{bias.size} of at least {LEAST_ROWS} site-months"
    if np.ptp(age) == 0:
        return "all rows are of one number of years since fire"
    return "the bias is the same in all rows" if np.ptp(bias) == 0 else ""


def _estimate(
    fit: Callable[..., Estimate], bias: np.ndarray, age: np.ndarray, group: np.ndarray
) -> Estimate:
    """Fixed effects and their covariance, fitted in standard units and brought back."""
    middle, step, size = age.mean(), age.std(), bias.std()
    design = np.column_stack([np.ones(age.size), (age - middle) / step])
    with warnings.catch_warnings():
        # What these warn of is asked for below, and ends in a reason.
        warnings.simplefilter("ignore")
        try:
            coefficients, covariance = fit(bias / size, design, group)
        except np.linalg.LinAlgError as error:
            raise _NotFitted(f"did not converge ({error})") from error
    back = size * np.array([[1.0, -middle / step], [0.0, 1.0 / step]])
    covariance = back @ covariance @ back.T
    if not (np.isfinite(covariance).all() and (np.linalg.eigvalsh(covariance) > 0).all()):
        raise _NotFitted("no standard errors")
    return back @ coefficients, covariance


def _random_slope(bias: np.ndarray, design: np.ndarray, group: np.ndarray) -> Estimate:
    return _mixed(bias, design, group, design)


def _independent(bias: np.ndarray, design: np.ndarray, group: np.ndarray) -> Estimate:
    """Slope and intercept at the mean age without covariance."""
    free = MixedLMParams.from_components(fe_params=np.ones(2), cov_re=np.eye(2))
    return _mixed(bias, design, group, design, free=free)


def _random_intercept(bias: np.ndarray, design: np.ndarray, group: np.ndarray) -> Estimate:
    return _mixed(bias, design, group, design[:, :1], method=["bfgs", "powell"])


def _mixed(
    bias: np.ndarray, design: np.ndarray, group: np.ndarray, effects: np.ndarray, **options: Any
) -> Estimate:
    """The mixed model in which the columns of `effects` differ by site.

    Of two effects the gradient finds the maximum wherever there is one inside, and fails where
    there is none; a search without gradient then ends somewhere. Of one effect it finds the edge.
    """
    model = MixedLM(bias, design, groups=group, exog_re=effects)
    found = model.fit(reml=True, **{"method": ["bfgs"], **options})
    if not found.converged:
        raise _NotFitted("did not converge")
    relative = np.linalg.eigvalsh(np.asarray(found.cov_re)) / found.scale
    if not (relative > SINGULAR**2).all():
        raise _NotFitted("singular random effects")
    return np.asarray(found.fe_params), np.asarray(found.cov_params())[:2, :2]


def _ordinary(bias: np.ndarray, design: np.ndarray, _: np.ndarray) -> Estimate:
    """Least squares, as if all rows were independent."""
    found = OLS(bias, design).fit()
    return np.asarray(found.params), np.asarray(found.cov_params())


_FITS = dict(zip(MODELS, (_random_slope, _independent, _random_intercept, _ordinary), strict=True))


def _p_values(coefficients: np.ndarray, covariance: np.ndarray, freedom: int) -> np.ndarray:
    """Two-sided p of each coefficient."""
    size = np.abs(coefficients) / np.sqrt(np.diag(covariance))
    return np.asarray(2 * student_t.sf(size, freedom))
