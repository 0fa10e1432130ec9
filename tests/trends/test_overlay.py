"""How trends combine: every cell in one class, shares against chance."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import CategoryError, InputError
from abz.trends import OVERLAY, greening_overlay, overlay_classes, overlay_shares
from abz.trends.overlay import INCONSISTENT, UNSIGNED

slopes = st.lists(
    st.tuples(*[st.sampled_from([-2.0, -1.0, 0.0, 1.0, 3.0, np.nan])] * 3), min_size=1, max_size=40
).map(lambda rows: np.array(rows).T)
WORDS = {-1: "↓", 1: "↑"}


@pytest.mark.parametrize("signs", product((-1, 1), repeat=3))
def test_names_say_the_signs_and_only_contradictions_are_inconsistent(signs):
    code = overlay_classes(*np.array(signs, float)[:, None])[0]
    nee, gpp, reco = signs
    if reco - gpp != 0 and np.sign(reco - gpp) != nee:
        assert code == INCONSISTENT
    else:
        arrows = [WORDS[sign] for sign in signs]
        assert OVERLAY[int(code)] == "NEE {}, GPP {}, Reco {}".format(*arrows)


@given(slopes)
def test_classes_partition_all_cells(rows):
    codes = overlay_classes(*rows)
    missing = np.isnan(rows).any(axis=0)
    np.testing.assert_array_equal(codes == -1, missing)
    assert set(codes[~missing]) <= set(OVERLAY)
    zero = (rows == 0).any(axis=0) & ~missing
    np.testing.assert_array_equal(codes == UNSIGNED, zero)
    shares = overlay_shares(codes, np.ones(codes.size))["share"]
    assert missing.all() or shares.sum() == pytest.approx(100)


@given(slopes)
def test_turning_all_signs_mirrors_the_classes(rows):
    mirror = {0: 5, 1: 4, 2: 3, 3: 2, 4: 1, 5: 0, 6: 6, 7: 7, -1: -1}
    turned = [mirror[int(code)] for code in overlay_classes(*rows)]
    assert overlay_classes(*-rows).tolist() == turned


def test_signs_thrown_like_coins_have_the_expected_shares():
    codes = overlay_classes(*np.random.default_rng(1).normal(size=(3, 40_000)))
    table = overlay_shares(codes, np.ones(codes.size))
    np.testing.assert_allclose(table["share"], table["expected"], atol=1)


def test_shares_are_those_of_the_area():
    table = overlay_shares(np.array([0, 3, -1, 6]), np.array([1.0, 6.0, 50.0, 3.0]))
    assert table.set_index("code")["share"].to_dict() == pytest.approx(
        {0: 10.0, 3: 60.0, 6: 30.0} | dict.fromkeys((1, 2, 4, 5, 7), 0.0)
    )
    assert overlay_shares(np.array([-1]), np.ones(1))["share"].isna().all()


def test_a_code_of_no_class_is_refused():
    with pytest.raises(CategoryError, match="9"):
        overlay_shares(np.array([0, 9]), np.ones(2))


def test_greening_by_hand():
    sure, unsure = 0.01, 0.4
    ndvi = (np.array([1.0, 1, 1, -1, 1]), np.array([sure, sure, sure, sure, np.nan]))
    nee = (np.array([-1.0, -1, 1, -1, -1]), np.array([sure, unsure, sure, sure, sure]))
    table = greening_overlay(ndvi, nee, np.array([1.0, 1, 2, 4, 100])).set_index("nee_trend")
    assert table.loc["significant", ["greening", "falling", "both"]].tolist() == [50, 62.5, 12.5]
    assert table.loc["significant", "conditional"] == 25
    assert table.loc["any", "conditional"] == 50
    assert table["expected"].tolist() == [2.5, 50]
    assert table["independent"].tolist() == [50 * 62.5 / 100, 50 * 75 / 100]


def test_a_slope_of_zero_neither_greens_nor_falls():
    flat, sure = np.zeros(3), np.zeros(3)
    table = greening_overlay((flat, sure), (flat, sure), np.ones(3))
    assert (table[["greening", "falling", "both"]] == 0).all(axis=None)
    assert table["conditional"].isna().all()


@given(st.integers(0, 1000))
def test_fields_that_know_nothing_of_each_other_are_independent(seed):
    rng = np.random.default_rng(seed)
    fields = [(rng.normal(size=4000), rng.uniform(0, 0.1, 4000)) for _ in range(2)]
    row = greening_overlay(*fields, np.ones(4000)).iloc[0]
    assert row["both"] == pytest.approx(row["independent"], abs=2.5)
    assert row["conditional"] * row["greening"] == pytest.approx(100 * row["both"])


def test_maps_of_two_shapes_are_refused():
    with pytest.raises(InputError, match="do not fit together"):
        overlay_classes(np.zeros(2), np.zeros(3), np.zeros(2))
