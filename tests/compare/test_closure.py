"""NEE beside Reco − GPP: no gap where there is none, parts and wholes, members, gaps of data."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import zone_membership, zone_totals
from abz.compare import CLOSURE, closure_budgets, closure_maps, closure_totals
from abz.errors import InputError, MissingDataError, UnitsError
from abz.units import AREA_QUANTUM, G_PER_TG, GRAM_QUANTUM
from abz.vocabulary import BIOMES, FLUXES, REGIONS

ATOMS = 8
AREA = 2.0**38


def times(n=24, first="2001-01-01"):
    return pd.date_range(first, periods=n, freq="MS")


def totals_of(grams, members=4):
    """Totals of random atoms: grams (flux, member, time, atom)."""
    rng = np.random.default_rng(0)
    codes = {
        "biome": list(BIOMES),
        "permafrost": [0, 1, 2],
        "region": list(REGIONS),
        "vegetation": [21, 70],
    }
    coords = {
        f"atom_{name}": ("atom_id", rng.choice(kinds, ATOMS)) for name, kinds in codes.items()
    }
    steps = grams.shape[2]
    return xr.Dataset(
        {
            "grams": (("flux", "member", "time", "atom_id"), grams),
            "valid_area": (("time", "atom_id"), np.full((steps, ATOMS), int(AREA / AREA_QUANTUM))),
        },
        coords={
            **coords, "atom_area": ("atom_id", np.full(ATOMS, AREA)), "flux": list(FLUXES),
            "member": range(members), "time": times(steps),
        },
    )  # fmt: skip


def zones_of(grams, members=4):
    totals = totals_of(grams, members)
    return zone_totals(totals, zone_membership(totals))


def random_grams(seed, members=4, steps=24):
    rng = np.random.default_rng(seed)
    return rng.integers(-(2**44), 2**44, (3, members, steps, ATOMS))


def monthly_of(nee, gpp, reco, first="2001-01-01"):
    layers = {"nee": nee, "gpp": gpp, "reco": reco}
    return xr.Dataset(
        {k: (("time", "y", "x"), v, {"units": "g C m-2 month-1"}) for k, v in layers.items()},
        coords={"time": times(len(nee), first)},
    )


@given(st.integers(0, 999))
def test_there_is_no_gap_where_nee_is_reco_minus_gpp(seed):
    grams = random_grams(seed)
    grams[0] = grams[2] - grams[1]
    table = closure_budgets(zones_of(grams), "fine")
    gap = table[table["flux"] == "gap"]
    assert (gap[["tg", "tg_sd", "tg_members"]] == 0).all(axis=None)
    assert np.abs(gap[["g_m2", "g_m2_sd"]]).max(axis=None) < 1e-6
    rng = np.random.default_rng(seed)
    gpp, reco = rng.normal(50, 20, (2, 24, 3, 4))
    maps = closure_maps(monthly_of(reco - gpp, gpp, reco))
    assert np.abs(maps["gap"].values).max() < 1e-4
    np.testing.assert_allclose(maps["nee"], maps["reco_gpp"], atol=1e-3)


@given(st.integers(0, 999))
def test_parts_make_up_the_whole_to_the_last_quantum(seed):
    closed = closure_totals(zones_of(random_grams(seed)))
    whole = closed["grams"].isel(zone_id=np.flatnonzero(closed["zone_set"] == "abz")).sum("zone_id")
    for kind in ("biome", "region", "vegetation"):
        parts = closed["grams"].isel(zone_id=np.flatnonzero(closed["zone_set"] == kind))
        assert np.array_equal(parts.sum("zone_id"), whole)
    gap = closed["grams"].sel(flux="nee") - closed["grams"].sel(flux="reco_gpp")
    assert np.array_equal(gap, closed["grams"].sel(flux="gap"))


def test_budgets_are_sums_of_the_grams():
    grams = random_grams(1)
    table = closure_budgets(zones_of(grams), "coarse").query("zone == 'ABZ'")
    assert set(table["model_set"]) == {"coarse"}
    assert set(table["flux"]) == set(CLOSURE)
    gap = (grams[0] - (grams[2] - grams[1])).sum(axis=-1) * GRAM_QUANTUM / G_PER_TG
    rows = table[table["flux"] == "gap"]
    years = gap.reshape(4, 2, 12).sum(axis=-1)
    by_year = rows[rows["period"] == "year"].set_index("year")
    np.testing.assert_allclose(by_year.loc[[2001, 2002], "tg"], years[0])
    np.testing.assert_allclose(by_year.loc[[2001, 2002], "tg_sd"], years[1:].std(axis=0, ddof=1))
    mean = rows[rows["period"] == "mean"].iloc[0]
    members = years[1:].mean(axis=1)
    assert mean["tg"] == pytest.approx(years[0].mean())
    assert mean["tg_sd"] == pytest.approx(members.std(ddof=1))
    assert mean["tg_members"] == pytest.approx(members.mean())
    assert mean["g_m2"] == pytest.approx(years[0].mean() * G_PER_TG / (ATOMS * AREA))
    by_month = rows[rows["period"] == "month"].set_index("month").sort_index()
    np.testing.assert_allclose(by_month["tg"], gap[0].reshape(2, 12).mean(axis=0))
    assert by_month["tg"].sum() == pytest.approx(mean["tg"])


def test_over_all_pairings_the_variances_of_the_fluxes_add_up():
    grams = random_grams(5, members=6)
    shifted = []
    for one in range(5):
        for other in range(5):
            moved = grams.copy()
            moved[1, 1:] = np.roll(grams[1, 1:], one, axis=0)
            moved[2, 1:] = np.roll(grams[2, 1:], other, axis=0)
            shifted.append(closure_budgets(zones_of(moved, 6), "fine"))
    whole = [
        table.query("zone == 'ABZ' and period == 'mean'").set_index("flux")["tg_sd"]
        for table in shifted
    ]
    alone = grams[:, 1:].sum(axis=(2, 3)) / 2 * GRAM_QUANTUM / G_PER_TG
    assert np.mean([sd["gap"] ** 2 for sd in whole]) == pytest.approx(
        alone.var(axis=1, ddof=1).sum()
    )


def test_an_incomplete_year_counts_nowhere():
    grams = random_grams(2, steps=30)
    table = closure_budgets(zones_of(grams), "fine")
    whole = closure_budgets(zones_of(grams[:, :, :24]), "fine")
    pd.testing.assert_frame_equal(table, whole)
    rng = np.random.default_rng(4)
    nee, gpp, reco = rng.normal(0, 20, (3, 30, 2, 2))
    xr.testing.assert_identical(
        closure_maps(monthly_of(nee, gpp, reco)),
        closure_maps(monthly_of(nee[:24], gpp[:24], reco[:24])),
    )


def test_without_members_there_is_no_spread():
    table = closure_budgets(zones_of(random_grams(3, members=1), 1), "fine")
    assert table[["tg_sd", "tg_members"]].isna().all(axis=None)
    assert table["tg"].notna().all()


@given(st.integers(0, 999))
def test_maps_are_means_of_the_years_that_all_fluxes_know(seed):
    rng = np.random.default_rng(seed)
    fluxes = rng.normal(0, 20, (3, 36, 3, 2))
    fluxes[rng.random(fluxes.shape) < 0.02] = np.nan
    maps = closure_maps(monthly_of(*fluxes))
    for row in range(3):
        for column in range(2):
            cell = fluxes[:, :, row, column].reshape(3, 3, 12).sum(axis=2)
            known = cell[:, np.isfinite(cell).all(axis=0)]
            assert maps["years"].values[row, column] == known.shape[1]
            found = [maps[name].values[row, column] for name in CLOSURE]
            if known.shape[1]:
                nee, gpp, reco = known.mean(axis=1)
                np.testing.assert_allclose(
                    found, [nee, reco - gpp, nee - (reco - gpp)], rtol=1e-4, atol=1e-3
                )
            else:
                assert np.isnan(found).all()


def test_bands_of_a_map_are_parts_of_it():
    rng = np.random.default_rng(9)
    monthly = monthly_of(*rng.normal(0, 20, (3, 24, 5, 4)))
    whole = closure_maps(monthly)
    parts = [closure_maps(monthly.isel(y=rows)) for rows in (slice(0, 2), slice(2, 5))]
    xr.testing.assert_identical(xr.concat(parts, "y"), whole)


def test_a_missing_flux_and_wrong_units_are_refused():
    totals = zones_of(random_grams(1)).isel(flux=[0, 1])
    with pytest.raises(InputError, match="reco"):
        closure_totals(totals)
    monthly = monthly_of(*np.ones((3, 12, 1, 1)))
    with pytest.raises(MissingDataError, match="gpp"):
        closure_maps(monthly.drop_vars("gpp"))
    monthly["gpp"].attrs["units"] = "g C m-2 yr-1"
    with pytest.raises(UnitsError):
        closure_maps(monthly)
