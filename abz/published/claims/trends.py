"""Claims of trends, of the seasonal cycle, and of what changed between decades."""

from __future__ import annotations

from itertools import product

from abz.published.claims.claim import ALONE, FINE, SITES, SLOPE, Claim, Made, outside

__all__ = ["trend_claims"]

SERIES = "abz.trends.trend_series"
MONTHLY = "abz.trends.monthly_change"
OUTSIDE_SUMMER = ("oct", "nov", "dec", "jan", "feb", "mar", "apr")
"""Months of the published increase outside summer; in September the boreal biome takes up more."""


def trend_claims() -> list[Claim]:
    """Slopes of budgets and sites, shares of the land, amplitude, greening and decades."""
    return [*_slopes(), *_shares(), *_sites(), *_cycle(), *_words()]


def _slopes() -> list[Claim]:
    """Trends of annual budgets, with their p."""
    rows = (
        ("abz_nee_trend", "abz_nee", "authors_abz_nee_zhang_2001"),
        ("abz_neefire_trend", "abz_nee_fire", ""),
        ("pf_neefire_trend", "permafrost_nee_fire", ""),
        ("pf_neefire_trend_abstract", "permafrost_nee_fire", ""),
        ("pf_neefire_trend_body", "permafrost_nee_fire", ""),
        ("eurasia_trend", "eurasia_nee", "authors_eurasia_nee_zhang_2001"),
        ("namerica_trend", "north_america_nee", "authors_north_america_nee_zhang_2001"),
        ("siberia_neefire_trend", "siberia_nee_fire", ""),
    )
    return [
        Claim(record, FINE, {"v": Made(SERIES, (f"fine_{series}_trend",), near=SLOPE),
                             "p": Made(SERIES, (f"fine_{series}_trend_p",), near=0.0)}, beside)
        for record, series, beside in rows
    ]  # fmt: skip


def _shares() -> list[Claim]:
    """Parts of the land."""
    greening = "abz.trends.greening_overlay"
    rows = (
        ("pix_sink_increase", "abz.trends.share_table", "fine_nee_falling_share"),
        ("pix_source_increase", "abz.trends.share_table", "fine_nee_rising_share"),
        ("greening", greening, "fine_greening_share"),
        ("greening_annual_sink", greening, "fine_greening_conditional_annual"),
        ("greening_jja_sink", greening, "fine_greening_conditional_jja"),
    )
    return [
        Claim(record, FINE, {"v": Made(function, (key,), near=SLOPE)})
        for record, function, key in rows
    ]


def _sites() -> list[Claim]:
    """Trends at sites with long records, and correlations with latitude."""
    tested = "abz.trends.site_trends"
    rising = {
        "v.low": Made(tested, ("sites_trends_source_lowest",), near=0.0),
        "v.high": Made(tested, ("sites_trends_source_highest",), near=0.0),
        "n": Made(tested, ("sites_trends_source",), near=0.0),
    }
    correlated = "abz.trends.spatial_correlation"
    return [
        Claim("long_sites", SITES, {"v": Made(tested, ("sites_trends_tested",), near=0.0)}),
        Claim("long_sites_sig", SITES,
              {"v": Made(tested, ("sites_trends_significant",), near=0.0)}),
        Claim("sites_source_trend", SITES, rising),
        Claim("lat_corr_insitu", SITES,
              {"v": Made(correlated, ("fine_latitude_sites_r",), near=0.0)},
              note="the p of abz allows for neighbours that are alike, the published one does not"),
        Claim("lat_corr_upscaled", FINE, {"v": Made(correlated, ("fine_latitude_cells_r",))},
              note="the p of abz allows for neighbours that are alike, the published one does not"),
    ]  # fmt: skip


def _cycle() -> list[Claim]:
    """Amplitude, and months of 2011–2020 against those of 2001–2010."""
    late = "2011–2020"
    outside_summer = tuple(
        f"fine_{zone}_nee_{month}_change"
        for zone, month in product(("boreal", "tundra"), OUTSIDE_SUMMER)
    )
    amplitude = Made("abz.trends.amplitude_change", ("fine_abz_nee_amplitude_change",), near=SLOPE)
    months = [
        Claim(record, FINE, {"v": Made(MONTHLY, (key,), near=SLOPE, period=late)})
        for record, key in (
            ("july_boreal", "fine_boreal_nee_jul_change"),
            ("july_tundra", "fine_tundra_nee_jul_change"),
            ("sept_boreal", "fine_boreal_nee_sep_change"),
        )
    ]
    ends = {
        f"v.{end}": Made(MONTHLY, outside_summer, extreme, near=SLOPE, period=late)
        for end, extreme in (("low", min), ("high", max))
    }
    return [
        Claim("amplitude", FINE, {"v": amplitude}, "authors_amplitude_change"),
        *months,
        Claim("nonsummer_increase", FINE, ends, note="October to April, both biomes"),
    ]


def _words() -> list[Claim]:
    """What is said in words."""
    return [
        Claim("uptake_months_boreal", ALONE, note="see the seasonal cycle of the run"),
        Claim("uptake_months_tundra", ALONE, note="see the seasonal cycle of the run"),
        Claim("trend_method", ALONE, note="what abz takes unless `[trends] method` says otherwise"),
        Claim("trend_method_code", outside("the public code")),
        Claim("sept_boreal_years", ALONE),
        Claim("sept_boreal_years_preprint", ALONE),
    ]
