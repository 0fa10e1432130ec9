"""Zones of one's own from their files to the tables of a tiny synthetic run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from abz.catalog import write_world_catalog
from abz.cli.inputs import recorded_inputs
from abz.cli.layout import Layout
from abz.cli.stages import budgets, fit, harmonise, sites, trends, upscale
from abz.cli.storage import read_table, read_zarr
from abz.config import Config
from abz.digest import sha256_file
from abz.grid import lonlat_grid
from abz.vocabulary import FLUXES, LEFT_OUT
from abz.world.archive import write_archive
from abz.world.arctic import World
from abz.world.products.geotiff import write_raster

YEARS = range(2004, 2006)


def write_zones(folder):
    """Two overlapping parks and a third one in the sea; basins that part all land."""
    folder.mkdir()
    gpd.GeoDataFrame(
        {"park": ["West", "East", "Atlantis"]},
        geometry=[box(-170, 55, 60, 75), box(40, 60, 150, 70), box(-40, 50, -25, 55)],
        crs="EPSG:4326",
    ).to_file(folder / "parks.geojson", driver="GeoJSON")
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    codes = np.where(grid.lonlat()[0] < 60, 7, 9).astype(np.uint8)
    codes[grid.lonlat()[1] > 80] = 3
    write_raster(folder / "basins.tif", codes[None], grid, nodata=0)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    files = write_zones(tmp_path_factory.mktemp("own") / "zones")
    config = Config(
        name="tiny",
        output=tmp_path_factory.mktemp("runs"),
        world={"resolution_km": 400.0},
        sets={"coarse": {"cell_m": 4e5, "first_year": YEARS[0], "last_year": YEARS[-1]}},
        forest={
            "trees": 3, "tuning_trees": 2, "member_trees": 2, "members": 3, "mtry": [2],
        },
        budgets={"unions": {"both": ["parks/West", "parks/East"]}},
        zones={
            "parks": {"file": files / "parks.geojson", "column": "park", "overlap": "later"},
            "basins": {
                "file": files / "basins.tif", "names": {"7": "Warm", "9": "Cold"},
                "left_out": [3],
            },
        },
    )  # fmt: skip
    write_archive(World(resolution_km=400.0), config.archive, {"coarse": YEARS}, range(0))
    write_world_catalog(config.archive)
    layout = Layout(config.root)
    with recorded_inputs() as inputs:
        harmonise.run(config, layout, model_set="coarse")
    sites.run(config, layout)
    for flux in FLUXES:
        fit.run(config, layout, model_set="coarse", flux=flux)
    upscale.run(config, layout, model_set="coarse")
    trends.run(config, layout, model_set="coarse")
    budgets.run(config, layout)
    return config, layout, inputs


def table(run, name):
    return read_table(run[1].budgets / f"{name}.parquet")


def test_every_table_of_zones_holds_them(run):
    for name in ("annual", "monthly", "seasonal", "table1", "trends", "uncertainty"):
        rows = table(run, name)
        for own, zones in {"parks": ["East", "West"], "basins": ["Cold", "Warm"]}.items():
            assert sorted(set(rows[rows["zone_set"] == own]["zone"]) - {LEFT_OUT}) == zones, name
    assert {"parks", "basins"} <= set(table(run, "covariance")["zone_set"])


def test_each_site_has_its_zone_of_each_set(run):
    rows = table(run, "site_zones")
    for own, zones in {"parks": {"East", "West"}, "basins": {"Cold", "Warm"}}.items():
        assert set(rows[own]) <= {*zones, LEFT_OUT, ""}
        counted = table(run, "source_sites").query("zone_set == @own").set_index("zone")["sites"]
        assert rows[own].value_counts().drop("", errors="ignore").to_dict() == counted.to_dict()
    assert {"biome", "permafrost", "region", "vegetation"} <= set(rows)


def test_parts_add_up_to_the_whole_for_each_member(run):
    keys = ["flux", "year", "member"]
    rows = table(run, "annual")
    whole = rows[rows["zone_set"] == "abz"].set_index(keys).sort_index()
    for own in ("parks", "basins", "biome"):
        parts = rows[rows["zone_set"] == own].groupby(keys)[["tg", "area_m2"]].sum()
        np.testing.assert_allclose(parts["tg"], whole["tg"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(parts["area_m2"], whole["area_m2"], rtol=1e-12)


def test_the_spread_of_a_union_is_that_of_the_summed_members(run):
    rows = table(run, "annual")
    parts = rows[(rows["zone_set"] == "parks") & (rows["zone"] != LEFT_OUT)]
    summed = parts.groupby(["flux", "member", "year"])["tg"].sum().groupby(["flux", "member"])
    mean = summed.mean().reset_index()
    spread = mean[mean["member"] > 0].groupby("flux")["tg"].std()
    found = table(run, "uncertainty").query("zone == 'both' and period == 'mean'")
    np.testing.assert_allclose(found.set_index("flux")["sampling_sd"][spread.index], spread)


def test_land_is_held_left_out_or_outside(run):
    rows = table(run, "left_out")
    zones = read_zarr(run[1].zones("coarse"))
    counted = rows[rows["part"] != "zone without land"]
    per_set = counted.groupby("zone_set")[["cells", "area_m2"]].sum()
    assert (per_set["cells"].nunique(), per_set["area_m2"].nunique()) == (1, 1)
    north = zones["outside"].values != 1
    land = zones["land_fraction"].values.astype(float) * 4e5**2
    assert per_set["area_m2"].iloc[0] == pytest.approx(land[north].sum(), rel=1e-12)
    parks = rows[rows["zone_set"] == "parks"].set_index("part")
    assert parks.loc["zone without land", "reason"] == "Atlantis"
    assert parks.loc["in a zone", "overlap_m2"] > 1e11
    annual = table(run, "annual").query("zone_set == 'parks' and zone == @LEFT_OUT")
    assert parks.loc["in no zone", "area_m2"] == pytest.approx(annual["area_m2"].iloc[0])


def test_files_of_zones_are_inputs(run):
    config, _, inputs = run
    file = config.zones["parks"].file
    assert inputs["zones.parks"]["files"] == {"parks.geojson": sha256_file(file)}
    assert str(file.parent) not in config.model_dump_json()
    assert pd.Series(inputs["zones.basins"]["files"]).index.tolist() == ["basins.tif"]
