"""What was planted in synthetic sites is found by the rooms together, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.applicability import fit_applicability, importance_weights
from abz.drivers import permutation_importance
from abz.errors import CategoryError, InputError
from abz.modelling import (
    bootstrap_members,
    calibrate,
    check_folds,
    colocated,
    coverage_table,
    derive_seed,
    fit_forest,
    held_out_predictions,
    leave_one_group_out,
    leave_one_site_out,
    load_forest,
    nested,
    out_of_site,
    save_forest,
    scores,
    site_folds,
    site_rmse,
    tune,
)
from abz.vocabulary import VEGETATION_KIN

NAMES = ["srad", "vegetation", "ndvi", "lst"]
SCALES = ["srad", "ndvi", "lst"]


def towers(places=50, months=5, seed=0):
    """Two towers at each place, whose flux is a matter of the place and of nothing on a map.

    Two predictors, soil pH and CTI, tell places apart but say nothing of the flux elsewhere.
    """
    rng = np.random.default_rng(seed)
    place = np.repeat(np.arange(places), 2 * months)
    tower = np.tile(np.repeat([0, 1], months), places)
    site = np.array([f"P{p:02d}-{t}" for p, t in zip(place, tower, strict=True)])
    fingerprint = rng.uniform(size=(places, 2))[place]
    X = np.column_stack([fingerprint, rng.normal(size=place.size)]).astype(np.float32)
    flux = 20 * rng.normal(size=places)[place] + rng.normal(size=place.size)
    lon, lat = rng.uniform(-170, 170, places)[place], rng.uniform(50, 75, places)[place]
    return X, flux, site, lon + 0.002 * tower, lat


def r2(X, y, folds, sites):
    held_out = held_out_predictions(
        X, y, ["soil_ph", "cti", "lst"], sites, folds=folds, trees=5, mtry=3
    )
    return scores(y, held_out).r2


def test_twin_towers_leak_under_naive_folds_and_not_under_guarded_ones():
    X, y, site, lon, lat = towers()
    row = np.arange(y.size).astype(str)
    group = colocated(site, lon, lat, within_km=1)
    by_row, by_site, by_place = (site_folds(units, 10) for units in (row, site, group))
    assert r2(X, y, by_row, row) > 0.9
    assert r2(X, y, list(leave_one_site_out(site)), site) > 0.9
    assert r2(X, y, by_site, site) > 0.5
    assert r2(X, y, by_place, site) < 0.15
    assert r2(X, y, leave_one_group_out(group, site), site) < 0.15
    with pytest.raises(InputError, match="trained on and tested"):
        check_folds(by_row, site)
    with pytest.raises(InputError, match="trained on and tested"):
        check_folds(by_site, group)
    assert check_folds(by_site, site) and check_folds(by_place, site)
    assert check_folds(by_place, group)


def test_the_fast_search_is_guarded_by_groups_too():
    X, y, site, lon, lat = towers()
    group = colocated(site, lon, lat, within_km=1)
    names = ["soil_ph", "cti", "lst"]
    leaking, guarded = (
        out_of_site(X, y, names, units, trees=30, mtry=3) for units in (site, group)
    )
    assert scores(y, leaking).r2 > 0.5 > 0.15 > scores(y, guarded).r2


def site_rows(seed, sites=12, months=25):
    """Rows of sites whose flux follows radiation; NDVI follows nothing."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(sites * months, 3)).astype(np.float32)
    site = np.repeat(np.arange(sites), months)
    return X, 10 * X[:, 0] + 3 * X[:, 2] + rng.normal(size=site.size), site


