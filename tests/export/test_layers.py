import numpy as np
import pytest

from abz.errors import GridError, InputError
from abz.export.layers import flux_year
from abz.grid import lonlat_grid, polar_grid


def whole(year, name):
    """A map put together from its windows."""
    steps = () if name == year.support else (12,)
    found = np.full((*steps, *year.grid.shape), 99.0)
    for rows, columns in year.windows():
        found[..., rows, columns] = year.read(name, rows, columns)
    return found


def test_a_year_holds_its_months_of_its_flux(stored):
    maps, _ = stored
    year = flux_year(maps, "gpp", 2002, 5)
    assert year.year == 2002
    assert year.fluxes == ["gpp", "gpp_mean", "gpp_sd"]
    assert year.months.dt.month.values.tolist() == list(range(1, 13))
    for name in year.fluxes:
        np.testing.assert_array_equal(whole(year, name), maps[name].values[12:])


def test_per_cell_it_is_the_same_mass(stored):
    """Flux times land fraction times area of the cell is flux times area of land."""
    maps, fraction = stored
    per_land, per_cell = (flux_year(maps, "nee", 2001, 5, given) for given in (None, fraction))
    assert (per_land.per, per_cell.per) == ("land", "cell")
    area = per_land.grid.cell_area()
    for name in per_land.fluxes:
        land, cell = whole(per_land, name), whole(per_cell, name)
        assert np.array_equal(np.isnan(land), np.isnan(cell))
        known = ~np.isnan(land).any(axis=0)
        x = np.broadcast_to(per_land.grid.x, known.shape)
        np.testing.assert_allclose(cell[:, known & (x > 0)], land[:, known & (x > 0)] / 4)
        grams = np.nansum(land * area * fraction.values), np.nansum(cell * area)
        assert grams[0] == pytest.approx(grams[1], rel=1e-6)
    support = whole(per_cell, "nee_level_support")
    np.testing.assert_array_equal(support, maps["nee_level_support"])
    flags = whole(per_cell, "nee_outside_range")
    np.testing.assert_array_equal(flags, maps["nee_outside_range"].values[:12])


def test_a_year_that_is_not_whole_is_refused(stored):
    maps, _ = stored
    for chosen, wrong in ((maps, 2003), (maps.isel(time=slice(1, None)), 2001)):
        with pytest.raises(InputError, match=f"do not hold the year {wrong}"):
            flux_year(chosen, "nee", wrong, 5)


def test_only_the_grid_of_the_product_is_exported(stored):
    maps, fraction = stored
    elsewhere = maps.isel(y=slice(0, 3), x=slice(0, 4)).drop_vars(["y", "x", "spatial_ref"])
    with pytest.raises(GridError, match="grid of the published product"):
        flux_year(elsewhere.assign_coords(lonlat_grid(1, (0, 60, 4, 63)).coords()), "nee", 2001, 5)
    moved = fraction.drop_vars(["y", "x"]).assign_coords(
        polar_grid(4e5, (-4.6e6, -4.3e6, 5.4e6, 4.2e6)).coords()
    )
    assert moved.shape == fraction.shape
    with pytest.raises(GridError, match="another grid"):
        flux_year(maps, "nee", 2001, 5, moved)
