"""Two vegetation maps become one; land is counted by area."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import AbzError
from abz.grid import Grid, lonlat_grid, overlap, polar_grid
from abz.harmonise import area_overlap, land_fraction, merge_vegetation, vegetation_majority

codes = st.lists(st.sampled_from([-1, 21, 31, 70, 80]), min_size=6, max_size=6).map(np.array)
biomes = st.lists(st.sampled_from([-1, 4, 6, 11]), min_size=6, max_size=6).map(np.array)


def on(grid: Grid, values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(values, dims=("y", "x"), coords=grid.coords())


@given(codes, codes, biomes)
def test_merge_follows_the_biome_and_falls_back(lccs, cavm, biome):
    merged = merge_vegetation(lccs, cavm, biome)
    for first, second, kind, found in zip(lccs, cavm, biome, merged, strict=True):
        order = {6: (first, second), 11: (second, first)}.get(int(kind), (-1, -1))
        assert found == next((code for code in order if code >= 0), -1)


def test_maps_of_different_shape_are_refused():
    with pytest.raises(AbzError, match="vegetation maps"):
        merge_vegetation(np.zeros(2), np.zeros(3), np.zeros(2))


@given(st.integers(0, 99))
def test_land_fraction_is_a_share_and_keeps_the_land_area(seed):
    source, target = (
        polar_grid(1e5, (-1e6, -1e6, 1e6, 1e6)),
        polar_grid(2.5e5, (-1e6, -1e6, 1e6, 1e6)),
    )
    land = np.random.default_rng(seed).random(source.shape) < 0.4
    fraction = land_fraction(on(source, land), overlap(source, target))
    assert 0 <= fraction.min() <= fraction.max() <= 1
    area = float((fraction.astype(float) * target.cell_area()).sum())
    assert area == pytest.approx(land.sum() * 1e10, rel=1e-6)


def test_beyond_the_land_cover_map_there_is_no_land():
    source, target = polar_grid(1e5, (0, 0, 5e5, 5e5)), polar_grid(1e6)
    fraction = land_fraction(on(source, np.ones(source.shape, bool)), overlap(source, target))
    assert sorted(np.unique(fraction)) == [0.0, 1.0]


def test_codes_outside_the_vocabulary_have_no_vote():
    source, target = polar_grid(1e5, (0, 0, 3e5, 1e5)), polar_grid(3e5, (0, 0, 3e5, 1e5))
    found = vegetation_majority(on(source, np.array([[-1, -1, 80]])), overlap(source, target))
    assert found.tolist() == [[80]]


def test_coarse_sources_reach_every_cell():
    shared = area_overlap(lonlat_grid(5.0, (-180.0, 0.0, 180.0, 90.0)), polar_grid(1e5))
    assert shared.covered.min() > 0
