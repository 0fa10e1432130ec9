"""A fine set beside a coarse one: the same set differs in nothing, gaps, statistics, years."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.compare import (
    aggregated_years,
    common_years,
    pattern_table,
    resolution_maps,
    resolution_summary,
    resolution_years,
    shared_cells,
)
from abz.errors import InputError
from abz.grid import polar_grid
from abz.trends import annual_sums

BOUNDS = (-4e5, -4e5, 4e5, 4e5)
COARSE = polar_grid(2e5, BOUNDS)
YEARS = [2001, 2002]


def monthly_of(values, first="2001-01-01"):
    time = pd.date_range(first, periods=len(values), freq="MS")
    return xr.DataArray(
        values, dims=("time", "y", "x"), coords={"time": time}, attrs={"units": "g C m-2 month-1"}
    )


def random_coarse(seed, months=24):
    rng = np.random.default_rng(seed)
    values = rng.normal(-3, 10, (months, *COARSE.shape))
    values[:, rng.random(COARSE.shape) < 0.2] = np.nan
    area = np.where(rng.random(COARSE.shape) < 0.2, 0.0, rng.random(COARSE.shape) * 4e10)
    return values, area


@given(st.integers(0, 99), st.integers(1, 4))
def test_the_coarse_set_repeated_in_fine_cells_differs_in_nothing(seed, times):
    values, area = random_coarse(seed)
    fine_grid = polar_grid(2e5 / times, BOUNDS)
    tile = np.ones((times, times))
    fine = monthly_of(np.kron(values, tile[None]))
    shared = shared_cells(fine_grid, COARSE)
    found = aggregated_years(fine, np.kron(area, tile) / times**2, shared, slice(None), YEARS)
    sums = annual_sums(monthly_of(values)).assign_coords(COARSE.coords())
    maps = resolution_maps(found, sums, area)
    known = np.isfinite(values[0]) & (area > 0)
    assert np.array_equal(np.isfinite(maps["difference"].values), known)
    assert np.abs(maps["difference"].values[known]).max(initial=0) < 1e-9
    np.testing.assert_allclose(maps["compared"], np.where(known, area, 0.0), rtol=1e-12)
    np.testing.assert_allclose(
        maps["coarse"].values[known], sums.mean("year").values[known], rtol=1e-6
    )


def test_bands_of_coarse_rows_change_no_bit():
    rng = np.random.default_rng(1)
    fine_grid = polar_grid(0.7e5, (-3.5e5, -3.5e5, 3.5e5, 3.5e5))
    fine = monthly_of(rng.normal(0, 9, (24, *fine_grid.shape)))
    area = rng.random(fine_grid.shape) * 1e9
    shared = shared_cells(fine_grid, COARSE)

    def years(rows):
        held = shared.reach(rows)
        return aggregated_years(fine.isel(y=held), area[held], shared, rows, YEARS)

    whole = years(slice(0, 4))
    for rows in (slice(0, 1), slice(1, 4), slice(2, 3)):
        band = years(rows)
        for name in ("mean", "land"):
            assert band[name].values.tobytes() == whole[name].values[:, rows].tobytes()
    mass = (whole["mean"] * whole["land"]).sum(("y", "x"))
    expected = (annual_sums(fine) * area).sum(("y", "x"))
    np.testing.assert_allclose(mass, expected, rtol=1e-10)


def test_a_cell_is_compared_in_the_years_that_both_know():
    dims, years = ("year", "y", "x"), {"year": [1, 2, 3]}
    fine = xr.Dataset(
        {
            "mean": (dims, [[[1.0]], [[np.nan]], [[5.0]]]),
            "land": (dims, [[[9.0]], [[0.0]], [[2.0]]]),
        },
        coords=years,
    )
    coarse = xr.DataArray([[[2.0]], [[70.0]], [[4.0]]], dims=dims, coords=years)
    maps = resolution_maps(fine, coarse, np.array([[6.0]]))
    assert [maps[name].item() for name in ("fine", "coarse", "difference", "years")] == [3, 3, 0, 2]
    assert maps["compared"].item() == pytest.approx((6 + 0 + 2) / 3)
    ocean = resolution_maps(fine, coarse, np.array([[0.0]]))
    assert np.isnan(ocean["difference"].item())
    assert ocean["compared"].item() == 0


def patterns(fine, coarse, weight, atom=None):
    maps = xr.Dataset(
        {name: (("flux", "y", "x"), np.array([[values]]))
         for name, values in (("fine", fine), ("coarse", coarse), ("compared", weight))},
        coords={"flux": ["nee"]},
    )  # fmt: skip
    atom = np.zeros((1, len(fine)), int) if atom is None else np.array([atom])
    membership = xr.DataArray(
        [[1, 1], [0, 1]], dims=("zone_id", "atom_id"),
        coords={"zone_set": ("zone_id", ["abz", "biome"]), "zone": ("zone_id", ["ABZ", "tundra"])},
    )  # fmt: skip
    return pattern_table(maps, atom, membership).set_index("zone")


def test_patterns_are_weighted_with_land():
    """Weights are the same as repeating a cell so many times."""
    rng = np.random.default_rng(2)
    fine, coarse = rng.normal(0, 9, (2, 6))
    weight = np.array([1.0, 2, 3, 0, 1, 4])
    found = patterns(fine, coarse, weight).loc["ABZ"]
    x, y = np.repeat(fine, weight.astype(int)), np.repeat(coarse, weight.astype(int))
    assert found["map_r"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found["map_bias"] == pytest.approx((x - y).mean())
    assert found["map_rmsd"] == pytest.approx(np.sqrt(((x - y) ** 2).mean()))
    assert (found["cells"], found["compared_m2"]) == (5, 11)


def test_zones_hold_the_cells_of_their_atoms():
    table = patterns([1.0, 2, 9], [1.0, 4, 0], [1.0, 1, 1], atom=[0, 1, -1])
    assert table["cells"].to_dict() == {"ABZ": 2, "tundra": 1}
    assert table.loc["tundra", "map_bias"] == -2
    assert np.isnan(table.loc["tundra", "map_r"])
    nothing = patterns([1.0], [1.0], [0.0]).loc["ABZ"]
    assert nothing["cells"] == 0
    assert np.isnan(nothing["map_bias"])


def test_a_map_without_relief_has_no_correlation():
    assert np.isnan(patterns([3.0] * 4, [1.0, 2, 3, 4], [1.0] * 4).loc["ABZ", "map_r"])


def annual_of(values, years, zone="ABZ"):
    """Annual budgets (member, year) of one zone."""
    rows = [
        {"flux": "nee", "zone_set": "abz", "zone": zone, "year": year, "member": member,
         "tg": values[member][place], "g_m2": values[member][place] / 20, "area_m2": 2e13,
         "valid_share": 0.5}
        for member in range(len(values)) for place, year in enumerate(years)
    ]  # fmt: skip
    return pd.DataFrame(rows)


NO_PATTERN = pd.DataFrame({"flux": ["nee"], "zone_set": ["abz"], "zone": ["ABZ"], "map_r": [0.5]})


def test_budgets_of_the_common_years():
    rng = np.random.default_rng(3)
    fine, coarse = rng.normal(-500, 60, (2, 4, 8))
    first = annual_of(fine, range(2001, 2009))
    second = annual_of(coarse, range(1998, 2006))
    years = resolution_years(first, second)
    assert years["year"].tolist() == list(range(2001, 2006))
    np.testing.assert_allclose(years["difference_tg"], fine[0, :5] - coarse[0, 3:])
    np.testing.assert_allclose(years["coarse_sd"], coarse[1:, 3:].std(axis=0, ddof=1))
    assert (years["fine_land_m2"] == 1e13).all()
    row = resolution_summary(first, second, NO_PATTERN).iloc[0]
    x, y = fine[:, :5], coarse[:, 3:]
    assert (row["first_year"], row["last_year"], row["n_years"]) == (2001, 2005, 5)
    assert row["bias_tg"] == pytest.approx(x[0].mean() - y[0].mean())
    assert row["ratio"] == pytest.approx(x[0].mean() / y[0].mean())
    sds = [side[1:].mean(axis=1).std(ddof=1) for side in (x, y)]
    assert [row["fine_sd"], row["coarse_sd"]] == pytest.approx(sds)
    assert row["bias_sd"] == pytest.approx(np.hypot(*sds))
    assert row["years_r"] == pytest.approx(np.corrcoef(x[0], y[0])[0, 1])
    assert row["map_r"] == 0.5
    assert row["unlike"] == "mask: land of the fine set / land of the coarse set"


def test_a_common_trend_is_no_likeness_of_the_years():
    time = np.arange(16.0)
    apart = np.cos(np.pi * time)
    fine, coarse = [10 * time + apart], [12 * time - apart]
    row = resolution_summary(
        annual_of(fine, range(16)), annual_of(coarse, range(16)), NO_PATTERN
    ).iloc[0]
    assert row["years_r"] > 0.99
    assert row["years_r_detrended"] < -0.99
    straight = resolution_summary(
        annual_of([time], range(16)), annual_of(coarse, range(16)), NO_PATTERN
    )
    assert np.isnan(straight["years_r_detrended"].item())
    assert np.isnan(straight["fine_sd"].item())


def test_years_without_a_budget_and_few_years_are_left_out():
    fine = annual_of([[1.0, np.nan, 3.0, 4.0]], range(4))
    coarse = annual_of([[1.0, 2.0, 0.0, -1.0]], range(4))
    assert resolution_years(fine, coarse)["year"].tolist() == [0, 2, 3]
    row = resolution_summary(fine, coarse, NO_PATTERN).iloc[0]
    assert np.isnan(row["years_r"])
    assert np.isnan(row["ratio"])
    with pytest.raises(InputError, match="coarse set"):
        resolution_years(fine, coarse.drop(columns="tg"))


def test_years_are_common_where_both_are_whole():
    def months(first, n):
        return monthly_of(np.ones((n, 1, 1)), first)["time"]

    assert common_years(months("2001-01-01", 240), months("1990-01-01", 324)) == list(
        range(2001, 2017)
    )
    assert common_years(months("2001-01-01", 24), months("2004-01-01", 24)) == []
