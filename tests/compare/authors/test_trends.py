"""Trends of the authors' series: the known table, plain code, and series of known slope."""

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abz.compare.authors.areas import with_continents
from abz.compare.authors.trends import METHODS, PERIODS, environment_trends, series_trends
from abz.errors import InputError
from abz.readers import read_published_budgets_8km, read_published_environment_8km

NEE = """
    ABZ               -15.45 -16.29 0.0000 -12.06 -14.06 0.018
    boreal            -12.36 -12.93 0.0000 -10.10 -10.67 0.018
    tundra             -2.43  -2.60 0.0000  -2.16  -2.58 0.013
    Eurasia           -11.46 -12.42 0.0000  -9.25  -9.34 0.013
    North-America      -3.76  -4.16 0.0001  -4.70  -5.19 0.023
    Siberian-tundra    -0.71  -0.84 0.007    0.15  -0.24 0.55
    East-Siberia       -5.01  -5.36 0.0000  -2.66  -3.43 0.023
    West-Siberia       -1.40  -1.36 0.006   -0.98  -0.98 0.44
    Fennoscandia       -4.25  -4.44 0.0000  -4.14  -4.57 0.001
    Alaska             -0.24  -0.50 0.16    -0.34  -0.19 0.77
    Canadian-tundra    -0.61  -0.66 0.003   -1.45  -1.55 0.001
    East-Canada        -1.16  -1.23 0.003   -0.03  -0.03 1.0
    West-Canada        -1.91  -2.04 0.000   -2.60  -2.59 0.038
"""
"""Known trends of NEE: area, then Sen, Zhang and its p from 1990 on, then from 2001 on."""

COMPONENTS = """
    gpp  ABZ             34.1 40.8 0.000 47.4 58.7 0.003
    gpp  boreal          28.8 32.7 0.000 37.4 45.2 0.006
    gpp  tundra           5.1  6.0 0.001  8.8  9.5 0.001
    gpp  Eurasia         29.6 32.9 0.000 32.8 36.3 0.003
    gpp  North-America    4.9  4.9 0.13  14.3 14.3 0.065
    reco ABZ             15.5 18.2 0.006 32.5 39.2 0.001
    reco boreal          11.2 14.6 0.008 22.7 26.9 0.004
    reco tundra           2.5  4.3 0.052  7.9  8.6 0.000
    reco Eurasia         16.7 19.4 0.001 24.0 26.9 0.002
    reco North-America   -1.2 -1.2 0.53   6.6  6.6 0.30
"""
"""The same of GPP and Reco, known to a tenth."""

ENVIRONMENT = {
    "air_temperature": (0.0454, 0.0470),
    "vpd": (2.2e-4, 3.0e-4),
    "snow_cover": (-0.118, -0.136),
    "ndvi": (5.5e-4, 4.6e-4),
    "soil_moisture": (6e-5, 0.0),
}
"""Known trends of the whole zone per year or layer: Sen and Zhang."""


@pytest.fixture(scope="module")
def budgets(real_data):
    folder = real_data / "published" / "abcfluxv1_modeling"
    return with_continents(read_published_budgets_8km([*folder.glob("*_budgets.csv")]))


@pytest.fixture(scope="module")
def trends(budgets):
    found = series_trends(budgets, ["flux", "area"], "tg")
    return found.set_index(["flux", "area", "first_year", "method"]).sort_index()


def known_trends():
    lines = [("nee", 0.01, line.split()) for line in NEE.strip().splitlines()]
    lines += [(w[0], 0.1, w[1:]) for w in map(str.split, COMPONENTS.strip().splitlines())]
    for flux, close, (name, *numbers) in lines:
        for first, own in ((1990, numbers[:3]), (2001, numbers[3:])):
            yield flux, name.replace("-", " "), first, own, close


def test_trends_are_those_known(trends):
    known = list(known_trends())
    assert len(known) == 2 * (13 + 10)
    for flux, area, first, (sen, zhang, p), close in known:
        own = trends.loc[(flux, area, first)]
        for method, slope in (("none", sen), ("zhang", zhang)):
            assert own.loc[method, "slope"] == pytest.approx(float(slope), abs=close), (flux, area)
        digits = len(p.split(".")[1])
        wanted = pytest.approx(float(p), abs=max(0.001, 0.51 * 10.0**-digits))
        assert own.loc["zhang", "p_value"] == wanted, (flux, area, first)


def plain_zhang(x):
    """Slope and p, pass after pass, with NumPy, SciPy and pymannkendall."""

    def correlation(d):
        a = d - d.mean()
        return (a[1:] * a[:-1]).sum() / (a**2).sum()

    t, c = np.arange(1, x.size + 1), correlation(x)
    y = x if c < 0.05 else x[1:] - c * x[:-1]
    b = stats.theilslopes(y).slope
    for _ in range(499 if c >= 0.05 else 0):
        latest = correlation(x - b * t)
        if latest < 0.05 and abs(latest - c) <= 1e-4:
            break
        y = (x[1:] - latest * x[:-1]) / (1 - latest)
        before, b = b, stats.theilslopes(y).slope
        if abs((b - before) / b) <= 1e-3 and abs(latest - c) <= 1e-4:
            break
        c = latest
    return b, pymannkendall.original_test(y).p


