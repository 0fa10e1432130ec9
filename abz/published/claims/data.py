"""Claims of the site data, of fire and of the products that stand beside the maps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from abz.published.claims.claim import ALONE, FINE, SITES, Claim, Made, outside, same

__all__ = ["comparison_claims", "data_claims", "fire_claims", "postfire_claims"]

SCREEN = "abz.sites.screen"
EMISSION = "abz.budgets.annual_budgets"
INVERSIONS = outside("five inversions of 2001–2020")
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
    models = outside("13 earth system models of 2001–2014")
    return [
        *(Claim(name, INVERSIONS) for name in ("inv_spatial_r", "inv_trend_r", "inversions_n")),
        Claim("inv_fluxcom_factor", outside("five inversions and FLUXCOM-X-BASE")),
        Claim("cmip6_n", models, beside="authors_cmip6_nee_models"),
        *(
            Claim(name, outside("FLUXCOM"))
            for name in ("fluxcom_period", "flux_product", "flux_product_preprint")
        ),
        *(Claim(name, WATER) for name in ("lateral_flux", "lateral_share", "lake_river_flux")),
    ]


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


def _count(function: str, keys: tuple[str, ...], of: Callable[..., float] = same) -> Made:
    """A count, which nothing may move."""
    return Made(function, keys, of, near=0.0, period="")


def postfire_claims() -> list[Claim]:
    """The bias at burned sites and its correction."""
    corrected = "abz.fire.correction_budget"
    year = {
        "v": Made(corrected, ("fine_abz_postfire_nee",)),
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
