import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from abz.errors import InputError
from abz.modelling.components import PARTS, components, decompose, site_slopes
from abz.modelling.scores import scores

SEEDS = st.integers(0, 10**6)


def held_out(seed=0, sites=6, years=7):
    """Site-months with gaps: a site mean, a seasonal cycle, a trend and noise."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"s{i}" for i in range(sites)], range(2001, 2001 + years), range(1, 13)],
        names=["site", "year", "month"],
    )
    rows = index.to_frame(index=False)
    rows = rows[rng.random(len(rows)) < rng.choice([0.1, 0.5, 0.9], sites)[_number(rows["site"])]]
    number, season = _number(rows["site"]), np.cos(2 * np.pi * rows["month"] / 12)
    for side in ("observed", "predicted"):
        mean, size, slope = rng.normal([[0], [20], [0]], [[9], [5], [1]], (3, sites))[:, number]
        flux = mean + size * season + slope * (rows["year"] - 2000)
        rows[side] = flux + rng.normal(0, 3, len(rows))
    rows.loc[rng.random(len(rows)) < 0.05, "predicted"] = np.nan
    return rows.reset_index(drop=True)


def _number(sites):
    return np.unique(sites, return_inverse=True)[1]


@settings(max_examples=6)
@given(SEEDS)
def test_parts_add_up_to_the_flux_and_are_orthogonal(seed):
    rows = held_out(seed)
    parts = decompose(rows["observed"], rows["site"], rows["month"])
    np.testing.assert_allclose(parts.sum(axis=1), rows["observed"])
    centred = parts.sub({"site_mean": rows["observed"].mean(), "seasonal": 0, "anomaly": 0})
    total = ((rows["observed"] - rows["observed"].mean()) ** 2).sum()
    np.testing.assert_allclose((centred**2).sum().sum(), total)
    assert parts["seasonal"].groupby(rows["site"]).sum().abs().max() < 1e-9


@settings(max_examples=6)
@given(SEEDS)
def test_shares_add_up_to_one(seed):
    found = components(held_out(seed)).set_index("component")
    shares = found.loc[list(PARTS), ["observed_share", "error_share"]]
    assert shares.sum().tolist() == pytest.approx([1, 1])


@settings(max_examples=6)
@given(SEEDS)
def test_each_part_is_scored_as_written_out_with_loops(seed):
    rows = held_out(seed)
    found = components(rows).set_index("component")
    known = rows.dropna()
    pairs = {"total": known[["observed", "predicted"]].to_numpy().tolist()}
    pairs |= {"site_mean": [], "seasonal": [], "anomaly": []}
    for _, at_site in known.groupby("site"):
        mean = [at_site[side].mean() for side in ("observed", "predicted")]
        pairs["site_mean"].append(mean)
        for _, cell in at_site.groupby("month"):
            cycle = [cell[side].mean() for side in ("observed", "predicted")]
            if at_site["month"].nunique() > 1:
                pairs["seasonal"].append(np.subtract(cycle, mean))
            if cell["year"].nunique() >= 3:
                pairs["anomaly"] += list(cell[["observed", "predicted"]].to_numpy() - cycle)
    for part, listed in pairs.items():
        expected = scores(*np.reshape(listed, (-1, 2)).T)
        row = found.loc[part]
        assert row["n"] == expected.n
        for name in ("r2", "r2_sse", "rmse", "mae", "mbe"):
            assert row[name] == pytest.approx(getattr(expected, name), nan_ok=True, abs=1e-9)
    assert (found["unpredicted"] == rows["predicted"].isna().sum()).all()


@settings(max_examples=6)
@given(SEEDS)
def test_the_order_of_rows_does_not_matter(seed):
    rows = held_out(seed)
    for slope in ("ols", "theil_sen"):
        options = {"slope": slope, "detrend": True}
        mixed = components(rows.sample(frac=1, random_state=seed), **options)
        pd.testing.assert_frame_equal(components(rows, **options), mixed, check_exact=True)


@settings(max_examples=6)
@given(SEEDS, st.floats(-100, 100))
def test_a_bias_is_an_error_of_the_site_means_alone(seed, bias):
    rows = held_out(seed)
    first, second = (
        components(r).set_index("component")
        for r in (rows, rows.assign(predicted=rows["predicted"] + bias))
    )
    parts = ["total", "site_mean"]
    np.testing.assert_allclose(second.loc[parts, "mbe"], first.loc[parts, "mbe"] + bias, atol=1e-9)
    rest = ["seasonal", "anomaly", "trend"]
    np.testing.assert_allclose(second.loc[rest, "rmse"], first.loc[rest, "rmse"], atol=1e-9)
    np.testing.assert_allclose(second["r2"], first["r2"], atol=1e-6)


def test_least_squares_is_that_of_a_model_with_an_intercept_a_month():
    rows = held_out(4, years=9)
    slopes = site_slopes(rows, "observed")
    for site, value in slopes.items():
        model = smf.ols("observed ~ year + C(month)", rows[rows["site"] == site]).fit()
        assert value == pytest.approx(model.params["year"])


def test_theil_sen_is_that_of_scipy_where_there_is_one_month():
    rows = held_out(5, years=9)
    july = rows[rows["month"] == 7]
    slopes = site_slopes(july, "observed", method="theil_sen")
    assert len(slopes) > 1
    for site, value in slopes.items():
        one = july[july["site"] == site]
        assert value == pytest.approx(theilslopes(one["observed"], one["year"]).slope)


@pytest.mark.parametrize("method", ["ols", "theil_sen"])
def test_a_change_of_the_months_measured_is_no_trend(method):
    winter = [("a", year, month, 5.0) for year in range(2001, 2007) for month in (1, 2)]
    summer = [("a", year, 7, -90.0) for year in range(2004, 2007)]
    rows = pd.DataFrame(winter + summer, columns=["site", "year", "month", "nee"])
    assert site_slopes(rows, "nee", method=method)["a"] == 0


def test_anomalies_need_years_and_trends_more():
    rows = pd.DataFrame({"site": "a", "year": [2001, 2002] * 2, "month": [1, 1, 7, 7]})
    rows = rows.assign(observed=[1.0, 2, -5, -8], predicted=0.0)
    counts = components(rows).set_index("component")["n"]
    assert counts[["anomaly", "trend"]].tolist() == [0, 0]
    assert components(rows, min_years=2).set_index("component").loc["anomaly", "n"] == 4
    assert components(rows, min_years=2, min_trend_years=2)["n"].iloc[-1] == 1


def test_detrended_anomalies_lose_a_trend_and_nothing_else():
    rows = held_out(6).assign(predicted=lambda r: r["observed"] + 2.0 * (r["year"] - 2000))
    raw, flat = (components(rows, detrend=d).set_index("component") for d in (False, True))
    assert raw.loc["anomaly", "rmse"] > 1
    assert raw.loc["trend", "mbe"] == pytest.approx(2)
    long = rows.groupby("site")["year"].nunique() >= 5
    kept = rows[rows["site"].isin(long[long].index)]
    assert components(kept, detrend=True, min_years=1)["rmse"][3] == pytest.approx(0, abs=1e-9)
    pd.testing.assert_frame_equal(raw.drop("anomaly"), flat.drop("anomaly"))


def test_no_prediction_leaves_nothing_to_score():
    found = components(held_out().assign(predicted=np.nan))
    assert (found["n"] == 0).all()
    assert (found["unpredicted"] == len(held_out())).all()


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="theil_sen"):
        site_slopes(held_out(), "observed", method="sen")
