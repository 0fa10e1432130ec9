"""Budgets of products beside the run: common years, spreads, factors, the ledger; maps, sites."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr

from abz.compare.products import (
    beside_sites,
    ensemble_years,
    ledger_rows,
    map_likeness,
    product_summary,
    product_trends,
    site_agreement,
)
from abz.errors import LedgerError
from abz.grid import lonlat_grid
from abz.ledger import Parts

ZONE = {"zone_set": "abz", "zone": "ABZ", "area_m2": 2e13, "valid_share": 1.0}
WATER = Parts.of("nee", "lakes", unknown=["harvest"])


def members_of(product, values, flux="nee", first=2001):
    return pd.DataFrame(
        [
            {**ZONE, "product": product, "member": name, "flux": flux, "year": first + place,
             "tg": tg, "g_m2": tg / 20.0}
            for name, series in values.items() for place, tg in enumerate(series)
        ]
    )  # fmt: skip


def run_of(series, flux="nee", first=2001, member=0):
    rows = members_of("run", {member: series}, flux, first)
    return rows.drop(columns="product")


def test_common_years_spreads_and_factor():
    members = members_of("p", {"a": [-600.0, -800, -700], "b": [-1000.0, -1200, -1100]}, first=2002)
    ours = pd.concat([run_of([-1.0, -400, -500, -300]), run_of([0.0, -440, -540, -340], member=1),
                      run_of([0.0, -360, -460, -260], member=2)])  # fmt: skip
    row = product_summary(ensemble_years(members), members, ours, {"p": WATER}, "fine").iloc[0]
    assert (row["first_year"], row["last_year"], row["n_years"], row["members"]) == (
        2002,
        2004,
        3,
        2,
    )
    assert row["tg"] == pytest.approx(-900)
    assert row["tg_sd"] == pytest.approx(np.std([-700, -1100], ddof=1))
    assert row["run_tg"] == pytest.approx(-400)
    assert row["run_tg_sd"] == pytest.approx(np.std([-440, -360], ddof=1))
    assert row["factor"] == pytest.approx(2.25)
    assert row["unlike"] == "lakes: included / not included; harvest: unknown / not included"


def test_no_factor_of_a_source_and_a_sink():
    members = members_of("p", {"a": [50.0, 60.0]})
    ours = run_of([-50.0, -60.0])
    row = product_summary(ensemble_years(members), members, ours, {"p": WATER}, "fine").iloc[0]
    assert np.isnan(row["factor"])
    assert row["difference_g_m2"] == pytest.approx(5.5)


def test_a_product_that_still_holds_fire_is_refused():
    members = members_of("p", {"a": [50.0, 60.0]})
    with pytest.raises(LedgerError, match="p still holds fire"):
        held = {"p": Parts.of("nee", "fire")}
        product_summary(ensemble_years(members), members, run_of([1.0, 2.0]), held, "fine")


def test_years_that_a_member_lacks_are_left_out():
    members = members_of("p", {"a": [1.0, 2.0, 3.0], "b": [1.0, 2.0]})
    assert ensemble_years(members)["year"].tolist() == [2001, 2002]


def test_ledger_rows_agree_with_the_maps():
    given_parts = Parts.of("nee", "fire", "lakes")
    made = {"given": [-700.0, -500.0], "fire": [200.0, 300.0], "nee": [-900.0, -800.0]}
    table = pd.concat([members_of("p", {"a": v}, flux) for flux, v in made.items()])
    rows = ledger_rows(table, "p", given_parts, "fine", ("abz", "ABZ"))
    assert [row.central for row in rows] == [-600.0, 250.0, -850.0]
    assert str(rows[-1].parts) == "NEE + lakes"
    table.loc[table["flux"] == "nee", "tg"] += 1.0
    with pytest.raises(LedgerError, match="NEE of p is not what is left"):
        ledger_rows(table, "p", given_parts, "fine", ("abz", "ABZ"))


def test_trends_of_a_straight_line():
    table = members_of("p", {"a": list(-10.0 * np.arange(20))}).drop(columns="member")
    row = product_trends(table, "none", preserve_range=False).iloc[0]
    assert row["slope"] == pytest.approx(-10)
    assert row["p_value"] < 1e-6


@given(st.integers(0, 99))
def test_likeness_like_scipy_and_a_triangle(seed):
    rng = np.random.default_rng(seed)
    lon, lat = np.meshgrid(np.arange(12.0), np.arange(60.0, 72.0))
    y = rng.normal(size=lon.shape)
    x = 0.5 * y + rng.normal(size=lon.shape) + 3
    x[rng.random(lon.shape) < 0.1] = np.nan
    even = map_likeness(x, y, np.ones_like(x), lon, lat)
    known = np.isfinite(x)
    r, p = pearsonr(x[known], y[known])
    assert even["r"] == pytest.approx(r)
    assert even["r_land"] == pytest.approx(r)
    assert even["p_naive"] == pytest.approx(p)
    land = rng.random(lon.shape)
    found = map_likeness(x, y, land, lon, lat)
    cov = np.cov(x[known], y[known], aweights=land[known], ddof=0)
    assert found["r_land"] == pytest.approx(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]))
    sides = cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]
    assert found["crmsd"] == pytest.approx(np.sqrt(sides))
    assert found["sd_ratio"] == pytest.approx(np.sqrt(cov[0, 0] / cov[1, 1]))
    nothing = map_likeness(x, y, 0 * land, lon, lat)
    assert np.isnan(nothing["r"]) and np.isnan(nothing["crmsd"])


def test_smooth_maps_have_fewer_independent_places():
    lon, lat = np.meshgrid(np.arange(0.0, 60.0), np.arange(50.0, 80.0))
    smooth = np.sin(lon / 15)
    found = map_likeness(smooth + 0.1 * np.cos(lat / 9), smooth, np.ones_like(lon), lon, lat)
    assert found["n_effective"] < 100 < found["cells"]
    assert found["p_value"] > found["p_naive"]


def test_sites_are_compared_in_the_years_of_the_map():
    grid = lonlat_grid(1.0)
    values = np.stack([np.full(grid.shape, v) for v in (-10.0, -30.0)])
    nee = xr.DataArray(values, {"year": [2001, 2002], **grid.coords()}, ("year", "y", "x"))
    place = {"latitude": 60.5, "longitude": 24.5}
    sites = pd.DataFrame(
        [{"site": "a", **place, "year": y, "nee": v} for y, v in ((2000, 9.0), (2002, -50.0))]
        + [{"site": "b", "latitude": 10.0, "longitude": 0.0, "year": 2002, "nee": 1.0}]
    )
    found = beside_sites(sites, {"run": nee})
    assert found[["site", "years", "measured", "mapped"]].values.tolist() == [
        ["a", 1, -50.0, -30.0]
    ]
    assert site_agreement(found)["bias"].tolist() == [20.0]
