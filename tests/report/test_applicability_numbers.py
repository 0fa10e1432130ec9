"""Numbers of applicability: they say what the tables say."""

import pytest

from abz.report import Results, collect_numbers
from abz.report.applicability_numbers import applicability_numbers


@pytest.fixture(scope="module")
def numbers(tiny):
    return collect_numbers(tiny.results)


def test_shares_and_budgets_from_outside(numbers):
    assert numbers["fine_boreal_nee_outside_share"].value == pytest.approx(12.5)
    assert numbers["coarse_abz_gpp_outside_budget_share"].value == pytest.approx(10)
    assert numbers["fine_abz_nee_outside_budget"].value == pytest.approx(12 * -4.0)
    assert "fine_abz_nee_outside_budget_share" not in numbers


def test_levels_and_clusters_without_towers(numbers):
    assert numbers["fine_gpp_pooled_share"].value == pytest.approx(25)
    assert numbers["fine_gpp_pooled_cells"].value == 40
    assert numbers["fine_gpp_unsupported_cells"].value == 0
    assert numbers["coarse_clusters"].value == 2
    words = numbers["coarse_clusters_without_towers_words"].text.replace("\xa0", " ")
    assert words == "cluster 2 has no tower, on 2.00 10⁶ km²"
    assert numbers["coarse_clusters_without_towers_area"].value == pytest.approx(2.0)


def test_growth_of_the_error_and_land_beyond_the_range(numbers, tiny):
    assert numbers["fine_reco_applicability_error_growth"].value == pytest.approx(1.5)
    assert numbers["fine_reco_applicability_threshold"].value == pytest.approx(0.4)
    mess = tiny.results.applicability["fine"]["mess"].values
    area = tiny.results.zones["fine"]["area"].values
    share = 100 * area[mess < 0].sum() / area[mess > -999].sum()
    assert numbers["fine_beyond_range_share"].value == pytest.approx(share)


@pytest.mark.parametrize(
    ("towers", "words"),
    [([5, 1], "each has a tower"), ([0, 0], "clusters 1, 2 have no tower, on 5.00")],
)
def test_clusters_without_towers_in_words(tiny, towers, words):
    table = tiny.results.tables["applicability_clusters"].query("model_set == 'fine'")
    tables = {"applicability_clusters": table.assign(sites=towers)}
    found = dict(applicability_numbers(Results(name="x", tables=tables)))
    assert found["fine_clusters_without_towers_words"].text.startswith(words)
