import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.categories import categorical, encode_levels, order_levels, pooled_levels
from abz.vocabulary import predictor_names


def test_month_and_vegetation_are_the_categories_of_both_sets():
    for model_set in ("fine", "coarse"):
        assert categorical(predictor_names(model_set)) == ("month", "vegetation")


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-50, 50)), min_size=1))
def test_levels_are_ordered_by_mean_response(rows):
    codes, response = np.array(rows).T
    levels = order_levels(codes, response)
    means = [response[codes == code].mean() for code in levels]
    assert sorted(levels) == sorted(set(codes.tolist()))
    assert means == sorted(means)


@given(st.permutations([21, 30, 31, 60, 70]), st.lists(st.integers(20, 71)))
def test_encoding_is_the_place_in_the_order(levels, codes):
    found = encode_levels(np.array(codes, float), tuple(levels))
    for code, place in zip(codes, found, strict=True):
        assert (place == levels.index(code)) if code in levels else np.isnan(place)


def test_mean_order_holds_the_best_split_into_two_sets():
    rng = np.random.default_rng(5)
    codes = rng.integers(1, 6, 60)
    response = rng.normal(size=60) + np.array([0, 3, -2, 1, 5, -1])[codes]

    def error(left):
        inside = np.isin(codes, left)
        return sum(((y - y.mean()) ** 2).sum() for y in (response[inside], response[~inside]))

    levels = order_levels(codes, response)
    best = min(
        error([c for c in range(1, 6) if mask >> (c - 1) & 1]) for mask in range(1, 2**5 - 1)
    )
    assert min(error(levels[:cut]) for cut in range(1, 5)) <= best + 1e-9


@pytest.mark.parametrize("code", [0.5, np.nan, np.inf, 2.0**24 + 2])
def test_what_is_no_code_has_no_level(code):
    with pytest.raises(InputError, match=rf"soil holds values that are no codes[^$]*{code}"):
        order_levels(np.array([1.0, code]), np.zeros(2), "soil")


def test_the_nearest_seen_kin_stands_in():
    kin = {"soil": {11: (12, 1), 12: (1,), 21: (2,), 1: (2,)}}
    assert pooled_levels({"soil": (1, 3)}, "pool", kin) == {"soil": {11: 1, 12: 1}}
    assert pooled_levels({"soil": (1, 12)}, "pool", kin) == {"soil": {11: 12}}
    assert pooled_levels({"soil": (1, 3)}, "error", kin) == {}


def test_levels_are_not_pooled_unless_somebody_declares_how():
    assert pooled_levels({"month": (1, 2)}, "pool") == {}
    assert pooled_levels({"soil": (1, 2)}, "pool", {"soil": {}}) == {}
    with pytest.raises(InputError, match="none for soil"):
        pooled_levels({"soil": (1, 2), "month": (1,)}, "pool")
