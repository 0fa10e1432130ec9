"""What the sites say of zones: mean fluxes of complete years, and how many sites are sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.arithmetic import is_source
from abz.modelling.coverage import share_interval
from abz.sites import site_means
from abz.validation import check_columns

__all__ = ["in_situ_means", "source_sites"]

_STATISTICS = ["mean", "sd", "sites", "median", "year_mean", "year_sd", "site_years"]
_NAMES = {name: f"insitu_{name}" for name in ("mean", "sd", "sites", "site_years")}


def in_situ_means(
    site_annual: pd.DataFrame, membership: xr.DataArray, years: tuple[int, int] | None = None
) -> pd.DataFrame:
    """Mean annual fluxes of the sites of each zone.

    Parameters
    ----------
    site_annual : pandas.DataFrame
        site, year, nee, gpp, reco: sums of complete years, g C m-2 yr-1.
    membership : xarray.DataArray (zone_id, site)
        From `site_membership`.
    years : tuple of int = (first, last), optional
        Years of which the means `same_years_mean` over `same_years_sites` are.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, flux; `insitu_mean`, `insitu_sd` (g C m-2 yr-1, n − 1) and `insitu_sites`,
        of the sites' own means over all their complete years; `insitu_site_years`, `first_year`,
        `last_year`, the years behind them; and other means that might be meant: `median` over
        sites; `year_mean`, `year_sd` over site-years; `same_years_mean`, `same_years_sites`. A
        zone and flux without a site has no row.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> annual = pd.DataFrame({"site": ["a", "a", "b"], "year": [2000, 2001, 2001],
    ...                        "nee": [-30.0, -10.0, 6.0], "gpp": 1.0, "reco": 1.0})
    >>> zones = xr.DataArray([[1, 1]], dims=("zone_id", "site"), coords={
    ...     "zone_set": ("zone_id", ["abz"]), "zone": ("zone_id", ["ABZ"]), "site": ["a", "b"]})
    >>> nee = in_situ_means(annual, zones, (2001, 2020)).query("flux == 'nee'")
    >>> nee[["insitu_mean", "insitu_sites", "insitu_site_years", "same_years_mean"]].values.tolist()
    [[-7.0, 2, 3, -2.0]]
    """
    check_columns(site_annual, ["site", "year"], "the annual table")
    first, last = years or (-np.inf, np.inf)
    parts = []
    for zone_set, zone, sites in _zones(membership):
        rows = site_annual[site_annual["site"].isin(sites)]
        found = site_means(rows)[["flux", *_STATISTICS]]
        same = site_means(rows[rows["year"].between(first, last)])[["flux", "mean", "sites"]]
        same = same.rename(columns={"mean": "same_years_mean", "sites": "same_years_sites"})
        found = found.merge(same, how="left").merge(_span(rows), how="left")
        parts.append(found.assign(zone_set=zone_set, zone=zone))
    head = ["zone_set", "zone", "flux"]
    columns = [*head, *(_NAMES.get(n, n) for n in _STATISTICS), "same_years_mean",
               "same_years_sites", "first_year", "last_year"]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True).rename(columns=_NAMES)[columns]
    counts = ["insitu_sites", "insitu_site_years", "same_years_sites", "first_year", "last_year"]
    return table.assign(same_years_sites=table["same_years_sites"].fillna(0)).astype(
        dict.fromkeys(counts, "Int64")
    )


def source_sites(
    site_annual: pd.DataFrame,
    membership: xr.DataArray,
    neutral_band: float = 0.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """How many sites are sources of carbon in the mean of their complete years.

    Parameters
    ----------
    site_annual : pandas.DataFrame
        site, year, nee, g C m-2 yr-1.
    membership : xarray.DataArray (zone_id, site)
        From `site_membership`; the first zone holds all sites that count.
    neutral_band : float, optional
        A source emits more than this, g C m-2 yr-1.
    level : float, optional
        Confidence of the interval of the share.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone; `sites` with a mean annual NEE, `source_sites`, `source_site_share` of them
        and its Wilson interval `share_low`, `share_high`, 0 to 1; `share_of_sources`, the zone's
        part of all source sites; `source_min`, `source_max`, smallest and largest mean NEE of its
        source sites, g C m-2 yr-1. A zone without a site has no row.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    The interval takes sites for independent draws; sites that stand together tell less.

    Examples
    --------
    >>> annual = pd.DataFrame({"site": list("abcd"), "year": 2001, "nee": [9.0, -3.0, -4.0, -5.0]})
    >>> zones = xr.DataArray([[1] * 4], dims=("zone_id", "site"), coords={
    ...     "zone_set": ("zone_id", ["abz"]), "zone": ("zone_id", ["ABZ"]), "site": list("abcd")})
    >>> found = source_sites(annual, zones)
    >>> found[["sites", "source_sites", "source_site_share", "source_max"]].values.tolist()
    [[4.0, 1.0, 0.25, 9.0]]
    """
    check_columns(site_annual, ["site", "nee"], "the annual table")
    means = site_annual.dropna(subset=["nee"]).groupby("site")["nee"].mean()
    rows = []
    for zone_set, zone, sites in _zones(membership):
        nee = means[means.index.isin(sites)]
        emitted = nee[is_source(nee, neutral_band)]
        if len(nee):
            rows.append((zone_set, zone, len(nee), len(emitted), emitted.min(), emitted.max()))
    columns = ["zone_set", "zone", "sites", "source_sites", "source_min", "source_max"]
    table = pd.DataFrame(rows, columns=columns)
    share = (table["source_sites"] / table["sites"]).to_numpy(np.float64)
    low, high = share_interval(share, table["sites"].to_numpy(), level)
    everywhere = table["source_sites"].iloc[0] if len(table) else 0
    table["share_of_sources"] = table["source_sites"] / (everywhere or np.nan)
    return table.assign(source_site_share=share, share_low=low, share_high=high)


def _span(rows: pd.DataFrame) -> pd.DataFrame:
    """First and last year of each flux."""
    long = rows.melt(["year"], ["nee", "gpp", "reco"], var_name="flux").dropna()
    return long.groupby("flux")["year"].agg(first_year="min", last_year="max").reset_index()


def _zones(membership: xr.DataArray) -> list[tuple[str, str, np.ndarray]]:
    """Zone set, zone and sites of each zone that holds one."""
    sites = membership["site"].values
    kinds = zip(membership["zone_set"].values, membership["zone"].values, strict=True)
    return [
        (str(kind), str(zone), sites[held.astype(bool)])
        for (kind, zone), held in zip(kinds, membership.values, strict=True)
        if held.any()
    ]
