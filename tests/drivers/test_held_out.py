import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.drivers import held_out_errors, shuffled_errors, shuffles_table, sites_table
from abz.drivers.held_out import donors_of_other_sites
from abz.errors import InputError
from abz.modelling import derive_seed, fit_forest

NAMES = ["lst", "soc", "ndvi", "vegetation"]


def make_rows(seed=0, sites=30, months=10):
    """Fluxes that follow `lst` and a site's own level; `soc` tells sites apart and nothing else."""
    rng = np.random.default_rng(seed)
    n = sites * months
    site = np.repeat([f"s{k:02d}" for k in range(sites)], months)
    level, soc = (np.repeat(rng.normal(size=sites), months) for _ in range(2))
    lst, ndvi = rng.normal(size=(2, n))
    vegetation = np.repeat(rng.choice([21, 30], sites), months)
    X = np.column_stack([lst, soc, ndvi, vegetation]).astype(np.float32)
    return X, 5 * lst + 3 * level + rng.normal(size=n), site


OPTIONS = {"folds": 5, "trees": 12, "mtry": 2, "shuffles": 3}


def test_what_only_tells_sites_apart_is_of_no_use_elsewhere():
    X, y, sites = make_rows()
    forest = fit_forest(X, y, NAMES, trees=40, mtry=2)
    training = sites_table(shuffled_errors(forest, X, y, shuffles=10), sites)
    options = {**OPTIONS, "trees": 40, "shuffles": 10}
    held_out = sites_table(held_out_errors(X, y, NAMES, sites, **options), sites)
    training, held_out = (table.set_index("predictor") for table in (training, held_out))
    assert training.loc["soc", "lower"] > 0.5
    assert training.loc["ndvi", "lower"] > 0.1
    for noise in ("soc", "ndvi"):
        assert held_out.loc[noise, "lower"] < 0 < held_out.loc[noise, "upper"]
    assert held_out.loc["lst", "lower"] > 2


def test_noise_has_no_importance_on_average():
    rises = []
    for seed in range(12):
        X, y, sites = make_rows(seed, sites=20, months=6)
        errors = held_out_errors(X, y, NAMES, sites, **OPTIONS, seed=seed)
        rises.append(sites_table(errors, sites, draws=1).set_index("predictor")["rmse_increase"])
    table = pd.DataFrame(rises)
    for noise in ("soc", "ndvi"):
        error = table[noise].std() / np.sqrt(len(table))
        assert abs(table[noise].mean()) < 3 * error
        assert table[noise].mean() < 0.1 * table["lst"].mean()


def test_is_a_naive_loop_over_folds():
    X, y, sites = make_rows(1, sites=8, months=5)
    found = held_out_errors(
        X, y, NAMES, sites, {"both": ["soc", "lst"]}, folds=4, trees=5, mtry=2, shuffles=3, seed=7
    )
    names = np.unique(sites)
    dealt = np.random.default_rng(derive_seed(7, "folds")).permutation(8) % 4
    order = np.lexsort((y, np.searchsorted(names, sites), *X[:, np.argsort(NAMES)].T[::-1]))
    for fold in range(4):
        inside = np.isin(sites[order], names[dealt == fold])
        train, test = order[~inside], order[inside]
        seed = derive_seed(7, "held-out forest", fold)
        forest = fit_forest(X[train], y[train], NAMES, trees=5, mtry=2, seed=seed)
        assert np.allclose(found.before[test], (forest.predict(X[test]) - y[test]) ** 2)
        rng = np.random.default_rng(derive_seed(7, "held-out importance", "both", fold))
        donors = donors_of_other_sites(np.searchsorted(names, sites[test]), 3, rng)
        for place, row in enumerate(test):
            copies = np.repeat(X[row][None], 3, axis=0)
            copies[:, :2] = X[test][donors[place], :2]
            naive = ((forest.predict(copies) - y[row]) ** 2).mean()
            assert found.after[0, row] == pytest.approx(naive)


def test_neither_the_order_of_rows_nor_the_workers_matter():
    X, y, sites = make_rows(2, sites=10, months=6)
    order = np.random.default_rng(1).permutation(len(y))
    one = held_out_errors(X, y, NAMES, sites, **OPTIONS)
    two = held_out_errors(X[order], y[order], NAMES, sites[order], **OPTIONS, workers=3)
    assert np.array_equal(one.before[order], two.before)
    assert np.array_equal(one.after[:, order], two.after)
    assert shuffles_table(one).equals(shuffles_table(two))
    assert sites_table(one, sites).equals(sites_table(two, sites[order]))


def test_rows_of_a_level_that_their_fold_never_saw_are_left_out():
    X, y, sites = make_rows(3, sites=10, months=6)
    X[sites == "s04", 3] = 160
    errors = held_out_errors(X, y, NAMES, sites, **OPTIONS)
    assert (np.isnan(errors.before) == (sites == "s04")).all()
    assert (np.isnan(errors.after) == (sites == "s04")).all()
    assert np.isfinite(errors.by_shuffle).all()
    assert np.isfinite(sites_table(errors, sites).drop(columns="predictor").to_numpy()).all()


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30), st.integers(0, 99))
def test_a_donor_is_of_another_site(site, seed):
    site = np.array(site)
    donors = donors_of_other_sites(site, 5, np.random.default_rng(seed))
    assert donors.shape == (len(site), 5)
    if len(set(site)) > 1:
        assert (site[donors] != site[:, None]).all()
    else:
        assert (donors == np.arange(len(site))[:, None]).all()


def test_all_rows_of_other_sites_are_equally_likely():
    site = np.array([0, 1, 1, 2, 1, 0])
    donors = donors_of_other_sites(site, 60_000, np.random.default_rng(0))
    share = np.bincount(donors[1], minlength=6) / 60_000
    assert share == pytest.approx(np.where(site == 1, 0, 1 / 3), abs=0.01)


@pytest.mark.parametrize("folds", [1, 6])
def test_every_fold_has_two_sites(folds):
    X, y, sites = make_rows(sites=10, months=2)
    with pytest.raises(InputError, match="folds"):
        held_out_errors(X, y, NAMES, sites, folds=folds, trees=2, mtry=2)
