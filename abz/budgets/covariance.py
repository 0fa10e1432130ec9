"""How errors of budgets hang together: covariances of members between zones, and correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.validation import check_columns, check_range

__all__ = [
    "correlation_of",
    "covariance_table",
    "implied_correlation",
    "member_array",
    "member_covariance",
]

ZONE = ["zone_set", "zone"]


def member_covariance(members: np.ndarray) -> np.ndarray:
    """Covariance between zones over the members of an ensemble.

    Parameters
    ----------
    members : numpy.ndarray (member, ..., zone)
        Budgets of the members, Tg C; without the central one.

    Returns
    -------
    numpy.ndarray (..., zone, zone)
        Tg2 C, with n − 1: symmetric, no eigenvalue below zero but for rounding. NaN where a zone
        has no budget, and everywhere if there are fewer than two members.

    Notes
    -----
    S_vw = Σ_b (B_bv − B̄_v)(B_bw − B̄_w) / (n − 1). As the members of a union are the sums of
    those of its parts, its variance is Σ_v Σ_w S_vw over them. The rank is at most n − 1: with 20
    members a correlation of zero shows as one of ± 0.23.

    Examples
    --------
    >>> member_covariance(np.array([[1.0, 2.0], [3.0, 6.0]])).tolist()
    [[2.0, 4.0], [4.0, 8.0]]
    """
    count = members.shape[0]
    if count < 2:
        return np.full((*members.shape[1:], members.shape[-1]), np.nan)
    departures = members - members.mean(axis=0)
    return np.asarray(np.einsum("b...v,b...w->...vw", departures, departures) / (count - 1))


def correlation_of(covariance: np.ndarray) -> np.ndarray:
    """Correlations of a covariance.

    Parameters
    ----------
    covariance : numpy.ndarray (..., n, n)
        Symmetric.

    Returns
    -------
    numpy.ndarray (..., n, n)
        −1 to 1; NaN where a variance is zero.

    Examples
    --------
    >>> correlation_of(np.array([[4.0, 3.0], [3.0, 9.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = sd[..., :, None] * sd[..., None, :]
    ratio = np.divide(covariance, scale, out=np.full(scale.shape, np.nan), where=scale > 0)
    return np.clip(ratio, -1.0, 1.0)


def implied_correlation(union_sd: float, first_sd: float, second_sd: float) -> float:
    """Correlation of two parts that the SDs of both and of their union imply.

    Parameters
    ----------
    union_sd, first_sd, second_sd : float
        Of the sum and of its two parts, in one unit; the parts above zero.

    Returns
    -------
    float
        −1 to 1 if the three belong together; printed SDs that are rounded may give a little more.

    Raises
    ------
    InputError
        If an SD is negative, or one of a part is zero.

    Notes
    -----
    σ_u² = σ_a² + σ_b² + 2 ρ σ_a σ_b.

    Examples
    --------
    The study's ± of the ABZ, the boreal biome and the tundra:

    >>> round(implied_correlation(140, 101, 53), 2)
    0.62
    """
    check_range(union_sd, "SD of the union", minimum=0)
    for sd in (first_sd, second_sd):
        check_range(sd, "SD of a part", minimum=np.finfo(float).tiny)
    return (union_sd**2 - first_sd**2 - second_sd**2) / (2 * first_sd * second_sd)


def member_array(annual: pd.DataFrame) -> tuple[np.ndarray, pd.MultiIndex, np.ndarray]:
    """Budgets of one flux of one model set as an array.

    Parameters
    ----------
    annual : pandas.DataFrame
        zone_set, zone, year, member, tg: a row for each combination.

    Returns
    -------
    tuple = (budgets, zones, years)
        Budgets (member, year, zone) in Tg C yr-1, the central member first; the zones in order of
        appearance and the years ascending.

    Raises
    ------
    InputError
        If a column is missing, a row stands there twice, or a combination is not there.
    """
    check_columns(annual, [*ZONE, "year", "member", "tg"], "annual budgets")
    zones = pd.MultiIndex.from_frame(annual[ZONE].drop_duplicates())
    keys = ["member", "year", *ZONE]
    doubled = annual.duplicated(keys)
    members, years = (np.unique(annual[name].to_numpy()) for name in ("member", "year"))
    size = members.size * years.size * len(zones)
    if doubled.any() or len(annual) != size:
        raise InputError(
            "annual budgets are not a whole table",
            rule="one row for each member, year and zone",
            value=f"{len(annual)} rows, {int(doubled.sum())} of them twice; {size} combinations",
            remedy="take one flux of one model set from `annual_budgets`",
        )
    values = annual.set_index(keys)["tg"].unstack(["zone_set", "zone"])[list(zones)]
    ordered = values.sort_index().to_numpy(np.float64)
    return ordered.reshape(members.size, years.size, len(zones)), zones, years


def covariance_table(zones: pd.MultiIndex, covariance: np.ndarray) -> pd.DataFrame:
    """Covariances and correlations between the zones of each zone set, a row a pair.

    Parameters
    ----------
    zones : pandas.MultiIndex (n,)
        zone_set and zone.
    covariance : numpy.ndarray (layer, n, n)
        Tg2 C, of one or more quantities.

    Returns
    -------
    pandas.DataFrame
        layer, its number from 0; zone_set, zone, other (both orders of a pair, and each zone with
        itself), covariance, correlation. Zones of different sets overlap and are not paired, nor
        are sets of one zone.

    Examples
    --------
    >>> zones = pd.MultiIndex.from_tuples(
    ...     [("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra")], names=["zone_set", "zone"])
    >>> table = covariance_table(zones, np.array([[[19, 12, 7], [12, 9, 3], [7, 3, 4]]]))
    >>> table.iloc[[1]]
       layer zone_set    zone   other  covariance  correlation
    1      0    biome  boreal  tundra           3          0.5
    """
    kinds, names = (zones.get_level_values(name).to_numpy() for name in ZONE)
    alone = pd.Series(kinds).map(pd.Series(kinds).value_counts()).to_numpy() < 2
    paired = (kinds[:, None] == kinds) & ~alone
    first, second = np.nonzero(paired)
    order = np.argsort(pd.factorize(kinds)[0][first], kind="stable")
    first, second = first[order], second[order]
    layers = len(covariance)
    return pd.DataFrame(
        {
            "layer": np.repeat(np.arange(layers), first.size),
            "zone_set": np.tile(kinds[first], layers),
            "zone": np.tile(names[first], layers),
            "other": np.tile(names[second], layers),
            "covariance": covariance[:, first, second].ravel(),
            "correlation": correlation_of(covariance)[:, first, second].ravel(),
        }
    )
