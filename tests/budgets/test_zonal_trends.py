"""Trends of budgets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.budgets import zonal_trends
from abz.errors import InputError
from abz.trends import trend_series

YEARS = np.arange(2001, 2021)


def budgets(members=4, flux="nee", years=YEARS, model_set="fine", seed=0):
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"model_set": model_set, "flux": flux, "zone_set": zone_set, "zone": zone,
                      "member": member, "year": years,
                      "tg": -14.0 * (years - 2001) + rng.normal(0, 60, len(years)).cumsum()})
        for zone_set, zone in (("abz", "ABZ"), ("biome", "tundra"))
        for member in range(members)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def row(table, **keys):
    for name, value in keys.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def series(annual, member):
    rows = annual[(annual["zone"] == "ABZ") & (annual["member"] == member)]
    return rows.sort_values("year")["tg"].to_numpy()


@pytest.mark.parametrize("method", ["zhang", "none"])
def test_central_slope_and_spread_of_the_members(method):
    annual = budgets()
    found = row(zonal_trends(annual.sample(frac=1, random_state=1), method), zone="ABZ")
    central = trend_series(series(annual, 0)[None], YEARS, method)
    for name in ("slope", "lower", "upper", "p_value"):
        assert found[name] == getattr(central, name)[0]
    drawn = [trend_series(series(annual, m)[None], YEARS, method) for m in (1, 2, 3)]
    slopes = [each.slope[0] for each in drawn]
    errors = [(each.upper[0] - each.lower[0]) / 3.919928 for each in drawn]
    ratio = np.std(slopes, ddof=1) / np.sqrt(np.mean(np.square(errors)))
    assert found["slope_mean"] == pytest.approx(np.mean(slopes))
    assert found["spread_over_noise"] == pytest.approx(ratio, rel=1e-6)
    assert found["slope_sd"] == pytest.approx(np.std(slopes, ddof=1))
    assert found["below_zero"] == np.mean(np.array(slopes) < 0)
    assert (found["first_year"], found["last_year"], found["n"]) == (2001, 2020, 20)
    assert found["method"] == method


def test_sets_and_fluxes_keep_their_own_years():
    annual = pd.concat(
        [budgets(), budgets(flux="nee_fire", years=YEARS[1:]),
         budgets(model_set="coarse", years=np.arange(1990, 2017))], ignore_index=True
    )  # fmt: skip
    found = zonal_trends(annual)
    assert len(found) == 6
    assert row(found, flux="nee_fire", zone="ABZ")["n"] == 19
    coarse = row(found, model_set="coarse", zone="ABZ")
    assert (coarse["first_year"], coarse["n"]) == (1990, 27)


def test_a_missing_year_keeps_its_place():
    annual = budgets(members=1)
    annual.loc[annual["year"] == 2005, "tg"] = np.nan
    found = row(zonal_trends(annual, "none"), zone="ABZ")
    gap = trend_series(series(annual, 0)[None], YEARS, "none")
    assert found["n"] == 19
    assert found["slope"] == gap.slope[0]


def test_fire_has_no_members():
    found = row(zonal_trends(budgets(1, "fire")), zone="ABZ")
    assert np.isfinite(found["slope"])
    assert found[["slope_mean", "slope_sd", "below_zero", "spread_over_noise"]].isna().all()


def test_members_without_a_trend_take_no_part():
    annual = budgets(members=5)
    annual.loc[annual["member"].isin([2, 4]), "tg"] = np.nan
    kept = annual[~annual["member"].isin([2, 4])]
    columns = ["slope", "slope_mean", "slope_sd", "below_zero", "spread_over_noise"]
    pd.testing.assert_frame_equal(zonal_trends(annual)[columns], zonal_trends(kept)[columns])


def test_a_missing_column_is_an_error():
    with pytest.raises(InputError, match="tg"):
        zonal_trends(budgets().drop(columns="tg"))
