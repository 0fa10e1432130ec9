"""Numbers of what a ± holds: components, correlations, lengths, budgets that close, coverage."""

from __future__ import annotations

import math

from abz.budgets import COMPONENTS, TOTAL
from abz.published import FILE
from abz.report.number import FLUX_NAMES, Origin, Pairs
from abz.report.results import Results, records, zone_key
from abz.report.truth import recovery
from abz.report.uncertainty_tables import main_means, pair_correlations, published_correlations
from abz.units import ANNUAL_FLUX, BUDGET

__all__ = ["uncertainty_numbers"]

_KINDS = {"biome": "biomes", "continent": "continents"}

_MODEL = (
    ("sites", "1", "sites with whole years behind the transfer error", 0),
    ("spread_all", ANNUAL_FLUX, "SD between the errors of sites held out", 0),
    ("share", "1", "part of the variance of held-out errors that neighbours share", 2),
    ("length_km", "km", "distance over which shared errors fall by 1/e", 0),
    ("nugget_km", "km", "distance below which sites tell nothing of shared errors", 0),
)


def uncertainty_numbers(results: Results) -> Pairs:
    """Components of the ± of the main zones, what ties zones together, and what closes."""
    yield from _components(results)
    yield from _correlations(results)
    yield from _transfer(results)
    yield from _closed(results)
    yield from _coverage(results)


def _components(results: Results) -> Pairs:
    """SD of each component, the total and what it holds, and the bias that it does not."""
    table = results.tables.get("uncertainty")
    if table is None:
        return
    source = ("budgets/uncertainty.parquet",)
    origin = Origin(results.synthetic, "abz.budgets.uncertainty_table", source)
    for row in records(main_means(table)):
        key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}"
        words = f"mean annual budget: {FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
        for name in (*COMPONENTS, TOTAL):
            label = f"SD, {name}, of the {words}"
            if name == TOTAL and row.holds:
                label = f"SD, {row.holds}, of the {words}"
            value = getattr(row, f"{name}_sd")
            if math.isfinite(value) or name != "fire":
                number = origin.number(_or_dash(value), BUDGET, label, decimals=0)
                yield f"{key}_{name}_sd", number
        held = row.holds or "nothing"
        yield f"{key}_holds", origin.number(held, "1", f"what the total SD holds of the {words}")
        label = f"mean held-out error × land: {words}"
        value = _or_dash(row.held_out_bias)
        yield f"{key}_held_out_bias", origin.number(value, BUDGET, label, decimals=0)


def _correlations(results: Results) -> Pairs:
    """Correlation of the errors of two zones, and what published SDs imply."""
    pairs = pair_correlations(results)
    if pairs.empty:
        return
    origin = Origin(
        results.synthetic, "abz.budgets.covariance_table", ("budgets/covariance.parquet",)
    )
    for row in records(pairs):
        key = f"{row.model_set}_{_KINDS[row.zone_set]}_{row.flux}_{row.component}_correlation"
        words = f"{FLUX_NAMES[row.flux]}, {row.zone} and {row.other}, {row.model_set} set"
        label = f"correlation of errors, {row.component}: {words}"
        yield key, origin.number(_or_dash(row.correlation), "1", label, decimals=2)
    paper = Origin(False, "abz.budgets.implied_correlation", (FILE,))
    for flux, value in published_correlations().items():
        label = f"correlation of errors that published SDs imply: {FLUX_NAMES[str(flux)]}, biomes"
        yield f"published_biomes_{flux}_correlation", paper.number(value, "1", label, decimals=2)


def _transfer(results: Results) -> Pairs:
    """What held-out sites say of the error between sites."""
    table = results.tables.get("transfer")
    if table is None:
        return
    origin = Origin(results.synthetic, "abz.budgets.fit_transfer", ("budgets/transfer.parquet",))
    for row in records(table):
        words = f"{FLUX_NAMES[row.flux]}, {row.model_set} set"
        key = f"{row.model_set}_{row.flux}_transfer"
        for name, units, what, places in _MODEL:
            value = _or_dash(getattr(row, name))
            number = origin.number(value, units, f"{what}: {words}", decimals=places)
            yield f"{key}_{name}", number
        label = f"mean error of sites held out, predicted − observed: {words}"
        number = origin.number(row.mean_error, ANNUAL_FLUX, label, spread=row.mean_error_sd)
        yield f"{key}_mean_error", number


def _closed(results: Results) -> Pairs:
    """Budgets after reconciliation."""
    table = results.tables.get("reconciliation")
    if table is None:
        return
    source = ("budgets/reconciliation.parquet",)
    origin = Origin(results.synthetic, "abz.budgets.closed_budgets", source)
    for row in records(main_means(table)):
        if row.flux in FLUX_NAMES:
            key = f"{row.model_set}_{zone_key(row.zone_set, row.zone)}_{row.flux}_reconciled"
            words = f"{FLUX_NAMES[row.flux]}, {row.zone}, {row.model_set} set"
            label = f"mean annual budget, reconciled to NEE = Reco − GPP: {words}"
            yield key, origin.number(row.after, BUDGET, label, spread=row.after_sd)


def _coverage(results: Results) -> Pairs:
    """In how many budgets of a known truth the error lies within the SD, and within two."""
    found = recovery(results)
    if found.empty or "error_total" not in found:
        return
    inputs = ("truth", "flux", "budgets/uncertainty.parquet")
    origin = Origin(results.synthetic, "abz.report.recovery", inputs)
    known = found.dropna(subset=["error_sd", "error_total"])
    label = "budgets of a known truth: sets, zones and fluxes"
    yield "truth_budgets", origin.number(len(known), "1", label)
    for column, name, words in (
        ("error_sd", "members", "the SD of the members"), ("error_total", "total", "the total SD"),
    ):  # fmt: skip
        for factor, times in ((1, "one"), (2, "two")):
            count = int((known[column].abs() <= factor).sum())
            label = f"budgets of a known truth whose error is within {times} times {words}"
            yield f"truth_within_{times}_{name}_sd", origin.number(count, "1", label)


def _or_dash(value: float | None) -> float | str:
    """The value, or a dash where there is none, so that a sentence can have it."""
    return value if value is not None and math.isfinite(value) else "—"
