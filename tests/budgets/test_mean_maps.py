"""Budgets of maps of a mean year: mass, area and source area of each zone."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import add_mean_rows, mean_map_budgets, mean_map_quanta
from abz.errors import InputError

YEARS = range(2002, 2021)


def membership():
    """Atoms 0 and 1 in two zones, and both in the whole."""
    areas = [6e12, 4e12, 2e12]
    return xr.DataArray(
        [[1, 1], [1, 0], [0, 1]], dims=("zone_id", "atom_id"),
        coords={"zone_set": ("zone_id", ["abz", "biome", "biome"]),
                "zone": ("zone_id", ["ABZ", "boreal", "tundra"]),
                "area_m2": ("zone_id", areas)},
    )  # fmt: skip


def maps(seed):
    rng = np.random.default_rng(seed)
    nee = rng.normal(-10, 30, (20, 30))
    nee[rng.random(nee.shape) < 0.1] = np.nan
    fire = rng.exponential(4.0, nee.shape)
    atom = (np.arange(600).reshape(20, 30) % 3 - 1).clip(-1, 1).astype(np.int32)
    area = np.where(atom >= 0, np.where(atom == 0, 2e10, 1e10), 0.0)
    return {"nee": nee, "nee_fire": nee + fire, "fire": fire}, area, atom


@given(st.integers(0, 9999))
def test_budgets_are_naive_sums_and_zones_add_up(seed):
    layers, area, atom = maps(seed)
    quanta = mean_map_quanta(layers, area, atom, 2)
    table = mean_map_budgets(quanta, list(layers), membership(), YEARS).set_index(["flux", "zone"])
    for flux, values in layers.items():
        for zone, atoms in (("ABZ", (0, 1)), ("boreal", (0,)), ("tundra", (1,))):
            cells = np.isin(atom, atoms) & np.isfinite(values)
            row = table.loc[(flux, zone)]
            assert row["budget"] == pytest.approx((values * area)[cells].sum() / 1e12)
            assert row["per_area"] == pytest.approx(np.average(values[cells], weights=area[cells]))
            sources = area[cells & (values > 0)].sum() / area[cells].sum()
            assert row["source_area_share"] == pytest.approx(sources)
            assert row["valid_share"] == pytest.approx(area[cells].sum() / row["area_m2"])
    parts = table["budget"].unstack()
    np.testing.assert_allclose(parts["ABZ"], parts["boreal"] + parts["tundra"], atol=1e-9)


@given(st.integers(0, 9999), st.integers(1, 20))
def test_bands_give_the_same_quanta(seed, height):
    layers, area, atom = maps(seed)
    bands = [slice(top, top + height) for top in range(0, 20, height)]
    parts = [
        mean_map_quanta({n: v[rows] for n, v in layers.items()}, area[rows], atom[rows], 2)
        for rows in bands
    ]
    np.testing.assert_array_equal(sum(parts), mean_map_quanta(layers, area, atom, 2))


def test_neutral_band_takes_small_sources_out():
    area, atom = np.ones((1, 2)), np.zeros((1, 2), np.int32)
    values = {"nee": np.array([[3.0, 20.0]])}
    assert mean_map_quanta(values, area, atom, 1, neutral_band=5.0)[0, 2, 0] == 16
    assert mean_map_quanta(values, area, atom, 1)[0, 2, 0] == 32


def table_1(*fluxes):
    zone = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ"}
    rows = [{**zone, "flux": flux, "budget": -500.0, "budget_sd": np.nan, "same_years_nee": np.nan}
            for flux in fluxes]  # fmt: skip
    return pd.DataFrame(rows)


def means():
    zone = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ"}
    budgets = {"nee": -560.0, "nee_fire": -319.0, "fire": 241.0}
    return pd.DataFrame([{**zone, "flux": f, "budget": b} for f, b in budgets.items()])


def test_rows_are_added_for_fluxes_that_the_years_do_not_tell():
    table = add_mean_rows(table_1("nee"), means()).set_index("flux")
    assert table["budget"].to_dict() == {"nee": -500.0, "nee_fire": -319.0, "fire": 241.0}
    assert table.loc["nee_fire", "same_years_nee"] == -560.0
    assert np.isnan(table.loc["fire", "same_years_nee"])
    assert table["budget_sd"].isna().all()


def test_fluxes_of_single_years_stay():
    table = table_1("nee", "fire", "nee_fire")
    pd.testing.assert_frame_equal(add_mean_rows(table, means()), table)


def test_a_table_without_budgets_is_refused():
    with pytest.raises(InputError, match="mean maps"):
        add_mean_rows(table_1("nee"), means().drop(columns="budget"))
