import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.conformity_scores import AbsoluteConformityScore
from mapie.regression import CrossConformalRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

from abz.errors import InputError
from abz.modelling.intervals import Intervals, calibrate
from abz.modelling.stratum_offsets import SCALED


def held_out(sites, seed=0, *, noise=1.0):
    """Sites with an effect of their own, 1 to 24 months each, a skewed error."""
    rng = np.random.default_rng(seed)
    months = rng.integers(1, 25, sites)
    site = np.repeat(np.arange(sites), months)
    n = site.size
    effect = rng.normal(size=sites)[site]
    residual = effect + noise * (rng.gamma(2, size=n) - 2)
    predicted = rng.normal(0, 20, n)
    return pd.DataFrame(
        {
            "site": np.char.add("S", site.astype(str)),
            "biome": np.where(site % 3 == 0, "tundra", "boreal"),
            "month": rng.integers(1, 13, n),
            "predicted": predicted,
            "observed": predicted + residual,
        }
    )


@pytest.mark.parametrize("form", ["symmetric", "asymmetric"])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_rows_of_future_sites_are_covered_at_the_nominal_level(form, level):
    inside = []
    for run in range(40):
        table = held_out(260, seed=run)
        is_future = table["site"].str.slice(1).astype(int) >= 160
        found = calibrate(table[~is_future], level, strata=(), form=form)
        future = table[is_future]
        low, high = found.lower(future["predicted"]), found.upper(future["predicted"])
        covered = (low <= future["observed"]) & (future["observed"] <= high)
        inside.append(covered.groupby(future["site"]).mean().mean())
    assert level - 0.015 < np.mean(inside) < level + 0.03


def test_rows_counted_alike_would_miss_the_level():
    """Many short records with large errors and a few long ones with small errors."""
    rng = np.random.default_rng(3)
    months = np.where(np.arange(100) % 10 == 0, 200, 2)
    site = np.repeat(np.arange(100), months)
    residual = rng.normal(size=site.size) * np.where(months[site] == 200, 0.1, 5.0)
    table = pd.DataFrame({"site": site, "observed": residual, "predicted": 0.0})
    found = calibrate(table, 0.8, strata=(), form="symmetric")
    _, high = found.offsets()
    assert np.quantile(np.abs(residual), 0.8) < 2 < 5 < high


@pytest.mark.parametrize(("form", "needed"), [("symmetric", 9), ("asymmetric", 19)])
def test_too_few_sites_give_infinite_bounds_and_say_so(form, needed):
    enough = calibrate(held_out(needed), 0.9, strata=(), form=form)
    assert enough.reachable
    assert enough.message == ""
    few = calibrate(held_out(needed - 1), 0.9, strata=(), form=form)
    assert not few.reachable
    assert f"{needed} needed" in few.message
    assert few.lower(np.zeros(2)).tolist() == [-np.inf, -np.inf]
    assert few.upper(np.zeros(2), outside=True, widening=2.0).tolist() == [np.inf, np.inf]


