"""Polygons on a grid: arcs stay arcs, poles and seams are joined, majorities are counted."""

import geopandas as gpd
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point
from shapely.geometry import box

from abz.grid import polar_grid
from abz.harmonise import polygon_majority
from abz.harmonise.polygons import polygon_votes


def frame(*polygons, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(polygons), crs="EPSG:4326")


def test_bands_of_latitude_follow_the_parallels():
    grid = polar_grid(1e5)
    bands = frame(box(-180, 49, 180, 65), box(-180, 65, 180, 90), biome=[6, 11])
    found = polygon_majority(bands, "biome", grid, [6, 11])
    _, lat = grid.lonlat()
    assert (found[(lat > 50) & (lat < 64.3)] == 6).all()
    assert (found[lat > 65.7] == 11).all()
    assert (found[lat < 48] == -1).all()


def test_the_antarctic_does_not_reach_the_arctic():
    ice = frame(box(-180, -90, 180, -60), box(20, 60, 40, 70), biome=[99, 6])
    found = polygon_majority(ice, "biome", polar_grid(2e5), [6, 99])
    assert set(np.unique(found)) == {-1, 6}


def test_majority_counts_points_and_ties_go_to_the_smaller_code():
    grid = polar_grid(1e6, (0, 0, 1e6, 1e6))
    halves = gpd.GeoDataFrame(
        {"extent": [3, 1]},
        geometry=[box(0, 0, 5e5, 1e6), box(5e5, 0, 1e6, 1e6)],
        crs=grid.crs,
    )
    assert polygon_majority(halves, "extent", grid, [1, 3]).item() == 1
    assert polygon_majority(halves, "extent", grid, [3]).item() == 3
    more = halves.set_geometry([box(0, 0, 7.5e5, 1e6), box(7.5e5, 0, 1e6, 1e6)], crs=grid.crs)
    assert polygon_majority(more, "extent", grid, [1, 3]).item() == 3


def test_points_without_a_polygon_have_no_vote():
    grid = polar_grid(1e6, (0, 0, 2e6, 1e6))
    coast = gpd.GeoDataFrame({"extent": [2]}, geometry=[box(0, 0, 3e5, 1e6)], crs=grid.crs)
    assert polygon_majority(coast, "extent", grid, [2]).tolist() == [[2, -1]]
    assert (polygon_majority(coast, "extent", grid, [4]) == -1).all()


@given(st.lists(st.tuples(*[st.integers(0, 7)] * 2, st.integers(1, 400)), min_size=1, max_size=6))
def test_votes_are_those_of_points_asked_one_by_one(squares):
    grid = polar_grid(4.0, (0, 0, 12, 8))
    shapes = [box(x, y, x + 4, y + 3) for x, y, _ in squares]
    table = gpd.GeoDataFrame({"code": [c for *_, c in squares]}, geometry=shapes, crs=grid.crs)
    classes, share = polygon_votes(table, "code", grid, range(401))
    for row in range(2):
        for column in range(3):
            votes = []
            for i in range(16):
                point = Point(4 * column + i % 4 + 0.5, 8 - 4 * row - i // 4 - 0.5)
                votes += [c for shape, (*_, c) in zip(shapes, squares, strict=True)
                          if shape.contains(point)][-1:]  # fmt: skip
            most = max(set(votes), key=lambda c: (votes.count(c), -c), default=-1)
            assert classes[row, column] == most
            assert share[row, column] == len(votes) / 16
