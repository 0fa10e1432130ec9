"""Numbers of what a ± holds."""

from dataclasses import replace

import numpy as np
import pytest

from abz.report import Results, collect_numbers
from abz.report.truth import recovery
from abz.report.uncertainty_numbers import uncertainty_numbers


@pytest.fixture(scope="module")
def numbers(tiny):
    return collect_numbers(tiny.results)


def test_nothing_from_nothing():
    assert dict(uncertainty_numbers(Results(name="x"))) == {}


def test_components_totals_and_what_they_hold(numbers, tiny):
    row = tiny.results.tables["uncertainty"].query(
        "model_set == 'fine' and flux == 'nee' and zone == 'ABZ' and period == 'mean'"
    )
    for name in ("sampling", "transfer", "interannual", "total"):
        assert numbers[f"fine_abz_nee_{name}_sd"].value == row[f"{name}_sd"].item()
    assert numbers["fine_abz_nee_holds"].text == "sampling + transfer"
    assert "sampling + transfer" in numbers["fine_abz_nee_total_sd"].label
    assert "fine_abz_nee_fire_sd" not in numbers
    assert numbers["fine_abz_nee_fire_fire_sd"].value == numbers["fine_abz_fire_fire_sd"].value
    assert numbers["fine_abz_fire_sampling_sd"].text == "—"
    assert numbers["fine_abz_nee_held_out_bias"].value == 7.0


def test_correlations(numbers, tiny):
    assert numbers["published_biomes_nee_correlation"].text == "0.62"
    assert not numbers["published_biomes_nee_correlation"].synthetic
    row = tiny.results.tables["covariance"].query(
        "model_set == 'fine' and flux == 'nee' and zone == 'boreal' and other == 'tundra' and "
        "period == 'mean' and component == 'sampling'"
    )
    found = numbers["fine_biomes_nee_sampling_correlation"]
    assert found.value == row["correlation"].item()
    assert found.synthetic


def test_transfer_and_reconciliation(numbers, tiny):
    assert numbers["fine_nee_transfer_length_km"].text.startswith("300")
    assert numbers["fine_nee_transfer_sites"].value == 40
    row = tiny.results.tables["reconciliation"].query(
        "model_set == 'coarse' and flux == 'reco' and zone == 'tundra' and period == 'mean'"
    )
    assert numbers["coarse_tundra_reco_reconciled"].value == row["after"].item()
    assert "coarse_tundra_gap_reconciled" not in numbers


def test_a_length_that_is_not_known_is_a_dash(tiny):
    table = tiny.results.tables["transfer"].assign(length_km=np.nan)
    results = replace(tiny.results, tables={**tiny.results.tables, "transfer": table})
    assert collect_numbers(results)["fine_nee_transfer_length_km"].text == "—"


def test_coverage_counts_the_budgets_of_a_known_truth(numbers, tiny):
    found = recovery(tiny.results)
    assert numbers["truth_budgets"].value == len(found) == 18
    within = int((found["error_total"].abs() <= 2).sum())
    assert numbers["truth_within_two_total_sd"].value == within
    assert (
        numbers["truth_within_one_members_sd"].value <= numbers["truth_within_two_members_sd"].value
    )
