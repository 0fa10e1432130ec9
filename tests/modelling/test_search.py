"""The fast search tells the truth that leave-one-site-out tells, at a fraction of its cost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling import held_out_predictions, nested, out_of_site, scores, tune

NAMES = ["srad", "vegetation", "ndvi", "lst"]


def site_rows(sites=24, rows=12, seed=0, spread=1.0):
    """Rows of sites that differ by an effect which no predictor shows."""
    rng = np.random.default_rng(seed)
    site = np.repeat([f"s{i:02d}" for i in range(sites)], rows)
    X = rng.normal(size=(site.size, 4)).astype(np.float32)
    X[:, 1] = rng.choice([21, 70], site.size)
    effect = np.repeat(rng.normal(0, spread, sites), rows)
    return X, 3 * X[:, 0] + X[:, 2] ** 2 + effect + rng.normal(0, 0.3, site.size), site


def test_the_search_agrees_with_leave_one_site_out():
    X, y, sites = site_rows()
    fast = out_of_site(X, y, NAMES, sites, trees=200, mtry=2)
    slow = held_out_predictions(X, y, NAMES, sites, trees=60, mtry=2)
    assert np.corrcoef(fast, slow)[0, 1] > 0.97
    assert scores(y, fast).rmse == pytest.approx(scores(y, slow).rmse, rel=0.08)


def test_no_tree_predicts_a_site_that_it_saw():
    """A site whose response is far from all others cannot be guessed by trees without it."""
    X, y, sites = site_rows(spread=0)
    odd = sites == "s03"
    held_out = out_of_site(X, np.where(odd, y + 1000, y), NAMES, sites, trees=80, mtry=4)
    assert np.abs(held_out[odd] - y[odd]).mean() < 20


@given(st.randoms(use_true_random=False))
def test_rows_and_workers_do_not_matter(random):
    X, y, sites = site_rows(8, 6)
    order = list(range(y.size))
    random.shuffle(order)
    one = out_of_site(X, y, NAMES, sites, trees=10, mtry=2)
    two = out_of_site(X[order], y[order], NAMES, sites[order], trees=10, mtry=2, workers=2)
    assert np.array_equal(one[order], two, equal_nan=True)


def test_a_single_site_cannot_be_left_out():
    X, y, _ = site_rows(2, 6)
    with pytest.raises(InputError, match="at least two sites"):
        out_of_site(X, y, NAMES, np.full(y.size, "a"), trees=2, mtry=2)


@pytest.mark.parametrize("criterion", ["site", "pooled"])
def test_both_searches_see_that_one_predictor_is_not_enough(criterion):
    X, y, sites = site_rows()
    for search in ("out_of_site", "leave_one_site_out"):
        found = tune(
            X, y, NAMES, sites, grid=(1, 4), search=search, criterion=criterion, trees=25
        )  # fmt: skip
        assert found.mtry == 4, search
        tried = found.table[found.table["held_out"] == search]
        assert list(tried["mtry"]) == [1, 4]


def test_the_nested_choice_never_sees_the_site():
    X, y, sites = site_rows(8, 10)
    held_out, chosen = nested(X, y, NAMES, sites, grid=(1, 4), trees=12)
    assert set(chosen) <= {1, 4} and list(chosen.index) == sorted(set(sites))
    moved = y + 1000 * (sites == "s00")
    again, other = nested(X, moved, NAMES, sites, grid=(1, 4), trees=12)
    at = sites == "s00"
    assert other["s00"] == chosen["s00"]
    assert np.array_equal(again[at], held_out[at])


def lone_level_rows():
    """Rows of which one site alone has vegetation 80, whose kin 70 has the larger flux."""
    X, y, sites = site_rows(8, 8, spread=0)
    X[:, 1] = np.where(np.arange(sites.size) % 2, 21, 70)
    at = sites == "s03"
    X[at, 1] = 80
    return X, y + 50 * (X[:, 1] >= 70), sites, at


def test_kin_stands_in_for_a_level_that_no_other_site_has():
    X, y, sites, at = lone_level_rows()
    options = {"trees": 60, "mtry": 4}
    for unseen in ("missing", "error"):
        plain = out_of_site(X, y, NAMES, sites, unseen=unseen, **options)
        assert (np.isnan(plain) == at).all()
    pooled = out_of_site(X, y, NAMES, sites, unseen="pool", **options)
    assert np.array_equal(pooled[~at], plain[~at])
    assert (pooled[at] > 25).all()
    told = out_of_site(
        X, y, NAMES, sites, unseen="pool", kin={"vegetation": {80: (21,)}}, **options
    )
    assert (told[at] < 25).all()


@pytest.mark.parametrize("engine", ["random_forest", "quantile_forest"])
def test_trees_of_these_engines_are_the_same_in_the_search(engine):
    X, y, sites = site_rows(8, 6)
    options = {"trees": 10, "mtry": 2}
    found = out_of_site(X, y, NAMES, sites, engine=engine, **options)
    assert np.array_equal(found, out_of_site(X, y, NAMES, sites, **options), equal_nan=True)


def test_extremely_random_trees_see_each_drawn_site_once():
    """With a node size of all rows but one, a tree splits only if it sees every site twice."""
    X, y, sites = site_rows(3, 5)
    options = {"trees": 40, "mtry": 4, "node_size": 10}
    extra = out_of_site(X, y, NAMES, sites, engine="extra_trees", **options)
    assert pd.Series(extra).groupby(sites).nunique().tolist() == [1, 1, 1]
    often = out_of_site(X, y, NAMES, sites, **options)
    assert pd.Series(often).groupby(sites).nunique().max() > 1


def test_boosted_trees_have_no_search_among_trees():
    X, y, sites = site_rows(4, 6)
    with pytest.raises(InputError, match="engine of the search is one of random_forest"):
        out_of_site(X, y, NAMES, sites, engine="gradient_boosting", mtry=2)
    with pytest.raises(InputError, match="engine of the nested choice"):
        nested(X, y, NAMES, sites, engine="gradient_boosting")
