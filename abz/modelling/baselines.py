"""Naive predictions of held-out sites, which a model has to beat to be of use.

Both see only the training rows of a fold, as the model does: the mean of the calendar month and the
vegetation type, and the nearest other site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from abz.errors import InputError
from abz.modelling.designs import check_folds
from abz.modelling.distances import arc, unit_vectors
from abz.modelling.folds import leave_one_site_out
from abz.modelling.held_out import check_held_out
from abz.validation import check_range

__all__ = ["climatology_baseline", "nearest_site_baseline"]

Fold = tuple[np.ndarray, np.ndarray]

MILLIMETRE = 6
"""Decimals of a distance in km; nearer equals are ties."""


def climatology_baseline(table: pd.DataFrame, folds: Iterable[Fold] | None = None) -> pd.DataFrame:
    """Mean of the training rows of the same calendar month and vegetation type.

    Parameters
    ----------
    table : pandas.DataFrame (n,)
        `site`, `month`, `observed` (g C m-2 month-1), and `vegetation` where it is known; a row is
        a site-month.
    folds : iterable of tuple of numpy.ndarray = (train, test), optional
        Row numbers; one site is left out at a time if not given.

    Returns
    -------
    pandas.DataFrame (n,)
        In the order of `table`: `predicted`, in the units of `observed`, and `source`: "month and
        vegetation"; "month" where no training row has the row's vegetation in that month, or the
        row's vegetation is not known; "" with NaN where no training row has the month, or no fold
        tests the row.

    Raises
    ------
    InputError
        If a column is missing, an observation is not known, a site is in training and test of a
        fold, a side of a fold is empty, or a row is tested twice.

    Notes
    -----
    The mean of rows: a site counts in proportion to its months.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "site": ["a", "b", "c"],
    ...         "month": [7, 7, 7],
    ...         "vegetation": [160, 160, 70],
    ...         "observed": [-10.0, -20.0, -60.0],
    ...     }
    ... )
    >>> climatology_baseline(rows)
       predicted              source
    0      -20.0  month and vegetation
    1      -10.0  month and vegetation
    2      -15.0                 month
    """
    observed = check_held_out(table, ["month"])["observed"].to_numpy(np.float64)
    month = _codes(table["month"])
    kinds = table["vegetation"] if "vegetation" in table else pd.Series(np.nan, table.index)
    vegetation = _codes(kinds)
    cell = np.where(
        (month >= 0) & (vegetation >= 0), month * (vegetation.max() + 1) + vegetation, -1
    )
    predicted, source = np.full(len(table), np.nan), np.full(len(table), "", dtype=object)
    for train, test in _folds(table, observed, folds):
        for keys, name in ((month, "month"), (cell, "month and vegetation")):
            mean = _means(keys[train], observed[train], int(keys.max()) + 1)
            found = np.append(mean, np.nan)[keys[test]]
            use = test[~np.isnan(found)]
            predicted[use], source[use] = found[~np.isnan(found)], name
    return pd.DataFrame({"predicted": predicted, "source": source}, index=table.index)


def nearest_site_baseline(
    table: pd.DataFrame, folds: Iterable[Fold] | None = None, *, min_km: float = 0.0
) -> pd.DataFrame:
    """Mean of the calendar month at the nearest site of the training rows that measured it.

    Parameters
    ----------
    table : pandas.DataFrame (n,)
        `site`, `latitude`, `longitude` (degrees), `month`, `observed` (g C m-2 month-1); a row is a
        site-month.
    folds : iterable of tuple of numpy.ndarray = (train, test), optional
        Row numbers; one site is left out at a time if not given.
    min_km : float, optional
        Smallest distance to a site that counts, km. At 0, two towers at one place predict each
        other.

    Returns
    -------
    pandas.DataFrame (n,)
        In the order of `table`: `predicted`, in the units of `observed`; `source`, the nearest
        site's name; `distance_km`. NaN and "" where no training site has the month, the site's
        place is not known, or no fold tests the row.

    Raises
    ------
    InputError
        If a column is missing, an observation is not known, a site is in training and test of a
        fold, a side of a fold is empty, or a row is tested twice.

    Notes
    -----
    Distances are great circles, to the millimetre; of equally near sites the first by name counts.
    The place of a site is the mean of its rows' places.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {
    ...         "site": ["a", "b", "c"],
    ...         "latitude": [60.0, 61.0, 70.0],
    ...         "longitude": 25.0,
    ...         "month": 7,
    ...         "observed": [-10.0, -20.0, -60.0],
    ...     }
    ... )
    >>> nearest_site_baseline(rows).round(1)
       predicted source  distance_km
    0      -20.0      b        111.2
    1      -10.0      a        111.2
    2      -20.0      b       1000.8
    """
    check_range(min_km, "min_km", minimum=0)
    check_held_out(table, ["month", "latitude", "longitude"])
    observed = table["observed"].to_numpy(np.float64)
    names, site = np.unique(table["site"].to_numpy(dtype=str), return_inverse=True)
    month = table["month"].to_numpy(np.int64) - 1
    away = _site_distances(table, site)
    away[~(away >= min_km)] = np.inf
    nearest = np.full(len(table), -1)
    predicted, distance = np.full((2, len(table)), np.nan)
    for train, test in _folds(table, observed, folds):
        mean = _means(site[train] * 12 + month[train], observed[train], names.size * 12)
        mean = mean.reshape(names.size, 12)
        tested, row = np.unique(site[test], return_inverse=True)
        reach = np.where(np.isnan(mean.T), np.inf, away[tested][:, None, :])
        chosen = reach.argmin(axis=2)[row, month[test]]
        found = np.isfinite(reach[row, month[test], chosen])
        use, of = test[found], chosen[found]
        nearest[use] = of
        predicted[use], distance[use] = mean[of, month[use]], away[site[use], of]
    source = np.append(names, "")[nearest]
    return pd.DataFrame(
        {"predicted": predicted, "source": source, "distance_km": distance}, index=table.index
    )


def _site_distances(table: pd.DataFrame, site: np.ndarray) -> np.ndarray:
    """Distances (sites, sites) between the sites, km, to the millimetre; NaN without a place."""
    known = table[["latitude", "longitude"]].notna().all(axis=1).to_numpy()
    places = np.full((len(table), 3), np.nan)
    longitude, latitude = table.loc[known, ["longitude", "latitude"]].to_numpy(np.float64).T
    places[known] = unit_vectors(longitude, latitude)
    mean = pd.DataFrame(places).groupby(site).mean().to_numpy()
    mean = mean / np.sqrt((mean**2).sum(axis=1, keepdims=True))
    return arc(cdist(mean, mean)).round(MILLIMETRE)


def _codes(column: pd.Series) -> np.ndarray:
    """Values numbered in their order; −1 where not known."""
    return pd.Categorical(column).codes.astype(np.int64)


def _folds(
    table: pd.DataFrame, observed: np.ndarray, folds: Iterable[Fold] | None
) -> Iterator[Fold]:
    """Folds that keep sites apart; training rows in an order that the table's does not sway."""
    sites = table["site"].to_numpy(dtype=str)
    number = np.unique(sites, return_inverse=True)[1]
    place = np.empty(len(table), dtype=np.int64)
    place[np.lexsort((observed, number))] = np.arange(len(table))
    tested = np.zeros(len(table), dtype=np.int64)
    for train, test in check_folds(leave_one_site_out(sites) if folds is None else folds, sites):
        np.add.at(tested, test, 1)
        twice = int((tested > 1).sum())
        if twice:
            raise InputError(
                "rows are tested twice",
                rule="a row is in the test rows of one fold at most",
                value=f"{twice} rows",
                remedy="give one round of folds at a time",
            )
        yield train[np.argsort(place[train])], test


def _means(keys: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Mean (size,) of the values of each key, NaN where it has none; keys below 0 do not count."""
    known = keys >= 0
    counts = np.bincount(keys[known], minlength=size)
    sums = np.bincount(keys[known], values[known], size)
    return np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
