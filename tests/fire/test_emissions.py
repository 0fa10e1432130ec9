"""Fire on the target grid: mass, bounds, accounting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError, MissingDataError, UnitsError
from abz.fire import FireAccount, emissions, fire_on_grid, fire_window, source_pieces
from abz.grid import (
    Grid,
    SourceBlocks,
    lonlat_grid,
    overlap,
    polar_grid,
    sinusoidal_grid,
    window_areas,
)
from abz.units import AREA_QUANTUM, GRAM_QUANTUM, MONTHLY_FLUX

SOURCE = sinusoidal_grid(8)
TARGET = polar_grid(4.0e5)
SOURCE_AREA = float(sinusoidal_grid(60).cell_area()[0, 0])


def product(seed=0, units=MONTHLY_FLUX, months=3, grid=SOURCE):
    rng = np.random.default_rng(seed)
    shape = (months, *grid.shape)
    burning = rng.random(shape) < 0.2
    emission = np.where(burning, rng.gamma(2.0, 20.0, shape), 0.0).astype(np.float32)
    burned = np.where(burning, rng.random(shape), 0.0).astype(np.float32)
    time = np.arange("2002-05", "2002-08", dtype="datetime64[M]")[:months].astype("datetime64[ns]")
    return xr.Dataset(
        {
            "emission": (("time", "y", "x"), emission, {"units": units}),
            "burned_fraction": (("time", "y", "x"), burned, {"units": "1"}),
        },
        coords={**grid.coords(), "time": time},
    )


def zones(domain, grid=TARGET):
    atom = np.where(domain, np.arange(domain.size).reshape(domain.shape) % 3, -1).astype(np.int32)
    return xr.Dataset(
        {"atom": (("y", "x"), atom)},
        coords={**grid.coords(), "atom_biome": ("atom_id", np.array([6, 6, 11], np.int16))},
    )


@pytest.fixture(scope="module")
def shared():
    return overlap(SOURCE, TARGET, whole=True)


def half_domain():
    return np.add.outer(np.arange(TARGET.shape[0]), np.arange(TARGET.shape[1])) % 2 == 0


def test_mass_is_conserved_over_the_grid(shared):
    source = product()
    fire = fire_on_grid(source, zones(np.ones(TARGET.shape, bool)))
    grams = int(fire["grams"].sum()) * GRAM_QUANTUM
    mass = fire.sum()
    np.testing.assert_allclose(grams * 1e-12 + mass["outside_grid_mass"], mass["source_mass"])
    assert abs(float(mass["outside_domain_mass"])) < 1e-6 * float(mass["source_mass"])
    reached = np.asarray(shared.matrix.sum(axis=0)).ravel().reshape(SOURCE.shape)
    assert grams == pytest.approx(float((source["emission"] * reached).sum()), rel=1e-6)


def test_a_native_cell_arrives_whole():
    source = product(months=1)
    lon, lat = SOURCE.lonlat()
    for row, column in np.argwhere((lat > 60) & (np.abs(lon) < 120))[::19]:
        lone = source * 0.0
        lone["emission"].attrs = source["emission"].attrs
        lone["emission"][0, row, column] = 123.0
        fire = fire_on_grid(lone, zones(np.ones(TARGET.shape, bool)))
        grams = int(fire["grams"].sum()) * GRAM_QUANTUM
        outside = float(fire["outside_grid_mass"].sum()) * 1e12
        mass = 123.0 * SOURCE.cell_area()[row, column]
        assert grams + outside == pytest.approx(mass, rel=1e-10)
        assert outside == pytest.approx(0.0, abs=1e-10 * mass)


@given(
    st.sampled_from([sinusoidal_grid(5), lonlat_grid(4.0, (0.0, 44.0, 360.0, 88.0)),
                     polar_grid(3.7e5, (-3e6, -3e6, 3e6, 3e6))]),
    st.sampled_from([polar_grid(2.5e5), polar_grid(6e5), lonlat_grid(5.0)]),
    st.integers(0, 99),
)  # fmt: skip
def test_every_gram_of_any_pair_of_grids_is_accounted_for(source_grid, target, seed):
    source = product(seed, grid=source_grid)
    source["emission"][:, ::3] = np.nan
    domain = np.random.default_rng(seed).random(target.shape) < 0.6
    fire = fire_on_grid(source, zones(domain, target))
    held = fire["grams"].values.sum(axis=1) * GRAM_QUANTUM * 1e-12
    sums = held + fire["outside_grid_mass"].values + fire["outside_domain_mass"].values
    np.testing.assert_allclose(sums, fire["source_mass"].values, rtol=1e-10)
    mass = np.nansum(source["emission"].values * source_grid.cell_area(), axis=(1, 2)) * 1e-12
    np.testing.assert_allclose(fire["source_mass"].values, mass, rtol=1e-6)
    for name in ("outside_grid_mass", "outside_domain_mass", "grams", "burned_area"):
        assert (fire[name].values >= 0).all()
    for name in ("emission", "burned_fraction"):
        assert not (fire[name].values < 0).any()


def test_the_burned_area_is_kept(shared):
    source = product()
    fire = fire_on_grid(source, zones(np.ones(TARGET.shape, bool)))
    area = int(fire["burned_area"].sum()) * AREA_QUANTUM
    reached = float((source["burned_fraction"] * shared.taken).sum())
    assert area == pytest.approx(reached, rel=1e-6)


def test_shares_that_are_no_areas_do_not_balance(monkeypatch):
    def swollen(*grids, **options):
        weights = window_areas(*grids, **options)
        return replace(weights, matrix=weights.matrix * 1.01)

    monkeypatch.setattr(emissions, "window_areas", swollen)
    with pytest.raises(GridError, match="does not balance"):
        fire_on_grid(product(), zones(half_domain()))


@pytest.mark.parametrize("edge", [6, 17, 50])
@pytest.mark.parametrize("lazy", [False, True])
def test_windows_and_pieces_of_any_size_give_the_same_bytes(edge, lazy):
    source, where = product(), zones(half_domain())
    whole = fire_on_grid(source, where)
    parts = source.chunk(y=edge, x=2 * edge) if lazy else source
    account = FireAccount(source["time"].values, TARGET, 3)
    near = SourceBlocks.of(SOURCE, TARGET)
    for tile in TARGET.blocks(edge):
        weights = window_areas(SOURCE, TARGET, tile, blocks=near, whole=True)
        piece = fire_window(parts, weights, where["atom"].values[tile], account)
        for name in ("emission", "burned_fraction"):
            np.testing.assert_array_equal(piece[name], whole[name].values[:, *tile])
    for window in source_pieces(parts):
        account.add_source(parts, window)
    xr.testing.assert_equal(account.close(), whole[list(account.close())].reset_coords(drop=True))


def test_accounts_of_parts_add_up_to_that_of_the_whole():
    time = np.array(["2002-07-01"], "datetime64[ns]")
    grid, rng = polar_grid(1e6), np.random.default_rng(3)
    whole, sums = FireAccount(time, grid, 2), FireAccount(time, grid, 2)
    for columns in (slice(0, 4), slice(4, grid.shape[1])):
        part = grid.window(slice(None), columns)
        density = {name: rng.random((1, *part.shape)) for name in ("emission", "burned_fraction")}
        alone = FireAccount(time, grid, 2)
        for account in (whole, alone):
            account.add_window(time, density, part.cell_area(), np.zeros(part.shape, np.int32))
        sums.add_arrays(alone.arrays())
    assert whole.grams.sum() > 0
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(sums.arrays()[name], array)


def test_mass_outside_the_domain_is_reported():
    fire = fire_on_grid(product(), zones(half_domain()))
    inside = (fire["emission"] * TARGET.cell_area()).where(half_domain()).sum()
    assert int(fire["grams"].sum()) * GRAM_QUANTUM == pytest.approx(float(inside), rel=1e-9)
    outside = (fire["emission"] * TARGET.cell_area()).where(~half_domain()).sum()
    assert float(fire["outside_domain_mass"].sum()) * 1e12 == pytest.approx(
        float(outside), rel=1e-6
    )


def test_burned_fraction_stays_a_fraction():
    source = product()
    source["burned_fraction"][:] = 1.0
    fire = fire_on_grid(source, zones(half_domain()))
    known = fire["burned_fraction"].values[np.isfinite(fire["burned_fraction"].values)]
    assert known.size
    assert (known == 1.0).all()


def test_each_month_is_its_own():
    source = product()
    whole = fire_on_grid(source, zones(half_domain()))
    alone = fire_on_grid(source.isel(time=[1]), zones(half_domain()))
    np.testing.assert_array_equal(whole["grams"].values[1], alone["grams"].values[0])


def test_units_grid_and_atoms_go_along():
    fire = fire_on_grid(product(), zones(half_domain()))
    assert fire["emission"].attrs["units"] == MONTHLY_FLUX
    assert fire["grams"].dtype == np.int64
    assert Grid.of(fire) == TARGET
    assert fire["atom_biome"].dims == ("atom_id",)


def test_wrong_units_are_an_error():
    with pytest.raises(UnitsError):
        fire_on_grid(product(units="kg m-2"), zones(half_domain()))


def test_a_missing_variable_is_an_error():
    with pytest.raises(MissingDataError, match="burned_fraction"):
        fire_on_grid(product().drop_vars("burned_fraction"), zones(half_domain()))


def test_the_emission_of_a_known_world_comes_back(planted):
    """To a thousandth of the whole, and to 1e-10 of what the product holds."""
    fire, when = planted.fire, planted.fires
    held = fire["grams"].values.sum(axis=1) * GRAM_QUANTUM
    assert held.sum() == pytest.approx(planted.mass.sum(), rel=1e-3)
    months = fire["time"].dt.year.values * 100 + fire["time"].dt.month.values
    for month in np.unique(months):
        burning = when.year * 100 + when.month == month
        mass = planted.mass[burning].sum()
        assert held[months == month].sum() == pytest.approx(mass, rel=2e-3, abs=1e-6)
    source = (planted.product["emission"] * SOURCE_AREA).sum(("y", "x")).values
    np.testing.assert_allclose(held, source, rtol=1e-10, atol=1e-3)
