from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from abz.errors import InputError
from abz.modelling.scores import scores, site_rmse
from abz.modelling.skill import (
    INTERVALS,
    _row_terms,
    _scores_of_sums,
    relative_skill,
    site_bootstrap,
    site_sums,
    skill_table,
)
from abz.seeds import derive_seed


def held_out(seed=0, sites=12, rows=150):
    """Rows of sites with biases of their own, some without a prediction."""
    rng = np.random.default_rng(seed)
    site = rng.integers(sites, size=rows)
    observed = rng.normal(-10, 20, rows)
    predicted = 0.7 * observed + rng.normal(0, 5, sites)[site] + rng.normal(0, 4, rows)
    return pd.DataFrame(
        {
            "site": np.char.add("s", site.astype(str)),
            "year": rng.integers(2000, 2010, rows),
            "month": rng.integers(1, 13, rows),
            "biome": np.where(site % 3 == 0, "tundra", "boreal"),
            "observed": observed,
            "predicted": np.where(rng.random(rows) < 0.05, np.nan, predicted),
            "naive": observed.mean() + rng.normal(0, 3, rows),
        }
    )


def naive_draws(rows, seed, draws):
    """The same draws of sites as in the module, with the rows of each written out."""
    rows = rows.dropna(subset="predicted")
    names = sorted(rows["site"].unique())
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    for counts in times:
        parts = [
            rows[rows["site"] == s] for s, k in zip(names, counts, strict=True) for _ in range(k)
        ]
        yield pd.concat(parts)


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_scores_of_sums_are_the_scores_of_rows(seed):
    rows = held_out(seed).dropna()
    o, p = rows["observed"].to_numpy(), rows["predicted"].to_numpy()
    sums = site_sums(_row_terms(o, p), rows["site"]).sum(axis=0)
    expected = asdict(scores(o, p))
    found = dict(zip(INTERVALS, _scores_of_sums(sums[None])[0], strict=True))
    assert found == pytest.approx({name: expected[name] for name in INTERVALS})


@pytest.mark.parametrize("seed", [1, 2])
def test_intervals_are_those_of_a_bootstrap_that_copies_rows(seed):
    rows = held_out(seed)
    found = skill_table(rows, [], draws=60, seed=seed).iloc[0]
    copies = list(naive_draws(rows, derive_seed(seed, "skill", "all", "all"), 60))
    naive = {
        "r2": [np.corrcoef(c["observed"], c["predicted"])[0, 1] ** 2 for c in copies],
        "r2_sse": [r2_score(c["observed"], c["predicted"]) for c in copies],
        "rmse": [root_mean_squared_error(c["observed"], c["predicted"]) for c in copies],
        "mae": [mean_absolute_error(c["observed"], c["predicted"]) for c in copies],
        "mbe": [(c["predicted"] - c["observed"]).mean() for c in copies],
    }
    for name, values in naive.items():
        assert found[f"{name}_low"] == pytest.approx(np.quantile(values, 0.025))
        assert found[f"{name}_high"] == pytest.approx(np.quantile(values, 0.975))


