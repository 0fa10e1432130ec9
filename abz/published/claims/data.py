"""Claims of the site data, of fire and of the products that stand beside the maps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from abz.published.claims.claim import (
    ALONE,
    FINE,
    INVERSIONS,
    MODELS,
    SITES,
    SLOPE,
    Claim,
    Made,
    Need,
    outside,
    same,
)  # fmt: skip

__all__ = ["comparison_claims", "data_claims", "fire_claims", "postfire_claims"]

SCREEN = "abz.sites.screen"
EMISSION = "abz.budgets.annual_budgets"
LONG = "2001–2020"
ALIKE = "abz.compare.products.map_likeness"
SUMMARY = "abz.compare.products.product_summary"
WATER = outside("fluxes of rivers and lakes")


def fire_claims() -> list[Claim]:
    """Emissions, their shares, burned land."""
    means = [
        Claim(record, FINE, {"v": Made(EMISSION, (f"fine_{zone}_fire_mean",), near=0.01)})
        for record, zone in (
            ("fire_abz", "abz"), ("fire_siberia", "siberia"), ("fire_namerica", "north_america"),
        )
    ]  # fmt: skip
    share = "abz.budgets.arithmetic.share_of"
    shares = [
        Claim(record, FINE,
              {"v": Made(share, ("fine_abz_fire_mean", f"fine_abz_{flux}_budget"), _percent,
                         period="")})
        for record, flux in (("fire_share_reco", "reco"), ("fire_share_nee", "nee"))
    ]  # fmt: skip
    burned = Made("abz.fire.burned_shares", ("fine_abz_fire_burned_share",), near=0.01, period="")
    return [
        *means,
        *shares,
        Claim("burned_area_share", FINE, {"v": burned}),
        Claim("fire_exceeds_nee", ALONE, note="the years stand in the table of fire"),
    ]


def _percent(part: float, whole: float) -> float:
    return 100 * abs(part / whole)


def comparison_claims() -> list[Claim]:
    """What stands beside the maps: inversions, earth system models, another product, waters."""
    inversions = "product_gcb2022_inversions"
    factors = (f"{inversions}_factor", "product_fluxcom_x_base_factor")
    ends = {
        f"v.{end}": Made(SUMMARY, factors, extreme, near=SLOPE, period=LONG)
        for end, extreme in (("low", min), ("high", max))
    }
    given = {"v": _count(SUMMARY, (f"{inversions}_members",), period=LONG),
             "of": _count(SUMMARY, (f"{inversions}_members_given",), period=LONG)}  # fmt: skip
    models = {"v": _count(SUMMARY, ("product_cmip6_land_fluxes_members",), period=None)}
    return [
        *(
            Claim(record, INVERSIONS, _correlation(f"{inversions}_{layer}"),
                  note="p as if all cells were independent; abz has one of independent places too")
            for record, layer in (("inv_spatial_r", "mean"), ("inv_trend_r", "slope"))
        ),
        Claim("inv_fluxcom_factor", INVERSIONS, ends,
              note="factors of the means of inversions and of X-BASE"),
        Claim("inversions_n", Need("the inversions of GCB 2022"), given),
        Claim("cmip6_n", MODELS, models, beside="authors_cmip6_nee_models"),
        Claim("fluxcom_period", outside("FLUXCOM"), beside="product_fluxcom_years"),
        Claim("flux_product", outside("FLUXCOM-X-BASE"), beside="product_fluxcom_x_base_years"),
        Claim("flux_product_preprint", outside("FLUXCOM"), beside="product_fluxcom_years"),
        *(Claim(name, WATER) for name in ("lateral_flux", "lateral_share", "lake_river_flux")),
    ]  # fmt: skip


def _correlation(key: str) -> dict[str, Made]:
    """Pearson's r of two maps and its naive p."""
    return {"v": Made(ALIKE, (f"{key}_r",), near=SLOPE, period=LONG),
            "p": Made(ALIKE, (f"{key}_p_naive",), near=0.0, period=LONG)}  # fmt: skip


def data_claims() -> list[Claim]:
    """Sites and site-months, and the depths of the soil predictors."""
    pairs = list(product(("fine", "coarse"), ("nee", "gpp", "reco")))
    rows = tuple(f"{model_set}_{flux}_rows" for model_set, flux in pairs)
    sites = tuple(f"{model_set}_{flux}_sites" for model_set, flux in pairs)
    training = "abz.sites.training_table"
    counts = {
        "n_sites": {"v": _count(training, sites, max)},
        "n_sitemonths": {"v": _count(training, rows, max), "min_flux": _count(training, rows, min)},
        "months_per_site": {
            "v.low": _count(SCREEN, ("sites_months_fewest",)),
            "v.high": _count(SCREEN, ("sites_months_most",)),
            "mean": _count(SCREEN, ("sites_months_mean",)),
        },
        "ec_share": {
            "sites_pct": _count(SCREEN, ("sites_eddy_covariance_share",)),
            "months_pct": _count(SCREEN, ("sites_rows_eddy_covariance_share",)),
        },
        "obs_2015_2020": {"v": _count(SCREEN, ("sites_rows_from_2015",))},
        "disturbed_sites": {"v": _count(SCREEN, ("sites_disturbed_share",))},
        "fire_sites": {"v": _count(SCREEN, ("sites_fire",))},
        "thermokarst_sites": {"v": _count(SCREEN, ("sites_thermokarst",))},
        "harvest_sites": {"v": _count(SCREEN, ("sites_harvest",))},
    }
    return [
        *(Claim(record, SITES, made) for record, made in counts.items()),
        Claim("sample_factor", outside("the samples of earlier studies")),
        Claim("mu_period", outside("the sites of one study")),
        Claim("mu_period_preprint", outside("the sites of one study")),
        Claim("gfed_field_sites", outside("field sites of the fire model")),
        *(Claim(name, ALONE) for name in ("soil_depth_layer", "ph_depth", "soc_depth")),
    ]


def _count(
    function: str, keys: tuple[str, ...], of: Callable[..., float] = same,
    period: str | None = "",
) -> Made:  # fmt: skip
    """A count, which nothing may move."""
    return Made(function, keys, of, near=0.0, period=period)


def postfire_claims() -> list[Claim]:
    """The bias at burned sites and its correction."""
    corrected = "abz.fire.correction_budget"
    year = {
        "v": Made("abz.budgets.annual_budgets", ("fine_abz_nee_2020",)),
        "corrected": Made(corrected, ("fine_abz_postfire_corrected",)),
    }
    months = {
        month: Made("abz.fire.fit_table", (f"fine_postfire_{month.lower()}_positive_years",),
                    period="")
        for month in ("May", "Jun", "Jul")
    }  # fmt: skip
    every = tuple(made.keys[0] for made in months.values())
    months |= {
        f"overall.{end}": Made("abz.fire.fit_table", every, extreme, period="")
        for end, extreme in (("low", min), ("high", max))
    }
    bias = Made("abz.fire.bias_rows", ("fine_postfire_largest_bias",), period="")
    gain = Made(corrected, ("fine_abz_postfire_correction",), period="2020")
    return [
        Claim("nee_2020", FINE, year),
        Claim("bias_max", FINE, {"v": bias}),
        Claim("ysf_range", ALONE),
        Claim("bias_positive_years", FINE, months),
        Claim("bias_gain", FINE, {"v": gain}),
    ]
