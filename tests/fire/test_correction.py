"""The correction: maps, budgets and spread, each against what it must be."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, UnitsError
from abz.fire import BiasFit, corrected_area, correction_budget, correction_map, kept_fits
from abz.units import AREA_QUANTUM, MONTHLY_FLUX

AGES = 5
COVARIANCE = np.array([[9.0, -1.0], [-1.0, 0.25]])


def fit(month, level=10.0, slope=-2.0, p=0.01, covariance=COVARIANCE):
    return BiasFit(month, "m", "", 9, 60, np.array([level, slope]), covariance, np.full(2, p))


def year(rng=None, units=MONTHLY_FLUX, shape=(3, 4)):
    rng = rng or np.random.default_rng(0)
    values = rng.normal(-20, 30, (12, *shape)).astype(np.float32)
    values[rng.random(values.shape) < 0.2] = np.nan
    time = np.arange("2020-01", "2021-01", dtype="datetime64[M]").astype("datetime64[ns]")
    return xr.DataArray(values, dims=("time", "y", "x"), coords={"time": time},
                        attrs={"units": units})  # fmt: skip


def burned(rng, shape=(3, 4)):
    shares = rng.random((AGES, *shape)) * (rng.random((AGES, *shape)) < 0.4)
    return shares / np.maximum(shares.sum(axis=0), 1.0)


def test_months_are_kept_if_slope_and_intercept_are_significant():
    level_only, slope_only = (
        BiasFit(month, "m", "", 9, 60, np.ones(2), COVARIANCE, np.array(p))
        for month, p in ((7, [0.001, 0.2]), (9, [0.2, 0.001]))
    )
    fits = [fit(5), level_only, fit(8, p=0.06), slope_only]
    assert list(kept_fits(fits, 0.05)) == [5]
    assert list(kept_fits(fits, 0.1)) == [5, 8]
    with pytest.raises(InputError, match="alpha"):
        kept_fits(fits, 2.0)


@given(st.integers(0, 99))
def test_the_map_equals_the_naive_one(seed):
    rng = np.random.default_rng(seed)
    nee, shares, fits = year(rng), burned(rng), {6: fit(6), 7: fit(7, -3.0, 1.5)}
    change = correction_map(nee, shares, fits)
    for step, row, column in np.ndindex(nee.shape):
        month = step + 1
        expected = 0.0
        if month in fits:
            level, slope = fits[month].coefficients
            for age in range(AGES):
                expected += shares[age, row, column] * (level + slope * age)
        if np.isnan(nee.values[step, row, column]):
            expected = np.nan
        np.testing.assert_allclose(change.values[step, row, column], expected, atol=1e-9)


@given(st.integers(0, 99), st.floats(-50, 50), st.floats(-5, 5))
def test_where_nothing_burned_nothing_is_corrected(seed, level, slope):
    rng = np.random.default_rng(seed)
    nee, shares = year(rng), burned(rng)
    shares[:, 1] = 0.0
    fits = {month: fit(month, level, slope) for month in range(1, 13)}
    change = correction_map(nee, shares, fits).values[:, 1]
    assert not change[np.isfinite(nee.values[:, 1])].any()
    none = np.zeros((2, 12, AGES))
    table = correction_budget(none, range(1, 13), fits, samples=5, seed=seed)
    assert not table.to_numpy().any()


def test_without_months_there_is_no_correction():
    rng = np.random.default_rng(1)
    assert not np.nan_to_num(correction_map(year(), burned(rng), {}).values).any()
    table = correction_budget(np.ones((2, 12, AGES)), range(1, 13), {}, samples=5, seed=1)
    assert not table.to_numpy().any()


@given(st.integers(0, 99))
def test_the_budget_is_the_mass_of_the_map(seed):
    rng = np.random.default_rng(seed)
    nee, shares, fits = year(rng), burned(rng), {5: fit(5), 7: fit(7, 4.0, -1.0)}
    area, atom = rng.uniform(1e9, 1e10, (3, 4)), rng.integers(0, 2, (3, 4))
    quanta = corrected_area(nee, shares, area, atom, 2)
    assert quanta.dtype == np.int64
    held = np.moveaxis(quanta, -1, 0) * AREA_QUANTUM
    table = correction_budget(held, range(1, 13), fits, samples=9, seed=0)
    change = correction_map(nee, shares, fits).values
    for zone in range(2):
        mass = np.nansum(np.where(atom == zone, change * area, 0.0)) * 1e-12
        assert table["correction"][zone] == pytest.approx(mass, rel=1e-9, abs=1e-15)


def test_the_draws_spread_as_the_covariance_says():
    rng = np.random.default_rng(3)
    held, fits = rng.uniform(0, 1e11, (2, 2, AGES)), {6: fit(6), 7: fit(7)}
    table = correction_budget(held, [6, 7], fits, samples=20000, seed=5)
    ages = np.stack([np.ones(AGES), np.arange(AGES)])
    variance = sum(
        np.einsum("zi,ij,zj->z", m := held[:, place] @ ages.T * 1e-12, COVARIANCE, m)
        for place in range(2)
    )
    np.testing.assert_allclose(table["correction_sd"], np.sqrt(variance), rtol=0.03)
    width = (table["correction_high"] - table["correction_low"]) / table["correction_sd"]
    np.testing.assert_allclose(width, 2 * 1.645, rtol=0.03)
    middle = (table["correction_high"] + table["correction_low"]) / 2
    np.testing.assert_allclose(
        middle, table["correction"], atol=0.05 * table["correction_sd"].max()
    )


def test_draws_depend_on_the_seed_and_on_no_other_month():
    held = np.random.default_rng(3).uniform(0, 1e11, (2, 2, AGES))
    held[:, 0] = 0.0
    both = correction_budget(held, [6, 7], {6: fit(6), 7: fit(7)}, samples=50, seed=5)
    alone = correction_budget(held, [6, 7], {7: fit(7)}, samples=50, seed=5)
    np.testing.assert_array_equal(both, alone)
    other = correction_budget(held, [6, 7], {7: fit(7)}, samples=50, seed=6)
    assert (other["correction_sd"] != alone["correction_sd"]).all()
    assert (other["correction"] == alone["correction"]).all()


def test_wrong_input_is_an_error():
    with pytest.raises(UnitsError):
        correction_map(year(units="g C m-2 yr-1"), np.zeros((AGES, 3, 4)), {})
    with pytest.raises(InputError, match="burned shares"):
        correction_map(year(), np.zeros((AGES, 4, 3)), {})
    with pytest.raises(InputError, match="samples"):
        correction_budget(np.zeros((1, 1, AGES)), [7], {}, samples=1, seed=0)
    with pytest.raises(InputError, match="months and burned land"):
        correction_budget(np.zeros((1, 2, AGES)), [7], {}, samples=9, seed=0)