@settings(max_examples=15)
@given(st.integers(0, 50), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(seed, random):
    table = held_out(30, seed)
    order = list(range(len(table)))
    random.shuffle(order)
    assert calibrate(table.iloc[order], 0.8, minimum_sites=8) == calibrate(
        table, 0.8, minimum_sites=8
    )


@settings(max_examples=15)
@given(st.lists(st.sampled_from([0.1, 0.5, 0.7, 0.8, 0.9]), min_size=2, unique=True))
def test_a_higher_level_never_narrows(levels):
    table = held_out(40)
    offsets = np.array([calibrate(table, level).offsets() for level in sorted(levels)])
    assert (np.diff(offsets[:, 0]) <= 0).all()
    assert (np.diff(offsets[:, 1]) >= 0).all()


def test_strata_have_their_own_offsets_where_they_have_sites():
    table = held_out(90)
    table.loc[table["biome"] == "tundra", "observed"] += 50
    found = calibrate(table, 0.8, strata=("biome",), minimum_sites=31)
    own = dict(zip(found.quantiles["stratum"], found.quantiles["source"], strict=True))
    assert own == {"all": "all", "boreal": "boreal", "tundra": SCALED}
    found = calibrate(table, 0.8, strata=("biome",), minimum_sites=30)
    assert (found.lower(np.zeros(2), ["boreal", "tundra"]) > [-50, 40]).all()
    alone = calibrate(table[table["biome"] == "tundra"], 0.8, strata=())
    assert found.offsets("tundra") == alone.offsets()


def test_a_combination_with_few_sites_takes_the_offsets_of_its_season():
    """Of the season's own sites, or of all brought to its size, where it has too few as well."""
    table = held_out(60)
    found = calibrate(table, 0.8, minimum_sites=25)
    sources = dict(zip(found.quantiles["stratum"], found.quantiles["source"], strict=True))
    sites = found.quantiles.set_index("stratum")["sites"]
    few = [name for name in sites.index if " " in name and sites[name] < 25]
    assert few
    for name in few:
        season = name.split()[1]
        assert sources[name] == (season if sites[season] >= 25 else SCALED)
        alone = calibrate(table, 0.8, strata=("season",), minimum_sites=25)
        assert found.offsets(name) == alone.offsets(season)


def test_a_stratum_below_the_sites_of_its_level_falls_back_whatever_the_minimum():
    found = calibrate(held_out(60), 0.95, strata=("biome",), minimum_sites=2)
    assert found.source(["tundra", "boreal"]).tolist() == [SCALED, "boreal"]
    assert found.reachable


def test_a_combination_without_a_row_has_the_offsets_of_its_season():
    found = calibrate(held_out(90), 0.8)
    labels = ["boreal JJA", "high steppe JJA", "JJA"]
    assert found.source(labels).tolist() == ["boreal JJA", "JJA", "JJA"]
    assert found.offsets("high steppe JJA") == found.offsets("JJA") != found.offsets("all")


def test_other_unknown_labels_get_everyone_s_offsets_openly():
    table = held_out(90)
    found = calibrate(table, 0.8)
    assert found.source(["steppe", "", "steppeJJA"]).tolist() == ["all"] * 3
    assert found.offsets("steppe") == found.offsets("all")
    seasons = calibrate(table, 0.8, strata=("season",))
    assert seasons.source(["steppe JJA", "JJA"]).tolist() == ["all", "JJA"]


def test_a_row_without_a_site_is_refused():
    table = held_out(30)
    table.loc[3, "site"] = None
    with pytest.raises(InputError, match=r"which site(.|\n)*1 of \d+ rows"):
        calibrate(table)


def test_labels_spread_over_maps():
    found = calibrate(held_out(90), 0.8, strata=("biome",))
    prediction = np.zeros((3, 2, 2))
    stratum = np.array([["boreal", "tundra"], ["", "boreal"]])
    assert found.upper(prediction, stratum).shape == (3, 2, 2)
    assert found.upper(prediction, stratum)[1, 0, 1] == found.offsets("tundra")[1]


@settings(max_examples=30)
@given(
    st.floats(-5, 5),
    st.floats(1, 10),
    st.floats(1, 10),
)
def test_widening_is_monotone_and_holds_outside_only(shift, small, large):
    small, large = sorted([small, large])
    table = held_out(40)
    found = calibrate(table.assign(observed=table["observed"] + shift), 0.5, strata=())
    outside = np.array([False, True])
    low = [found.lower(np.zeros(2), outside=outside, widening=w) for w in (1, small, large)]
    high = [found.upper(np.zeros(2), outside=outside, widening=w) for w in (1, small, large)]
    assert low[0][1] >= low[1][1] >= low[2][1]
    assert high[0][1] <= high[1][1] <= high[2][1]
    assert low[0][0] == low[1][0] == low[2][0] == low[0][1]


def test_widening_never_narrows():
    found = calibrate(held_out(40))
    assert found.lower(0.0, outside=True, widening=0.5) == found.lower(0.0)
    assert np.isnan(found.lower(0.0, outside=True, widening=np.nan))
    assert found.lower(0.0, outside=False, widening=np.nan) == found.lower(0.0)


def test_a_local_scale_stretches_the_intervals():
    table = held_out(80)
    table["sd"] = np.random.default_rng(1).uniform(0.5, 4, len(table))
    plain = calibrate(table, 0.8, strata=())
    table["observed"] = table["predicted"] + table["sd"] * (table["observed"] - table["predicted"])
    scaled = calibrate(table, 0.8, strata=(), scale="sd")
    assert np.allclose(scaled.offsets(), plain.offsets())
    assert np.allclose(
        scaled.upper(1.0, scale=[1.0, 3.0]) - 1, scaled.offsets()[1] * np.array([1, 3])
    )
    with pytest.raises(InputError, match="scale"):
        scaled.upper(np.zeros(1))
    with pytest.raises(InputError, match="scale"):
        plain.upper(np.zeros(1), scale=2.0)


def test_missing_predictions_stay_missing_and_are_counted():
    table = held_out(40)
    table.loc[:4, "predicted"] = np.nan
    found = calibrate(table)
    assert found.unscored == 5
    assert np.isnan(found.lower(np.array([np.nan]))).all()


@pytest.mark.parametrize("sites", [3, 30, 80])
def test_json_holds_everything(sites):
    found = calibrate(held_out(sites))
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert Intervals.from_dict(json.loads(text)) == found


def test_unknown_form_is_refused():
    with pytest.raises(InputError, match="did you mean 'symmetric'"):
        calibrate(held_out(30), form="symetric")


def rows_of_sites(sites, months, seed=0):
    """Rows whose sites have an effect, the held-out predictions of a line, and the line."""
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(sites), months)
    X = rng.normal(size=(site.size, 2))
    y = X[:, 0] + rng.normal(size=sites)[site] + rng.gamma(2, size=site.size)
    line = LinearRegression()
    predicted = cross_val_predict(line, X, y, groups=site, cv=LeaveOneGroupOut())
    return X, y, pd.DataFrame({"site": site, "observed": y, "predicted": predicted})


