"""Annual sums at the sites, and their means over sites."""

from __future__ import annotations

import pandas as pd

from abz.validation import check_columns
from abz.vocabulary import FLUXES

__all__ = ["annual_sums", "site_means"]

PLACE = ["latitude", "longitude", "biome", "country"]


def annual_sums(site_months: pd.DataFrame) -> pd.DataFrame:
    """Sums over the complete years of each site.

    Parameters
    ----------
    site_months : pandas.DataFrame
        Screened site-months; fluxes in g C m-2 month-1.

    Returns
    -------
    pandas.DataFrame
        site, latitude, longitude, biome, country, year, nee, gpp, reco (g C m-2 yr-1), sorted by
        site and year. A year counts if it has exactly twelve rows; a flux with a missing month is
        missing; a year in which all fluxes are missing is left out.

    Raises
    ------
    InputError
        If a column is missing.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, in-situ annual budgets.

    Examples
    --------
    >>> year = pd.DataFrame({"site": "FI-Hyy", "latitude": 61.8, "longitude": 24.3,
    ...     "biome": "boreal", "country": "Finland", "year": 2001, "month": range(1, 13),
    ...     "nee": -20.0, "gpp": 80.0, "reco": 60.0})
    >>> annual_sums(year)[["nee", "gpp", "reco"]].values.tolist()
    [[-240.0, 960.0, 720.0]]
    """
    fluxes = list(FLUXES)
    check_columns(site_months, ["site", "year", "month", *PLACE, *fluxes], "the site table")
    groups = site_months.groupby(["site", "year"], sort=True)
    whole = (groups.size() == 12) & (groups["month"].nunique() == 12)
    sums = groups[fluxes].sum(min_count=12)
    annual = groups[PLACE].first().join(sums)[whole].dropna(subset=fluxes, how="all")
    return annual.reset_index()[["site", *PLACE, "year", *fluxes]]


def site_means(annual: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Mean and spread over sites of the sites' mean annual fluxes.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_sums`.
    by : str, optional
        Column whose groups are kept apart, e.g. "biome"; all sites together where not given.

    Returns
    -------
    pandas.DataFrame
        group, flux; `mean`, `sd` over the sites' own means (g C m-2 yr-1; sd with n − 1, NaN of
        one site) and `sites`, their number; beside them `median` over sites, and `year_mean`,
        `year_sd` and `site_years`, over all years of all sites. `group` is "all" where `by` is not
        given.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    First the mean over the years of a site, then mean and SD over sites, so that a long record
    counts no more than a short one; in `year_mean` it does.

    Examples
    --------
    >>> annual = pd.DataFrame(
    ...     {"site": ["a", "a", "b"], "nee": [10.0, 20.0, 3.0], "gpp": 1.0, "reco": 1.0}
    ... )
    >>> nee = site_means(annual).query("flux == 'nee'")
    >>> nee[["mean", "sites", "year_mean", "site_years"]].values.tolist()
    [[9.0, 2.0, 11.0, 3.0]]
    """
    fluxes = list(FLUXES)
    check_columns(annual, ["site", *fluxes, *([by] if by else [])], "the annual table")
    group = annual[by] if by else pd.Series("all", index=annual.index)
    keys = ["group", "flux"]
    years = annual.assign(group=group)[["group", "site", *fluxes]]
    long = years.melt(["group", "site"], fluxes, var_name="flux").dropna()
    of_sites = long.groupby([*keys, "site"], sort=True)["value"].mean().groupby(keys, sort=True)
    over_sites = of_sites.agg(mean="mean", sd="std", sites="count", median="median")
    over_years = long.groupby(keys, sort=True)["value"].agg(
        year_mean="mean", year_sd="std", site_years="count"
    )
    return over_sites.join(over_years).reset_index()
