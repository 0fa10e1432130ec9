"""Shares of significant change, and what chance makes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.trends import q_values, share_table


def layers(seed, n=30):
    rng = np.random.default_rng(seed)
    slope, p, area = rng.normal(size=n), rng.uniform(0, 0.2, n), rng.uniform(1, 2, n)
    p[:5] = np.nan
    return slope, p, area


@given(st.integers(0, 10_000))
def test_equals_a_naive_count(seed):
    slope, p, area = layers(seed)
    maps = [values.reshape(5, 6) for values in (slope, p, area)]
    table = share_table(*maps, {("abz", "ABZ"): np.ones((5, 6), bool)}).set_index("direction")
    tested = sum(a for a, q in zip(area, p, strict=True) if not np.isnan(q))
    hit = sum(a for s, a, q in zip(slope, area, p, strict=True) if q < 0.05 and s < 0)
    assert table.loc["falling", "share"] == pytest.approx(100 * hit / tested)


def test_nothing_tested_is_nan():
    gone = np.array([np.nan])
    table = share_table(gone, gone, np.ones(1), {("abz", "ABZ"): np.ones(1, bool)})
    assert table["share"].isna().all()
    assert (table["expected"] > 0).all()


def zones(n=30):
    half = np.arange(n) < n // 2
    return {("abz", "ABZ"): np.ones(n, bool), ("biome", "boreal"): half, ("biome", "tundra"): ~half}


@given(st.integers(0, 10_000))
def test_the_sign_turned_swaps_falling_and_rising(seed):
    slope, p, area = layers(seed)
    table = share_table(slope, p, area, zones(), alpha=0.1, size=0.2)
    turned = share_table(-slope, p, area, zones(), alpha=0.1, size=0.2)
    keys = ["zone", "direction"]
    found, other = table.set_index(keys), turned.set_index(keys)
    for zone in ("ABZ", "boreal", "tundra"):
        for column in ("share", "share_fdr"):
            assert found.loc[(zone, "falling"), column] == other.loc[(zone, "rising"), column]
            both = found.loc[(zone, "falling"), column] + found.loc[(zone, "rising"), column]
            assert found.loc[(zone, "either"), column] == pytest.approx(both)
    assert (found["share_fdr"] <= found["share"] + 1e-9).all()
    known = ~np.isnan(p)
    for zone, cells in (("ABZ", known), ("boreal", known & zones()["biome", "boreal"])):
        rows = found.loc[zone]
        assert rows["tested_m2"].tolist() == pytest.approx([area[cells].sum()] * 3)
        assert rows["cells"].tolist() == [cells.sum()] * 3


def test_no_share_stands_without_what_chance_makes_of_it():
    table = share_table(*layers(1), zones(), size=0.18)
    assert table["expected"].notna().all()
    assert set(table.loc[table["direction"] != "either", "expected_measured"]) == {9.0}


def test_the_domain_of_the_false_discovery_rate_is_all_zones_together():
    slope, p, area = layers(3)
    both = zones()
    del both["abz", "ABZ"]
    table = share_table(slope, p, area, both, alpha=0.15).set_index(["zone", "direction"])
    cells = both["biome", "boreal"] & ~np.isnan(p)
    held = (q_values(p) < 0.15) & (slope > 0)
    expected = 100 * area[cells & held].sum() / area[cells].sum()
    assert table.loc[("boreal", "rising"), "share_fdr"] == pytest.approx(expected)


@pytest.mark.parametrize("cells", [np.ones(30), np.ones(30, int), np.ones(29, bool)])
def test_a_zone_that_is_no_mask_is_refused(cells):
    with pytest.raises(InputError, match="zone boreal is no mask"):
        share_table(*layers(1), {("biome", "boreal"): cells})


def test_a_level_beyond_one_is_refused():
    with pytest.raises(InputError, match="alpha"):
        share_table(*layers(1), zones(), alpha=5.0)


def test_maps_of_two_shapes_are_refused():
    with pytest.raises(InputError, match="slope and area do not fit"):
        share_table(np.zeros(2), np.zeros(2), np.zeros(3), {})
