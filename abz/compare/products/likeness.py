"""How alike two maps are: correlation with the places that count, and a Taylor summary."""

from __future__ import annotations

import numpy as np

from abz.trends.spatial_correlation import spatial_correlation
from abz.validation import check_same_shape

__all__ = ["map_likeness"]


def map_likeness(
    field: np.ndarray,
    reference: np.ndarray,
    land: np.ndarray,
    longitude: np.ndarray,
    latitude: np.ndarray,
) -> dict[str, float]:
    """A map beside a reference, over the cells in which both have a value.

    Parameters
    ----------
    field, reference : numpy.ndarray (y, x)
        Any one unit; NaN is missing.
    land : numpy.ndarray (y, x)
        Weight of each cell, m2.
    longitude, latitude : numpy.ndarray (y, x)
        Centres, degrees.

    Returns
    -------
    dict of {str: float}
        `cells`; Pearson's `r` over the cells, its `p_value` with `n_effective` independent places,
        and `p_naive` as if all cells were independent; weighted with land, `bias` (field −
        reference), `sd_ratio` (field / reference), `r_land` and the centred root mean square
        difference `crmsd`. NaN where there is too little to tell.

    Raises
    ------
    InputError
        If the shapes differ.

    Notes
    -----
    crmsd² = σ_f² + σ_r² − 2 σ_f σ_r r_land, which a Taylor diagram shows as a triangle [1]_.

    References
    ----------
    .. [1] Taylor (2001), J. Geophys. Res. 106, 7183-7192.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, lon, lat = rng.normal(size=(10, 10)), *np.meshgrid(np.arange(10.0), np.arange(60.0, 70))
    >>> found = map_likeness(2 * x + 1, x, np.ones_like(x), lon, lat)
    >>> round(found["r"], 6), round(found["sd_ratio"], 6)
    (1.0, 2.0)
    """
    for other, name in ((reference, "reference"), (land, "land"), (longitude, "longitude")):
        check_same_shape(field, other, f"map and {name}")
    known = np.isfinite(field) & np.isfinite(reference) & (land > 0)
    pair = [np.asarray(v, np.float64)[known] for v in (field, reference)]
    weight = np.asarray(land, np.float64)[known]
    places = spatial_correlation(pair[0], pair[1], longitude[known], latitude[known])
    found = {
        "cells": float(known.sum()), "r": places.r, "p_value": places.p_value,
        "p_naive": places.p_naive, "n_effective": places.n_effective,
    }  # fmt: skip
    return found | _taylor(pair[0], pair[1], weight)


def _taylor(field: np.ndarray, reference: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """Bias, ratio of the SDs, correlation and centred difference, weighted."""
    if field.size < 3:
        return dict.fromkeys(("bias", "sd_ratio", "r_land", "crmsd"), np.nan)
    means = [np.average(values, weights=weight) for values in (field, reference)]
    x, y = field - means[0], reference - means[1]
    sx, sy = (np.sqrt(np.average(v**2, weights=weight)) for v in (x, y))
    product = np.average(x * y, weights=weight)
    return {
        "bias": float(means[0] - means[1]),
        "sd_ratio": float(sx / sy) if sy > 0 else np.nan,
        "r_land": float(product / (sx * sy)) if sx > 0 and sy > 0 else np.nan,
        "crmsd": float(np.sqrt(np.average((x - y) ** 2, weights=weight))),
    }