def mapie_offsets(X, y, sites, level, form):
    """Offsets of MAPIE's jackknife, whose folds are sites, from the prediction of all rows."""
    wrapped = CrossConformalRegressor(
        LinearRegression(),
        confidence_level=level,
        method="base",
        cv=LeaveOneGroupOut(),
        conformity_score=AbsoluteConformityScore(sym=form == "symmetric"),
    )
    wrapped.fit_conformalize(X, y, groups=sites)
    prediction, ends = wrapped.predict_interval(X[:5])
    return ends[:, :, 0].T - prediction


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("sites", [40, 151])
def test_one_row_a_site_gives_the_order_statistics_of_split_conformal(sites, level):
    """The ⌈level · (S + 1)⌉-th smallest score, of |residual| or in each tail."""
    _, _, table = rows_of_sites(sites, 1)
    residual = (table["observed"] - table["predicted"]).to_numpy()
    both, tail = (int(np.ceil(share * (sites + 1) - 1e-9)) for share in (level, (1 + level) / 2))
    size = np.sort(np.abs(residual))[both - 1]
    assert calibrate(table, level, strata=(), form="symmetric").offsets() == (-size, size)
    expected = np.sort(residual)[-tail], np.sort(residual)[tail - 1]
    assert calibrate(table, level, strata=(), form="asymmetric").offsets() == expected


@pytest.mark.parametrize("form", ["symmetric", "asymmetric"])
@pytest.mark.parametrize("level", [0.8, 0.9])
def test_one_row_a_site_gives_the_intervals_of_mapie(level, form):
    X, y, table = rows_of_sites(99, 1)
    found = calibrate(table, level, strata=(), form=form).offsets()
    theirs = mapie_offsets(X, y, table["site"], level, form)
    assert np.allclose(theirs, np.array(found)[:, None], rtol=1e-9)


def test_mapie_counts_rows_where_a_site_has_many():
    """It holds whole sites out, but a long record then rules its quantile; here sites count."""
    months = np.where(np.arange(60) % 6 == 0, 60, 2)
    X, y, table = rows_of_sites(60, months)
    table["observed"] += np.where(table["site"] % 6 == 0, 0, 8 * np.sign(y - y.mean()))
    y = table["observed"].to_numpy()
    line = LinearRegression()
    groups = table["site"].to_numpy()
    table["predicted"] = cross_val_predict(line, X, y, groups=groups, cv=LeaveOneGroupOut())
    ours = calibrate(table, 0.8, strata=(), form="symmetric").offsets()[1]
    theirs = mapie_offsets(X, y, groups, 0.8, "symmetric")[1, 0]
    residual = (table["observed"] - table["predicted"]).abs()
    rows = np.sort(residual)[int(np.ceil(0.8 * (y.size + 1))) - 1]
    assert theirs == pytest.approx(rows)
    assert theirs < 0.7 * ours
    inside = residual.le(theirs).groupby(groups).mean().mean()
    assert inside < 0.4 < 0.8 <= residual.le(ours).groupby(groups).mean().mean()


def test_mapie_takes_many_rows_for_many_sites():
    X, y, table = rows_of_sites(3, 20)
    assert not calibrate(table, 0.9, strata=(), form="symmetric").reachable
    assert np.isfinite(mapie_offsets(X, y, table["site"], 0.9, "symmetric")).all()
