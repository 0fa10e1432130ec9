import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.designs import (
    check_folds,
    colocated,
    leave_one_group_out,
    leave_region_out,
    leave_year_out,
    site_folds,
)
from abz.modelling.distances import great_circle
from abz.modelling.folds import leave_one_site_out

site_lists = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40).filter(
    lambda names: len(set(names)) > 1
)


def towers(seed, count=30, rows=90):
    """Rows of towers scattered over a few hundred kilometres."""
    rng = np.random.default_rng(seed)
    where = rng.uniform([20, 60], [30, 65], (count, 2))
    pick = np.concatenate([np.arange(count), rng.integers(count, size=rows - count)])
    return np.array([f"s{i:02d}" for i in pick]), *where[pick].T


def partition(labels):
    """The sets of rows that share a label."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def assert_sound(folds, sites):
    """Each row is tested once, and no site stands on both sides."""
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(sites)))
    for train, test in folds:
        assert not set(sites[train]) & set(sites[test])
        assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()


def test_twin_towers_fall_into_one_group_and_chains_are_followed():
    sites = np.array(["far", "twin2", "twin1", "link", "twin1"])
    lon = np.array([30.0, 20.01, 20.0, 20.05, 20.0])
    lat = np.full(5, 65.0)
    found = colocated(sites, lon, lat, within_km=2)
    assert found.tolist() == ["far", "link", "link", "link", "link"]
    found = colocated(sites, lon, lat, within_km=1)
    assert found.tolist() == ["far", "twin1", "twin1", "link", "twin1"]
    assert colocated(sites, lon, lat, within_km=0).tolist() == sites.tolist()


@given(st.integers(0, 1000), st.floats(0, 120))
def test_groups_are_the_single_linkage_of_great_circle_distances(seed, within_km):
    sites, lon, lat = towers(seed)
    near = great_circle(lon, lat, lon, lat) <= within_km
    while ((wider := near.astype(int) @ near > 0) != near).any():
        near = wider
    expected = np.array([min(sites[row]) for row in near])
    assert colocated(sites, lon, lat, within_km=within_km).tolist() == expected.tolist()


@given(st.integers(0, 1000), st.floats(-400, 400))
def test_groups_do_not_depend_on_order_of_rows_or_origin_of_longitudes(seed, turn):
    sites, lon, lat = towers(seed)
    found = colocated(sites, lon, lat, within_km=50)
    order = np.random.default_rng(seed).permutation(sites.size)
    again = colocated(sites[order], lon[order] + turn, lat[order], within_km=50)
    assert again.tolist() == found[order].tolist()


def test_sites_of_one_cell_are_one_group_and_a_site_is_never_split():
    sites = np.array(["a", "b", "c", "c", "d"])
    cells = (np.array([0, 0, 1, 2, 2]), np.array([5, 5, 5, 5, 5]))
    found = colocated(sites, np.zeros(5), np.zeros(5), cells=cells)
    assert found.tolist() == ["a", "a", "c", "c", "c"]


def test_what_has_no_place_or_no_rule_is_refused():
    sites, lon, lat = np.array(["a", "b"]), np.array([0.0, 1.0]), np.array([60.0, 60.0])
    with pytest.raises(InputError, match="exactly one"):
        colocated(sites, lon, lat)
    with pytest.raises(InputError, match="exactly one"):
        colocated(sites, lon, lat, within_km=1, cells=(lon, lat))
    with pytest.raises(InputError, match="1 of 2 without"):
        colocated(sites, np.array([0.0, np.nan]), lat, within_km=1)
    with pytest.raises(InputError, match="1 of 2 outside"):
        colocated(sites, lon, lat, cells=(np.array([-1, 3]), np.array([2, 3])))
    with pytest.raises(InputError, match="within_km"):
        colocated(sites, lon, lat, within_km=-1)


@given(site_lists)
def test_leaving_groups_out_generalises_leaving_sites_out(names):
    sites = np.array(names)
    folds = leave_one_group_out(sites, sites)
    assert_sound(folds, sites)
    for found, expected in zip(folds, leave_one_site_out(sites), strict=True):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])


def test_a_site_in_two_groups_is_named():
    with pytest.raises(InputError, match="site FI-Hyy in fold 0"):
        leave_one_group_out(np.array([0, 0, 1]), np.array(["CA-Obs", "FI-Hyy", "FI-Hyy"]))


def test_leaked_rows_and_empty_sides_are_refused():
    sites = np.array(["a", "a", "b"])
    sound = (np.array([0, 1]), np.array([2]))
    assert check_folds(iter([sound]), sites) == [sound]
    with pytest.raises(InputError, match="site a in fold 1"):
        check_folds([sound, (np.array([0, 2]), np.array([1]))], sites)
    with pytest.raises(InputError, match="0 to train on"):
        check_folds([(np.array([], int), np.array([1]))], sites)


def test_regions_are_left_out_whole():
    sites = np.array(["a", "b", "c", "b"])
    region = np.array(["Alaska", "Siberia", "Alaska", "Siberia"])
    folds = leave_region_out(region, sites)
    assert [test.tolist() for _, test in folds] == [[0, 2], [1, 3]]
    assert_sound(folds, sites)


@pytest.mark.parametrize(
    "region", [np.array([1, -1]), np.array([1.0, np.nan]), np.array(["Alaska", None], object)]
)
def test_a_site_without_a_region_is_counted(region):
    with pytest.raises(InputError, match="1 of 2 rows without"):
        leave_region_out(region, np.array(["a", "b"]))


def test_one_region_cannot_be_left_out():
    with pytest.raises(InputError, match="empty side"):
        leave_region_out(np.array(["Alaska", "Alaska"]), np.array(["a", "b"]))


@given(st.integers(0, 1000), st.integers(1, 4))
def test_neither_years_nor_sites_are_shared_when_years_are_left_out(seed, parts):
    rng = np.random.default_rng(seed)
    number = np.concatenate([np.arange(30), rng.integers(30, size=60)])
    year = 2000 + np.minimum(number // 6, 3) + rng.integers(2, size=90)
    sites = np.array([f"s{i:02d}" for i in number])
    folds = leave_year_out(year, sites, parts=parts, seed=seed)
    assert_sound(folds, sites)
    for train, test in folds:
        assert np.unique(year[test]).size == 1
        kept = (year != year[test][0]) & ~np.isin(sites, sites[test])
        np.testing.assert_array_equal(train, np.flatnonzero(kept))


def test_more_parts_keep_more_rows_for_training():
    sites, year = np.repeat(list("abcdef"), 4), np.tile([2001, 2002, 2003, 2004], 6)
    with pytest.raises(InputError, match="0 to train on"):
        leave_year_out(year, sites)
    kept = [
        sum(len(train) for train, _ in folds) / len(folds)
        for folds in (leave_year_out(year, sites, parts=parts) for parts in (2, 3, 6))
    ]
    assert kept == [9, 12, 15]


@given(site_lists, st.integers(0, 5))
def test_folds_of_sites_are_sound_and_balanced(names, seed):
    sites = np.array(names)
    k = min(3, len(set(names)))
    folds = site_folds(sites, k, seed)
    assert len(folds) == k
    assert_sound(folds, sites)
    tested = [len(test) for _, test in folds]
    assert max(tested) - min(tested) <= np.unique(sites, return_counts=True)[1].max()


def test_folds_of_sites_follow_the_seed_and_not_the_order_of_rows():
    sites = np.repeat([f"s{i}" for i in range(12)], 3)
    order = np.random.default_rng(0).permutation(sites.size)

    def tested(names, seed):
        return [set(names[test]) for _, test in site_folds(names, 4, seed)]

    assert tested(sites, 1) == tested(sites[order], 1)
    assert tested(sites, 1) != tested(sites, 2)


@pytest.mark.parametrize("k", [1, 3])
def test_impossible_numbers_of_folds_are_refused(k):
    with pytest.raises(InputError, match="k is out of range"):
        site_folds(np.array(["a", "b", "b"]), k)


def test_real_towers_that_share_a_place_are_grouped(real_data):
    table = pd.read_csv(real_data / "flux_training" / "sites.csv").dropna(subset="longitude")
    site, lat, lon = (table[name].to_numpy() for name in ("site_uid", "latitude", "longitude"))
    groups = colocated(site, lon, lat, within_km=5)
    assert 1 < np.unique(groups).size < site.size
    assert_sound(leave_one_group_out(groups, site), site)
