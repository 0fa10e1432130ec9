import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

from abz.errors import InputError
from abz.modelling import (
    fit_forest,
    held_out_predictions,
    nested,
    out_of_site,
    scores,
    site_rmse,
    tune,
)
from abz.seeds import derive_seed


def rows_of_sites(n=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, 5 * X[:, 0] + rng.normal(size=n), rng.choice(list("abcdefg"), n)


NAMES = ["srad", "lst", "ndvi"]


def test_equals_a_naive_loop():
    X, y, sites = rows_of_sites()
    found = tune(
        X, y, NAMES, sites, grid=(1, 3), search="leave_one_site_out", trees=4, seed=7
    )  # fmt: skip
    naive = {}
    for mtry in (1, 3):
        held_out = np.empty(len(y))
        for site in np.unique(sites):
            out = sites == site
            seed = derive_seed(7, "fold", mtry, site)
            forest = fit_forest(X[~out], y[~out], NAMES, trees=4, mtry=mtry, seed=seed)
            held_out[out] = forest.predict(X[out])
        naive[mtry] = held_out
    errors = {mtry: site_rmse(y, p, sites).mean() for mtry, p in naive.items()}
    assert found.table.set_index("mtry")["mean_site_rmse"].to_dict() == errors
    assert found.mtry == min(errors, key=errors.get)
    assert np.array_equal(found.held_out, naive[found.mtry])


def test_workers_and_the_order_of_rows_do_not_matter():
    X, y, sites = rows_of_sites()
    order = np.random.default_rng(1).permutation(len(y))
    one = tune(X, y, NAMES, sites, grid=(2,), trees=3)
    two = tune(X[order], y[order], NAMES, sites[order], grid=(2,), trees=3, workers=2)
    assert np.array_equal(one.held_out[order], two.held_out)


def test_the_grid_is_clipped_to_the_predictors():
    X, y, sites = rows_of_sites()
    table = tune(X, y, NAMES, sites, grid=(2, 9, 17), trees=2).table
    assert table.loc[table["held_out"] == "out_of_site", "mtry"].tolist() == [2, 3]


def test_the_table_ends_with_the_confirmed_choice():
    X, y, sites = rows_of_sites()
    found = tune(X, y, NAMES, sites, grid=(1, 3), trees=4)
    assert found.table["held_out"].tolist() == ["out_of_site"] * 2 + ["leave_one_site_out"]
    last = found.table.iloc[-1]
    assert (last["mtry"], last["rmse"]) == (found.mtry, scores(y, found.held_out).rmse)
    assert last["mean_site_rmse"] == site_rmse(y, found.held_out, sites).mean()
    search = found.table.iloc[:2].set_index("mtry")["mean_site_rmse"]
    assert search.idxmin() == found.mtry


def test_a_level_that_only_one_site_has_is_not_predicted_there():
    X, y, sites = rows_of_sites()
    X[:, 1] = np.where(sites == "a", 160, 21)
    held_out = tune(X, y, ["srad", "vegetation", "ndvi"], sites, grid=(2,), trees=2).held_out
    assert (np.isnan(held_out) == (sites == "a")).all()


@pytest.fixture(scope="module")
def real_nee(real_data):
    table = pd.read_parquet(real_data / "flux_training" / "train_NEE_1km.parquet")
    return table[table["fold"] != 132]


def test_skill_on_the_real_table_is_that_of_the_reference(real_nee):
    columns = {
        "month": "month",
        "srad": "srad_wm2",
        "vpd": "vpd_kpa",
        "co2": "co2_ppm",
        "snow_cover": "snow_cover_pct",
        "soil_temperature": "soiltemp_l1_degc",
        "soil_moisture": "swvl1_m3m3",
        "ndvi": "ndvi_modis_raw",
        "lst": "lst_day_k",
        "soil_ph": "soil_ph_soilgrids_raw",
        "soc": "soc_stock_soilgrids_raw",
        "nonvegetated_cover": "nonveg_mod44b_raw",
    }
    X = real_nee[list(columns.values())].to_numpy(np.float32)
    y = real_nee["outcome_gC_m2_month"].to_numpy()
    groups = (real_nee["fold"] % 6).astype(str).to_numpy()
    found = scores(y, tune(X, y, list(columns), groups, grid=(5,), trees=12, seed=448).held_out)
    assert 0.46 < found.r2 < 0.60
    assert 18 < found.rmse < 23
    assert abs(found.mbe) < 1.5


def test_boosted_trees_are_compared_by_leaving_sites_out():
    X, y, sites = rows_of_sites(60)
    found = tune(X, y, NAMES, sites, grid=(1, 3), engine="gradient_boosting", trees=3)
    assert found.table["held_out"].tolist() == ["leave_one_site_out"] * 2


@pytest.mark.parametrize("engine", ["extra_trees", "quantile_forest"])
def test_the_search_grows_the_trees_of_the_engine(engine):
    X, y, sites = rows_of_sites(60)
    found = tune(X, y, NAMES, sites, grid=(2,), engine=engine, trees=4, seed=5)
    fast = out_of_site(
        X, y, NAMES, sites, engine=engine, mtry=2, trees=4, seed=derive_seed(5, "search", 2)
    )
    assert found.table["rmse"].iloc[0] == scores(y, fast).rmse
    slow = held_out_predictions(X, y, NAMES, sites, engine=engine, mtry=2, trees=4, seed=5)
    assert np.array_equal(found.held_out, slow)


@pytest.mark.parametrize("search", ["out_of_site", "leave_one_site_out"])
def test_a_level_that_one_site_has_is_missing_there_and_no_error(search):
    X, y, sites = rows_of_sites()
    X[:, 1] = np.where(sites == "a", 160, 21)
    options = {"grid": (2,), "search": search, "trees": 2, "unseen": "error"}
    found = tune(X, y, ["srad", "vegetation", "ndvi"], sites, **options)
    assert (np.isnan(found.held_out) == (sites == "a")).all()
    held_out, _ = nested(
        X, y, ["srad", "vegetation", "ndvi"], sites, grid=(2,), trees=6, unseen="error"
    )
    assert (np.isnan(held_out) == (sites == "a")).all()


def test_a_fold_with_a_site_on_both_sides_is_refused():
    X, y, sites = rows_of_sites()
    with pytest.raises(InputError, match="trained on and tested in one fold"):
        held_out_predictions(X, y, NAMES, sites, folds=KFold(3).split(X), mtry=2, trees=1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"grid": ()}, "the grid has a value or more"),
        ({"grid": (0, 2)}, "a value of grid is a whole number"),
        ({"grid": ("sqrt",)}, "a value of grid is a whole number"),
        ({"trees": -1}, "trees is a whole number"),
        ({"workers": 0}, "workers is a whole number"),
        ({"engine": "extra_tree"}, "did you mean 'extra_trees'"),
        ({"quantile": 0.9}, "only a quantile forest answers with a quantile"),
        ({"criterion": "sites"}, "did you mean 'site'"),
    ],
)
def test_wrong_parameters_are_named(wrong, message):
    X, y, sites = rows_of_sites()
    for choose in (tune, nested):
        with pytest.raises(InputError, match=message):
            choose(X, y, NAMES, sites, **{"grid": (2,), "trees": 1, **wrong})


def test_a_category_of_which_no_two_sites_share_a_level_cannot_be_tuned():
    X, y, sites = rows_of_sites()
    X[:, 1] = np.unique(sites, return_inverse=True)[1]
    names = ["srad", "vegetation", "ndvi"]
    for choose in (tune, nested):
        with pytest.raises(InputError, match="no row can be predicted"):
            choose(X, y, names, sites, grid=(2,), trees=5)
