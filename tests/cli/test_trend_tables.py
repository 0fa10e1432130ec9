"""Tables beside trend maps: from the maps of a small run."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.stages import trends
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr
from abz.cli.trend_tables import TREND_TABLES, zone_masks
from abz.config import Config
from abz.grid import Grid, polar_grid
from abz.harmonise.zones import zones_of_classes
from abz.trends import q_values, significant_share, trend_series
from abz.units import MONTHLY_FLUX
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST, VEGETATION


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of 12 years in which NEE falls and the NDVI of summer rises, with little noise."""
    sets = {"coarse": {"cell_m": 1e6, "first_year": 2001, "last_year": 2012}}
    config = Config(name="t", output=tmp_path_factory.mktemp("run"), world={}, sets=sets)
    layout, rng = Layout(config.root), np.random.default_rng(5)
    grid = polar_grid(1e6)
    classes = [rng.choice(list(codes), grid.shape) for codes in (BIOMES, PERMAFROST, VEGETATION)]
    zones = zones_of_classes(grid, *classes, np.ones(grid.shape))
    time = xr.date_range("2001-01-01", periods=144, freq="MS")
    years = (np.arange(144) // 12)[:, None, None]
    inside = zones["domain"].values > 0

    def monthly(slope, noise, units):
        values = slope * years + rng.normal(0, noise, (144, *grid.shape))
        kept = np.where(inside, values, np.nan).astype(np.float32)
        return (("time", "y", "x"), kept, {"units": units})

    coords = {"time": time, **Grid.of(zones).coords()}
    slopes = {"nee": -0.5, "gpp": 1.0, "reco": 0.5}
    flux = {name: monthly(slopes[name], 0.5, MONTHLY_FLUX) for name in FLUXES}
    write_zarr(zones, layout.zones("coarse"))
    write_zarr(xr.Dataset(flux, coords=coords), layout.flux("coarse"))
    cube = {"ndvi": monthly(0.02, 0.01, "1"), "vpd": monthly(0.0, 0.1, "kPa")}
    write_zarr(xr.Dataset(cube, coords=coords), layout.cube("coarse"))
    sites = pd.DataFrame({"site": list("abcde"), "latitude": range(60, 65), "longitude": 20.0,
                          "nee": [1.0, 3.0, 2.0, 5.0, 4.0]})  # fmt: skip
    write_table(sites, layout.sites / "annual.parquet")
    paths = trends.run(config, layout, model_set="coarse")
    return layout, paths


@pytest.fixture(scope="module")
def tables(run):
    return {name: read_table(run[0].trend_table("coarse", name)) for name in TREND_TABLES}


def test_everything_that_is_promised_is_written(run, tables):
    layout, paths = run
    assert all(path.exists() for path in paths)
    assert paths[:2] == [layout.trends("coarse"), layout.season_trends("coarse")]
    assert all((table["model_set"] == "coarse").all() for table in tables.values())


def test_shares_are_those_of_the_maps(run, tables):
    layout, _ = run
    maps, zones = read_zarr(layout.trends("coarse")), read_zarr(layout.zones("coarse"))
    shares = tables["shares"].set_index(["variable", "season", "zone", "direction"])
    of_nee = maps.sel(flux="nee")
    direct = significant_share(of_nee["slope"], of_nee["p_value"], zones["area"], -1)
    assert shares.loc[("nee", "annual", "ABZ", "falling"), "share"] == pytest.approx(direct)
    assert direct > 90
    assert shares.loc[("ndvi", "JJA", "ABZ", "rising"), "share"] > 90
    assert shares.loc[("vpd", "SON", "ABZ", "either"), "share"] < 40
    assert shares["expected"].notna().all()
    assert shares["expected_measured"].between(0.5, 15).all()


def test_a_trend_everywhere_is_beyond_chance_and_of_one_class(tables):
    field = tables["field"].set_index(["variable", "direction"])
    assert field.loc[("nee", "falling"), "share"] > 90
    assert field.loc[("nee", "falling"), "p_value"] <= 0.05
    overlay = tables["overlay"].set_index("name")["share"]
    assert overlay["NEE ↓, GPP ↑, Reco ↑"] > 95
    assert overlay.sum() == pytest.approx(100)


def test_greening_follows(tables):
    greening = tables["greening"].query("nee_trend == 'significant'")
    assert greening["nee_season"].tolist() == ["annual", "JJA"]
    assert (greening["conditional"] > 60).all()


def test_zonal_means_are_tested_and_q_is_over_the_layers_of_a_zone(run, tables):
    table = tables["environment"]
    for _, rows in table.groupby("zone"):
        np.testing.assert_allclose(rows["q_value"], q_values(rows["p_value"].to_numpy()))
    layout, _ = run
    cube, zones = read_zarr(layout.cube("coarse")), read_zarr(layout.zones("coarse"))
    weights = zones["area"].where(zones["domain"] > 0, 0.0)
    mean = cube["ndvi"].groupby("time.year").mean().weighted(weights).mean(("y", "x"))
    slope = trend_series(mean.values[None], mean["year"].values).slope[0]
    found = table.query("variable == 'ndvi' and season == 'annual' and zone == 'ABZ'")
    assert found["slope"].item() == pytest.approx(slope, rel=1e-4)


def test_sites_and_cells_have_a_correlation_with_latitude(tables):
    table = tables["latitude"].set_index(["places", "zone"])
    assert table.loc[("sites", "ABZ"), "r"] == pytest.approx(0.8)
    assert (table["n_effective"] <= table["n"]).all()


def test_zones_of_the_tables_lie_in_the_domain(run):
    zones = read_zarr(run[0].zones("coarse"))
    masks = zone_masks(zones)
    inside = masks["abz", "ABZ"]
    assert (masks["biome", "boreal"] ^ masks["biome", "tundra"])[inside].all()
    assert not any((cells & ~inside).any() for cells in masks.values())
