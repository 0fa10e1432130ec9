"""Unions of zones: exact totals and spreads, nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.budgets import annual_budgets, member_array, member_covariance, with_unions, zone_totals
from abz.errors import InputError
from abz.units import AREA_QUANTUM

ZONES = [("biome", "boreal"), ("biome", "tundra"), ("region", "Alaska"), ("region", "Canada")]
HELD = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])


def membership(held=HELD, zones=ZONES):
    return xr.DataArray(
        held, dims=("zone_id", "atom_id"),
        coords={"zone_set": ("zone_id", [kind for kind, _ in zones]),
                "zone": ("zone_id", [zone for _, zone in zones]),
                "area_m2": ("zone_id", held.sum(axis=1) * 1e12)},
    )  # fmt: skip


def totals(seed, members=5, years=2, atoms=4):
    rng = np.random.default_rng(seed)
    grams = rng.integers(-(2**50), 2**50, (1, members, 12 * years, atoms))
    months = (np.datetime64("2001-01") + np.arange(12 * years)).astype("datetime64[ns]")
    return xr.Dataset(
        {"grams": (("flux", "member", "time", "atom_id"), grams),
         "valid_area": (("time", "atom_id"),
                        np.full((12 * years, atoms), int(1e12 / AREA_QUANTUM)))},
        coords={"flux": ["nee"], "member": np.arange(members), "time": months},
    )  # fmt: skip


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_sd_of_a_union_is_that_of_its_summed_members(seed):
    zones = with_unions(membership(), {"west": ["region/Alaska"], "all": [
        "biome/boreal", "biome/tundra"]})  # fmt: skip
    annual = annual_budgets(zone_totals(totals(seed), zones), "fine")
    budgets, names, _ = member_array(annual)
    covariance = member_covariance(budgets[1:])
    place = {zone: i for i, (_, zone) in enumerate(names)}
    parts = [place["boreal"], place["tundra"]]
    summed = budgets[1:, :, parts].sum(axis=-1)
    np.testing.assert_allclose(summed, budgets[1:, :, place["all"]], rtol=1e-12, atol=1e-13)
    whole = covariance[:, place["all"], place["all"]]
    np.testing.assert_allclose(whole, summed.var(axis=0, ddof=1), rtol=1e-10)
    np.testing.assert_allclose(covariance[:, parts][:, :, parts].sum((1, 2)), whole, rtol=1e-9)


def test_the_totals_of_a_union_are_exact_for_every_member():
    zones = with_unions(membership(), {"all": ["region/Alaska", "region/Canada"]})
    grams = zone_totals(totals(3), zones)["grams"]
    parts = grams.isel(zone_id=[2, 3]).sum("zone_id")
    np.testing.assert_array_equal(grams.isel(zone_id=4), parts)
    assert zones["area_m2"].values[-1] == 4e12
    assert zones["zone_set"].values[-1] == "union"


def test_no_unions_change_nothing():
    assert with_unions(membership(), {}).equals(membership())


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (["biome/boreal", "region/Alaska"], "count land twice"),
        (["biome/taiga"], "biome/taiga"),
        (["boreal"], "no such part"),
        ([], "no parts"),
    ],
)
def test_what_is_no_union_is_refused(parts, words):
    with pytest.raises(InputError, match=words):
        with_unions(membership(), {"odd": parts})


def test_the_refusal_names_both_parts():
    with pytest.raises(InputError, match="biome/boreal and region/Alaska share 1 atoms"):
        with_unions(membership(), {"odd": ["biome/boreal", "region/Alaska"]})
