"""Agreement of two maps: as NumPy has it, in whatever parts they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.compare import MapAgreement
from abz.errors import InputError


def pair(seed, bias=0.0):
    rng = np.random.default_rng(seed)
    first = rng.normal(-20, 30, (11, 13))
    second = first + rng.normal(bias, 5, first.shape)
    first[rng.random(first.shape) < 0.2] = np.nan
    second[rng.random(first.shape) < 0.2] = np.nan
    return first, second


@given(st.integers(0, 9999), st.integers(1, 11))
def test_row_is_that_of_the_whole_maps(seed, height):
    first, second = pair(seed, 2.0)
    agreement = MapAgreement()
    for top in range(0, 11, height):
        agreement.add(first[top : top + height], second[top : top + height])
    row = agreement.row()
    both = np.isfinite(first) & np.isfinite(second)
    x, y = first[both], second[both]
    assert row["cells"] == both.sum()
    assert row["only_first"] == (np.isfinite(first) & ~np.isfinite(second)).sum()
    assert row["only_second"] == (~np.isfinite(first) & np.isfinite(second)).sum()
    assert row["bias"] == pytest.approx((x - y).mean())
    assert row["rmse"] == pytest.approx(np.sqrt(((x - y) ** 2).mean()))
    assert row["largest"] == np.abs(x - y).max()
    assert row["r"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert (row["first"], row["second"]) == (pytest.approx(x.mean()), pytest.approx(y.mean()))


def test_one_wrong_cell_is_seen():
    first, _ = pair(1)
    second = first.copy()
    place = tuple(np.argwhere(np.isfinite(first))[7])
    second[place] += 40.0
    agreement = MapAgreement()
    agreement.add(first, second)
    assert agreement.row()["largest"] == pytest.approx(40.0)
    assert agreement.row()["r"] < 1.0


def test_maps_without_a_common_cell_and_flat_maps_have_no_correlation():
    agreement = MapAgreement()
    agreement.add(np.array([1.0, np.nan]), np.array([np.nan, 1.0]))
    assert np.isnan(agreement.row()["r"])
    assert agreement.row()["cells"] == 0
    agreement.add(np.ones(3), np.arange(3.0))
    assert np.isnan(agreement.row()["r"])


@given(st.integers(0, 9999), st.floats(-50.0, 50.0))
def test_flat_maps_of_any_value_have_no_correlation(seed, value):
    agreement, second = MapAgreement(), np.random.default_rng(seed).normal(size=(7, 100))
    for part in second:
        agreement.add(np.full(100, value), part)
    assert np.isnan(agreement.row()["r"])


def test_a_small_spread_far_from_zero_keeps_its_digits():
    rng = np.random.default_rng(3)
    first = 1e4 + 1e-3 * rng.normal(size=5000)
    second = first + 1e-3 * rng.normal(size=5000)
    agreement = MapAgreement()
    agreement.add(first, second)
    assert agreement.row()["r"] == pytest.approx(np.corrcoef(first, second)[0, 1], rel=1e-9)


def test_shapes_must_agree():
    with pytest.raises(InputError, match="two maps"):
        MapAgreement().add(np.ones(2), np.ones(3))
