"""Real coastlines from the land mask."""

import numpy as np

from abz.world.land import is_land

PLACES = {
    "Fairbanks": (-147.7, 64.8, True),
    "Yakutsk": (129.7, 62.0, True),
    "Helsinki": (24.9, 60.3, True),
    "Greenland": (-41.0, 72.0, True),
    "Norwegian Sea": (0.0, 68.0, False),
    "North Pole": (0.0, 90.0, False),
    "Hudson Bay": (-85.0, 60.0, False),
    "date line, Chukotka": (180.0, 68.0, True),
}


def test_known_places() -> None:
    lon, lat, land = zip(*PLACES.values(), strict=True)
    assert is_land(np.array(lon), np.array(lat)).tolist() == list(land)


def test_longitude_is_cyclic() -> None:
    lon, lat = np.linspace(-180, 180, 721), np.full(721, 66.0)
    assert np.array_equal(is_land(lon, lat), is_land(lon + 360.0, lat))


def test_south_and_nan_are_not_land() -> None:
    assert not is_land(np.array([10.0, np.nan, 10.0]), np.array([20.0, 60.0, np.nan])).any()
