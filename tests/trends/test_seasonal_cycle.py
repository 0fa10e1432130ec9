"""Amplitude and months of the seasonal cycle, on cycles made by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import InputError
from abz.trends import AMPLITUDE_DEFINITIONS, amplitude_change, monthly_change, trend_series
from abz.trends.seasonal_cycle import halves


def monthly(flux, years=range(2001, 2021), members=(0,)):
    """Budgets of one zone: `flux(year, month, member)`."""
    return pd.DataFrame(
        [
            {"model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "member": k,
             "year": y, "month": m, "g_m2": flux(y, m, k)}
            for k in members for y in years for m in range(1, 13)
        ]
    )  # fmt: skip


def growing(y, m, k):
    return (80 + 1.0 * (y - 2001) + 10 * k) * np.cos(np.pi * m / 6) / 2


def test_an_amplitude_that_grows_by_a_line_is_found_in_all_definitions():
    table = amplitude_change(monthly(growing)).set_index("definition")
    assert list(table.index) == list(AMPLITUDE_DEFINITIONS)
    assert table.loc["trend", "change"] == pytest.approx(100 * 19 / 80)
    assert table.loc["prewhitened", "change"] == pytest.approx(100 * 19 / 80)
    assert table.loc["five_years", "change"] == pytest.approx(100 * 15 / 82)
    assert table.loc["halves", "change"] == pytest.approx(100 * 10 / 84.5)
    assert table.loc["mean_cycle", "change"] == pytest.approx(100 * 10 / 84.5)
    assert (table["p_value"] < 0.001).all()
    assert (table["n"] == 20).all()


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(0.1, 50))
def test_the_change_knows_neither_level_nor_unit(seed, factor):
    noise = np.random.default_rng(seed).normal(size=(20, 13))

    def cycle(y, m, k):
        return 30 * np.cos(np.pi * m / 6) + noise[y - 2001, m]

    plain = amplitude_change(monthly(cycle))["change"]
    moved = amplitude_change(monthly(lambda y, m, k: factor * (cycle(y, m, k) + 7)))["change"]
    np.testing.assert_allclose(plain, moved, rtol=1e-6, atol=1e-9)


def noisy(seed=4, rho=0.8):
    """Cycles whose amplitude drifts: prewhitening, and how it is done, matter."""
    drift, rng = np.zeros(20), np.random.default_rng(seed)
    for year in range(1, 20):
        drift[year] = rho * drift[year - 1] + rng.normal(0.5, 2)
    return monthly(lambda y, m, k: (30 + drift[y - 2001]) * np.cos(np.pi * m / 6))


@pytest.mark.parametrize("method", ["zhang", "yue_pilon"])
@pytest.mark.parametrize("preserve_range", [False, True])
def test_by_a_naive_version(method, preserve_range):
    table = noisy()
    yearly = table.groupby("year")["g_m2"].agg(lambda v: v.max() - v.min())
    values, years = yearly.to_numpy()[None], yearly.index.to_numpy()
    raw = trend_series(values, years, "none")
    tested = trend_series(values, years, method, preserve_range=preserve_range)
    first = raw.intercept[0] + raw.slope[0]
    found = amplitude_change(table, method, preserve_range).set_index("definition")
    assert found.loc["trend", "change"] == pytest.approx(100 * 19 * raw.slope[0] / first)
    assert found.loc["prewhitened", "change"] == pytest.approx(100 * 19 * tested.slope[0] / first)
    assert found.loc["trend", "before"] == pytest.approx(first)
    assert found["p_value"].to_numpy() == pytest.approx(np.full(5, tested.p_value[0]))
    assert raw.slope[0] != tested.slope[0]


def test_sets_and_fluxes_keep_their_own_years():
    """The years of one are not missing years of the other."""
    fine, coarse = monthly(growing), monthly(growing, range(1990, 2017))
    gpp = monthly(growing, range(2003, 2019)).assign(flux="gpp")
    coarse["model_set"] = "coarse"
    together = pd.concat([fine, coarse, gpp], ignore_index=True)
    for change in (amplitude_change, monthly_change):
        alone = pd.concat([change(part) for part in (fine, coarse, gpp)], ignore_index=True)
        pd.testing.assert_frame_equal(change(together), alone)
        assert (
            alone.drop(columns=["member_sd", "late_member_sd"], errors="ignore")
            .notna()
            .all(axis=None)
        )


def test_the_error_of_a_month_is_that_of_two_means():
    table = noisy()
    july = table.query("month == 7").set_index("year")["g_m2"]
    parts = (july.loc[:2010], july.loc[2011:])
    found = monthly_change(table).set_index("month").loc[7]
    assert found["years_se"] == pytest.approx(np.hypot(*(part.sem() for part in parts)))
    assert found["early"] == pytest.approx(parts[0].mean())
    assert found["difference"] == pytest.approx(parts[1].mean() - parts[0].mean())


def test_members_spread_and_the_central_one_counts():
    table = monthly(lambda y, m, k: growing(y, m, k * (y - 2000) / 20), members=range(4))
    central = amplitude_change(table[table["member"] == 0])
    spread = amplitude_change(table)
    np.testing.assert_allclose(spread["change"], central["change"])
    assert (spread["member_sd"] > 0).all()
    assert central["member_sd"].isna().all()


def test_months_between_decades():
    table = monthly(lambda y, m, k: (m == 7) * (-3.0 - k) * (y >= 2011), members=range(3))
    found = monthly_change(table).set_index("month")
    assert found["difference"].tolist() == [0.0] * 6 + [-3.0] + [0.0] * 5
    row = found.loc[7, ["early_first", "early_last", "late_first", "late_last"]]
    assert row.tolist() == [2001, 2010, 2011, 2020]
    assert found.loc[7, "member_sd"] == pytest.approx(np.std([4.0, 5.0], ddof=1))
    assert found.loc[7, "late_member_sd"] == pytest.approx(np.std([4.0, 5.0], ddof=1))
    assert found["years_se"].eq(0).all()


def test_the_middle_year_of_an_odd_number_belongs_to_no_half():
    early, late = halves(np.arange(1990, 2017))
    assert (early[-1], late[0]) == (2002, 2004)
    assert early.size == late.size


def test_years_with_a_missing_month_do_not_count():
    table = monthly(growing)
    short = table[(table["year"] != 2020) | (table["month"] < 12)]
    assert (amplitude_change(short)["last_year"] == 2019).all()


def test_no_whole_year_is_an_error():
    with pytest.raises(InputError, match="no whole year"):
        amplitude_change(monthly(growing).query("month < 5"))
    with pytest.raises(InputError, match="no whole year"):
        monthly_change(monthly(growing).iloc[:0])
