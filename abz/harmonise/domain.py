"""The domain of the study, and for each cell outside it why it is not in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from abz.vocabulary import BIOMES, ZONE_SETS

__all__ = ["SOUTH", "domain_of"]

SOUTH = 49.0
"""Southern end of the domain, degrees north."""


def domain_of(
    classes: Mapping[str, np.ndarray], lat: np.ndarray, land: np.ndarray, least_land: float = 0.0
) -> xr.DataArray:
    """Why each cell is outside the domain; 0 inside.

    Parameters
    ----------
    classes : mapping of {str: numpy.ndarray of int (y, x)}
        A map of each set of `abz.vocabulary.ZONE_SETS`; −1 where there is no class. A map of −1
        alone, unless it is that of the biomes, is not known, and takes no cell out.
    lat : numpy.ndarray (y, x)
        Latitude of the centres, degrees; NaN off the globe.
    land : numpy.ndarray (y, x)
        Share of land, 0 to 1.
    least_land : float, optional
        Cells of the domain have more land than this share.

    Returns
    -------
    xarray.DataArray of int8 (y, x)
        0 in the domain, else the place, from 1, of the first reason in the attribute `reasons`
        that holds for the cell. So every cell has one reason; the first is to lie south of the
        domain, or off the globe.

    Examples
    --------
    >>> biome = np.array([[6, 4, 6, 6]])
    >>> known = {name: np.full((1, 4), max(codes)) for name, codes in ZONE_SETS.items()}
    >>> lat, land = np.array([[60, 60, 60, 40]]), np.array([[1, 1, 0, 1]])
    >>> outside = domain_of({**known, "biome": biome}, lat, land)
    >>> [outside.reasons[code - 1] for code in outside.values[0][1:]]
    ['biome neither boreal nor tundra', 'no land', 'south of 49° N']
    """
    biome = classes["biome"]
    small = f"land of at most {least_land:.0%} of the cell"
    reasons: dict[str, np.ndarray] = {
        f"south of {SOUTH:g}° N": ~(lat >= SOUTH),
        "no land": ~(land > 0),
        small: ~(land > least_land),
        "no biome": biome == -1,
        f"biome neither {' nor '.join(BIOMES.values())}": ~np.isin(biome, list(BIOMES)),
        "no permafrost class": _undeclared(classes["permafrost"], "permafrost"),
        "no region": _undeclared(classes["region"], "region"),
        "no vegetation type": _undeclared(classes["vegetation"], "vegetation"),
    }
    if least_land <= 0:
        del reasons[small]
    codes = np.select(list(reasons.values()), range(1, len(reasons) + 1), 0).astype(np.int8)
    about = {"units": "1", "long_name": "why the cell is not in the domain, 0 inside"}
    return xr.DataArray(codes, dims=("y", "x"), attrs={**about, "reasons": list(reasons)})


def _undeclared(codes: np.ndarray, name: str) -> np.ndarray:
    """Where a known map has no declared class."""
    return ~np.isin(codes, list(ZONE_SETS[name])) & bool((codes != -1).any())
