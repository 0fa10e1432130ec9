"""Zones part the domain: each cell in one class of each set, areas closed by atoms."""

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from abz.errors import GridError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.harmonise import build_zones, zones_of_classes
from abz.vocabulary import ZONE_SETS


def classes(grid: Grid, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "biome": rng.choice([-1, 4, 6, 11], grid.shape),
        "permafrost": rng.integers(0, 5, grid.shape),
        "vegetation": rng.choice([-1, 21, 70, 80], grid.shape),
        "land": rng.choice([0.0, 0.3, 1.0], grid.shape),
    }


@given(st.integers(0, 999))
def test_every_cell_of_the_domain_is_in_one_zone_of_each_set(seed):
    grid = polar_grid(5e5)
    given_classes = classes(grid, seed)
    zones = zones_of_classes(grid, **given_classes)
    inside = zones["domain"].values == 1
    expected = (
        np.isin(given_classes["biome"], [6, 11])
        & (given_classes["vegetation"] > 0)
        & (given_classes["land"] > 0)
        & (grid.lonlat()[1] >= 49)
    )
    np.testing.assert_array_equal(inside, expected)
    for name, vocabulary in ZONE_SETS.items():
        codes = zones[name].values
        assert np.isin(codes[inside], list(vocabulary)).all() and (codes[~inside] == -1).all()
        atom = zones["atom"].values[inside]
        np.testing.assert_array_equal(zones[f"atom_{name}"].values[atom], codes[inside])
    assert (zones["atom"].values[~inside] == -1).all()
    assert zones["atom_area"].sum().item() == pytest.approx(zones["area"].sum().item())
    np.testing.assert_allclose(
        zones["area"].values, np.where(inside, given_classes["land"], 0) * 2.5e11
    )


@given(st.integers(0, 999))
def test_atoms_are_numbered_without_gaps_in_the_order_of_their_classes(seed):
    zones = zones_of_classes(polar_grid(5e5), **classes(polar_grid(5e5), seed))
    atom = zones["atom"].values
    assert np.unique(atom[atom >= 0]).tolist() == zones["atom_id"].values.tolist()
    kinds = list(zip(*(zones[f"atom_{name}"].values for name in ZONE_SETS), strict=True))
    assert kinds == sorted(set(kinds))


def test_an_empty_domain_is_an_error():
    grid = polar_grid(1e6)
    none = np.full(grid.shape, -1)
    with pytest.raises(GridError, match="no cell"):
        zones_of_classes(grid, none, none, none, np.ones(grid.shape))


def test_zones_of_simple_maps():
    grid, fine = polar_grid(2e5), lonlat_grid(0.5)
    lon, lat = fine.lonlat()
    ecoregions = gpd.GeoDataFrame(
        {"BIOME_NUM": [4, 6, 11]},
        geometry=[box(-180, 40, 180, 55), box(-180, 55, 180, 68), box(-180, 68, 180, 90)],
        crs="EPSG:4326",
    )
    permafrost = gpd.GeoDataFrame({"extent": [1]}, geometry=[box(-180, 62, 180, 90)], crs=4326)
    lccs = np.select([lat > 84, np.abs(lon) < 20], [220, 210], 70).astype(np.int16)
    land_cover = xr.Dataset({"lccs_class": (("y", "x"), lccs)}, coords=fine.coords())
    cavm = xr.Dataset(
        {"grid_code": (("y", "x"), np.where(lat > 75, 33, 91).astype(np.int16))},
        coords=fine.coords(),
    )
    zones = build_zones(grid, ecoregions, permafrost, land_cover, cavm)

    def at(name: str, where_lon: float, where_lat: float) -> float:
        row, column = grid.index(np.array([where_lon]), np.array([where_lat]))
        return zones[name].values[row, column].item()

    assert [at("biome", 100.0, lat) for lat in (51, 60, 80, 88)] == [-1, 6, 11, -1]
    assert [at("permafrost", 100.0, lat) for lat in (58, 72)] == [0, 1]
    assert [at("vegetation", 100.0, lat) for lat in (60, 71, 80)] == [70, 70, 33]
    assert at("domain", 0.0, 60.0) == 0 and at("land_fraction", 0.0, 60.0) == 0.0
    assert zones["area"].attrs["units"] == "m2" and zones["atom"].dtype == np.int32
    assert Grid.of(zones) == grid
