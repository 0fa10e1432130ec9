"""Table 1 of the study: budgets, fluxes per area and in-situ means of each zone."""

from __future__ import annotations

import pandas as pd

from abz.budgets.totals import VALUES
from abz.sites.annual import site_means
from abz.validation import check_columns
from abz.vocabulary import BIOMES

__all__ = ["in_situ_means", "summer_ratio", "table1"]

ZONE = ["model_set", "zone_set", "zone"]
COLUMNS = [
    *ZONE, "flux", "budget", "budget_sd", "per_area", "interannual_sd", "insitu_mean", "insitu_sd",
    "insitu_sites", "summer_ratio", "area_m2", "valid_share", "source_area_share", "first_year",
    "last_year",
]  # fmt: skip


def table1(
    annual: pd.DataFrame,
    seasonal: pd.DataFrame,
    site_annual: pd.DataFrame,
    source_shares: pd.DataFrame,
) -> pd.DataFrame:
    """Mean budgets of all zones, with what the sites say.

    Parameters
    ----------
    annual, seasonal : pandas.DataFrame
        From `annual_budgets` and `seasonal_budgets`, of all model sets.
    site_annual : pandas.DataFrame
        site, biome, year, nee, gpp, reco: sums of complete years, g C m-2 yr-1.
    source_shares : pandas.DataFrame
        model_set, flux, zone_set, zone, source_area_share, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        A row per model set, zone and flux: `budget`, Tg C yr-1, mean over years of the central
        member; `budget_sd`, SD of the members' means; `per_area`, g C m-2 yr-1 of the area with a
        value; `interannual_sd`, SD over the years of the central flux per area; `insitu_mean`,
        `insitu_sd`, `insitu_sites`, over sites, NaN for zones that the site table does not know;
        `summer_ratio` (NEE); `area_m2` of the zone, and `valid_share` of it that the budget holds,
        mean over the years; `source_area_share`; `first_year`, `last_year`.

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
    check_columns(annual, [*ZONE, "flux", "year", "member", *VALUES], "annual budgets")
    known = annual.dropna(subset=["tg"])
    keys = [*ZONE, "flux"]
    central = known[known["member"] == 0].groupby(keys, sort=False)
    rows = central.agg(
        budget=("tg", "mean"), per_area=("g_m2", "mean"), interannual_sd=("g_m2", "std"),
        area_m2=("area_m2", "first"), valid_share=("valid_share", "mean"),
        first_year=("year", "min"), last_year=("year", "max"),
    )  # fmt: skip
    members = known[known["member"] > 0].groupby([*keys, "member"], sort=False)["tg"].mean()
    rows["budget_sd"] = members.groupby(keys, sort=False).std()
    table = rows.reset_index()
    for extra in (in_situ_means(site_annual), summer_ratio(seasonal), source_shares):
        table = table.merge(extra, how="left")
    return table[COLUMNS]


def in_situ_means(site_annual: pd.DataFrame) -> pd.DataFrame:
    """Means and SDs over sites in the zones that the site table knows.

    Parameters
    ----------
    site_annual : pandas.DataFrame
        site, biome, year, nee, gpp, reco, g C m-2 yr-1.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, flux, insitu_mean, insitu_sd, insitu_sites: of the ABZ and of each biome.

    Notes
    -----
    First the mean over the years of each site, then mean and SD over sites.
    """
    whole = site_means(site_annual).assign(zone_set="abz", zone="ABZ")
    named = site_annual.assign(biome=site_annual["biome"].str.lower())
    biomes = site_means(named, by="biome").assign(zone_set="biome")
    biomes["zone"] = biomes["group"]
    table = pd.concat([whole, biomes[biomes["zone"].isin(BIOMES.values())]], ignore_index=True)
    table["insitu_sites"] = table["sites"].astype("Int64")
    table = table.rename(columns={"mean": "insitu_mean", "sd": "insitu_sd"})
    return table[["zone_set", "zone", "flux", "insitu_mean", "insitu_sd", "insitu_sites"]]


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
    ratio = -sums["JJA"] / release
    return ratio.rename("summer_ratio").reset_index()
