"""Fire that is taken out of products: which one, and how it comes to other cells."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.catalog import CATALOG, Catalog
from abz.cli import product_fire
from abz.cli.layout import Layout
from abz.cli.product_fire import fire_of
from abz.cli.storage import write_zarr
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.ledger import FLUX_PARTS
from abz.world.products import write_gfed4, write_gfed5

GRID, CELLS = polar_grid(4e5), lonlat_grid(2.5, (-180.0, 45.0, 180.0, 90.0))


def months(first, last):
    return np.arange(f"{first}-01", f"{last + 1}-01", dtype="datetime64[M]").astype(
        "datetime64[ns]"
    )


def emission(grid: Grid, first, last, seed=0):
    rng, time = np.random.default_rng(seed), months(first, last)
    values = rng.exponential(2.0, (time.size, *grid.shape)).astype(np.float32)
    north = grid.lonlat()[1] >= 55
    attrs = {"units": "g C m-2 month-1", **FLUX_PARTS["fire"].attrs()}
    data = xr.DataArray(
        np.where(north, values, 0.0), {"time": time}, ("time", "y", "x"), attrs=attrs
    )
    return data.assign_coords(grid.coords())


def catalog(folder):
    return Catalog.load(CATALOG, folder)


def write_run(layout, first, last, seed=0):
    write_zarr(emission(GRID, first, last, seed).to_dataset(name="emission"), layout.fire)


def write_archive(folder, write, years, entry):
    data = emission(CELLS, *years).to_dataset(name="emission")
    write(data.assign(burned_fraction=xr.zeros_like(data["emission"])), folder / entry)


def test_the_fire_that_covers_most_years_is_taken(tmp_path):
    layout, years = Layout(tmp_path / "run"), range(2003, 2008)
    assert fire_of(catalog(tmp_path), layout, years) is None
    write_run(layout, 2004, 2006)
    assert fire_of(catalog(tmp_path), layout, years).name == "gfed500m of the run"
    write_archive(tmp_path, write_gfed4, (2003, 2007), "gfed4")
    found = fire_of(catalog(tmp_path), layout, years)
    assert (found.name, found.years) == ("gfed4", years)
    write_archive(tmp_path, write_gfed5, (2003, 2007), "gfed5")
    assert fire_of(catalog(tmp_path), layout, years).name == "gfed5"


def test_years_of_the_run_are_the_whole_ones(tmp_path):
    layout = Layout(tmp_path)
    data = emission(GRID, 2003, 2006).isel(time=slice(0, 44))
    write_zarr(data.to_dataset(name="emission"), layout.fire)
    assert fire_of(catalog(tmp_path), layout, range(2001, 2010)).years == range(2003, 2006)
    assert fire_of(catalog(tmp_path), layout, range(2005, 2010)) is None


def test_years_of_the_run_have_no_gap(tmp_path):
    layout, data = Layout(tmp_path), emission(GRID, 2001, 2006)
    data = data.isel(time=data["time"].dt.year.values != 2003)
    write_zarr(data.to_dataset(name="emission"), layout.fire)
    assert fire_of(catalog(tmp_path), layout, range(2001, 2007)).years == range(2004, 2007)


@given(seed=st.integers(0, 99))
def test_mass_is_kept_and_the_height_of_bands_is_nothing(tmp_path_factory, seed):
    layout = Layout(tmp_path_factory.mktemp("fire"))
    write_run(layout, 2003, 2004, seed)
    made = []
    for height in (3, 7, 256):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(product_fire, "BAND_ROWS", height)
            fire = fire_of(catalog(layout.root), layout, range(2003, 2005))
            made.append(fire.on(CELLS, 2004))
    np.testing.assert_allclose(made[0], made[2], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(made[1], made[2], rtol=1e-12, atol=1e-12)
    given_ = (emission(GRID, 2003, 2004, seed).isel(time=slice(12, 24)) * GRID.cell_area()).sum()
    assert float((made[0] * CELLS.cell_area()).sum()) == pytest.approx(float(given_), rel=0.01)
    assert made[0].attrs["units"] == "g C m-2 month-1"
    assert (made[0]["time"].dt.year == 2004).all()


def test_fire_of_the_archive_is_brought_to_cells_once(tmp_path):
    write_archive(tmp_path, write_gfed4, (2003, 2004), "gfed4")
    fire = fire_of(catalog(tmp_path), Layout(tmp_path / "run"), range(2003, 2005))
    assert fire.on(CELLS, 2003) is fire.on(CELLS, 2003)
    np.testing.assert_allclose(
        fire.on(CELLS, 2003), emission(CELLS, 2003, 2003), rtol=1e-4, atol=1e-4
    )