@pytest.mark.parametrize("flux", ["nee", "gpp", "reco"])
def test_all_areas_of_all_fluxes_agree_with_plain_code(trends, budgets, flux):
    """Slopes to 0.01 Tg C yr-1 per yr and p to 0.001, in both periods."""
    areas = budgets["area"].unique()
    assert len(areas) == 13
    for area in areas:
        series = budgets.query("flux == @flux and area == @area").set_index("year")["tg"]
        for first, last in PERIODS:
            slope, p = plain_zhang(series.loc[first:last].to_numpy())
            own = trends.loc[(flux, area, first)].loc["zhang"]
            assert own["slope"] == pytest.approx(slope, abs=0.01), (area, first)
            assert own["p_value"] == pytest.approx(p, abs=0.001), (area, first)


def test_series_that_never_rest_say_so(trends):
    restless = trends[~trends["converged"].astype(bool)]
    assert {key[:3] for key in restless.index} == {
        ("nee", "Alaska", 1990), ("reco", "boreal", 1990), ("reco", "Alaska", 1990),
    }  # fmt: skip
    assert (restless["iterations"] == 500).all()


def test_means_are_those_known(trends):
    late = trends.xs(2001, level="first_year").xs("none", level="method")
    known = {"nee": (-258.6, 90.2), "gpp": (9166, 356), "reco": (8915, 247)}
    for flux, (mean, sd) in known.items():
        assert late.loc[(flux, "ABZ"), "mean"] == pytest.approx(mean, abs=0.6)
        assert late.loc[(flux, "ABZ"), "sd"] == pytest.approx(sd, abs=0.6)


@given(slope=st.floats(-50, 50), level=st.floats(-500, 500), seed=st.integers(0, 99))
def test_sums_of_areas_and_shifts_leave_slopes_where_they_belong(slope, level, seed):
    years = np.arange(1990, 2017)
    noise = np.random.default_rng(seed).normal(0, 5, years.size)
    table = pd.DataFrame({"area": "a", "year": years, "tg": noise})
    moved = table.assign(tg=table["tg"] + level + slope * (years - 1990), area="b")
    both = pd.concat([moved, table])
    found = series_trends(both, ["area"], "tg", methods=["none"]).set_index(["area", "first_year"])
    for first, _ in PERIODS:
        change = found.loc[("b", first), "slope"] - found.loc[("a", first), "slope"]
        assert change == pytest.approx(slope, abs=1e-9)
    assert found.index.get_level_values("area").unique().tolist() == ["b", "a"]


def test_rows_come_by_series_then_period_then_method():
    years = np.arange(1990, 2017)
    table = pd.concat(
        pd.DataFrame({"flux": f, "area": a, "year": years, "tg": np.sin(years * 1.7) + years})
        for f in "xy" for a in "ba"
    )  # fmt: skip
    found = series_trends(table, ["flux", "area"], "tg")
    assert found[["flux", "area"]].drop_duplicates().to_numpy().tolist() == [
        ["x", "b"], ["x", "a"], ["y", "b"], ["y", "a"]
    ]  # fmt: skip
    assert found["method"].tolist() == [*METHODS] * 8
    assert found["n"].unique().tolist() == [27, 16]


def test_a_year_that_stands_there_twice_is_refused():
    table = pd.DataFrame({"area": "a", "year": [2001, 2001], "tg": [1.0, 2.0]})
    with pytest.raises(InputError, match="a year twice"):
        series_trends(table, ["area"], "tg")


def test_the_environment_is_tested_over_years_that_are_true(real_data):
    folder = real_data / "published" / "abcfluxv1_modeling"
    table = environment_trends(read_published_environment_8km([*folder.glob("*_means.csv")]))
    whole = table[table["area"] == "ABZ"].set_index(["variable", "method", "n"])
    for name, (sen, zhang) in ENVIRONMENT.items():
        close = 0.06 * abs(sen) + 1e-6
        assert whole.loc[(name, "none", 27), "slope"] == pytest.approx(sen, abs=close), name
        assert whole.loc[(name, "zhang", 27), "slope"] == pytest.approx(zhang, abs=close), name
    for name in ("ndvi", "soil_moisture"):
        rows = table[table["variable"] == name]
        assert (rows["years"] == "unknown").all()
        assert rows["first_year"].isna().all()
    covers = table[table["years"] == "layer"]
    assert covers["variable"].nunique() == 3
    assert (covers["first_year"] == 1982).all()
    assert (covers["last_year"] == 2010).all()
    assert set(table.loc[table["years"] == "stored", "first_year"]) == {1990, 2001}
