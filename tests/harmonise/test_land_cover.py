"""Two vegetation maps become one; land is counted by area."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import AbzError
from abz.grid import (
    Grid,
    WindowWeights,
    lonlat_grid,
    majority,
    overlap,
    polar_grid,
    window_areas,
)
from abz.harmonise import (
    enough_samples,
    land_cover,
    land_fraction,
    merge_vegetation,
    vegetation_majority,
)
from abz.harmonise.land_cover import land_and_vegetation
from abz.vocabulary import VEGETATION

codes = st.lists(st.sampled_from([-1, 21, 31, 70, 80]), min_size=6, max_size=6).map(np.array)
biomes = st.lists(st.sampled_from([-1, 4, 6, 11]), min_size=6, max_size=6).map(np.array)


def weights_of(source: Grid, target: Grid) -> WindowWeights:
    """Areas of the whole target."""
    window = (slice(0, target.shape[0]), slice(0, target.shape[1]))
    return window_areas(source, target, window, enough_samples(source, target))


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
    weights = weights_of(source, target)
    fraction = land_fraction(land.ravel()[weights.cells], weights)
    assert 0 <= fraction.min() <= fraction.max() <= 1
    area = float((fraction.astype(float) * target.cell_area()).sum())
    assert area == pytest.approx(land.sum() * 1e10, rel=1e-6)


def test_beyond_the_land_cover_map_there_is_no_land():
    source, target = polar_grid(1e5, (0, 0, 5e5, 5e5)), polar_grid(1e6)
    weights = weights_of(source, target)
    fraction = land_fraction(np.ones(weights.cells.size, bool), weights)
    assert sorted(np.unique(fraction)) == [0.0, 1.0]


def test_codes_outside_the_vocabulary_have_no_vote():
    source, target = polar_grid(1e5, (0, 0, 3e5, 1e5)), polar_grid(3e5, (0, 0, 3e5, 1e5))
    found = vegetation_majority(np.array([-1, -1, 80]), weights_of(source, target))
    assert found.tolist() == [[80]]


def test_coarse_sources_reach_every_cell():
    weights = weights_of(lonlat_grid(5.0, (-180.0, 0.0, 180.0, 90.0)), polar_grid(1e5))
    assert weights.covered.min() > 0


@given(st.integers(0, 99))
def test_the_majority_is_that_of_the_grid(seed):
    source, target = polar_grid(3e5), polar_grid(1e6)
    codes = np.random.default_rng(seed).choice([-1, *VEGETATION], source.shape)
    weights = weights_of(source, target)
    da = xr.DataArray(codes, dims=("y", "x"), coords=source.coords())
    expected = majority(da, overlap(source, target), VEGETATION).values
    found = vegetation_majority(codes.ravel()[weights.cells], weights)
    np.testing.assert_array_equal(found, expected)


@given(st.integers(0, 99))
def test_windows_without_a_wanted_cell_are_left_out_and_no_others(seed):
    rng, target, source = np.random.default_rng(seed), polar_grid(4e5), polar_grid(2e5)
    lccs, cavm = (
        xr.DataArray(rng.choice(known, source.shape), dims=("y", "x"), coords=source.coords())
        for known in ([70, 80, 210], [21, 33, 91])
    )
    wanted = rng.random(target.shape) < 0.05
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(land_cover, "WINDOW_CELLS", 8)
        some = land_and_vegetation(target, lccs, cavm, wanted)
        every = land_and_vegetation(target, lccs, cavm)
    seen = np.zeros(target.shape, bool)
    for window in target.blocks(8):
        seen[window] = wanted[window].any()
    for one, whole in zip(some, every, strict=True):
        np.testing.assert_array_equal(one[seen], whole[seen])
    assert (some[0][~seen] == 0).all()
    assert (some[1][~seen] == -1).all()
