"""How far errors of sites reach: an empirical correlogram, and an exponential fitted to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.modelling.distances import great_circle
from abz.validation import check_range, check_same_shape

__all__ = ["Correlogram", "fit_correlogram"]

MINIMUM_PLACES = 12
"""Places below which no correlation can be told from none."""

LONGEST_BINS, PAIRS_A_BIN = 20, 10
ROUNDS = 20
"""Rounds in which the fit and the correction for the estimated mean settle."""
CANDIDATES = 200
"""Lengths that are compared, evenly spaced by ratio."""


@dataclass(frozen=True)
class Correlogram:
    """An exponential correlation with a nugget.

    Parameters
    ----------
    share : float
        Part of the variance that neighbours have in common as their distance goes to zero, 0 to 1;
        the rest is the nugget, which the nearest pairs do not share.
    length_km : float
        Distance at which that part has fallen by 1 / e; NaN where there is none.
    variance : float
        Of the values about their unknown mean, in the square of their units.
    nugget_km : float
        Shortest length that the distances can tell from none; the nugget reaches no further.
    reach_km : float
        Largest distance of the pairs behind the fit; no length above half of it is tried.
    bins : pandas.DataFrame
        distance_km (mean), pairs, correlation, fitted.

    Notes
    -----
    ρ(d) = share · exp(−d / length) between two places, 1 of a place with itself. The exponential
    of great-circle distance is a valid correlation on the sphere [1]_.

    References
    ----------
    .. [1] Gneiting (2013), Strictly and non-strictly positive definite functions on spheres,
       Bernoulli 19, 1327-1349.
    """

    share: float
    length_km: float
    variance: float
    nugget_km: float
    reach_km: float
    bins: pd.DataFrame

    def correlation(self, distance_km: np.ndarray) -> np.ndarray:
        """Correlation of different places so far apart, without the nugget of a single place."""
        if self.share == 0:
            return np.zeros(np.shape(distance_km))
        return np.asarray(self.share * np.exp(-np.asarray(distance_km) / self.length_km))

    @property
    def at_limit(self) -> bool:
        """Whether the length is the longest that was tried, so that it may be longer."""
        return bool(self.length_km >= 0.99 * self.reach_km / 2)


def fit_correlogram(
    lon: np.ndarray, lat: np.ndarray, values: np.ndarray, *, length_km: float | None = None
) -> Correlogram:
    """Share and length of the correlation between values at places.

    Parameters
    ----------
    lon, lat : numpy.ndarray (n,)
        Degrees.
    values : numpy.ndarray (n,)
        Of one variance everywhere; divide by a spread first where it differs.
    length_km : float, optional
        A length to take as given; only the share is fitted.

    Returns
    -------
    Correlogram
        The same for any order of the places, but for rounding.

    Raises
    ------
    InputError
        If there are fewer than twelve places, the values do not vary, or the length is not above
        zero.

    Notes
    -----
    Pairs no further apart than half of the largest distance are dealt by distance into bins of
    equal numbers, at most 20 and of ten pairs at least. With z the departures from the mean of
    the values, S² their mean square and ρ̄ the mean of the correlation matrix of all places,

        r_k = (1 − ρ̄) ⟨z_i z_j⟩_k / S² + ρ̄

    in bin k: departures from an estimated mean vary less than from the true one by σ² ρ̄, and so
    do their products. r_k, the fit and ρ̄ are repeated until they settle; σ² = S² / (1 − ρ̄).
    The fit is that of least Σ_k N_k (r_k − share · exp(−d_k / length))², 0 ≤ share ≤ 1, with
    N_k the pairs of the bin [1]_. Lengths from a third of the mean distance of the first bin, which
    is `nugget_km`, to half of the reach are tried. One set of sites tells a length to no better
    than a factor of about 1.5, few sites far worse.

    References
    ----------
    .. [1] Cressie (1993), Statistics for Spatial Data, sections 2.4 and 2.6.

    Examples
    --------
    Two crowds of places, alike within and unlike between:

    >>> lon, lat = np.repeat([0.0, 60.0], 8) + np.tile(np.arange(8) / 10, 2), np.full(16, 65.0)
    >>> found = fit_correlogram(lon, lat, np.repeat([5.0, -5.0], 8))
    >>> found.share > 0.9, found.correlation(np.array([0.0, 1e4])).round(1).tolist()
    (True, [1.0, 0.0])
    """
    departures = _departures(lon, lat, values)
    if length_km is not None:
        check_range(length_km, "length", minimum=np.finfo(float).tiny)
    distance = great_circle(lon, lat, lon, lat)
    bins = _bins(distance, departures)
    reach = float(bins.attrs["reach_km"])
    nugget = min(max(float(bins["distance_km"].iloc[0]) / 3, 1.0), reach / 4)
    lengths = np.geomspace(nugget, reach / 2, CANDIDATES)
    if length_km is not None:
        lengths = np.array([length_km])
    common = 1.0 / departures.size
    for _ in range(ROUNDS):
        empirical = (1 - common) * bins["product"].to_numpy() + common
        share, length = _fit(bins, empirical, lengths)
        alike = share * np.exp(-distance / length)
        np.fill_diagonal(alike, 1.0)
        common = min(float(alike.mean()), 0.9)
    fitted = share * np.exp(-bins["distance_km"].to_numpy() / length)
    table = bins.drop(columns="product").assign(correlation=empirical, fitted=fitted)
    table.attrs = {}
    variance = float((departures**2).mean() / (1 - common))
    found = length if share > 0 else float("nan")
    return Correlogram(share, found, variance, nugget, reach, table)


def _departures(lon: np.ndarray, lat: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Departures from the mean, if there are enough places and the values vary."""
    check_same_shape(lon, values, "places and values")
    check_same_shape(lat, values, "places and values")
    found = np.asarray(values, np.float64)
    if found.size < MINIMUM_PLACES or not np.ptp(found) > 0:
        raise InputError(
            "a correlogram needs more",
            rule=f"at least {MINIMUM_PLACES} places with values that differ",
            value=f"{found.size} places",
            remedy="do without the spatial correlation of these errors",
        )
    return found - found.mean()