def test_a_noise_predictor_has_an_importance_around_zero():
    """On held-out rows it helps as often as it harms; on training rows it is small."""
    names, held_out, fitted = SCALES, [], []
    for seed in range(16):
        X, y, site = site_rows(seed)
        new = site >= 6
        forest = fit_forest(X[~new], y[~new], names, trees=20, mtry=2, seed=seed)
        for found, rows in ((held_out, new), (fitted, ~new)):
            table = permutation_importance(forest, X[rows], y[rows], shuffles=3, seed=seed)
            found.append(table.groupby("predictor")["rmse_increase"].mean())
    held_out, fitted = pd.DataFrame(held_out), pd.DataFrame(fitted)
    noise = held_out["ndvi"]
    assert abs(noise.mean()) < 2.5 * noise.sem() + 1e-3 * held_out["srad"].mean()
    assert noise.min() < 0 < noise.max()
    assert (held_out["srad"] > 5).all() and (held_out["lst"] > 0.3).all()
    assert (fitted["ndvi"] < 0.1 * fitted["srad"]).all()
    assert (fitted["ndvi"] < fitted["lst"]).all()


CODES = sorted(VEGETATION_KIN)


def rows_of_types(codes, seed=0, each=12):
    """Rows of vegetation types, each with a flux of its own."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(len(codes) * each, 4)).astype(np.float32)
    X[:, 1] = np.repeat(codes, each)
    return X, 50.0 * X[:, 1] + rng.normal(size=len(X))


def forests(codes):
    """The same forest under each policy, of rows that hold these types only."""
    X, y = rows_of_types(codes)
    return {
        unseen: fit_forest(X, y, NAMES, trees=2, mtry=4, unseen=unseen)
        for unseen in ("missing", "pool", "error")
    }


@settings(max_examples=40)
@given(st.sets(st.sampled_from(CODES), min_size=1))
def test_a_dropped_level_is_handled_by_policy(tmp_path, seen):
    """A seen type is never replaced; another by the first of its kin that was seen, or by none."""
    by_policy = forests(sorted(seen))
    rows = np.zeros((len(CODES) + 1, 4), np.float32)
    rows[:, 1] = [*CODES, 5]
    expected = {
        code: code if code in seen else next((c for c in VEGETATION_KIN[code] if c in seen), None)
        for code in CODES
    } | {5: None}
    plain = dict(zip(rows[:, 1], by_policy["missing"].predict(rows), strict=True))
    assert {code for code, flux in plain.items() if np.isfinite(flux)} == seen
    path = save_forest(by_policy["pool"], tmp_path / "central.npz", {})
    for forest in (by_policy["pool"], load_forest(path)):
        for code, flux in zip(rows[:, 1], forest.predict(rows), strict=True):
            kin = expected[int(code)]
            assert np.isnan(flux) if kin is None else flux == plain[kin]
    known = np.isin(rows[:, 1], list(seen))
    assert np.isfinite(by_policy["error"].predict(rows[known])).all()
    for row in rows[~known]:
        with pytest.raises(CategoryError, match=str(int(row[1]))):
            by_policy["error"].predict(row[None])


def test_a_missing_type_is_no_unseen_type():
    rows = np.full((1, 4), np.nan)
    for forest in forests([21, 70]).values():
        assert np.isnan(forest.predict(rows)).all()


def test_a_type_of_one_site_is_unknown_where_that_site_is_left_out():
    """Also in the order of levels: it is made from the rows of a tree or fold only."""
    X, y = rows_of_types([21, 33, 70], each=40)
    site = np.where(X[:, 1] == 70, "lone", np.array([f"s{i % 6}" for i in range(len(y))]))
    fast = out_of_site(X, y, NAMES, site, trees=20, mtry=4)
    slow = held_out_predictions(X, y, NAMES, site, trees=2, mtry=4)
    for held_out in (fast, slow):
        assert (np.isnan(held_out) == (site == "lone")).all()
    pooled = held_out_predictions(X, y, NAMES, site, trees=2, mtry=4, unseen="pool")
    assert np.isnan(pooled[site == "lone"]).all()
    X[site == "lone", 1] = 31
    pooled = held_out_predictions(X, y, NAMES, site, trees=2, mtry=4, unseen="pool")
    assert np.allclose(pooled[site == "lone"], 50 * 21, atol=10)


def test_members_of_resampled_sites_keep_the_types_that_plain_ones_lose():
    X, y = rows_of_types([21, 70], each=30)
    site = np.where(X[:, 1] == 70, "lone", np.array([f"s{i % 5}" for i in range(len(y))]))
    options = {"members": 12, "trees": 1, "mtry": 4, "member_predictors": "all", "sites": site}
    plain, kept = (
        [set(m.levels["vegetation"]) for m in bootstrap_members(X, y, NAMES, **options, **more)]
        for more in ({}, {"strata": X[:, 1]})
    )
    assert {70} < set.union(*plain) and {21} in plain
    assert all(levels == {21, 70} for levels in kept)


def sites_of(seed, sites, months):
    """Sites drawn alike: each with an effect of its own, a skewed error, and a known response."""
    rng = np.random.default_rng(seed)
    length = np.full(sites, months) if np.isscalar(months) else rng.choice(months, sites)
    site = np.repeat([f"s{i:03d}" for i in range(sites)], length)
    X = rng.normal(size=(site.size, 2)).astype(np.float32)
    effect = np.repeat(rng.normal(size=sites), length)
    y = 4 * X[:, 0] + effect + 0.7 * (rng.gamma(2, size=site.size) - 2)
    return X, y, site


@pytest.mark.parametrize("months", [4, (1, 2, 12)], ids=["equal", "unequal"])
def test_intervals_of_a_forest_cover_sites_not_yet_seen(months):
    """From held-out residuals of one set of sites to the rows of other sites, ±3 points."""
    names, inside = ["srad", "lst"], []
    for seed in range(12):
        X, y, site = sites_of(seed, 350, months)
        new = site >= "s200"
        known, options = ~new, {"trees": 5, "mtry": 2, "node_size": 10}
        folds = site_folds(site[known], 10)
        held_out = held_out_predictions(
            X[known], y[known], names, site[known], folds=folds, **options
        )
        prediction = fit_forest(X[known], y[known], names, **options).predict(X[new])
        table = pd.DataFrame({"site": site[known], "observed": y[known], "predicted": held_out})
        for form in ("symmetric", "asymmetric"):
            for level in (0.5, 0.8, 0.9):
                found = calibrate(table, level, strata=(), form=form)
                assert found.reachable and not found.message
                covered = (found.lower(prediction) <= y[new]) & (y[new] <= found.upper(prediction))
                share = pd.Series(covered).groupby(site[new]).mean().mean()
                inside.append({"form": form, "level": level, "gap": share - level})
    gaps = pd.DataFrame(inside).groupby(["form", "level"])["gap"].mean()
    assert (gaps.abs() < 0.03).all(), gaps


def test_intervals_that_cannot_be_reached_say_so_everywhere():
    X, y, site = sites_of(0, 15, 4)
    table = pd.DataFrame({"site": site, "observed": y, "predicted": 4.0 * X[:, 0]})
    found = calibrate(table, 0.9, strata=())
    assert found.message == (
        "all: 15 sites, 19 needed for the level 0.9; its intervals are infinite"
    )
    assert not found.reachable and found.upper(0.0) == np.inf
    assert not coverage_table(table, (0.9,), strata=())["reachable"].any()
    assert calibrate(table, 0.9, strata=(), form="symmetric").reachable


CLIMATES = {"boreal": (281.0, 0.7), "tundra": (265.0, 0.4), "oceanic": (277.0, 0.9)}
ALIEN = (309.0, 0.05)


def rows_of_climate(climate, rng, rows):
    """Temperature and NDVI of a climate, and a predictor without meaning."""
    lst, ndvi = climate
    return np.column_stack(
        [rng.normal(lst, 3, rows), rng.normal(ndvi, 0.05, rows), rng.normal(size=rows)]
    ).astype(np.float32)


def test_the_area_of_applicability_excludes_a_planted_alien_climate():
    """A desert is outside wherever it lies; the climates of the sites are inside."""
    rng, names = np.random.default_rng(5), ["lst", "ndvi", "cti"]
    X = np.concatenate([rows_of_climate(c, rng, 120) for c in CLIMATES.values()])
    site = np.repeat([f"s{i:02d}" for i in range(18)], 20)
    y = 2 * (X[:, 0] - 273) - 40 * X[:, 1] + rng.normal(size=len(X))
    forest = fit_forest(X, y, names, trees=20, mtry=2)
    importance = permutation_importance(forest, X, y, shuffles=3)
    table = importance.assign(model_set="fine", flux="nee")
    weights = importance_weights(table, names, model_set="fine", flux="nee")
    area = fit_applicability(forest.encode(X), site, weights)
    home = {name: rows_of_climate(c, rng, 200) for name, c in CLIMATES.items()}
    for name, rows in home.items():
        assert (area.measure(rows).inside == 1).mean() > 0.85, name
    desert = rows_of_climate(ALIEN, rng, 200)
    found = area.measure(desert)
    assert (found.inside == 0).all() and (found.density == 0).all()
    assert found.dissimilarity.min() > 2 * area.threshold
    odd = home["boreal"] + np.array([0, 0, 4], np.float32)
    plain = fit_applicability(forest.encode(X), site, np.ones(3))
    assert area.measure(odd).inside.mean() > 0.5 > plain.measure(odd).inside.mean()
    truth = 2 * (desert[:, 0] - 273) - 40 * desert[:, 1]
    errors = np.abs(forest.predict(desert) - truth).mean(), np.abs(forest.predict(X) - y).mean()
    assert errors[0] > 5 * errors[1]


CRITERIA = {
    "site": lambda y, held_out, site: site_rmse(y, held_out, site).mean(),
    "pooled": lambda y, held_out, site: scores(y, held_out).rmse,
}


def uneven_rows(seed):
    """Rows without a truth, of one long record and five short ones."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(50, 3)).astype(np.float32), rng.normal(size=50)
    return X, y, np.repeat(list("abcdef"), [30, 4, 4, 4, 4, 4])


