"""Winter fluxes of the archive in the cells and months that both have."""

import numpy as np
import pytest
import xarray as xr

from abz.catalog import CATALOG, Catalog
from abz.cli.layout import Layout
from abz.cli.product_land import OurLand
from abz.cli.storage import read_zarr, write_zarr
from abz.cli.winter import winter_beside, winter_held
from abz.config import Config
from abz.grid import lonlat_grid, polar_grid
from abz.harmonise import zones_of_classes
from abz.world import World, write_winter

GRID, YEARS = polar_grid(4e5), range(2003, 2006)
COMMON = lonlat_grid(2.0, (-180.0, 44.0, 180.0, 90.0))
FLUXES = {"nee": 3.0, "gpp": 2.0, "reco": 5.0}


@pytest.fixture
def ours(tmp_path):
    """A run whose fluxes are the same everywhere and in every month."""
    config = Config(
        name="small", output=tmp_path, data=tmp_path,
        sets={"fine": {"cell_m": 4e5, "first_year": 2003, "last_year": 2005}},
        fire={"first_year": 2003, "last_year": 2005},
    )  # fmt: skip
    layout = Layout(config.root)
    biome = np.where(GRID.lonlat()[1] < 66, 6, 11)
    land = np.where(GRID.lonlat()[1] > 52, 1.0, 0.0)
    zones = zones_of_classes(GRID, biome, biome * 0, biome * 0 + 80, land)
    time = np.arange("2003-01", "2006-01", dtype="datetime64[M]").astype("datetime64[ns]")
    inside = np.broadcast_to(zones["area"].values > 0, (36, *GRID.shape))
    maps = {name: (("time", "y", "x"), np.where(inside, value, np.nan),
                   {"units": "g C m-2 month-1"}) for name, value in FLUXES.items()}  # fmt: skip
    write_zarr(zones, layout.zones("fine"))
    write_zarr(xr.Dataset(maps, {"time": time, **GRID.coords()}), layout.flux("fine"))
    catalog = Catalog.load(CATALOG, tmp_path)
    return OurLand(config, catalog, "fine", read_zarr(layout.zones("fine")), COMMON), layout


def test_an_archive_without_winters_has_none(ours):
    assert not winter_held(ours[0])


def test_the_run_is_taken_where_and_when_the_product_has_a_value(ours, tmp_path):
    land, layout = ours
    write_winter(World(resolution_km=400.0), tmp_path, polar_grid(8e5), YEARS)
    assert winter_held(land)
    table, stated = winter_beside(land, layout)
    whole = table[(table["zone"] == "ABZ") & (table["season"] == "Oct-Apr")].set_index("year")
    assert whole.index.tolist() == [2003, 2004, 2005]
    assert whole["reco_g_m2"].to_numpy() == pytest.approx(7 * FLUXES["reco"])
    assert whole["gpp_g_m2"].to_numpy() == pytest.approx(7 * FLUXES["gpp"])
    assert (whole["soil_flux_g_m2"] > 0).all()
    assert stated["per_area"] == "land"


def test_the_product_is_taken_where_and_when_the_run_has_a_value(ours, tmp_path):
    """Where the run is missing, uptake cannot be taken off: the soil flux does not count there."""
    land, layout = ours
    write_winter(World(resolution_km=400.0), tmp_path, polar_grid(8e5), YEARS)
    whole = winter_beside(land, layout)[0].set_index(["season", "zone", "year"])
    maps = read_zarr(layout.flux("fine")).load()
    gone = (maps["x"] > 0) & (maps["time"].dt.year == 2004)
    maps["gpp"] = maps["gpp"].where(~gone)
    write_zarr(maps, layout.flux("fine"))
    half = winter_beside(land, layout)[0].set_index(["season", "zone", "year"])
    for year, share in ((2003, 1.0), (2004, 0.8)):
        before, after = (table.loc[("Oct-Apr", "ABZ", year)] for table in (whole, half))
        assert after["valid_share"] <= share * before["valid_share"]
        density = {n: after[f"{n}_tg"] / after[f"{n}_g_m2"] for n in ("soil_flux", "gpp", "nee")}
        assert density["soil_flux"] == pytest.approx(density["gpp"], rel=1e-6)
        assert density["nee"] == pytest.approx(density["gpp"], rel=1e-6)
        assert after["nee_g_m2"] == pytest.approx(7 * FLUXES["nee"])