def _bins(distance: np.ndarray, departures: np.ndarray) -> pd.DataFrame:
    """Mean distance and mean product of the pairs in bins of equal numbers."""
    first, second = np.triu_indices(departures.size, 1)
    far = distance[first, second]
    product = departures[first] * departures[second] / (departures**2).mean()
    order = np.lexsort((product, far))
    order = order[far[order] <= far.max() / 2]
    count = int(np.clip(order.size // PAIRS_A_BIN, 3, LONGEST_BINS))
    parts = [part for part in np.array_split(order, count) if part.size]
    table = pd.DataFrame(
        {
            "distance_km": [far[part].mean() for part in parts],
            "pairs": [part.size for part in parts],
            "product": [product[part].mean() for part in parts],
        }
    )
    table.attrs["reach_km"] = float(far.max() / 2)
    return table


def _fit(bins: pd.DataFrame, empirical: np.ndarray, lengths: np.ndarray) -> tuple[float, float]:
    """Share and length of least squares weighted with pairs."""
    weight = bins["pairs"].to_numpy(np.float64)
    shape = np.exp(-bins["distance_km"].to_numpy() / lengths[:, None])
    size = (weight * shape**2).sum(axis=1)
    projection = (weight * shape * empirical).sum(axis=1)
    # Far from any pair the shape is zero in all bins, and every share fits alike: take none.
    share = np.clip(np.divide(projection, size, out=np.zeros_like(size), where=size > 0), 0, 1)
    misfit = (weight * (empirical - share[:, None] * shape) ** 2).sum(axis=1)
    best = int(np.argmin(misfit))
    return float(share[best]), float(lengths[best])
