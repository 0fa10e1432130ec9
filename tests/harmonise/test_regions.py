"""The boundary lines put known places into the right regions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.harmonise import region_of
from abz.vocabulary import REGIONS

PLACES = {
    "Alaska": [
        (-149.9, 61.2), (-156.8, 71.3), (-171.7, 63.7), (-166.5, 53.9), (173.2, 52.9),
        (-168.1, 65.6), (-141.5, 68.0), (-172.7, 60.4), (-132.7, 55.3), (-134.4, 58.3),
    ],
    "Canada": [
        (-140.5, 68.0), (-135.1, 60.7), (-137.5, 64.0), (-52.7, 47.6 + 2), (-68.5, 63.7),
        (-86.0, 80.0), (-62.3, 82.5), (-75.5, 78.5), (-133.7, 68.3), (-64.0, 57.0),
        (-130.3, 54.3), (-132.1, 53.3), (-129.98, 55.94),
    ],
    "Siberia": [
        (-172.3, 64.5), (-170.0, 66.1), (179.5, 71.2), (166.0, 55.2), (69.0, 61.0), (67.5, 70.0),
        (104.3, 52.3), (158.6, 53.0), (60.6, 56.85), (95.0, 80.0), (100.0, 50.5),
    ],
    "Europe": [
        (-51.7, 64.2), (-68.0, 77.0), (-69.2, 77.5), (-62.0, 81.5), (-35.0, 83.0), (-21.9, 64.1),
        (25.0, 65.0), (15.6, 78.2), (56.0, 58.0), (64.0, 67.5), (55.0, 73.0), (67.0, 76.7),
        (-31.0, 70.0), (55.0, 80.7),
    ],
}  # fmt: skip


@pytest.mark.parametrize("region", PLACES)
def test_known_places(region):
    lon, lat = np.array(PLACES[region]).T
    assert [REGIONS[int(code)] for code in region_of(lon, lat)] == [region] * len(lon)


@given(st.floats(-180, 180), st.floats(49, 89), st.integers(-2, 2))
def test_every_point_has_one_region_whatever_the_turn(lon, lat, turns):
    here = region_of(np.array([lon]), np.array([lat]))
    assert here[0] in REGIONS
    near_a_line = region_of(np.array([lon - 1e-6, lon + 1e-6]), np.array([lat, lat]))
    if near_a_line[0] == near_a_line[1]:
        assert region_of(np.array([lon + 360.0 * turns]), np.array([lat]))[0] == here[0]


def test_missing_coordinates_have_none():
    assert region_of(np.array([np.nan, 10.0]), np.array([60.0, np.nan])).tolist() == [-1, -1]
