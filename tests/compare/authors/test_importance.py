"""Ranks of predictors, compared."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abz.compare.authors.importance import figure_importance, paired_ranks, rank_agreement
from abz.errors import InputError
from abz.readers import read_published_importance
from abz.vocabulary import PREDICTORS, predictor_names

NAMES = list(predictor_names("fine"))


def importance(values, flux="nee", **about):
    names = NAMES[: len(values)]
    return pd.DataFrame({"flux": flux, "predictor": names, "importance": values, **about})


def theirs(values, **about):
    more = {"resolution": "1 km", "model": "rf", "variant": "full", "used": True} | about
    return importance(values, **more)


@given(st.integers(3, 17), st.integers(0, 999))
def test_correlations_are_those_of_scipy_and_of_counted_pairs(n, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    found = rank_agreement(importance(a, forest="f"), theirs(b)).iloc[0]
    assert found["n"] == n
    assert found["spearman"] == pytest.approx(stats.spearmanr(a, b).statistic)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    concordant = sum(np.sign((a[i] - a[j]) * (b[i] - b[j])) for i, j in pairs)
    assert found["kendall"] == pytest.approx(concordant / len(pairs))


def test_p_is_the_share_of_all_orders_that_are_as_far_from_chance():
    a, b = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 2, 3, 5, 4])

    def size(order):
        return abs(sum(np.sign(order[i] - order[j]) for i in range(5) for j in range(i)))

    share = np.mean([size(order) >= size(b) for order in permutations(b)])
    found = rank_agreement(importance(a, forest="f"), theirs(b)).iloc[0]
    assert found["p_value"] == pytest.approx(share)


def test_only_what_both_have_and_use_counts():
    ours = importance([5.0, 4, 3, 2, 1], forest="f")
    other = theirs([5.0, 4, 3, 2, 99]).assign(used=[True] * 4 + [False])
    dropped = pd.concat([other, theirs([7.0]).assign(predictor=np.nan)])
    found = rank_agreement(ours, dropped).iloc[0]
    assert (found["n"], found["spearman"]) == (4, pytest.approx(1.0))
    pairs = paired_ranks(ours, dropped)
    assert pairs["predictor"].tolist() == NAMES[:4]
    assert pairs["rank_ours"].tolist() == pairs["rank_theirs"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.0, 1.0, 1.0]])
def test_too_few_predictors_or_no_order_are_missing(values):
    found = rank_agreement(importance(values, forest="f"), theirs(range(len(values)))).iloc[0]
    assert np.isnan([found["spearman"], found["kendall"], found["p_value"]]).all()


def test_a_predictor_that_stands_there_twice_is_refused():
    ours = importance([1.0, 2.0, 3.0], forest="f")
    with pytest.raises(InputError, match="not distinct"):
        rank_agreement(pd.concat([ours, ours]), theirs([1.0, 2.0, 3.0]))


def test_no_forest_has_no_ranks():
    empty = importance([], forest="f")
    assert rank_agreement(empty, theirs([1.0, 2.0])).empty
    assert paired_ranks(empty, theirs([1.0, 2.0])).empty


def test_the_figure_holds_every_predictor_of_the_fine_set():
    figure = figure_importance()
    for _, rows in figure.groupby("flux"):
        assert sorted(rows["predictor"]) == sorted(NAMES)
        assert "soil_moisture" in rows.nsmallest(2, "importance")["predictor"].tolist()
    assert set(figure["predictor"]) <= set(PREDICTORS)


def test_the_authors_own_models_agree_with_the_final_figure(real_data):
    """Their earlier forests of 1 km order the predictors much as the final ones do."""
    folder = real_data / "published" / "abcflux_modeling_vip"
    table = read_published_importance([*folder.glob("*.csv")])
    found = rank_agreement(figure_importance().assign(forest="final"), table)
    rows = found.query("resolution == '1 km' and model == 'rf'").set_index("flux")
    assert rows["n"].to_dict() == {"nee": 16, "gpp": 8, "reco": 13}
    assert rows["spearman"].to_dict() == pytest.approx(
        {"nee": 0.887, "gpp": 0.952, "reco": 0.901}, abs=0.001
    )
