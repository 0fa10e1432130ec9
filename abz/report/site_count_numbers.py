"""How many site-months there are, of how many sites, by what method, after what disturbance."""

from __future__ import annotations

import pandas as pd

from abz.report.number import Origin, Pairs
from abz.report.results import Results

__all__ = ["site_count_numbers"]

FROM = 2015
"""First year of the site-months that the study has and earlier ones had not."""

DISTURBANCES = {"fire": "Fire", "thermokarst": "Thermokarst", "harvest": "Harvest"}


def site_count_numbers(results: Results) -> Pairs:
    """Months per site, eddy covariance, recent years, disturbed and source sites."""
    kept = results.tables.get("site_months")
    if kept is not None:
        origin = Origin(results.synthetic, "abz.sites.screen", ("sites/site_months.parquet",))
        yield from _months(kept, origin)
        yield from _methods(kept, origin)
        yield from _disturbed(kept, origin)
    annual = results.tables.get("site_annual")
    if annual is not None:
        origin = Origin(results.synthetic, "abz.sites.site_means", ("sites/annual.parquet",))
        means = annual.groupby("site")["nee"].mean()
        sources = means[means > 0]
        for name, value in (("lowest", sources.min()), ("highest", sources.max())):
            label = f"{name} mean annual NEE of a site that is a source"
            number = origin.number(value, "g C m-2 yr-1", label, decimals=0)
            yield f"sites_source_{name}", number


def _months(kept: pd.DataFrame, origin: Origin) -> Pairs:
    """Months of a site, and those of recent years."""
    months = kept.groupby("site").size()
    yield "sites_months_fewest", origin.number(int(months.min()), "1", "fewest months of a site")
    yield "sites_months_most", origin.number(int(months.max()), "1", "most months of a site")
    mean = origin.number(float(months.mean()), "1", "mean of the months of a site", decimals=0)
    yield "sites_months_mean", mean
    recent = int((kept["year"] >= FROM).sum())
    yield "sites_rows_from_2015", origin.number(recent, "1", f"site-months from {FROM} on")


def _methods(kept: pd.DataFrame, origin: Origin) -> Pairs:
    """Part of eddy covariance."""
    towers = kept[kept["flux_method"] == "EC"]
    for name, part in (
        ("sites", towers["site"].nunique() / max(1, kept["site"].nunique())),
        ("sites_rows", len(towers) / max(1, len(kept))),
    ):
        label = f"{'site-months' if 'rows' in name else 'sites'} of eddy covariance"
        number = origin.number(100 * part, "%", label, decimals=0)
        yield f"{name}_eddy_covariance_share", number


def _disturbed(kept: pd.DataFrame, origin: Origin) -> Pairs:
    """Sites by what disturbed them."""
    known = kept["disturbance"].fillna("No").astype(str)
    disturbed = kept.loc[known != "No", "site"].nunique() / max(1, kept["site"].nunique())
    number = origin.number(100 * disturbed, "%", "sites with a disturbance", decimals=0)
    yield "sites_disturbed_share", number
    for name, kind in DISTURBANCES.items():
        count = kept.loc[known == kind, "site"].nunique()
        yield f"sites_{name}", origin.number(int(count), "1", f"sites after {kind.lower()}")
