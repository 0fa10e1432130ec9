"""Trends of an ensemble."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, UnitsError
from abz.trends import METHODS, trend, trend_members, trend_series

YEARS = np.arange(2001, 2021)


def ensemble(members=6, seed=0):
    values = np.random.default_rng(seed).normal(size=(members, 20, 3)).cumsum(axis=1)
    return xr.DataArray(
        values, dims=("member", "year", "zone"),
        coords={"year": YEARS, "zone": ["ABZ", "boreal", "tundra"]},
        attrs={"units": "Tg C yr-1"},
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_summary_of_the_members(method):
    da = ensemble()
    found = trend_members(da, method=method, draws=49)
    for place, zone in enumerate(da["zone"].values):
        cell = trend_series(da.values[:, :, place], YEARS, method, draws=49)
        row = found.sel(zone=zone)
        np.testing.assert_array_equal(row["slope"], cell.slope)
        assert row["n_members"] == 6
        assert row["slope_mean"].item() == pytest.approx(cell.slope.mean())
        assert row["slope_sd"].item() == pytest.approx(cell.slope.std(ddof=1))
        assert row["below_zero"].item() == np.mean(cell.slope < 0)
        error = (cell.upper - cell.lower) / (2 * 1.959963984540054)
        assert row["noise"].item() == pytest.approx(np.sqrt(np.nanmean(error**2)))
        ratio = row["slope_sd"] / row["noise"]
        assert row["spread_over_noise"].item() == pytest.approx(ratio.item())


def test_units_and_coordinates():
    found = trend_members(ensemble())
    assert found["slope"].dims == ("member", "zone")
    assert found["zone"].values.tolist() == ["ABZ", "boreal", "tundra"]
    for name in ("slope", "slope_mean", "slope_sd", "noise"):
        assert found[name].attrs["units"] == "Tg C yr-1 per year"
    for name in ("below_zero", "n_members", "spread_over_noise", "p_value"):
        assert found[name].attrs["units"] == "1"


def test_members_without_a_trend_take_no_part():
    da = ensemble()
    da[2:, :, 0] = np.nan
    da[1:, :, 1] = np.nan
    da[:, :, 2] = np.nan
    found = trend_members(da)
    assert found["n_members"].values.tolist() == [2, 1, 0]
    kept = trend(da[:2, :, 0])["slope"]
    assert found["slope_sd"].values[0] == pytest.approx(float(kept.std(ddof=1)))
    assert np.isfinite(found["slope_mean"].values).tolist() == [True, True, False]
    assert np.isfinite(found["slope_sd"].values).tolist() == [True, False, False]
    assert np.isnan(found["below_zero"].values[2])


@given(st.integers(1, 6), st.integers(1, 3), st.permutations(["member", "year", "zone"]))
def test_lazy_is_eager(members, zones, order):
    da = ensemble()
    lazy = trend_members(da.chunk(member=members, zone=zones).transpose(*order))
    eager = trend_members(da).transpose("member", "zone")
    xr.testing.assert_identical(lazy.compute().transpose("member", "zone"), eager)


@given(st.permutations(range(6)))
def test_the_order_of_the_members_does_not_matter(order):
    da = ensemble()
    plain, mixed = trend_members(da), trend_members(da.isel(member=order))
    for name in ("slope_mean", "slope_sd", "below_zero", "noise"):
        np.testing.assert_allclose(mixed[name], plain[name], rtol=1e-12)


@pytest.mark.parametrize("preserve_range", [False, True])
def test_each_member_is_tested_as_the_options_say(preserve_range):
    da = ensemble()
    options = {"method": "yue_pilon", "preserve_range": preserve_range}
    found, alone = trend_members(da, **options), trend(da, **options)
    for name in ("slope", "lower", "upper", "p_value"):
        np.testing.assert_array_equal(found[name], alone[name])
    other = trend(da, "yue_pilon", not preserve_range)
    assert (other["slope"] != alone["slope"]).any()


def test_a_slope_of_zero_is_not_below_zero():
    da = ensemble(4)
    da[0, :, 0], da[1:, :, 0] = [0.0, 1.0, 1.0, 0.0] * 5, YEARS - 2000.0
    found = trend_members(da, method="none").isel(zone=0)
    assert found["slope"].values[0] == 0.0
    assert found["below_zero"] == 0.0


def test_straight_lines_have_no_noise_to_compare_with():
    slopes = xr.DataArray([-2.0, 1.0, -3.0], dims="member")
    line = slopes * xr.DataArray(YEARS - 2000.0, dims="year", coords={"year": YEARS})
    found = trend_members(line.assign_attrs(units="1"))
    assert found["noise"].item() == pytest.approx(0.0, abs=1e-12)
    assert found["below_zero"].item() == pytest.approx(2 / 3)


def test_the_dimension_and_the_units_are_needed():
    with pytest.raises(InputError, match="'member'"):
        trend_members(ensemble().rename(member="run"))
    with pytest.raises(UnitsError):
        trend_members(ensemble().drop_attrs())
