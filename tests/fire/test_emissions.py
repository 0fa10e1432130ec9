"""Fire on the target grid: mass, bounds, accounting."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.errors import MissingDataError, UnitsError
from abz.fire import fire_on_grid
from abz.grid import Grid, polar_grid, sinusoidal_grid
from abz.grid.regrid import overlap
from abz.units import GRAM_QUANTUM, MONTHLY_FLUX

SOURCE = sinusoidal_grid(8)
TARGET = polar_grid(4.0e5)


def product(seed=0, units=MONTHLY_FLUX, months=3):
    rng = np.random.default_rng(seed)
    shape = (months, *SOURCE.shape)
    burning = rng.random(shape) < 0.2
    emission = np.where(burning, rng.gamma(2.0, 20.0, shape), 0.0).astype(np.float32)
    burned = np.where(burning, rng.random(shape), 0.0).astype(np.float32)
    time = np.arange("2002-05", "2002-08", dtype="datetime64[M]")[:months].astype("datetime64[ns]")
    return xr.Dataset(
        {
            "emission": (("time", "y", "x"), emission, {"units": units}),
            "burned_fraction": (("time", "y", "x"), burned, {"units": "1"}),
        },
        coords={**SOURCE.coords(), "time": time},
    )


def zones(domain):
    atom = np.where(domain, np.arange(domain.size).reshape(domain.shape) % 3, -1).astype(np.int32)
    return xr.Dataset(
        {"atom": (("y", "x"), atom)},
        coords={**TARGET.coords(), "atom_biome": ("atom_id", np.array([6, 6, 11], np.int16))},
    )


@pytest.fixture(scope="module")
def shared():
    return overlap(SOURCE, TARGET)


def half_domain():
    return np.add.outer(np.arange(TARGET.shape[0]), np.arange(TARGET.shape[1])) % 2 == 0


def test_mass_is_conserved_over_the_grid(shared):
    source = product()
    fire = fire_on_grid(source, shared, zones(np.ones(TARGET.shape, bool)))
    grams = int(fire["grams"].sum()) * GRAM_QUANTUM
    mass = fire.sum()
    np.testing.assert_allclose(grams * 1e-12 + mass["outside_grid_mass"], mass["source_mass"])
    assert abs(float(mass["outside_domain_mass"])) < 1e-6 * float(mass["source_mass"])
    reached = np.asarray(shared.matrix.sum(axis=0)).ravel().reshape(SOURCE.shape)
    assert grams == pytest.approx(float((source["emission"] * reached).sum()), rel=1e-6)


def test_mass_outside_the_domain_is_reported(shared):
    fire = fire_on_grid(product(), shared, zones(half_domain()))
    inside = (fire["emission"] * TARGET.cell_area()).where(half_domain()).sum()
    assert int(fire["grams"].sum()) * GRAM_QUANTUM == pytest.approx(float(inside), rel=1e-9)
    outside = (fire["emission"] * TARGET.cell_area()).where(~half_domain()).sum()
    assert float(fire["outside_domain_mass"].sum()) * 1e12 == pytest.approx(
        float(outside), rel=1e-6
    )


def test_burned_fraction_stays_a_fraction(shared):
    source = product()
    source["burned_fraction"][:] = 1.0
    fire = fire_on_grid(source, shared, zones(half_domain()))
    known = fire["burned_fraction"].values[np.isfinite(fire["burned_fraction"].values)]
    assert known.size
    assert (known == 1.0).all()


def test_each_month_is_its_own(shared):
    source = product()
    whole = fire_on_grid(source, shared, zones(half_domain()))
    alone = fire_on_grid(source.isel(time=[1]), shared, zones(half_domain()))
    np.testing.assert_array_equal(whole["grams"].values[1], alone["grams"].values[0])


def test_units_grid_and_atoms_go_along(shared):
    fire = fire_on_grid(product(), shared, zones(half_domain()))
    assert fire["emission"].attrs["units"] == MONTHLY_FLUX
    assert fire["grams"].dtype == np.int64
    assert Grid.of(fire) == TARGET
    assert fire["atom_biome"].dims == ("atom_id",)


def test_wrong_units_are_an_error(shared):
    with pytest.raises(UnitsError):
        fire_on_grid(product(units="kg m-2"), shared, zones(half_domain()))


def test_a_missing_variable_is_an_error(shared):
    with pytest.raises(MissingDataError, match="burned_fraction"):
        fire_on_grid(product().drop_vars("burned_fraction"), shared, zones(half_domain()))
