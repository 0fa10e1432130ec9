"""Composites by years since fire: counts, naive means, and a recovery that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.fire import CellComposites, burned_by_age, burned_years, site_composites
from abz.world.burning import FLUX_RECOVERY_YEARS, scars
from abz.world.fields import unit_vectors


def site_months(years=range(2004, 2010), sites=("a", "b")):
    rng = np.random.default_rng(5)
    rows = [
        {"site": site, "year": year, "month": month, "disturbance": "Fire",
         "disturbance_year": 2004.0 - (site == "b"), "nee": rng.normal(), "gpp": rng.normal(),
         "reco": rng.normal(), "ndvi": rng.random()}
        for site in sites for year in years for month in range(1, 13)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def pick(table, **keys):
    for name, value in keys.items():
        table = table[table[name] == value]
    return table


def test_july_equals_the_naive_mean():
    rows = site_months()
    table = site_composites(rows, 18)
    for age in range(7):
        july = rows[(rows["month"] == 7) & (rows["year"] - rows["disturbance_year"] == age)]
        found = pick(table, variable="gpp", when="July", years_since_fire=age).iloc[0]
        assert found["mean"] == pytest.approx(july["gpp"].mean())
        assert found["site_years"] == len(july)
        assert found["sites"] == july["site"].nunique()
    assert table["years_since_fire"].max() == 6


def test_annual_fluxes_are_sums_and_ndvi_is_a_mean():
    rows = site_months(sites=("a",))
    annual = pick(site_composites(rows, 18), when="annual", years_since_fire=2)
    year = rows[rows["year"] == 2006]
    assert pick(annual, variable="nee")["mean"].item() == pytest.approx(year["nee"].sum())
    assert pick(annual, variable="ndvi")["mean"].item() == pytest.approx(year["ndvi"].mean())
    assert np.isnan(pick(annual, variable="nee")["sd"].item())


def test_a_year_with_a_gap_has_no_annual_value():
    rows = site_months(sites=("a",))
    rows.loc[(rows["year"] == 2006) & (rows["month"] == 1), "reco"] = np.nan
    annual = pick(site_composites(rows, 18), when="annual", years_since_fire=2)
    assert set(annual["variable"]) == {"nee", "gpp", "ndvi"}
    short = site_composites(rows[rows["month"] != 12], 18)
    assert set(short["when"]) == {"July"}


def test_rows_of_one_month_count_once():
    rows = site_months(sites=("a",))
    twin = rows.assign(nee=rows["nee"] + 2.0)
    both = site_composites(pd.concat([rows, twin]), 18, ["nee"])
    one = site_composites(rows.assign(nee=rows["nee"] + 1.0), 18, ["nee"])
    pd.testing.assert_frame_equal(both, one)


def test_variables_keep_their_order_and_rows_theirs_not():
    rows = site_months()
    table = site_composites(rows, 18)
    assert list(dict.fromkeys(table["variable"])) == ["nee", "gpp", "reco", "ndvi"]
    pd.testing.assert_frame_equal(site_composites(rows.sample(frac=1, random_state=1), 18), table)


def test_unburned_sites_give_an_empty_table():
    table = site_composites(site_months().assign(disturbance="No"), 18)
    assert table.empty
    assert "site_years" in table


def test_cells_equal_the_naive_weighted_mean():
    rng = np.random.default_rng(2)
    gathered, area = CellComposites(max_age=2), rng.uniform(1, 9, (3, 4))
    maps, shares = rng.normal(size=(5, 3, 4)), rng.random((5, 3, 3, 4))
    shares[rng.random(shares.shape) < 0.5] = 0.0
    maps[rng.random(maps.shape) < 0.2] = np.nan
    for values, share in zip(maps, shares, strict=True):
        gathered.add("nee", "annual", values, share, area)
    table = gathered.table().set_index("years_since_fire")
    for age in range(3):
        weight = shares[:, age] * area
        here = (weight > 0) & np.isfinite(maps)
        mean = np.average(maps[here], weights=weight[here])
        spread = np.sqrt(np.average((maps[here] - mean) ** 2, weights=weight[here]))
        land = np.broadcast_to(area, maps.shape)[here].sum()
        expected = [mean, spread, here.sum(), weight[here].sum(), weight[here].sum() / land]
        np.testing.assert_allclose(
            table.loc[age, ["mean", "sd", "cells", "burned_m2", "burned_share"]].to_numpy(float),
            expected, atol=1e-6,
        )  # fmt: skip


def test_nothing_burned_gives_no_row():
    gathered = CellComposites(max_age=1)
    assert gathered.table().empty
    gathered.add("nee", "July", np.ones((1, 1)), np.zeros((2, 1, 1)), np.ones((1, 1)))
    assert gathered.table().empty


def test_shapes_are_checked():
    with pytest.raises(InputError, match="ages and shares"):
        CellComposites(3).add("nee", "July", np.ones((1, 1)), np.zeros((2, 1, 1)), np.ones((1, 1)))


def test_a_known_recovery_comes_back(planted):
    lon, lat = planted.grid.lonlat()
    marks = scars(planted.fires, unit_vectors(lon.ravel(), lat.ravel()))
    burned = burned_years(planted.fire["burned_fraction"])
    gathered, area = CellComposites(max_age=10), planted.grid.cell_area()
    for year in range(2003, 2021):
        # Fires of other months than July are a little older or younger than whole years.
        july = marks.mark(year, 7, FLUX_RECOVERY_YEARS).reshape(planted.grid.shape)
        shares = burned_by_age(burned, year, 10)
        gathered.add("mark", "July", july, shares.values, area)
    curve = gathered.table().set_index("years_since_fire")["mean"]
    assert curve[0] < curve[1]
    ages = np.arange(1, 11)
    expected = np.exp(-(ages - 1) / FLUX_RECOVERY_YEARS)
    np.testing.assert_allclose(curve[ages] / curve[1], expected, rtol=1e-6)
