"""Table 1 of the study: budgets, fluxes per area and in-situ means of each zone."""

from __future__ import annotations

import pandas as pd

from abz.budgets.arithmetic import summer_over_release
from abz.budgets.means import mean_budgets
from abz.validation import check_columns

__all__ = ["no_sites", "summer_ratio", "table1"]

ZONE = ["model_set", "zone_set", "zone"]
COLUMNS = [
    *ZONE, "flux", "budget", "budget_sd", "per_area", "interannual_sd", "insitu_mean", "insitu_sd",
    "insitu_sites", "insitu_site_years", "summer_ratio", "area_m2", "valid_share",
    "source_area_share", "first_year", "last_year", "same_years_nee",
]  # fmt: skip
IN_SITU = ["insitu_mean", "insitu_sd", "insitu_sites", "insitu_site_years"]


def table1(
    annual: pd.DataFrame,
    seasonal: pd.DataFrame,
    in_situ: pd.DataFrame,
    source_shares: pd.DataFrame,
) -> pd.DataFrame:
    """Mean budgets of all zones, with what the sites say.

    Parameters
    ----------
    annual, seasonal : pandas.DataFrame
        From `annual_budgets` and `seasonal_budgets`, of all model sets.
    in_situ : pandas.DataFrame
        model_set, and what `in_situ_means` returns for the zones of each set; or `no_sites()`.
    source_shares : pandas.DataFrame
        model_set, flux, zone_set, zone, source_area_share, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        A row per model set, zone and flux: `budget`, Tg C yr-1, mean over years of the central
        member; `budget_sd`, SD of the members' means; `per_area`, g C m-2 yr-1 of the area with a
        value; `interannual_sd`, SD over the years of the central flux per area; `insitu_mean`,
        `insitu_sd`, `insitu_sites`, over sites, and the `insitu_site_years` behind them, NaN for
        zones without a site; `summer_ratio` (NEE); `area_m2` of the zone, and `valid_share` of it
        that the budget holds, mean over the years; `source_area_share`; `first_year`, `last_year`;
        and of NEE + fire `same_years_nee`, the budget of NEE in just its years.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    All SDs have n − 1. The published spread per area is the interannual SD, by its size [1]_. The
    SD of NEE + fire is that of NEE in the same years.

    References
    ----------
    .. [1] Virkkala et al. (2025), Table 1.
    """
    check_columns(in_situ, [*ZONE, "flux", *IN_SITU], "in-situ means")
    keys = [*ZONE, "flux"]
    table = mean_budgets(annual, keys)
    at_sites = in_situ[[*keys, *IN_SITU]]
    same_years = _same_years(annual.dropna(subset=["tg"]))
    for extra in (at_sites, summer_ratio(seasonal), source_shares, same_years):
        table = table.merge(extra, how="left", on=keys)
    return table[COLUMNS]


def no_sites() -> pd.DataFrame:
    """In-situ means of a run without sites: the columns that Table 1 asks for, and no row.

    Examples
    --------
    >>> len(no_sites()), no_sites()["insitu_mean"].dtype
    (0, dtype('float64'))
    """
    types = dict.fromkeys([*ZONE, "flux"], "object") | dict.fromkeys(IN_SITU, "float64")
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def _same_years(known: pd.DataFrame) -> pd.DataFrame:
    """Mean budget of NEE over the years that NEE + fire has, in the rows of NEE + fire."""
    central = known[known["member"] == 0]
    keys = [*ZONE, "year"]
    both = central.loc[central["flux"] == "nee_fire", keys]
    nee = central.loc[central["flux"] == "nee", [*keys, "tg"]].merge(both, on=keys)
    means = nee.groupby(ZONE, sort=False)["tg"].mean().rename("same_years_nee")
    return means.reset_index().assign(flux="nee_fire")


def summer_ratio(seasonal: pd.DataFrame) -> pd.DataFrame:
    """Summer uptake over non-summer release of NEE.

    Parameters
    ----------
    seasonal : pandas.DataFrame
        From `seasonal_budgets`.

    Returns
    -------
    pandas.DataFrame
        model_set, zone_set, zone, flux ("nee"), summer_ratio: −Σ JJA / Σ non-summer over all
        years of the central member; below 1 the zone is a source, below 0 it is one in summer
        too. NaN where the zone releases nothing outside summer.

    Examples
    --------
    >>> halves = pd.DataFrame({
    ...     "model_set": "fine", "zone_set": "abz", "zone": "ABZ", "flux": "nee", "member": 0,
    ...     "year": 2001, "season": ["JJA", "non-summer"], "tg": [-1400.0, 1000.0],
    ... })
    >>> summer_ratio(halves)["summer_ratio"].tolist()
    [1.4]
    """
    rows = seasonal[(seasonal["flux"] == "nee") & (seasonal["member"] == 0)]
    sums = rows.pivot_table(
        index=[*ZONE, "flux"], columns="season", values="tg", aggfunc="sum", sort=False
    ).reindex(columns=["JJA", "non-summer"])
    release = sums["non-summer"].where(sums["non-summer"] > 0)
    ratio = summer_over_release(sums["JJA"], release)
    return ratio.rename("summer_ratio").reset_index()
