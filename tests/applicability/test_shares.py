import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.applicability.shares import (
    area_by_state,
    flux_by_state,
    mean_flux_year,
    shares_outside,
)
from abz.errors import InputError
from abz.units import AREA_QUANTUM, G_PER_TG, GRAM_QUANTUM


def classes():
    """Classes of two atoms, boreal Europe and tundra of Alaska."""
    codes = {"biome": [6, 11], "permafrost": [0, 1], "region": [4, 1], "vegetation": [70, 33]}
    return xr.Dataset(
        coords={f"atom_{name}": ("atom_id", code) for name, code in codes.items()}
        | {"atom_area": ("atom_id", [1.0, 1.0])}
    )


def scene(seed=4):
    """States and fluxes of two fluxes and twelve months on 8 by 10 cells of two atoms."""
    rng = np.random.default_rng(seed)
    inside = rng.integers(-1, 2, size=(2, 12, 8, 10)).astype(np.int8)
    atom = rng.integers(-1, 2, size=(8, 10)).astype(np.int32)
    area = np.where(atom >= 0, rng.integers(1, 9, size=(8, 10)) * AREA_QUANTUM, 0.0)
    flux = rng.normal(size=inside.shape)
    flux[..., 3, 4] = np.nan
    return inside, flux, area, atom


def test_areas_of_tiles_add_up_to_those_of_the_map_and_its_zones():
    inside, _, area, atom = scene()
    tiles = [
        area_by_state(inside[..., :, cut], area[:, cut], atom[:, cut], 2)
        for cut in (slice(0, 3), slice(3, 10))
    ]
    whole = area_by_state(inside, area, atom, 2)
    assert np.array_equal(whole, sum(tiles))
    shares = shares_outside(whole, ["nee", "gpp"], classes())
    tundra = shares.query("flux == 'gpp' and zone == 'tundra' and month == 5").iloc[0]
    state, land = inside[1, 4], np.where(atom == 1, area, 0)
    assert tundra["outside_m2"] == land[state == 0].sum()
    assert tundra["unknown_m2"] == land[state == -1].sum()
    assert tundra["share_outside"] == land[state == 0].sum() / land[state >= 0].sum()
    total = shares[shares["zone_set"] == "abz"].set_index(["flux", "month"])["known_m2"]
    biomes = shares[shares["zone_set"] == "biome"].groupby(["flux", "month"])["known_m2"].sum()
    assert total.sort_index().equals(biomes.sort_index())


@given(st.integers(0, 20), st.integers(1, 9))
def test_fluxes_of_tiles_add_up_and_states_share_out_the_whole(seed, cut):
    inside, flux, area, atom = scene(seed)
    area = area * 2.0**20
    parts = [slice(0, cut), slice(cut, 10)]
    tiles = [
        flux_by_state(flux[..., part], inside[..., part], area[:, part], atom[:, part], 2)
        for part in parts
    ]
    whole = flux_by_state(flux, inside, area, atom, 2)
    assert np.array_equal(whole, sum(tiles))
    grams = np.nansum(np.where(atom == 1, flux * area, 0.0), axis=(-1, -2))
    assert np.allclose(whole.sum(axis=0)[..., 1] * GRAM_QUANTUM, grams, atol=0.5 * 80)
    outside = np.nansum(np.where((atom == 0) & (inside == 0), flux * area, 0.0), axis=(-1, -2))
    assert np.allclose(whole[0, ..., 0] * GRAM_QUANTUM, outside, atol=0.5 * 80)


def test_the_table_tells_the_flux_from_outside_by_zone():
    inside, flux, area, atom = scene()
    area = area * 2.0**40
    quanta = area_by_state(inside, area, atom, 2)
    grams = flux_by_state(flux, inside, area, atom, 2)
    shares = shares_outside(quanta, ["nee", "gpp"], classes(), grams)
    row = shares.query("flux == 'gpp' and zone == 'tundra' and month == 5").iloc[0]
    part = np.where(atom == 1, flux[1, 4] * area, 0.0)
    assert row["outside_tg"] == pytest.approx(np.nansum(part[inside[1, 4] == 0]) / G_PER_TG)
    assert row["total_tg"] == pytest.approx(np.nansum(part) / G_PER_TG)
    plain = shares_outside(quanta, ["nee", "gpp"], classes())
    assert shares[plain.columns].equals(plain)


def test_fluxes_and_states_must_fit():
    inside, flux, area, atom = scene()
    with pytest.raises(InputError, match="flux and inside"):
        flux_by_state(flux[:, :3], inside, area, atom, 2)


def test_a_mean_year_counts_a_missing_month_for_nothing():
    time = pd.date_range("2001-01-01", periods=36, freq="MS")
    values = np.random.default_rng(0).normal(size=(36, 3, 4)).astype(np.float32)
    values[7, 1, 1] = np.nan
    values[2::12, 0, 0] = np.nan
    flux = xr.DataArray(values, dims=("time", "y", "x"), coords={"time": time})
    found = mean_flux_year(flux, slice(0, 2), slice(1, 3))
    years = values.reshape(3, 12, 3, 4)[:, :, :2, 1:3].astype(float)
    expected = np.nansum(years, axis=0) / 3
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isnan(mean_flux_year(flux, slice(0, 1), slice(0, 1))[2, 0, 0])
