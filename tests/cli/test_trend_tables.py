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
from abz.seeds import derive_seed
from abz.trends import (
    annual_sums,
    empirical_size,
    field_significance,
    greening_overlay,
    q_values,
    residual_noise,
    size_curve,
    trend_series,
)
from abz.units import MONTHLY_FLUX
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST, VEGETATION

TEST = {"method": "yue_pilon", "preserve_range": True, "alpha": 0.1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of 12 years in which NEE falls, but not in summer, and NDVI rises; little noise."""
    sets = {"coarse": {"cell_m": 1e6, "first_year": 2001, "last_year": 2012}}
    config = Config(
        name="t", output=tmp_path_factory.mktemp("run"), world={}, sets=sets, trends=TEST, seed=3
    )
    layout, rng = Layout(config.root), np.random.default_rng(5)
    grid = polar_grid(1e6)
    classes = [rng.choice(list(codes), grid.shape) for codes in (BIOMES, PERMAFROST, VEGETATION)]
    zones = zones_of_classes(grid, *classes, rng.uniform(0.2, 1.0, grid.shape))
    time = xr.date_range("2001-01-01", periods=144, freq="MS")
    years = (np.arange(144) // 12)[:, None, None]
    inside = zones["domain"].values > 0

    def monthly(slope, noise, units):
        values = slope * years + rng.normal(0, noise, (144, *grid.shape))
        kept = np.where(inside, values, np.nan).astype(np.float32)
        return (("time", "y", "x"), kept, {"units": units})

    coords = {"time": time, **Grid.of(zones).coords()}
    slopes = {"nee": -1.0, "gpp": 0.5, "reco": -0.5}
    flux = {name: monthly(slopes[name], 0.5, MONTHLY_FLUX) for name in FLUXES}
    summer = np.isin(np.arange(144) % 12, (5, 6, 7))
    flux["nee"][1][summer] += years[summer].astype(np.float32)
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
    area = np.where(zones["domain"] > 0, zones["area"], 0.0)
    falling = (of_nee["slope"] < 0) & (of_nee["p_value"] < TEST["alpha"])
    direct = 100 * area[falling.values].sum() / area[of_nee["p_value"].notnull().values].sum()
    assert shares.loc[("nee", "annual", "ABZ", "falling"), "share"] == pytest.approx(direct)
    assert direct > 90
    assert shares.loc[("ndvi", "JJA", "ABZ", "rising"), "share"] > 90
    assert shares.loc[("vpd", "SON", "ABZ", "either"), "share"] < 40
    assert set(shares["expected"]) == {5.0, 10.0}


def series_of(layout, name):
    """Annual sums (cell, year) of a flux in the domain, and the area of each cell."""
    zones = read_zarr(layout.zones("coarse"))
    inside = zones["domain"].values > 0
    sums = annual_sums(read_zarr(layout.flux("coarse"))[name])
    return sums.values[:, inside].T, zones["area"].values[inside], sums["year"].values


def test_size_is_measured_at_the_mean_autocorrelation_of_the_land(run, tables):
    series, area, years = series_of(run[0], "nee")
    seen, _ = residual_noise(series, years)
    mean = np.average(seen, weights=area)
    curve = size_curve(12, "yue_pilon", preserve_range=True, alpha=0.1)
    rows = tables["shares"].query("variable == 'nee' and season == 'annual'")
    assert rows["rho"].to_numpy() == pytest.approx(np.interp(mean, curve.seen, curve.rho))
    size = float(empirical_size(curve, mean))
    assert rows["size"].to_numpy() == pytest.approx(size)
    one_side = rows.query("direction == 'rising'")["expected_measured"]
    assert one_side.to_numpy() == pytest.approx(50 * size)


def test_the_field_is_shuffled_by_the_seed_of_the_run(run, tables):
    series, area, years = series_of(run[0], "gpp")
    direct = field_significance(
        [(series, area)], years, method="yue_pilon", preserve_range=True, alpha=0.1,
        permutations=200, seed=derive_seed(3, "coarse", "field"),
    )  # fmt: skip
    found = tables["field"].query("variable == 'gpp'")[direct.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, direct)


def test_a_trend_everywhere_is_beyond_chance_and_of_one_class(tables):
    field = tables["field"].set_index(["variable", "direction"])
    assert field.loc[("nee", "falling"), "share"] > 90
    assert field.loc[("nee", "falling"), "p_value"] <= TEST["alpha"]
    overlay = tables["overlay"].set_index("name")["share"]
    assert overlay["NEE ↓, GPP ↑, Reco ↓"] > 95
    assert overlay.sum() == pytest.approx(100)


def test_greening_follows(tables):
    greening = tables["greening"].query("nee_trend == 'significant'")
    assert greening["nee_season"].tolist() == ["annual", "JJA"]
    assert greening["conditional"].iloc[0] > 60
    assert greening["conditional"].iloc[1] < 30


def test_greening_is_of_summer_and_nee_of_its_own_season(run, tables):
    layout, _ = run
    seasons, maps = read_zarr(layout.season_trends("coarse")), read_zarr(layout.trends("coarse"))
    zones = read_zarr(layout.zones("coarse"))
    area = np.where(zones["domain"] > 0, zones["area"], 0.0)

    def pair(layer):
        return layer["slope"].values, layer["p_value"].values

    green = pair(seasons.sel(layer="ndvi_JJA"))
    layers = {"annual": maps.sel(flux="nee"), "JJA": seasons.sel(layer="nee_JJA")}
    for name, nee in layers.items():
        direct = greening_overlay(green, pair(nee), area, 0.1)
        rows = tables["greening"][tables["greening"]["nee_season"] == name]
        pd.testing.assert_frame_equal(rows[direct.columns].reset_index(drop=True), direct)


def test_zonal_means_are_tested_and_q_is_over_the_layers_of_a_zone(run, tables):
    table = tables["environment"]
    for _, rows in table.groupby("zone"):
        np.testing.assert_allclose(rows["q_value"], q_values(rows["p_value"].to_numpy()))
    layout, _ = run
    cube, zones = read_zarr(layout.cube("coarse")), read_zarr(layout.zones("coarse"))
    weights = zones["area"].where(zones["domain"] > 0, 0.0)
    mean = cube["ndvi"].groupby("time.year").mean().weighted(weights).mean(("y", "x"))
    slope = trend_series(
        mean.values[None], mean["year"].values, "yue_pilon", preserve_range=True
    ).slope[0]
    found = table.query("variable == 'ndvi' and season == 'annual' and zone == 'ABZ'")
    assert found["slope"].item() == pytest.approx(slope, rel=1e-4)


def test_sites_and_cells_have_a_correlation_with_latitude(tables):
    table = tables["latitude"].set_index(["places", "zone"])
    assert table.loc[("sites", "ABZ"), "r"] == pytest.approx(0.8)
    assert (table["n_effective"] <= table["n"]).all()


def test_the_correlation_is_that_of_latitude(run, tables):
    maps, zones = read_zarr(run[0].trends("coarse")), read_zarr(run[0].zones("coarse"))
    mean, (_, latitude) = maps["mean"].sel(flux="nee").values, Grid.of(zones).lonlat()
    for (_, zone), cells in zone_masks(zones).items():
        r = np.corrcoef(latitude[cells], mean[cells])[0, 1]
        table = tables["latitude"]
        found = table[(table["places"] == "cells") & (table["zone"] == zone)]
        assert found["r"].item() == pytest.approx(r)


def test_zones_of_the_tables_lie_in_the_domain(run):
    zones = read_zarr(run[0].zones("coarse"))
    masks = zone_masks(zones)
    inside = masks["abz", "ABZ"]
    assert (masks["biome", "boreal"] ^ masks["biome", "tundra"])[inside].all()
    assert not any((cells & ~inside).any() for cells in masks.values())
