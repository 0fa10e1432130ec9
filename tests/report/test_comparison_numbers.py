"""Numbers of fluxes beside each other."""

import pytest

from abz.report import Results, collect_numbers
from abz.report.comparison_numbers import comparison_numbers


@pytest.fixture(scope="module")
def numbers(tiny):
    return dict(comparison_numbers(tiny.results))


def test_a_run_without_comparisons_has_no_such_numbers():
    assert dict(comparison_numbers(Results(name="x"))) == {}


def test_the_gap_stands_beside_its_parts(numbers):
    gap = numbers["fine_abz_closure_gap_budget"]
    assert gap.value == -6
    assert gap.text == "−6.0\xa0±\xa03.0\xa0Tg\xa0C\xa0yr⁻¹"
    assert gap.period == "2001–2020"
    parts = [numbers[f"coarse_boreal_closure_{flux}_budget"].value for flux in ("nee", "reco_gpp")]
    assert parts[0] - parts[1] == numbers["coarse_boreal_closure_gap_budget"].value
    assert numbers["fine_abz_closure_gap_in_sd"].value == 2
    assert numbers["fine_tundra_closure_gap_in_sd"].value == 4
    assert numbers["coarse_tundra_closure_gap_per_area"].value == 0.8
    assert gap.synthetic


def test_the_published_gap_is_not_synthetic(numbers):
    assert numbers["published_abz_closure_gap"].value == -548 - (9525 - 9970)
    assert not numbers["published_abz_closure_gap"].synthetic


def test_two_sets_are_told_apart_by_their_common_years(numbers, tiny):
    rows = tiny.results.tables["resolution_years"].query("zone == 'ABZ' and flux == 'gpp'")
    fine, coarse = rows["fine_tg"], rows["coarse_tg"]
    assert numbers["resolutions_abz_years"].value == "2001–2016"
    assert numbers["resolutions_abz_gpp_bias"].value == pytest.approx((fine - coarse).mean())
    assert numbers["resolutions_abz_gpp_ratio"].value == pytest.approx(fine.mean() / coarse.mean())
    assert numbers["resolutions_abz_gpp_years_r"].value == pytest.approx(fine.corr(coarse))
    assert numbers["resolutions_boreal_reco_map_r"].text == "0.80"
    assert numbers["resolutions_abz_fine_share"].value == pytest.approx(100 * 4e12 / (0.95 * 5e12))


def test_too_few_years_leave_a_dash_for_the_sentence(tiny):
    table = tiny.results.tables["resolutions"].assign(years_r=float("nan"))
    found = collect_numbers(Results(name="x", tables={"resolutions": table}))
    assert found["resolutions_abz_nee_years_r"].text == "—"
