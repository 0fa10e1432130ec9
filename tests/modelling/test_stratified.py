import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.stratified import resample_sites, strata_of_sites, stratum_sizes

rows = st.lists(
    st.tuples(st.sampled_from("abcdefghi"), st.sampled_from([21, 33, 70])), min_size=1, max_size=40
)


def columns(table):
    sites, levels = zip(*table, strict=True)
    return np.array(sites), np.array(levels)


@given(rows, st.integers(0, 99))
def test_every_level_survives_and_sites_stay_whole(table, seed):
    sites, levels = columns(table)
    drawn = resample_sites(sites, levels, np.random.default_rng(seed))
    assert set(levels[drawn]) == set(levels)
    counts = np.bincount(drawn, minlength=len(sites))
    for site in set(sites):
        assert len(set(counts[sites == site])) == 1
    signature = strata_of_sites(sites, levels)
    for stratum in set(signature):
        members = signature.index[signature == stratum]
        assert sum(counts[sites == site][0] for site in members) == len(members)


@given(rows, st.integers(0, 99), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(table, seed, random):
    shuffled = random.sample(table, len(table))
    drawn = []
    for sites, levels in (columns(table), columns(shuffled)):
        taken = resample_sites(sites, levels, np.random.default_rng(seed))
        drawn.append(sorted(zip(sites[taken], levels[taken], strict=True)))
    assert drawn[0] == drawn[1]


def test_the_only_site_of_a_stratum_is_always_there_once():
    sites, levels = np.array(list("aabbcc")), np.array([1, 1, 1, 1, 2, 2])
    for seed in range(20):
        drawn = resample_sites(sites, levels, np.random.default_rng(seed))
        assert (drawn == 4).sum() == (drawn == 5).sum() == 1


def test_the_variance_of_a_mean_is_as_small_as_stated():
    rng = np.random.default_rng(0)
    values = rng.normal(size=5)
    sites, levels = np.arange(5), np.zeros(5)
    means = [values[resample_sites(sites, levels, rng)].mean() for _ in range(1000)]
    share = stratum_sizes(sites, levels)["variance_share"].item()
    assert share == pytest.approx(0.8)
    assert np.var(means) == pytest.approx(share * values.var(ddof=1) / 5, rel=0.15)


def test_missing_levels_are_a_level():
    sites, levels = np.array(list("abc")), np.array([1.0, np.nan, np.nan])
    assert stratum_sizes(sites, levels)["sites"].tolist() == [1, 2]


def test_sizes_count_rows_and_sites():
    found = stratum_sizes(np.array(list("aabbc")), np.array([1, 2, 1, 1, 1]))
    assert found["stratum"].tolist() == ["1", "1+2"]
    assert found["rows"].tolist() == [3, 2]
    assert found["fixed"].tolist() == [False, True]


def test_shapes_have_to_fit():
    with pytest.raises(InputError, match="sites and strata"):
        resample_sites(np.array(["a"]), np.array([1, 2]), np.random.default_rng(0))
