"""Zones of one's own on a grid: votes, coasts, and which cells are theirs."""

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from abz.errors import InputError
from abz.grid import lonlat_grid, majority, overlap, polar_grid, values_at, window_areas
from abz.harmonise import ZoneMap, place_zones, zones_of_classes
from abz.harmonise.own_zones import raster_votes
from abz.readers import ZoneFile

CELL = 1e6
ROW = polar_grid(CELL, (0, 0, 4 * CELL, CELL))


def polygons(*shapes, codes=None):
    names = tuple("abcdef"[: len(set(codes or shapes))])
    codes = codes or range(1, len(shapes) + 1)
    table = gpd.GeoDataFrame({"code": list(codes)}, geometry=list(shapes), crs=ROW.crs)
    return ZoneFile(names, table)


def strip(west, east):
    return box(west * CELL, 0, east * CELL, CELL)


@given(st.integers(0, 999))
def test_rasters_vote_as_the_dense_majority_does(seed):
    rng = np.random.default_rng(seed)
    source, target = polar_grid(4e5), polar_grid(1e6)
    codes = xr.DataArray(
        rng.choice([-1, 1, 2, 3], source.shape), dims=("y", "x"), coords=source.coords()
    )
    shared = overlap(source, target)
    window = (slice(0, target.shape[0]), slice(0, target.shape[1]))
    weights = window_areas(source, target, window)
    classes, share = raster_votes(values_at(codes, weights.cells), weights)
    np.testing.assert_array_equal(classes, majority(codes, shared, [1, 2, 3]).values)
    there = shared.sums((codes.values > 0).astype(float)) / target.cell_area()
    np.testing.assert_allclose(share, there, rtol=1e-6)


def test_a_raster_in_degrees_and_the_same_polygon_agree():
    source = lonlat_grid(0.5)
    target = polar_grid(2e5)
    lon, lat = source.lonlat()
    inside = (lon > 20) & (lon < 60) & (lat > 55) & (lat < 70)
    codes = xr.DataArray(
        np.where(inside, 1, -1).astype(np.int16), dims=("y", "x"), coords=source.coords()
    )
    table = gpd.GeoDataFrame({"code": [1]}, geometry=[box(20, 55, 60, 70)], crs="EPSG:4326")
    land = np.ones(target.shape)
    by_raster, by_polygon = (
        place_zones(ZoneFile(("a",), made), target, "a").on_land(land) for made in (codes, table)
    )
    assert (by_raster == by_polygon).mean() > 0.99
    area = target.cell_area()[by_polygon == 1].sum()
    assert area == pytest.approx(source.cell_area()[inside].sum(), rel=0.02)


def test_a_cell_is_held_if_zones_cover_half_of_its_land():
    source = polygons(strip(0, 1.5), strip(2.6, 3.2))
    made = place_zones(source, ROW, "parks")
    assert made.classes.tolist() == [[1, 1, 2, 2]]
    assert made.share.tolist() == [[1.0, 0.5, 0.5, 0.25]]
    assert made.on_land(np.ones(ROW.shape)).tolist() == [[1, 1, 2, -1]]
    assert made.on_land(np.full(ROW.shape, 0.5)).tolist() == [[1, 1, 2, 2]]


def test_where_two_zones_share_a_cell_the_larger_part_wins():
    made = place_zones(polygons(strip(0, 0.25), strip(0.25, 1)), ROW, "parks")
    assert made.classes[0, 0] == 2 and made.share[0, 0] == 1


def test_overlaps_are_refused_or_the_later_row_wins():
    source = polygons(strip(0, 2), strip(1, 3))
    with pytest.raises(InputError, match="'a' and 'b' share 1,000,000 km2"):
        place_zones(source, ROW, "parks")
    made = place_zones(source, ROW, "parks", "later")
    assert made.classes.tolist() == [[1, 2, 2, -1]]
    assert made.overlap_m2 == pytest.approx(CELL**2)
    other = place_zones(polygons(strip(1, 3), strip(0, 2), codes=[2, 1]), ROW, "parks", "later")
    assert other.classes.tolist() == [[1, 1, 2, -1]]


def test_zones_that_miss_the_domain_are_refused():
    grid = polar_grid(1e6)
    full = np.full(grid.shape, 6)
    sea = np.full(grid.shape, -1, np.int16)
    own = {"parks": ZoneMap(("a",), sea, np.zeros(grid.shape))}
    with pytest.raises(InputError, match=r"\[zones.parks\] misses the domain"):
        zones_of_classes(grid, full, full * 0, full * 0 + 70, np.ones(grid.shape), own=own)


@given(st.integers(0, 999))
def test_own_sets_cut_the_atoms_finer_and_change_nothing_else(seed):
    rng = np.random.default_rng(seed)
    grid = polar_grid(1e6)
    maps = [rng.choice(codes, grid.shape) for codes in ([6, 11], [0, 1], [70, 33])]
    land = rng.choice([0.3, 1.0], grid.shape)
    codes = rng.choice([-1, 1, 2, 3], grid.shape).astype(np.int16)
    own = {"parks": ZoneMap(("a", "b", "c", "d"), codes, np.ones(grid.shape))}
    bare, made = (zones_of_classes(grid, *maps, land, own=sets) for sets in ({}, own))
    for name in sorted(set(map(str, bare.data_vars)) - {"atom"}):
        xr.testing.assert_identical(
            made[name].reset_coords(drop=True), bare[name].reset_coords(drop=True)
        )
    inside = made["domain"].values == 1
    atom = made["atom"].values[inside]
    np.testing.assert_array_equal(made["atom_parks"].values[atom], codes[inside])
    np.testing.assert_array_equal(made["parks"].values, np.where(inside, codes, -1))
    assert made["atom_parks"].attrs["zones"] == ["a", "b", "c", "d"]
    assert made["atom_area"].sum().item() == pytest.approx(bare["atom_area"].sum().item())


def test_zones_on_a_grid_in_degrees():
    grid = lonlat_grid(1.0)
    lon, lat = grid.lonlat()
    inside = (lon > 20) & (lon < 60) & (lat > 55) & (lat < 70)
    table = gpd.GeoDataFrame({"code": [1]}, geometry=[box(20, 55, 60, 70)], crs="EPSG:4326")
    made = place_zones(ZoneFile(("a",), table), grid, "parks")
    np.testing.assert_array_equal(made.on_land(np.ones(grid.shape)) == 1, inside)
    coarse = lonlat_grid(5.0)
    codes = xr.DataArray(
        np.where(coarse.lonlat()[0] < 0, 1, 2), dims=("y", "x"), coords=coarse.coords()
    )
    placed = place_zones(ZoneFile(("a", "b"), codes), grid, "halves")
    np.testing.assert_array_equal(placed.classes, np.where(lon < 0, 1, 2))
    np.testing.assert_allclose(placed.share, 1, rtol=1e-5)
