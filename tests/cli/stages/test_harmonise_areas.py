"""MODIS of AppEEARS, named in a catalog of one's own, makes the cube that the tiles make."""

import shutil

import numpy as np
import pytest
import yaml

from abz.catalog import CATALOG, Catalog, write_world_catalog
from abz.cli.layout import Layout
from abz.cli.stages import harmonise
from abz.cli.storage import read_zarr
from abz.config import Config
from abz.world.archive import write_archive
from abz.world.arctic import World
from abz.world.products import AreaLayout, write_modis_area

YEARS = {"first_year": 2005, "last_year": 2005}
MODIS = {"mod11a2": "MOD11A2", "mod13a1": "MOD13A1", "mod44b": "MOD44B"}


def run_of(folder, name):
    return Config(
        name=name, output=folder, world={"resolution_km": 400.0}, workers=1,
        sets={"fine": {"cell_m": 4e5, **YEARS}}, fire=YEARS,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["tif", "nc"])
def test_areas_make_the_same_cube_as_tiles(tmp_path, kind):
    tiles, areas = run_of(tmp_path, "tiles"), run_of(tmp_path, "areas")
    span = range(2005, 2006)
    write_archive(World(resolution_km=400.0), tiles.archive, {"fine": span}, range(0))
    shutil.copytree(tiles.archive, areas.archive)
    write_world_catalog(tiles.archive)
    content = yaml.safe_load(CATALOG.read_text("utf-8"))
    for entry, product in MODIS.items():
        data = Catalog.load(tiles.archive / "catalog.yaml", tiles.archive).open(entry)
        shutil.rmtree(areas.archive / entry)
        write_modis_area(data, areas.archive / entry / "2005", product, AreaLayout(kind))
        url = f"{{root}}/{entry}/{{year}}/{product}.061_*_aid0001.*"
        content["data"][f"{entry}_files"]["kwargs"]["url"] = url
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(content), "utf-8")
    write_world_catalog(areas.archive, own)
    cubes = []
    for config in (tiles, areas):
        layout = Layout(config.root)
        harmonise.run(config, layout, model_set="fine")
        cubes.append(read_zarr(layout.cube("fine")).load())
    for name in ("lst", "ndvi", "ndvi_filled", "tree_cover", "nonvegetated_cover"):
        assert np.isfinite(cubes[0][name]).any()
        np.testing.assert_array_equal(cubes[1][name], cubes[0][name])
