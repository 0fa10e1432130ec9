"""Numbers of sites, forests, and of the truth that they recovered."""

from __future__ import annotations

from typing import Any

from abz.report.number import FLUX_NAMES, Origin, Pairs, years_text
from abz.report.results import Results, records, slug
from abz.report.truth import map_likeness, recovery
from abz.units import BUDGET, MONTHLY_FLUX
from abz.vocabulary import FLUXES, PREDICTORS

__all__ = [
    "missing_numbers",
    "score_numbers",
    "site_numbers",
    "truth_numbers",
]

_SCORES = (
    ("r2", "1", "squared correlation", 2),
    ("rmse", MONTHLY_FLUX, "RMSE", 1),
    ("mae", MONTHLY_FLUX, "mean absolute error", 1),
    ("mbe", MONTHLY_FLUX, "mean of predicted − observed", 1),
    ("rows", "1", "site-months", 0),
    ("sites", "1", "sites", 0),
    ("mtry", "1", "predictors tried at a split", 0),
)


def _predictor_words(name: str) -> str:
    return PREDICTORS[name].long_name if name in PREDICTORS else name


def score_numbers(results: Results) -> Pairs:
    """Leave-one-site-out skill of each forest."""
    for (model_set, flux), found in results.scores.items():
        origin = Origin(
            results.synthetic, "abz.modelling.scores", (f"models/{model_set}/{flux}/scores.json",)
        )
        words = f"{FLUX_NAMES[flux]}, {model_set} set, leave-one-site-out"
        for name, units, what, places in _SCORES:
            if found.get(name) is not None:
                number = origin.number(found[name], units, f"{what}: {words}", decimals=places)
                yield f"{model_set}_{flux}_{name}", number


def site_numbers(results: Results) -> Pairs:
    """What the screening dropped and what it kept."""
    origin = Origin(results.synthetic, "abz.sites.screen", ("sites/screening.json",))
    for rule in results.screening.get("screening", []):
        name = str(rule["rule"])
        number = origin.number(int(rule["rows"]), "1", f"site-months dropped: {name}")
        yield f"sites_rows_dropped_{slug(name)}", number
    kept = results.tables.get("site_months")
    if kept is None:
        return
    origin = Origin(results.synthetic, "abz.sites.screen", ("sites/site_months.parquet",))
    period = years_text(kept["year"].min(), kept["year"].max())
    yield "sites_rows", origin.number(len(kept), "1", "site-months kept", period=period)
    yield "sites_count", origin.number(kept["site"].nunique(), "1", "sites kept", period=period)
    for flux in FLUXES:
        label = f"site-months with {FLUX_NAMES[flux]}"
        count = int(kept[flux].notna().sum())
        yield f"sites_rows_{flux}", origin.number(count, "1", label, period=period)


def missing_numbers(results: Results) -> Pairs:
    """Cell-months without a flux, by the predictor that was missing."""
    for model_set, dataset in results.predicted.items():
        origin = Origin(
            results.synthetic, "abz.upscaling.label_totals", (f"totals/{model_set}.zarr",)
        )
        counts = (dataset["missing"] + dataset["unseen"]).sum("time").to_series()
        for name, count in counts.items():
            label = f"cell-months left out for want of: {_predictor_words(str(name))}"
            number = origin.number(int(count), "1", f"{label}, {model_set} set")
            yield f"{model_set}_missing_{slug(str(name))}", number


def truth_numbers(results: Results) -> Pairs:
    """Known truth and what the forests made of it: likeness of maps, budgets, trends."""
    for model_set, truth in results.truth.items():
        if model_set not in results.trends:
            continue
        inputs = (f"truth/{model_set}.zarr", f"trends/{model_set}.zarr")
        origin = Origin(results.synthetic, "abz.report.map_likeness", inputs)
        for flux in FLUXES:
            if f"{flux}_mean" in truth:
                made = results.trends[model_set]["mean"].sel(flux=flux)
                value = map_likeness(truth[f"{flux}_mean"], made)
                label = "squared correlation of the maps, truth and forests"
                words = f"{label}: {FLUX_NAMES[flux]}, ABZ, {model_set} set"
                yield f"{model_set}_truth_{flux}_r2", origin.number(value, "1", words, decimals=2)
    for row in records(recovery(results)):
        yield from _recovered(results.synthetic, row)


_RECOVERED = (
    ("true_total", BUDGET, "true mean budget of all cells", None),
    ("true_budget", BUDGET, "true mean budget of the mapped cells", None),
    ("error_sd", "1", "(found − true budget) / SD of the members", 1),
    ("total_sd", BUDGET, "total SD of the mean budget", 0),
    ("error_total", "1", "(found − true budget) / total SD", 1),
    ("true_trend", f"{BUDGET} per yr", "Theil–Sen slope of the true annual budget", 1),
    ("made_trend", f"{BUDGET} per yr", "Theil–Sen slope of the found annual budget", 1),
)


def _recovered(synthetic: bool, row: Any) -> Pairs:
    """Numbers of one model set, zone and flux."""
    sources = (f"truth/{row.model_set}.zarr", f"flux/{row.model_set}.zarr")
    origin = Origin(synthetic, "abz.report.recovery", (*sources, "budgets/table1.parquet"))
    key = f"{row.model_set}_{slug(row.zone)}_truth_{row.flux}"
    words = f"{FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
    period = years_text(row.first_year, row.last_year)
    label = f"found mean budget of the mapped cells: {words}"
    number = origin.number(row.made_budget, BUDGET, label, period=period, spread=row.budget_sd)
    yield f"{key}_made_budget", number
    for name, units, what, places in _RECOVERED:
        value = getattr(row, name)
        number = origin.number(value, units, f"{what}: {words}", period=period, decimals=places)
        yield f"{key}_{name}", number
