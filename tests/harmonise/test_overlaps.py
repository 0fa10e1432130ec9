"""Land that two zones claim: measured against squares, refused or forgiven."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import unary_union
from shapely.geometry import box

from abz.errors import InputError
from abz.harmonise.overlaps import SLIVER, overlapping_zones, refuse_overlaps


def frame(shapes, codes):
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:6931")


corner = st.integers(0, 6)


@given(st.lists(st.tuples(corner, corner, st.integers(1, 3)), min_size=2, max_size=8))
def test_pairs_and_areas_are_those_of_the_plain_loop(squares):
    shapes = [box(x, y, x + 2, y + 2) for x, y, _ in squares]
    codes = [code for *_, code in squares]
    found = overlapping_zones(frame(shapes, codes), "code")
    plain: dict[tuple[int, int], float] = {}
    for i, a in enumerate(shapes):
        for j, b in enumerate(shapes):
            if codes[i] < codes[j] and a.intersection(b).area > 0:
                pair = (codes[i], codes[j])
                plain[pair] = plain.get(pair, 0) + a.intersection(b).area
    pairs = zip(found["first"], found["second"], strict=True)
    assert dict(zip(pairs, found["shared_m2"], strict=True)) == pytest.approx(plain)
    assert np.all(np.diff(found["shared_m2"]) <= 0)


def test_zones_that_touch_or_overlap_themselves_are_apart():
    touching = frame([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0.5, 0, 1, 1)], [1, 2, 1])
    assert overlapping_zones(touching, "code").empty
    assert unary_union(touching.geometry).area == 2
    refuse_overlaps(overlapping_zones(touching, "code"), ["a", "b"], "parks")


@pytest.mark.parametrize(("width", "refused"), [(0.9 * SLIVER, False), (1.1 * SLIVER, True)])
def test_slivers_are_forgiven_and_more_is_refused_by_name(width, refused):
    found = overlapping_zones(
        frame([box(0, 0, 9, 1), box(9 - width, 0, 10 - width, 1)], [2, 1]), "code"
    )
    assert found["shared_m2"].item() == pytest.approx(width, rel=1e-6)
    if not refused:
        refuse_overlaps(found, ["East", "West"], "parks")
        return
    with pytest.raises(InputError, match=r"zones.parks\] overlap[\s\S]*'East' and 'West' share"):
        refuse_overlaps(found, ["East", "West"], "parks")