def test_paired_intervals_are_those_of_a_bootstrap_that_copies_rows():
    rows = held_out(3)
    found = relative_skill(rows, "naive", draws=60, confidence=0.8).iloc[0]
    values = [
        1
        - ((c["predicted"] - c["observed"]) ** 2).sum() / ((c["naive"] - c["observed"]) ** 2).sum()
        for c in naive_draws(rows, derive_seed(0, "relative skill", "all", "all"), 60)
    ]
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.quantile(values, [0.1, 0.9])))


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_each_group_is_scored_as_pandas_groups_it(seed):
    rows = held_out(seed)
    found = skill_table(rows, ["biome", "season"], draws=5).set_index(["group_kind", "group"])
    for biome, group in rows.groupby("biome"):
        o, p = group["observed"].to_numpy(), group["predicted"].to_numpy()
        row = found.loc[("biome", biome)]
        assert row[["n", "unpredicted"]].tolist() == [(~np.isnan(p)).sum(), np.isnan(p).sum()]
        assert row["rmse"] == pytest.approx(scores(o, p).rmse)
        assert row["mean_site_rmse"] == pytest.approx(site_rmse(o, p, group["site"]).mean())
    for kind in ("biome", "season"):
        assert found.loc[kind][["n", "unpredicted"]].sum().sum() == len(rows)


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed):
    rows = held_out(seed)
    mixed = rows.sample(frac=1, random_state=seed)
    for table in (skill_table, lambda r, g, **o: relative_skill(r, "naive", g, **o)):
        first, second = (table(r, ["season", "biome"], draws=50) for r in (rows, mixed))
        pd.testing.assert_frame_equal(first, second, check_exact=True)


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.floats(-500, 500))
def test_a_shift_of_predictions_moves_the_bias_alone(seed, shift):
    rows = held_out(seed)
    first, second = (
        skill_table(r, [], draws=50).iloc[0]
        for r in (rows, rows.assign(predicted=rows["predicted"] + shift))
    )
    for end in ("", "_low", "_high"):
        assert second["r2" + end] == pytest.approx(first["r2" + end])
        assert second["mbe" + end] == pytest.approx(first["mbe" + end] + shift, abs=1e-9)


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_intervals_hold_the_estimate_and_widen_with_confidence(seed):
    rows = held_out(seed, sites=15, rows=400)
    table = skill_table(rows, ["biome"], draws=400)
    wide = skill_table(rows, ["biome"], draws=400, confidence=0.99)
    for name in INTERVALS:
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
        assert (wide[f"{name}_low"] <= table[f"{name}_low"]).all()


def test_sites_make_wider_intervals_than_rows():
    rows = held_out(0, sites=12, rows=600).dropna()
    by_site, by_row = (
        skill_table(r, [], draws=300).iloc[0]
        for r in (rows, rows.assign(site=np.arange(len(rows)).astype(str)))
    )
    width = [r["mbe_high"] - r["mbe_low"] for r in (by_site, by_row)]
    assert width[0] > 3 * width[1]


def test_the_mean_has_the_spread_that_theory_gives():
    values = np.random.default_rng(0).normal(size=40)
    low, high = site_bootstrap(
        np.stack([np.ones(40), values], axis=1), lambda s: s[:, 1:] / s[:, :1], draws=20_000
    )
    error = values.std() / np.sqrt(40)
    assert (high[0] - low[0]) == pytest.approx(2 * 1.96 * error, rel=0.03)


def test_one_site_has_scores_and_no_interval():
    row = skill_table(held_out(0, sites=1), []).iloc[0]
    assert row["sites"] == 1
    assert row["rmse"] > 0
    assert np.isnan([row["rmse_low"], row["mbe_high"]]).all()
    assert np.isnan(relative_skill(held_out(0, sites=1), "naive").iloc[0]["low"])


def test_rows_without_any_prediction_are_counted():
    row = skill_table(held_out().assign(predicted=np.nan), []).iloc[0]
    assert (row["n"], row["sites"], row["unpredicted"]) == (0, 0, 150)
    assert np.isnan(row["r2"])


def test_draws_of_a_single_value_do_not_make_up_a_correlation():
    rows = pd.DataFrame({"site": ["a", "b"], "observed": [1.1, 3.3], "predicted": [0.3, 0.7]})
    row = skill_table(rows, [], draws=200).iloc[0]
    assert (row["r2_low"], row["r2_high"]) == pytest.approx((1, 1))


def test_relative_skill_by_hand():
    rows = pd.DataFrame(
        {
            "site": ["a", "a", "b", "b"],
            "biome": ["tundra", "tundra", "boreal", "boreal"],
            "observed": [0.0, 0.0, 0.0, 0.0],
            "predicted": [1.0, 1.0, 2.0, np.nan],
            "naive": [2.0, 2.0, 1.0, 1.0],
        }
    )
    found = relative_skill(rows, "naive", ["biome"]).set_index("group")
    assert found["skill"].to_dict() == pytest.approx({"all": 1 / 3, "boreal": -3, "tundra": 0.75})
    assert found["unpredicted"].to_dict() == {"all": 1, "boreal": 1, "tundra": 0}
    assert np.isnan(relative_skill(rows.assign(naive=0.0), "naive").iloc[0]["skill"])


@pytest.mark.parametrize("options", [{"confidence": 1.5}, {"draws": 0}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InputError):
        skill_table(held_out(), [], **options)
