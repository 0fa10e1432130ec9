"""What the forests recovered."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import theilslopes

from abz.report import map_likeness, paired_years, recovery

YEARS = 6


@pytest.fixture
def fluxes():
    """Monthly truth and maps with gaps, and the areas of two zones."""
    rng = np.random.default_rng(0)
    time = pd.date_range("2001-01-01", periods=12 * YEARS + 3, freq="MS")
    values = rng.normal(size=(2, len(time), 4, 5))
    values[0, :, 0, 0] = np.nan
    values[1, ::7, 1, 2] = np.nan
    truth, made = (xr.DataArray(v, dims=("time", "y", "x"), coords={"time": time}) for v in values)
    areas = xr.DataArray(
        rng.uniform(0, 1e12, (2, 4, 5)), dims=("zone", "y", "x"), coords={"zone": ["a", "b"]}
    )
    return truth, made, areas


def test_likeness_is_the_squared_correlation():
    truth, noise = np.random.default_rng(0).normal(size=(2, 6, 7))
    truth[0, 0] = np.nan
    made = truth + noise
    both = np.isfinite(truth)
    found = map_likeness(*(xr.DataArray(v, dims=("y", "x")) for v in (truth, made)))
    assert np.isclose(found, np.corrcoef(truth[both], made[both])[0, 1] ** 2)


def test_constant_maps_have_no_likeness():
    flat = xr.DataArray(np.ones((2, 2)), dims=("y", "x"))
    assert np.isnan(map_likeness(flat, flat))


def test_budgets_are_of_the_same_cells_months_and_years(fluxes):
    truth, made, areas = fluxes
    table = paired_years(truth, made, areas)
    assert sorted(table["year"].unique()) == list(range(2001, 2001 + YEARS))
    row = table.query("zone == 'b' and year == 2003").iloc[0]
    total = dict.fromkeys(("true_budget", "made_budget", "true_total"), 0.0)
    for month in range(24, 36):
        for y, x in np.ndindex(4, 5):
            area = 1e-12 * areas.values[1, y, x]
            known, found = truth.values[month, y, x], made.values[month, y, x]
            if np.isfinite(known):
                total["true_total"] += area * known
            if np.isfinite(known) and np.isfinite(found):
                total["true_budget"] += area * known
                total["made_budget"] += area * found
    assert {name: row[name] for name in total} == pytest.approx(total)


def test_a_perfect_map_has_no_error_and_the_true_trend(tiny):
    results = tiny.results
    zones = results.zones["fine"]
    time = pd.date_range("2001-01-01", periods=12 * YEARS, freq="MS")
    level = np.random.default_rng(3).normal(size=YEARS).repeat(12)
    nee = xr.DataArray(level, dims="time", coords={"time": time}) * (zones["domain"] > 0)
    world = {"fine": xr.Dataset({"nee": nee})}
    row = recovery(replace(results, truth=world, flux=world)).query("zone == 'ABZ'").iloc[0]
    annual = 12 * level[::12] * float(zones["area"].sum()) / 1e12
    assert row["error_sd"] == 0
    assert row["true_total"] == pytest.approx(row["made_budget"])
    slope = theilslopes(annual, np.arange(YEARS)).slope
    assert [row["true_trend"], row["made_trend"]] == pytest.approx([slope, slope])
