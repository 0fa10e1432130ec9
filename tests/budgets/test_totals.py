"""Budgets from quanta: parts and wholes, months, seasons, years, members, fire."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.budgets import (
    annual_budgets,
    fire_totals,
    monthly_budgets,
    seasonal_budgets,
    zone_membership,
    zone_totals,
)
from abz.errors import InputError, LedgerError
from abz.grid import polar_grid, valid_area_quanta, zonal_quanta
from abz.ledger import FLUX_PARTS, Parts
from abz.units import GRAM_QUANTUM
from abz.vocabulary import BIOMES, PERMAFROST, REGIONS, VEGETATION

GRID = polar_grid(5.0e5)
MEMBERS = 4
N_ATOMS = 12
YEARS = (2001, 2002, 2003)


def months(first="2001-01", n=36):
    return (np.datetime64(first, "M") + np.arange(n)).astype("datetime64[ns]")


def zones_of_grid(seed=0):
    """Random atoms and land areas on the grid."""
    rng = np.random.default_rng(seed)
    atom = rng.integers(-1, N_ATOMS, GRID.shape).astype(np.int32)
    area = np.where(atom < 0, 0.0, GRID.cell_area() * rng.random(GRID.shape))
    kinds = list(itertools.product(BIOMES, PERMAFROST, REGIONS, VEGETATION))
    codes = np.array([kinds[i] for i in rng.choice(len(kinds), N_ATOMS, replace=False)])
    names = ("biome", "permafrost", "region", "vegetation")
    columns = {f"atom_{n}": ("atom_id", codes[:, i].astype(np.int16)) for i, n in enumerate(names)}
    sums = np.bincount(atom[atom >= 0], area[atom >= 0], N_ATOMS)
    return xr.Dataset(
        {"atom": (("y", "x"), atom), "area": (("y", "x"), area)},
        coords={**GRID.coords(), **columns, "atom_area": ("atom_id", sums)},
    )


ZONES = zones_of_grid()


def totals_of(density, time=None, zones=ZONES):
    """Totals of maps (flux, member, time, y, x), as upscaling makes them."""
    density = np.asarray(density)
    area, atom = zones["area"].values, zones["atom"].values
    return xr.Dataset(
        {
            "grams": (
                ("flux", "member", "time", "atom_id"),
                zonal_quanta(density, area, atom, N_ATOMS),
            ),
            "valid_area": (
                ("time", "atom_id"),
                valid_area_quanta(density[0, 0], area, atom, N_ATOMS),
            ),
        },
        coords={
            "flux": ["nee", "gpp", "reco"][: density.shape[0]],
            "member": np.arange(density.shape[1]),
            "time": months(n=density.shape[2]) if time is None else time,
        },
    ).assign_coords({n: c for n, c in zones.coords.items() if str(n).startswith("atom_")})


def maps(seed=1, n=36):
    rng = np.random.default_rng(seed)
    return rng.normal(-5, 30, (3, MEMBERS + 1, n, *GRID.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def random_totals():
    return totals_of(maps())


def table(totals, make=annual_budgets):
    return make(zone_totals(totals, zone_membership(totals)), "fine")


def only(rows, **keys):
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    return rows


def test_one_gram_a_square_metre_and_year_is_the_area():
    rows = table(totals_of(np.full((1, 2, 12, *GRID.shape), 1 / 12)))
    abz = only(rows, zone="ABZ", member=0)
    assert abz["tg"].item() == pytest.approx(float(ZONES["area"].sum()) * 1e-12, rel=1e-12)
    np.testing.assert_allclose(rows["g_m2"], 1.0, rtol=1e-9)


def test_parts_add_up_to_the_whole_exactly(random_totals):
    zones = zone_totals(random_totals, zone_membership(random_totals))
    whole = zones["grams"].isel(zone_id=0).values
    np.testing.assert_array_equal(whole, random_totals["grams"].sum("atom_id"))
    for kind in ("biome", "permafrost", "region", "continent", "region_biome", "vegetation"):
        parts = zones["grams"].isel(zone_id=np.flatnonzero(zones["zone_set"] == kind))
        np.testing.assert_array_equal(parts.sum("zone_id"), whole)


def test_signs_flip(random_totals):
    flipped = random_totals.assign(grams=-random_totals["grams"])
    pd.testing.assert_series_equal(table(flipped)["tg"], -table(random_totals)["tg"])


def test_annual_equals_a_plain_sum(random_totals):
    rows = table(random_totals)
    density, area = maps()[1, 2, 12:24].astype(float), ZONES["area"].values
    inside = ZONES["atom"].values >= 0
    expected = (density.sum(axis=0) * area)[inside].sum() * 1e-12
    got = only(rows, flux="gpp", member=2, year=2002, zone="ABZ")["tg"].item()
    assert got == pytest.approx(expected, rel=1e-9)


def test_months_and_seasons_make_up_the_year(random_totals):
    keys = ["flux", "zone_set", "zone", "year", "member"]
    annual = table(random_totals).set_index(keys)["tg"].sort_index()
    by_month = table(random_totals, monthly_budgets).groupby(keys)["tg"].sum().sort_index()
    np.testing.assert_allclose(by_month, annual, atol=1e-9)
    seasons = table(random_totals, seasonal_budgets)
    for parts in (("JJA", "non-summer"), ("DJF", "MAM", "JJA", "SON")):
        chosen = seasons[seasons["season"].isin(parts)]
        np.testing.assert_allclose(chosen.groupby(keys)["tg"].sum().sort_index(), annual, atol=1e-9)


def test_december_belongs_to_its_own_year():
    density = np.zeros((1, 1, 24, *GRID.shape))
    density[:, :, 11] = 1.0
    winter = only(table(totals_of(density), seasonal_budgets), season="DJF", zone="ABZ")
    assert winter.set_index("year")["g_m2"].round(9).to_dict() == {2001: 1.0, 2002: 0.0}


def test_columns(random_totals):
    head = ["model_set", "flux", "zone_set", "zone", "year"]
    tail = ["member", "tg", "g_m2", "area_m2", "valid_share"]
    assert list(table(random_totals)) == [*head, *tail]
    assert list(table(random_totals, seasonal_budgets)) == [*head, "season", *tail]
    assert list(table(random_totals, monthly_budgets)) == [*head, "month", *tail]


def test_incomplete_years_are_left_out():
    totals = totals_of(maps(n=30)[:1, :2], time=months("2000-10", 30))
    assert sorted(table(totals)["year"].unique()) == [2001, 2002]
    summers = only(table(totals, seasonal_budgets), season="JJA")
    assert sorted(summers["year"].unique()) == [2001, 2002]


def test_a_month_without_values_is_missing_not_zero():
    density = maps()[:1, :2]
    density[:, :, 14] = np.nan
    totals = totals_of(density)
    rows = only(table(totals), zone="ABZ", member=0).set_index("year")["tg"]
    assert np.isnan(rows[2002])
    assert rows.drop(2002).notna().all()
    month = only(table(totals, monthly_budgets), zone="ABZ", year=2002, month=3)
    assert month["tg"].isna().all()


def half_year_without_even_atoms(density):
    """The maps without a value in the even atoms from January to June; where that is."""
    gone = ZONES["atom"].values % 2 == 0
    density[..., :6, :, :] = np.where(gone, np.nan, density[..., :6, :, :])
    return density, gone & (ZONES["atom"].values >= 0)


def test_totals_state_the_share_of_area_that_they_hold():
    density, gone = half_year_without_even_atoms(maps(n=12)[:1, :1])
    area = ZONES["area"].values
    missing = area[gone].sum() / area.sum()
    for make, keys, share in (
        (annual_budgets, {}, 1 - missing / 2),
        (monthly_budgets, {"month": 3}, 1 - missing),
        (seasonal_budgets, {"season": "SON"}, 1.0),
    ):
        rows = only(table(totals_of(density), make), zone="ABZ", **keys)
        assert rows["valid_share"].item() == pytest.approx(share)
        assert rows["area_m2"].item() == pytest.approx(area.sum())


def test_flux_per_area_is_a_mean_over_the_area_with_a_value():
    seasonal = 1.0 + np.arange(12.0)[:, None, None]
    density, gone = half_year_without_even_atoms(np.zeros((1, 2, 12, *GRID.shape)) + seasonal)
    abz = only(table(totals_of(density)), zone="ABZ", member=1)
    assert abz["g_m2"].item() == pytest.approx(78.0)
    area = ZONES["area"].values
    held = 78.0 * area.sum() - 21.0 * area[gone].sum()
    assert abz["tg"].item() == pytest.approx(held * 1e-12)
    months_of = only(table(totals_of(density), monthly_budgets), zone="ABZ", member=1)
    np.testing.assert_allclose(months_of.sort_values("month")["g_m2"], seasonal.ravel())


@pytest.mark.parametrize("cell_m", [999.97108203905224855, 7995.296])
def test_quanta_cost_less_than_a_millionth(cell_m):
    """1 g C m-2 yr-1 on cells of one area, so that all are rounded the same way."""
    area = np.full((40, 50), cell_m**2)
    density = np.full((12, *area.shape), 1 / 12)
    counted = zonal_quanta(density, area, np.zeros(area.shape, np.int32), 1)
    assert counted.sum() * GRAM_QUANTUM == pytest.approx(area.sum(), rel=1e-6)


def test_a_continent_of_strong_fluxes_fits_the_count():
    """1,000 g C m-2 month-1 on 50 million km2 in one atom leaves a factor of five."""
    area = np.full((5, 10), 1e12)
    strong = np.full((1, *area.shape), 1000.0)
    atom = np.zeros(area.shape, np.int32)
    assert zonal_quanta(strong, area, atom, 1).item() * GRAM_QUANTUM == 5e16
    with pytest.raises(InputError, match="64-bit"):
        zonal_quanta(6 * strong, area, atom, 1)


def test_block_order_does_not_matter(random_totals):
    parts = []
    for rows, columns in reversed(list(GRID.blocks(7))):
        block = (..., rows, columns)
        parts.append(
            zonal_quanta(maps()[block], ZONES["area"].values[rows, columns],
                         ZONES["atom"].values[rows, columns], N_ATOMS)
        )  # fmt: skip
    np.testing.assert_array_equal(sum(parts), random_totals["grams"].values)


def fire_like(time):
    rng = np.random.default_rng(5)
    grams = rng.integers(0, 2**50, (len(time), N_ATOMS))
    return xr.Dataset(
        {"grams": (("time", "atom_id"), grams, FLUX_PARTS["fire"].attrs())}, coords={"time": time}
    )


@pytest.mark.parametrize(
    ("attrs", "problem"),
    [
        ({}, "does not say which parts"),
        (Parts.of("nee", "fire").attrs(), r"the fire \(NEE \+ fire\) would count a part twice"),
        (Parts.of("fire", unknown=["reco"]).attrs(), "reco: included / unknown"),
    ],
)
def test_the_ledger_refuses_fire_that_may_hold_a_part_of_nee(random_totals, attrs, problem):
    membership = zone_membership(random_totals)
    fire = fire_like(months("2002-01", 24))
    fire["grams"].attrs = attrs
    with pytest.raises(LedgerError, match=problem):
        fire_totals(zone_totals(random_totals, membership), fire, membership)


def test_fire_is_added_to_every_member(random_totals):
    membership = zone_membership(random_totals)
    zones = zone_totals(random_totals, membership)
    fire, net = fire_totals(zones, fire_like(months("2002-01", 24)), membership)
    assert fire["flux"].values.tolist() == ["fire"]
    assert net["time"].size == 24
    nee = zones["grams"].sel(flux="nee", time=net["time"])
    np.testing.assert_array_equal(
        net["grams"].values[0] - nee.values,
        np.broadcast_to(fire["grams"].values[0], nee.shape),
    )
    annual = pd.concat([annual_budgets(part, "fine") for part in (zones, fire, net)])
    spread = annual[annual["member"] > 0].groupby(["flux", "zone", "year"])["tg"].std()
    np.testing.assert_allclose(spread["nee_fire"], spread["nee"][spread["nee_fire"].index])
    assert set(only(annual, flux="fire")["member"]) == {0}


def test_nee_and_fire_add_up_per_area_too():
    density, _ = half_year_without_even_atoms(maps(n=12)[:1, :2])
    totals = totals_of(density)
    membership = zone_membership(totals)
    zones = zone_totals(totals, membership)
    fire, net = fire_totals(zones, fire_like(months()[:12]), membership)
    keys = ["zone_set", "zone", "year", "member"]
    nee, burning, both = (
        annual_budgets(part, "fine").set_index(keys) for part in (zones, fire, net)
    )
    burning = burning.droplevel("member").loc[both.index.droplevel("member")]
    for name in ("tg", "g_m2"):
        np.testing.assert_allclose(both[name], nee[name] + burning[name].to_numpy())
    assert (burning["valid_share"] == 1).all()
    np.testing.assert_allclose(burning["g_m2"], burning["tg"] * 1e12 / burning["area_m2"])
    pd.testing.assert_series_equal(both["valid_share"], nee["valid_share"])


def test_fire_outside_the_years_of_the_set_stands_alone(random_totals):
    membership = zone_membership(random_totals)
    zones = zone_totals(random_totals, membership)
    fire, net = fire_totals(zones, fire_like(months("2003-01", 24)), membership)
    assert sorted(annual_budgets(fire, "fine")["year"].unique()) == [2003, 2004]
    assert sorted(annual_budgets(net, "fine")["year"].unique()) == [2003]


def test_overflow_is_an_error(random_totals):
    large = random_totals.assign(grams=random_totals["grams"] * 0 + 2**61)
    with pytest.raises(InputError, match="64-bit"):
        zone_totals(large, zone_membership(large))
    year = random_totals.assign(grams=random_totals["grams"] * 0 + 2**58 // N_ATOMS * 8)
    with pytest.raises(InputError, match="64-bit"):
        table(year)


def in_quanta(rows):
    """Budgets as whole quanta, which Tg hold without loss up to 2**53 of them."""
    quanta = rows["tg"] * 1e12 / GRAM_QUANTUM
    np.testing.assert_allclose(quanta, quanta.round(), rtol=1e-12)
    return quanta.round().astype("int64")


@given(first=st.integers(1, 12), n=st.integers(13, 40), seed=st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_seasons_that_part_a_year_add_to_it_to_the_last_quantum(first, n, seed):
    rng = np.random.default_rng(seed)
    grams = rng.integers(-(2**40), 2**40, (1, 1, n, N_ATOMS))
    totals = totals_of(np.zeros((1, 1, n, *GRID.shape)), time=months(f"2000-{first:02d}", n))
    totals = totals.assign(grams=(totals["grams"].dims, grams))
    by_month = table(totals, monthly_budgets).query("zone == 'ABZ'")
    by_month = by_month.assign(count=12 * by_month["year"] + by_month["month"]).set_index("count")
    by_month = in_quanta(by_month)
    seasons = table(totals, seasonal_budgets).query("zone == 'ABZ'")
    found = seasons.assign(quanta=in_quanta(seasons)).set_index(["year", "season"])["quanta"]
    wholes = {
        range(1, 13): (("DJF", "MAM", "JJA", "SON"), ("JJA", "non-summer"), ("May-Sep", "Oct-Apr")),
        range(0, 12): (("DJF, one winter", "MAM", "JJA", "SON"),),
        range(-2, 10): (("May-Sep", "Oct-Apr, one winter"),),
    }  # fmt: skip
    for span, partings in wholes.items():
        for year in range(1999, 2006):
            counts = [12 * year + month for month in span]
            if not set(counts) <= set(by_month.index):
                continue
            for parts in partings:
                assert sum(found[year, part] for part in parts) == by_month[counts].sum()


def test_a_winter_belongs_to_the_year_in_which_it_ends():
    density = np.zeros((1, 1, 36, *GRID.shape))
    density[:, :, 9:16] = 1.0
    seasons = table(totals_of(density), seasonal_budgets)
    winters = only(seasons, season="Oct-Apr, one winter", zone="ABZ").set_index("year")["g_m2"]
    assert winters.round(9).to_dict() == {2002: 7.0, 2003: 0.0}
    calendar = only(seasons, season="Oct-Apr", zone="ABZ").set_index("year")["g_m2"]
    assert calendar.round(9).to_dict() == {2001: 3.0, 2002: 4.0, 2003: 0.0}
    short = only(seasons, season="DJF, one winter", zone="ABZ").set_index("year")["g_m2"]
    assert short.round(9).to_dict() == {2002: 3.0, 2003: 0.0}
