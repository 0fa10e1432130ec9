"""Means over years: of the central member, with what the others and the years scatter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import mean_budgets
from abz.errors import InputError

KEYS = ["zone", "season"]


def budgets(seed=0, years=range(2001, 2006), members=4):
    rng = np.random.default_rng(seed)
    rows = [
        {"zone": zone, "season": season, "year": year, "member": member, "tg": rng.normal(-50, 20),
         "g_m2": rng.normal(-3, 1), "area_m2": area, "valid_share": rng.random()}
        for zone, area in (("tundra", 7e12), ("boreal", 14e12)) for season in ("JJA", "SON")
        for year in years for member in range(members)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@given(seed=st.integers(0, 2**32 - 1), members=st.integers(1, 4))
def test_as_plain_loops_do(seed, members):
    table = budgets(seed, members=members)
    found = mean_budgets(table, KEYS)
    assert found[KEYS].values.tolist() == table[KEYS].drop_duplicates().values.tolist()
    for row in found.itertuples():
        own = table[(table["zone"] == row.zone) & (table["season"] == row.season)]
        central = own[own["member"] == 0]
        means = [own[own["member"] == m]["tg"].mean() for m in range(1, members)]
        assert row.budget == pytest.approx(central["tg"].mean())
        assert row.per_area == pytest.approx(central["g_m2"].mean())
        assert row.interannual_sd == pytest.approx(np.std(central["g_m2"], ddof=1))
        assert row.valid_share == pytest.approx(central["valid_share"].mean())
        assert (row.first_year, row.last_year, row.years) == (2001, 2005, 5)
        assert row.area_m2 == own["area_m2"].iloc[0]
        sd, mean = (np.std(means, ddof=1) if len(means) > 1 else np.nan,
                    np.mean(means) if means else np.nan)  # fmt: skip
        np.testing.assert_allclose([row.budget_sd, row.members_mean], [sd, mean])


def test_years_without_a_value_count_for_nothing():
    table = budgets()
    table.loc[(table["zone"] == "tundra") | (table["year"] == 2001), "tg"] = np.nan
    found = mean_budgets(table, KEYS)
    assert set(found["zone"]) == {"boreal"}
    assert (found["first_year"] == 2002).all()
    assert (found["years"] == 4).all()


def test_signs_flip_budgets_and_leave_spreads():
    table = budgets()
    flipped = table.assign(tg=-table["tg"], g_m2=-table["g_m2"])
    ours, theirs = mean_budgets(table, KEYS), mean_budgets(flipped, KEYS)
    for name in ("budget", "per_area", "members_mean"):
        np.testing.assert_allclose(ours[name], -theirs[name])
    for name in ("budget_sd", "interannual_sd"):
        np.testing.assert_allclose(ours[name], theirs[name])


@pytest.mark.parametrize("name", ["season", "tg", "valid_share"])
def test_a_missing_column_is_named(name):
    with pytest.raises(InputError, match=name):
        mean_budgets(budgets().drop(columns=name), KEYS)
