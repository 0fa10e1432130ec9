"""Fire errors: a naive double sum, bounds, additivity, drawn errors."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import FireError, annual_emissions, fire_covariance
from abz.errors import InputError
from abz.units import GRAM_QUANTUM

REGION = np.array([1, 1, 2, 3])
ZONES = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]])

shares = st.floats(0, 1)


def emissions(seed=0, years=2, months=3):
    return np.random.default_rng(seed).gamma(1.0, 20.0, (years, months, REGION.size))


def naive(values, error):
    """Every pair of atom, year and month."""
    cells = list(itertools.product(*map(range, values.shape)))
    found = np.zeros((len(ZONES), len(ZONES)))
    for y, m, a in cells:
        for v, n, b in cells:
            if a == b:
                space = 1.0
            elif REGION[a] == REGION[b]:
                space = error.within_regions
            else:
                space = error.between_regions
            time = (1.0 if m == n else error.between_months) * (
                1.0 if y == v else error.between_years
            )
            product = values[y, m, a] * values[v, n, b] * (error.two_sigma / 2) ** 2
            found += space * time * product * np.outer(ZONES[:, a], ZONES[:, b])
    return found


@given(
    two_sigma=st.floats(0, 2), within=shares, part=shares, months=shares, years=shares,
    seed=st.integers(0, 999),
)  # fmt: skip
def test_as_the_naive_sum(two_sigma, within, part, months, years, seed):
    error = FireError(two_sigma, within, within * part, months, years)
    values = emissions(seed)
    found = fire_covariance(values, ZONES, REGION, error)
    np.testing.assert_allclose(found, naive(values, error), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found, found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9 * (1 + found.max())
    parts = found[np.ix_([1, 2], [1, 2])]
    np.testing.assert_allclose(parts.sum(), found[0, 0], rtol=1e-9, atol=1e-9)


def test_by_default_a_region_is_half_of_its_emission_at_two_sigma():
    values = emissions()
    sd = np.sqrt(np.diag(fire_covariance(values, ZONES, REGION, FireError())))
    assert 2 * sd[1] == pytest.approx(0.5 * values[..., :2].sum())
    regions = np.array([values[..., code == REGION].sum() for code in (1, 2, 3)])
    together = 0.5 * regions.sum() ** 2 + 0.5 * (regions**2).sum()
    assert sd[0] == pytest.approx(0.25 * np.sqrt(together))


def test_full_correlation_adds_sds_and_none_adds_variances():
    values = emissions()
    alike = fire_covariance(values, ZONES, REGION, FireError(0.5, 1, 1, 1, 1))
    assert np.sqrt(alike[0, 0]) == pytest.approx(0.25 * values.sum())
    apart = fire_covariance(values, ZONES, REGION, FireError(0.5, 0, 0, 0, 0))
    assert apart[0, 0] == pytest.approx(0.0625 * (values**2).sum())
    assert apart[1, 2] == 0


def test_drawn_errors_have_that_covariance():
    rng = np.random.default_rng(1)
    values, draws = emissions(), 20000
    common = rng.normal(size=draws)
    own = rng.normal(size=(4, draws))[REGION]
    delta = 0.25 * (np.sqrt(0.5) * common + np.sqrt(0.5) * own)
    drawn = ZONES @ (values.sum((0, 1))[:, None] * delta)
    found = fire_covariance(values, ZONES, REGION, FireError())
    np.testing.assert_allclose(np.cov(drawn), found, rtol=0.05)


@pytest.mark.parametrize(
    "wrong",
    [{"two_sigma": -1}, {"within_regions": 1.1}, {"between_regions": 0.6, "within_regions": 0.5},
     {"between_months": -0.1}, {"between_years": 2}],
)  # fmt: skip
def test_impossible_errors_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        FireError(**wrong)


def test_other_atoms_are_refused():
    with pytest.raises(InputError, match="regions"):
        fire_covariance(emissions(), ZONES, REGION[:3], FireError())


def test_emissions_of_whole_years():
    months = (np.datetime64("2002-03") + np.arange(24)).astype("datetime64[ns]")
    grams = np.arange(48).reshape(24, 2) * 2**40
    fire = xr.Dataset({"grams": (("time", "atom_id"), grams)}, coords={"time": months})
    found = annual_emissions(fire)
    assert found["year"].values.tolist() == [2003]
    assert found.sel(year=2003, month=1).values == pytest.approx(grams[10] * GRAM_QUANTUM * 1e-12)
    mixed = annual_emissions(fire.isel(time=np.random.default_rng(0).permutation(24)))
    np.testing.assert_array_equal(mixed, found)
