"""Published numbers: the file is whole and its arithmetic closes."""

import pytest

from abz.errors import InputError
from abz.report import published_numbers, published_skill, published_table1


def test_budgets_of_biomes_add_up_to_the_zone():
    budget = published_table1().set_index(["zone", "flux"])["budget"]
    for flux, slack in {"nee": 0.5, "gpp": 1.5, "reco": 0.5, "nee_fire": 0.5}.items():
        parts = budget["boreal", flux] + budget["tundra", flux]
        assert parts == pytest.approx(budget["ABZ", flux], abs=slack)


def test_per_area_is_budget_over_area():
    table = published_table1().query("flux != 'nee_fire'")
    expected = table["budget"] / table["area_1e6km2"]
    assert (expected - table["per_area"]).abs().max() < 3


def test_scores_span_the_published_range():
    r2 = [published_skill(flux)["r2"] for flux in ("nee", "gpp", "reco")]
    assert [min(r2), max(r2)] == published_numbers("r2_range")["v"]


def test_unknown_number_is_named():
    with pytest.raises(InputError, match="nothing_such"):
        published_numbers("nothing_such")