def best_of(X, y, site, seed, criterion, grid):
    """The mtry of the smallest error of the fast search."""

    def error(mtry):
        inner = derive_seed(seed, "search", mtry)
        held_out = out_of_site(X, y, SCALES, site, trees=8, mtry=mtry, seed=inner)
        return CRITERIA[criterion](y, held_out, site)

    return min(grid, key=error)


GRID = (1, 2, 3)


def test_mtry_is_chosen_by_the_mean_of_sites_or_by_all_rows():
    chosen = {criterion: [] for criterion in CRITERIA}
    for seed in range(6):
        X, y, site = uneven_rows(seed)
        for criterion, found in chosen.items():
            options = {"criterion": criterion, "trees": 8, "seed": seed}
            found.append(tune(X, y, SCALES, site, grid=GRID, **options).mtry)
            assert found[-1] == best_of(X, y, site, seed, criterion, GRID)
    assert chosen["site"] != chosen["pooled"]


def test_the_nested_choice_is_the_search_among_the_other_sites():
    X, y, site = uneven_rows(0)
    choices = []
    for criterion in CRITERIA:
        options = {"grid": GRID, "criterion": criterion, "trees": 8, "seed": 2}
        held_out, chosen = nested(X, y, SCALES, site, **options)
        choices.append(chosen.to_list())
        for name in np.unique(site):
            out, seed = site == name, derive_seed(2, "nested", str(name))
            best = best_of(X[~out], y[~out], site[~out], seed, criterion, GRID)
            assert chosen[str(name)] == best
            fold = derive_seed(2, "fold", best, str(name))
            forest = fit_forest(X[~out], y[~out], SCALES, trees=8, mtry=best, seed=fold)
            assert np.array_equal(held_out[out], forest.predict(X[out]))
    assert choices[0] != choices[1]
