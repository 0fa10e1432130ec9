"""The mask of a finished map stays the domain, and its cells count whole."""

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from abz.errors import GridError, InputError
from abz.grid import lonlat_grid, polar_grid
from abz.harmonise import build_zones
from abz.harmonise.mapped_zones import SEAM_CELLS, mapped_zones
from abz.vocabulary import VEGETATION

GRID = polar_grid(4e5)


def belt(column, code, south=45.0, north=80.0):
    places = [box(-180, south, 180, north)]
    return gpd.GeoDataFrame({column: [code]}, geometry=places, crs="EPSG:4326")


def vegetation(code=70):
    grid = lonlat_grid(1.0, (-180.0, 44.0, 180.0, 84.0))
    return tuple(
        xr.Dataset({name: (("y", "x"), np.full(grid.shape, value, np.int16))}, grid.coords())
        for name, value in (("lccs_class", code), ("grid_code", 33))
    )


@given(st.integers(0, 9999))
def test_domain_is_the_mask_and_area_the_whole_cell(seed):
    near = GRID.lonlat()[1] >= 52
    covered = near & (np.random.default_rng(seed).random(GRID.shape) < 0.5)
    covered[GRID.index(0.0, 60.0)] = True
    zones = mapped_zones(covered, GRID, belt("BIOME_NUM", 6), belt("extent", 2))
    reached = covered & ~((zones["outside"].values > 0) & (GRID.lonlat()[1] > 80))
    np.testing.assert_array_equal(zones["domain"].values == 1, reached)
    np.testing.assert_array_equal(zones["area"].values, np.where(reached, 4e5**2, 0.0))
    assert zones["atom_area"].sum() == zones["area"].sum()
    assert set(np.unique(zones["vegetation"])) == {-1}


def test_cells_at_a_seam_take_the_biome_of_the_nearest():
    north = GRID.lonlat()[1]
    covered = north >= 62
    zones = mapped_zones(covered, GRID, belt("BIOME_NUM", 11, north=75.0), belt("extent", 1))
    bare = covered & (zones["biome"].values == 11) & (north > 78)
    assert bare.any()
    assert zones["biome"].attrs["seam_cells"] >= bare.sum()
    assert (zones["domain"].values[covered] == 1).all()


def test_cells_far_from_any_biome_stay_outside_and_say_why():
    covered = GRID.lonlat()[1] >= 50
    strip = gpd.GeoDataFrame({"BIOME_NUM": [6]}, geometry=[box(0, 50, 5, 60)], crs="EPSG:4326")
    zones = mapped_zones(covered, GRID, strip, belt("extent", 1))
    left = covered & (zones["domain"].values == 0)
    reasons = {
        zones["outside"].attrs["reasons"][code - 1] for code in zones["outside"].values[left]
    }
    assert left.any()
    assert reasons == {"no biome"}
    row, column = np.nonzero(zones["domain"].values)
    there = np.nonzero(zones["biome"].values == 6)
    assert max(np.ptp(row), np.ptp(column)) <= 2 * (SEAM_CELLS + 4)
    assert there[0].size == row.size


def test_vegetation_is_used_where_it_is_given():
    covered = GRID.lonlat()[1] >= 55
    areas = belt("BIOME_NUM", 6), belt("extent", 2)
    zones = mapped_zones(covered, GRID, *areas, vegetation=vegetation())
    assert set(np.unique(zones["vegetation"].values[covered])) <= set(VEGETATION)
    study = build_zones(GRID, *areas, *vegetation())
    both = (zones["domain"].values == 1) & (study["domain"].values == 1)
    assert both.any()
    for name in ("biome", "permafrost", "region", "vegetation"):
        np.testing.assert_array_equal(zones[name].values[both], study[name].values[both])


def test_a_mask_of_another_shape_or_without_a_biome_is_refused():
    areas = belt("BIOME_NUM", 6), belt("extent", 2)
    with pytest.raises(InputError, match="covered cells"):
        mapped_zones(np.ones((2, 2), bool), GRID, *areas)
    with pytest.raises(GridError, match="no cell of the grid"):
        mapped_zones(np.zeros(GRID.shape, bool), GRID, *areas)
