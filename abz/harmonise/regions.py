"""The four regions of the study, told from longitude and latitude by four boundary lines.

The study's own regional polygons are not public. These lines follow the sea straits, the border
between Alaska and Canada, and the crest of the Urals; Greenland belongs to Europe.
"""

from __future__ import annotations

import numpy as np

from abz.vocabulary import REGIONS

__all__ = ["region_of"]

# (latitude, longitude east of Greenwich from 0 to 360) along each line, from south to north.
URALS = ((49, 58), (52, 59), (56, 60), (62, 60), (65, 63), (68, 66), (70.5, 65), (73, 62), (77, 70))
BERING = ((49, 170), (55, 170), (58, 178), (62, 184), (64.1, 187.9), (65.5, 191), (75, 191))
ALASKA_BORDER = (
    (54.5, 219), (54.65, 229.4), (56, 229.9), (57, 227.9), (59.7, 224.5), (60.3, 219), (72, 219)
)  # fmt: skip
GREENLAND_SEA = (
    (58, 310), (62, 303), (66, 302), (70, 300), (74, 292), (76, 287.5), (77.5, 285.5),
    (78.5, 285.7), (79.5, 288.5), (80.5, 292), (81.2, 295.5), (82, 299.5), (83, 303), (84, 305),
)  # fmt: skip

EASTWARD = ("Europe", "Siberia", "Alaska", "Canada", "Europe")
"""Regions from Greenwich eastward, parted by the four lines in turn."""


def region_of(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Region of points north of 49° N.

    Parameters
    ----------
    lon, lat : numpy.ndarray
        Degrees, any turn of longitude.

    Returns
    -------
    numpy.ndarray
        int16 codes of `abz.vocabulary.REGIONS`, same shape; −1 where a coordinate is NaN.

    Notes
    -----
    At each latitude the lines Urals, Bering Strait, 141° W with the panhandle, and Davis Strait
    to Nares Strait have longitudes that grow in this order; a point's region follows from how many
    it lies east of. Between the vertices longitude is linear in latitude, beyond the ends constant.

    Examples
    --------
    >>> codes = region_of(np.array([-147.9, -105.0, 129.7, 24.3]), np.array([65, 54, 62, 61]))
    >>> [REGIONS[int(code)] for code in codes]
    ['Alaska', 'Canada', 'Siberia', 'Europe']
    """
    east = np.asarray(lon, dtype=np.float64) % 360.0
    north = np.asarray(lat, dtype=np.float64)
    passed = np.zeros(np.broadcast_shapes(east.shape, north.shape), dtype=np.int64)
    for line in (URALS, BERING, ALASKA_BORDER, GREENLAND_SEA):
        latitudes, longitudes = np.array(line, dtype=np.float64).T
        passed += east >= np.interp(north, latitudes, longitudes)
    code_of = {name: code for code, name in REGIONS.items()}
    codes = np.array([code_of[name] for name in EASTWARD], dtype=np.int16)
    return np.where(np.isfinite(east) & np.isfinite(north), codes[passed], -1).astype(np.int16)
