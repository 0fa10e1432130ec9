"""Maps and polygons that stand still."""

import geopandas as gpd
import numpy as np
import pytest

from abz.grid import lonlat_grid, polar_grid
from abz.world import World, footprint, standing


def test_static_maps(world: World) -> None:
    here = footprint(world, lonlat_grid(4.5))
    for name in ("soc", "soil_ph", "cti", "permafrost_probability"):
        data = standing.predictor_map(here, name)
        assert data[name].dims == ("y", "x")
        assert np.isfinite(data[name].values).sum() == here.cells.size


def test_class_maps(world: World) -> None:
    lccs = standing.esa_cci_lc(footprint(world, lonlat_grid(1.5)))["lccs_class"]
    assert lccs.dtype == np.int16
    assert {210, 220, 70, 80} <= set(np.unique(lccs).tolist())
    cavm = standing.cavm(footprint(world, polar_grid(100_000)))["grid_code"]
    assert {92, 93, 99, 21, 33} <= set(np.unique(cavm).tolist())


@pytest.mark.parametrize("column", ["BIOME_NUM", "extent"])
def test_polygons_hold_the_points_of_their_class(world: World, column: str) -> None:
    if column == "BIOME_NUM":
        here = footprint(world, lonlat_grid(1.5), widen=2)
        frame, codes = standing.biome_polygons(here), here.places.ground.biome
    else:
        here = footprint(world, polar_grid(100_000), widen=2)
        frame, codes = standing.permafrost_polygons(here), here.places.ground.permafrost
    some = np.flatnonzero(~here.places.ground.ice)[::37]
    points = gpd.GeoSeries.from_xy(here.places.lon[some], here.places.lat[some], crs="EPSG:4326")
    joined = gpd.GeoDataFrame(geometry=points.to_crs(frame.crs)).sjoin(frame, how="left")
    assert np.array_equal(joined[column].to_numpy(int), codes[some])
