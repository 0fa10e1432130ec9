"""NEE, GPP and Reco of zones, adjusted to NEE = Reco − GPP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from abz.budgets.reconciliation import CLOSURE, closing_gain, reconcile, reconciled_covariance
from abz.budgets.uncertainty import BudgetErrors
from abz.errors import InputError
from abz.validation import check_choice
from abz.vocabulary import FLUXES

__all__ = ["GAP", "SCOPES", "closed_budgets", "flux_covariance"]

SCOPES = ("domain", "zone")
"""One gain for all zones, from the covariance of the whole domain; or one for each zone."""

GAP = "gap"
"""Row of NEE − (Reco − GPP)."""

DOMAIN = ("abz", "ABZ")
WITH_GAP = np.vstack([np.eye(3), CLOSURE])

Scope = Literal["domain", "zone"]


def flux_covariance(
    errors: Mapping[str, BudgetErrors], alike: np.ndarray, period: int
) -> np.ndarray:
    """Covariance of the errors of NEE, GPP and Reco in each zone.

    Parameters
    ----------
    errors : mapping of {str: BudgetErrors}
        Of the three fluxes, with the same zones.
    alike : numpy.ndarray (3, 3)
        Correlation of their errors at held-out sites, in the order of `vocabulary.FLUXES`.
    period : int
        0 for the mean over the years, then each year.

    Returns
    -------
    numpy.ndarray (zone, 3, 3)
        Tg2 C yr-2, of sampling and transfer as far as the totals count them.

    Notes
    -----
    V_fg = δ_fg S_f + r_fg √(T_f T_g). Members of different fluxes are drawn by themselves, so that
    the sampling S of one flux says nothing of another's; transfer errors T of a zone are taken to
    correlate as those of the sites do.
    """
    zones = len(errors["nee"].zones)
    found = np.zeros((zones, 3, 3))
    for place, flux in enumerate(FLUXES):
        if "sampling" in errors[flux].held(period):
            found[:, place, place] += np.diagonal(errors[flux].parts["sampling"][period])
    if all("transfer" in errors[flux].held(period) for flux in FLUXES):
        sd = np.sqrt([np.diagonal(errors[flux].parts["transfer"][period]) for flux in FLUXES])
        found += np.einsum("fz,gz,fg->zfg", sd, sd, alike)
    return found


def closed_budgets(
    errors: Mapping[str, BudgetErrors], alike: np.ndarray, scope: Scope
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Budgets before and after, and their covariances.

    Parameters
    ----------
    errors, alike
        As in `flux_covariance`.
    scope : {"domain", "zone"}
        With "domain" the gap of every zone is shared out as that of the whole domain, so that
        adjusted zones add up to the adjusted domain. With "zone" each zone's gap is shared out by
        the zone's own covariance: best for the zone, but parts no longer add up to the whole.

    Returns
    -------
    tuple of pandas.DataFrame = (budgets, covariances)
        Budgets: zone_set, zone, period, year, `flux` (the three, and `GAP`), `before`,
        `before_sd`, `after`, `after_sd`, Tg C yr-1, of the central member; after, NEE is Reco −
        GPP to the last bit. Covariances: zone_set, zone, flux, other, `before` and `after`, Tg2 C
        yr-2, of the mean over the years.

    Raises
    ------
    InputError
        If the scope is unknown, the domain is not among the zones, or a gap has no error.

    Notes
    -----
    The gains are those of the means over the years, and serve each year too, so that adjusted
    years add up to the adjusted mean. The SDs after follow from x̂ = (1 − K C) x for the
    covariance of each zone and period, whichever the gain.
    """
    check_choice(scope, SCOPES, "scope of the reconciliation")
    first = errors["nee"]
    gains = _gains(first.zones, flux_covariance(errors, alike, 0), scope)
    tables = []
    for period in range(1 + len(first.years)):
        covariance = flux_covariance(errors, alike, period)
        before = np.stack([errors[flux].central[period] for flux in FLUXES], axis=-1)
        after = np.array([_closed(x, k) for x, k in zip(before, gains, strict=True)])
        adjusted = _adjusted(covariance, gains)
        columns = {
            "before": before @ WITH_GAP.T, "before_sd": _sd(covariance),
            "after": after @ WITH_GAP.T, "after_sd": _sd(adjusted),
        }  # fmt: skip
        tables.append(first.labelled(_long(first.zones, columns), period))
        if period == 0:
            pairs = _pairs(first.zones, covariance, adjusted)
    order = [
        "zone_set", "zone", "period", "year", "flux", "before", "before_sd", "after", "after_sd",
    ]  # fmt: skip
    return pd.concat(tables, ignore_index=True).astype({"year": "Int64"})[order], pairs


def _gains(zones: pd.MultiIndex, covariance: np.ndarray, scope: Scope) -> np.ndarray:
    """Gain (zone, 3, 1) of each zone; NaN where its covariance is not known."""
    if scope == "domain":
        if DOMAIN not in zones:
            raise InputError(
                "the domain is not among the zones",
                rule='scope "domain" needs the zone ABZ of the zone set abz',
                value=", ".join(map("/".join, zones)),
                remedy='add it, or reconcile each "zone"',
            )
        covariance = np.broadcast_to(covariance[zones.get_loc(DOMAIN)], covariance.shape)
    return np.array(
        [
            closing_gain(own, CLOSURE) if np.isfinite(own).all() else np.full((3, 1), np.nan)
            for own in covariance
        ]
    )


def _closed(values: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """One zone's fluxes, closed to the last bit."""
    adjusted = reconcile(values, gain, CLOSURE)
    return np.array([adjusted[2] - adjusted[1], adjusted[1], adjusted[2]])


def _adjusted(covariance: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Covariance (zone, 3, 3) after."""
    pairs = zip(covariance, gains, strict=True)
    return np.array([reconciled_covariance(own, gain, CLOSURE) for own, gain in pairs])


def _sd(covariance: np.ndarray) -> np.ndarray:
    """SDs (zone, 4) of the fluxes and of their gap."""
    variance = np.einsum("kf,zfg,kg->zk", WITH_GAP, covariance, WITH_GAP)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _long(zones: pd.MultiIndex, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Arrays (zone, 4) as columns, a row for each zone and flux, the gap last."""
    names = [*FLUXES, GAP]
    table = zones.repeat(len(names)).to_frame(index=False)
    table["flux"] = np.tile(names, len(zones))
    return table.assign(**{name: values.ravel() for name, values in columns.items()})


def _pairs(zones: pd.MultiIndex, before: np.ndarray, after: np.ndarray) -> pd.DataFrame:
    """Covariances before and after, a row for each zone and pair of fluxes."""
    names = list(FLUXES)
    table = zones.repeat(len(names) ** 2).to_frame(index=False)
    table["flux"] = np.tile(np.repeat(names, len(names)), len(zones))
    table["other"] = np.tile(names, len(names) * len(zones))
    return table.assign(before=before.ravel(), after=after.ravel())
