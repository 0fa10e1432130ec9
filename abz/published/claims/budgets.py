"""Claims of budgets, of Table 1, of sources and of the domain."""

from __future__ import annotations

from abz.published.claims.claim import (
    ALONE,
    FINE,
    INVERSIONS,
    SITES,
    SPREAD,
    Claim,
    Made,
    outside,
)
from abz.published.table1 import PUBLISHED_TABLE1, published_fields

__all__ = ["budget_claims", "domain_claims", "source_claims", "table1_claims"]

TABLE1 = "abz.budgets.table1"
LONG, SHORT = "2001–2020", "2002–2020"

_COLUMNS = {
    "budget": TABLE1, "budget_sd": TABLE1, "per_area": TABLE1, "interannual_sd": TABLE1,
    "insitu_mean": "abz.budgets.in_situ_means", "insitu_sd": "abz.budgets.in_situ_means",
    "summer_ratio": "abz.budgets.summer_ratio", "area": "abz.harmonise.build_zones",
}  # fmt: skip
_EXACT = ("area", "insitu_mean", "insitu_sd")
"""Columns that no forest has a part in."""


def _cell(zone: str, flux: str, column: str) -> Made:
    """How abz makes a number of Table 1."""
    name = "per_area_sd" if column == "interannual_sd" else column
    key = f"fine_{zone}_area" if column == "area" else f"fine_{zone}_{flux}_{name}"
    period = "" if column in _EXACT else (SHORT if flux == "nee_fire" else LONG)
    near = SPREAD if column == "budget_sd" else (0.01 if column in _EXACT else 0.05)
    return Made(_COLUMNS[column], (key,), near=near, period=period)


def budget_claims() -> list[Claim]:
    """Budgets, fluxes per area and at the sites that the text prints."""
    rows = (
        ("abz_nee_budget", "abz", "nee", "budget", "budget_sd", "climatology_abz_nee_budget"),
        ("abz_neefire_budget", "abz", "nee_fire", "budget", "", ""),
        ("pf_nee_budget", "permafrost", "nee", "budget", "budget_sd", ""),
        ("pf_neefire_budget", "permafrost", "nee_fire", "budget", "", ""),
        ("tundra_insitu_nee", "tundra", "nee", "insitu_mean", "insitu_sd", ""),
        ("boreal_insitu_nee", "boreal", "nee", "insitu_mean", "insitu_sd", ""),
        ("tundra_up_nee", "tundra", "nee", "per_area", "interannual_sd", ""),
        ("boreal_up_nee", "boreal", "nee", "per_area", "interannual_sd", ""),
        ("tundra_budget", "tundra", "nee", "budget", "budget_sd", "climatology_tundra_nee_budget"),
        ("boreal_budget", "boreal", "nee", "budget", "budget_sd", "climatology_boreal_nee_budget"),
        ("boreal_neefire", "boreal", "nee_fire", "budget", "", ""),
        ("tundra_neefire", "tundra", "nee_fire", "budget", "", ""),
        ("alaska_boreal_neefire", "alaska_boreal", "nee_fire", "budget", "", ""),
        ("alaska_tundra_neefire", "alaska_tundra", "nee_fire", "budget", "", ""),
    )
    claims = []
    for record, zone, flux, value, spread, beside in rows:
        made = {"v": _cell(zone, flux, value)}
        if spread:
            made["sd"] = _cell(zone, flux, spread)
        elif record.startswith(("abz", "pf", "boreal", "tundra")):
            # The SD that stands beside NEE + fire is that of NEE alone.
            made["sd"] = _cell(zone, "nee", "budget_sd")
        claims.append(Claim(record, FINE, made, beside))
    return [
        *claims,
        Claim("earlier_models_range", outside("earlier models")),
    ]


def table1_claims() -> list[Claim]:
    """Table 1, cell by cell."""
    made: dict[str, dict[str, Made]] = {name: {} for name in PUBLISHED_TABLE1.values()}
    for (zone, flux, column), (record, field) in published_fields().items():
        made[record][field] = _cell(zone.lower(), flux, column)
    return [
        *(Claim(record, FINE, fields) for record, fields in made.items()),
        Claim("t1_ratio_unit", ALONE),
    ]


def domain_claims() -> list[Claim]:
    """The area and its southern end."""
    area = {"v": _cell("abz", "nee", "area")}
    return [
        Claim("domain_area", FINE, area),
        Claim("domain_area_text", FINE, area),
        Claim("domain_lat", ALONE),
    ]


def source_claims() -> list[Claim]:
    """Where land and sites are sources."""
    sites = "abz.budgets.source_sites"
    parts = {"alaska": "alaska", "neurope": "europe", "canada": "canada", "siberia": "siberia"}
    area = "abz.budgets.source_area_share"
    share = {"v": Made(sites, ("fine_abz_nee_source_site_share",), near=0.0, period="")}
    site_range = {
        "v.low": Made("abz.sites.site_means", ("sites_source_lowest",), near=0.0, period=""),
        "v.high": Made("abz.sites.site_means", ("sites_source_highest",), near=0.0, period=""),
    }
    largest = {"v": Made("abz.trends.flux_trends", ("fine_nee_largest_mean",), period=LONG)}
    lowest = Made("abz.compare.products.ensemble_maps", ("product_gcb2022_inversions_lowest",),
                  period=LONG)  # fmt: skip
    return [
        *(
            Claim(record, FINE, {"v": Made(area, (f"fine_{zone}_nee_source_area_share",),
                                           period=LONG)})
            for record, zone in (("source_area_abz", "abz"), ("source_area_pf", "permafrost"))
        ),
        Claim("source_sites", SITES, share),
        Claim("source_sites_preprint", SITES, share),
        Claim("source_sites_range", SITES, site_range),
        *(
            Claim(f"source_sites_{record}", SITES,
                  {"v": Made(sites, (f"fine_{region}_nee_share_of_sources",), near=0.0, period="")})
            for record, region in parts.items()
        ),
        Claim("max_mean_nee", FINE, largest),
        Claim("inversion_min_nee", INVERSIONS, {"v": lowest}, note="of cells of 1°"),
    ]  # fmt: skip
