"""Trends of series: the oracle, independent implementations, invariants, edges."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from abz.errors import InputError
from abz.trends import METHODS, trend_series

METHOD_OF = {"zhang": "zhang", "yuepilon": "yue_pilon"}
COLUMNS = {
    "slope": "trend", "lower": "lbound", "upper": "ubound", "intercept": "intercept",
    "tau": "tau", "p_value": "sig", "autocorrelation": "autocor", "iterations": "nruns",
}  # fmt: skip
TOLERANCE = {"tau": 1e-6, "p_value": 1e-6}
"""Kendall returns both in single precision; all else is compared to 1e-9."""

STRAIGHT_LINES = ("perfect line", "float32-tie trap 1e6+0.01t")
"""zyp fails at the first and whitens the rounding errors of the second."""


def one(series, method="none", years=None, **options):
    """The trend of one series, as a dict of scalars."""
    values = np.asarray(series, float)[None]
    result = trend_series(
        values, np.arange(values.size) if years is None else years, method, **options
    )
    return {name: getattr(result, name)[0] for name in result.__dataclass_fields__}


def batches(ids, all_values):
    """Series of equal length together: (ids, values (n_series, n_years))."""
    for _, chosen in ids.groupby(ids.map(lambda i: all_values[i].size)):
        yield chosen.to_numpy(), np.stack([all_values[i] for i in chosen])


@pytest.fixture(scope="module")
def oracle(real_data):
    folder = real_data / "trend_oracle"
    values = pd.read_csv(folder / "series_values.csv", float_precision="round_trip")
    series = {i: group.to_numpy() for i, group in values.groupby("series_id")["value"]}
    return series, pd.read_csv(folder / "zyp_all.csv", float_precision="round_trip")


@pytest.mark.parametrize("preserve_range", [False, True])
@pytest.mark.parametrize("method", ["zhang", "yuepilon"])
def test_agrees_with_zyp_on_every_series(oracle, method, preserve_range):
    """No series is left out: ties beyond float32, cycles and chaotic iterations all agree."""
    series, expected = oracle
    rows = expected.query("method == @method and preserve_range == @preserve_range")
    rows = rows.set_index("series_id")
    assert len(rows) == len(series)
    for ids, values in batches(rows.index.to_series(), series):
        years = np.arange(values.shape[1])
        got = trend_series(values, years, METHOD_OF[method], preserve_range=preserve_range)
        want = rows.loc[ids]
        finite = np.isfinite(want["trend"].to_numpy())
        np.testing.assert_array_equal(np.isfinite(got.slope), finite)
        np.testing.assert_array_equal(got.iterations > 0, finite)
        scale = np.nanmax(np.abs(values[finite]), axis=1)
        for name, column in COLUMNS.items():
            tolerance = TOLERANCE.get(name, 1e-9)
            a, b = getattr(got, name)[finite], want[column].to_numpy()[finite]
            size = np.abs(b) + (1e-4 * scale if name in ("slope", "lower", "upper") else 1e-4)
            wrong = ~(np.abs(a - b) <= tolerance * size) & ~(np.isnan(a) & np.isnan(b))
            if name == "p_value":
                wrong = ~(np.abs(a - b) <= tolerance)
            assert not wrong.any(), (name, ids[finite][wrong], a[wrong], b[wrong])


def test_agrees_with_zyp_on_the_golden_set(real_data):
    text = (real_data / "trend_oracle" / "zyp_golden.json").read_text()
    golden = json.loads(text.replace("NaN", "null"))
    compared = 0
    for case in golden["cases"]:
        if case["tag"] in STRAIGHT_LINES:
            continue
        series = np.array([np.nan if v is None else v for v in case["y"]], float)
        for key, method, preserve_range in (
            ("zhang_preserve_false", "zhang", False), ("zhang_preserve_true", "zhang", True),
            ("yuepilon_preserve_false", "yue_pilon", False),
            ("yuepilon_preserve_true", "yue_pilon", True),
        ):  # fmt: skip
            wanted = dict(zip(golden["columns"], case[key].get("values") or [], strict=False))
            if wanted.get("trend") is None:
                continue
            got = one(series, method, preserve_range=preserve_range)
            compared += 1
            for name, column in COLUMNS.items():
                if wanted[column] is not None:
                    assert got[name] == pytest.approx(
                        wanted[column], rel=1e-6 if name == "tau" else 1e-9, abs=1e-6
                    ), (case["tag"], key, name)
    assert compared == 128


KNOWN = {
    "NEE": """
        full           -15.45 -16.29 0.0000  -12.06 -14.06 0.018
        Boreal         -12.36 -12.93 0.0000  -10.10 -10.67 0.018
        Tundra          -2.43  -2.60 0.0000   -2.16  -2.58 0.013
        Eurasia        -11.46 -12.42 0.0000   -9.25  -9.34 0.013
        North-America   -3.76  -4.16 0.0001   -4.70  -5.19 0.023
        siberia_tundra  -0.71  -0.84 0.007     0.15  -0.24 0.55
        east_siberia    -5.01  -5.36 0.0000   -2.66  -3.43 0.023
        west_siberia    -1.40  -1.36 0.006    -0.98  -0.98 0.44
        fenno           -4.25  -4.44 0.0000   -4.14  -4.57 0.001
        alaska          -0.24  -0.50 0.16     -0.34  -0.19 0.77
        canada_tundra   -0.61  -0.66 0.003    -1.45  -1.55 0.001
        east_canada     -1.16  -1.23 0.003    -0.03  -0.03 1.0
        west_canada     -1.91  -2.04 0.000    -2.60  -2.59 0.038
    """,
    "GPP": """
        full            34.1   40.8  0.000    47.4   58.7  0.003
        Boreal          28.8   32.7  0.000    37.4   45.2  0.006
        Tundra           5.1    6.0  0.001     8.8    9.5  0.001
        Eurasia         29.6   32.9  0.000    32.8   36.3  0.003
        North-America    4.9    4.9  0.13     14.3   14.3  0.065
    """,
    "Reco": """
        full            15.5   18.2  0.006    32.5   39.2  0.001
        Boreal          11.2   14.6  0.008    22.7   26.9  0.004
        Tundra           2.5    4.3  0.052     7.9    8.6  0.000
        Eurasia         16.7   19.4  0.001    24.0   26.9  0.002
        North-America   -1.2   -1.2  0.53      6.6    6.6  0.30
    """,
}
"""Trends of the authors' 8-km budgets, computed elsewhere with SciPy: area, then Sen, Zhang and its
p from 1990 on, then from 2001 on."""

CONTINENTS = {
    "Eurasia": ["siberia_tundra", "east_siberia", "west_siberia", "fenno"],
    "North-America": ["alaska", "canada_tundra", "east_canada", "west_canada"],
}


def published_budgets(real_data, flux):
    """Budgets (year × area) of a flux, Tg C yr-1."""
    path = real_data / "published" / "abcfluxv1_modeling" / f"{flux}_gC_m2_8km_budgets.csv"
    table = pd.read_csv(path).pivot(index="year", columns="area", values="budget")
    return table.assign(**{name: table[parts].sum(axis=1) for name, parts in CONTINENTS.items()})


def plain_zhang(x):
    """Slope and whitened series, pass after pass, in NumPy alone."""
    t = np.arange(1, x.size + 1)

    def correlation(d):
        a = d - d.mean()
        return (a[1:] * a[:-1]).sum() / (a**2).sum()

    c = correlation(x)
    if c < 0.05:
        return stats.theilslopes(x).slope, x
    y = x[1:] - c * x[:-1]
    b = stats.theilslopes(y).slope
    for _ in range(499):
        latest = correlation(x - b * t)
        if latest < 0.05 and abs(latest - c) <= 1e-4:
            break
        y = (x[1:] - latest * x[:-1]) / (1 - latest)
        before, b = b, stats.theilslopes(y).slope
        if abs((b - before) / b) <= 1e-3 and abs(latest - c) <= 1e-4:
            break
        c = latest
    return b, y


@pytest.mark.parametrize("first", [1990, 2001])
@pytest.mark.parametrize("flux", KNOWN)
def test_trends_of_the_published_budgets_are_those_known(real_data, flux, first):
    table = published_budgets(real_data, flux).loc[first:]
    decimals = 2 if flux == "NEE" else 1
    for line in KNOWN[flux].strip().splitlines():
        area, *numbers = line.split()
        sen, zhang, p = numbers[:3] if first == 1990 else numbers[3:]
        tested, raw = (one(table[area], m, table.index.to_numpy()) for m in ("zhang", "none"))
        for got, wanted in ((tested["slope"], zhang), (raw["slope"], sen)):
            assert got == pytest.approx(float(wanted), abs=10.0**-decimals), (area, wanted)
        digits = len(p.split(".")[1])
        tolerance = 1e-4 if digits == 4 else max(1e-3, 0.5 * 10.0**-digits)
        assert tested["p_value"] == pytest.approx(float(p), abs=tolerance), area


@pytest.mark.parametrize("first", [1990, 2001])
@pytest.mark.parametrize("flux", KNOWN)
def test_trends_of_the_published_budgets_are_those_of_plain_code(real_data, flux, first):
    """All areas, with or without a known trend; 500 passes that never rest among them."""
    table = published_budgets(real_data, flux).loc[first:]
    for area, budget in table.items():
        slope, whitened = plain_zhang(budget.to_numpy())
        got = one(budget, "zhang", table.index.to_numpy())
        assert got["slope"] == pytest.approx(slope, abs=1e-9), area
        p = pymannkendall.original_test(whitened.astype(np.float32)).p
        assert got["p_value"] == pytest.approx(p, abs=1e-12), area


def test_budgets_that_never_settle_say_so(real_data):
    restless = {
        (flux, area)
        for flux in KNOWN
        for area, budget in published_budgets(real_data, flux).items()
        if not one(budget, "zhang")["converged"]
    }
    assert restless == {("NEE", "alaska"), ("Reco", "Boreal"), ("Reco", "alaska")}


smooth = st.integers(5, 30).flatmap(
    lambda n: arrays(np.float64, n, elements=st.integers(-999, 999).map(lambda k: k / 8))
)
gappy = smooth.flatmap(
    lambda y: st.lists(st.booleans(), min_size=y.size, max_size=y.size).map(
        lambda gaps: np.where(np.array(gaps) & (np.arange(y.size) % 3 == 1), np.nan, y)
    )
)


@given(smooth)
def test_without_prewhitening_it_is_scipy_and_pymannkendall(series):
    assume(np.ptp(series) > 0 and np.count_nonzero(series) >= 3)
    got = one(series)
    reference = pymannkendall.original_test(series)
    assert got["p_value"] == pytest.approx(reference.p, abs=1e-12)
    assert got["slope"] == pytest.approx(reference.slope, abs=1e-12)
    assert got["slope"] == pytest.approx(stats.theilslopes(series).slope, abs=1e-12)
    assert got["tau"] == pytest.approx(stats.kendalltau(np.arange(series.size), series).statistic)


@given(gappy, st.sampled_from(list(METHODS)), st.booleans())
def test_sign_flips(series, method, preserve_range):
    up, down = (one(s, method, preserve_range=preserve_range) for s in (series, -series))
    for name in ("slope", "tau", "intercept"):
        np.testing.assert_allclose(down[name], -up[name], atol=1e-9)
    for name in ("p_value", "autocorrelation", "iterations"):
        np.testing.assert_allclose(down[name], up[name])


@given(gappy, st.sampled_from(list(METHODS)), st.sampled_from([0.25, 8.0, 1024.0]))
def test_scale(series, method, factor):
    plain, scaled = one(series, method), one(series * factor, method)
    for name in ("slope", "lower", "upper", "intercept"):
        np.testing.assert_allclose(scaled[name], factor * plain[name], rtol=1e-12)
    for name in ("p_value", "tau", "autocorrelation", "iterations", "converged"):
        np.testing.assert_array_equal(scaled[name], plain[name])


@given(gappy, st.integers(-100, 100))
def test_shift(series, offset):
    shifted = series + offset
    for values in (series, shifted):
        assume(np.count_nonzero(values[np.isfinite(values)]) >= 3)
    plain, moved = one(series), one(shifted)
    np.testing.assert_allclose(moved["slope"], plain["slope"], atol=1e-12)
    np.testing.assert_allclose(moved["p_value"], plain["p_value"])
    np.testing.assert_allclose(moved["intercept"], plain["intercept"] + offset, atol=1e-9)


@given(gappy)
def test_time_reversal(series):
    forward, backward = one(series), one(series[::-1])
    np.testing.assert_allclose(backward["slope"], -forward["slope"], atol=1e-12)
    np.testing.assert_allclose(backward["p_value"], forward["p_value"])


@given(st.sampled_from(list(METHODS)), st.integers(0, 2**32 - 1))
def test_rows_are_independent_of_each_other(method, seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(12, 15)).cumsum(axis=1)
    table[rng.random(table.shape) < 0.1] = np.nan
    order = rng.permutation(12)
    whole, mixed = (trend_series(t, np.arange(15), method) for t in (table, table[order]))
    for name in whole.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(mixed, name), getattr(whole, name)[order])


@pytest.mark.parametrize("method", METHODS)
def test_years_that_are_left_out_are_missing(method):
    rng = np.random.default_rng(4)
    series = rng.normal(size=20).cumsum()
    series[[3, 11]] = np.nan
    kept = np.isfinite(series)
    whole = one(series, method, np.arange(2001, 2021))
    assert one(series[kept], method, np.arange(2001, 2021)[kept]) == whole


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_straight_line_has_its_slope_and_the_raw_p(method, offset):
    got = one(offset - 2.5 * np.arange(20.0), method)
    assert got["slope"] == pytest.approx(-2.5, abs=1e-9)
    wanted = one(np.arange(19.0 if method == "prewhiten" else 20.0))["p_value"]
    assert got["p_value"] == (0.001 if method == "block_bootstrap" else wanted)
    assert got["converged"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "series",
    [
        np.full(20, 3.25),
        np.full(20, 0.1),
        np.full(20, np.nan),
        [1.0, 2.0, 4.0],
        np.zeros(9),
        np.append(np.arange(19.0) % 5, np.inf),
        np.append(np.arange(19.0) % 5, [-np.inf, np.inf]),
    ],
    ids=["constant", "constant with rounding", "missing", "short", "zero", "infinite", "both"],
)
def test_no_result(series, method):
    got = one(series, method)
    assert np.isnan([got["slope"], got["p_value"], got["tau"]]).all()
    assert got["iterations"] == 0
    assert not got["converged"]
    assert got["n_valid"] == np.count_nonzero(~np.isnan(series))


def test_autocorrelation_of_one_gives_nan():
    series = np.full(20, np.nan)
    series[[0, 1, 5, 6, 12, 13]] = [-9.0, -9.0, 0.1, 0.1, 9.0, 9.0]
    assert np.isnan(one(series, "zhang", preserve_range=True)["slope"])


@given(st.integers(0, 2**32 - 1), st.integers(5, 30))
def test_prewhitening_is_that_of_pymannkendall(seed, n):
    series = np.random.default_rng(seed).normal(size=n).cumsum()
    for method, reference in (
        ("prewhiten", pymannkendall.pre_whitening_modification_test(series)),
        ("trend_free_prewhitening",
         pymannkendall.trend_free_pre_whitening_modification_test(series)),
    ):  # fmt: skip
        got = one(series, method)
        assert got["p_value"] == pytest.approx(reference.p, abs=1e-12)
        assert got["slope"] == pytest.approx(reference.slope, abs=1e-12)


@given(gappy, st.booleans())
def test_trend_free_prewhitening_is_yue_pilon_with_the_raw_slope(series, preserve_range):
    named, flagged = (
        one(series, method, preserve_range=preserve_range, raw_slope=True)
        for method in ("trend_free_prewhitening", "yue_pilon")
    )
    np.testing.assert_equal(named, flagged)


@pytest.mark.parametrize(
    "method", ["prewhiten", "trend_free_prewhitening", "hamed_rao", "block_bootstrap"]
)
def test_slopes_of_the_series_itself(method):
    series = np.random.default_rng(5).normal(size=25).cumsum()
    got, plain = one(series, method), one(series)
    assert got["slope"] == plain["slope"]
    assert got["intercept"] == plain["intercept"]
    assert got["p_value"] != plain["p_value"]


def test_raw_slope_keeps_the_test():
    series = np.random.default_rng(2).normal(size=25).cumsum()
    tested, raw = (one(series, "yue_pilon", raw_slope=flag) for flag in (False, True))
    assert raw["p_value"] == tested["p_value"]
    assert raw["slope"] == one(series)["slope"] != tested["slope"]
    assert raw["lower"] == one(series)["lower"]


def test_float32_and_strided_input():
    table = np.random.default_rng(3).normal(size=(15, 40)).astype(np.float32)
    views = trend_series(table.T, np.arange(15))
    copies = trend_series(np.ascontiguousarray(table.T, np.float64), np.arange(15))
    np.testing.assert_array_equal(views.slope, copies.slope)


@pytest.mark.parametrize(
    "years", [[2001, 2001, 2002], [2003, 2002, 2001], [2001, 2002], [2001.5, 2002, 2003]]
)
def test_wrong_years_are_an_error(years):
    with pytest.raises(InputError, match="years"):
        trend_series(np.ones((1, 3)), np.array(years))


@pytest.mark.parametrize(
    "options",
    [{"preserve_range": "no"}, {"raw_slope": 1}, {"draws": -1}, {"seed": -1}, {"seed": "a"},
     {"lags": 0}],
)  # fmt: skip
@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_option_is_an_error_whatever_the_method(method, options):
    with pytest.raises(InputError, match=next(iter(options))):
        trend_series(np.ones((1, 3)), np.arange(3), method, **options)


def test_unknown_method_is_an_error():
    with pytest.raises(InputError, match="did you mean 'zhang'"):
        trend_series(np.ones((1, 3)), np.arange(3), "zang")
