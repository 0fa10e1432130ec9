"""Designs of cross-validation: which rows are tested together, and what is then kept from training.

All designs yield folds of row numbers (train, test). A site never stands on both sides of a fold:
`check_folds` proves it for every design here, and for any other.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from abz.errors import InputError
from abz.modelling.distances import arc, unit_vectors
from abz.seeds import derive_seed
from abz.validation import check_range, check_same_shape

__all__ = [
    "check_folds",
    "colocated",
    "leave_one_group_out",
    "leave_region_out",
    "leave_year_out",
    "site_folds",
]

Fold = tuple[np.ndarray, np.ndarray]


def check_folds(folds: Iterable[Fold], sites: np.ndarray) -> list[Fold]:
    """The folds, if no site stands on both sides of one, and no side is empty.

    Parameters
    ----------
    folds : iterable of tuple of numpy.ndarray = (train, test)
        Row numbers.
    sites : numpy.ndarray (n,)
        Site of each row, or the group of co-located sites it belongs to.

    Returns
    -------
    list of tuple of numpy.ndarray = (train, test)
        The same folds.

    Raises
    ------
    InputError
        Naming the first site found on both sides, or the fold that has an empty side.

    Examples
    --------
    >>> check_folds([(np.array([0]), np.array([1]))], np.array(["FI-Hyy", "FI-Hyy"]))
    Traceback (most recent call last):
        ...
    abz.errors.InputError: a site is trained on and tested in one fold
      rule:   no site stands on both sides of a fold
      got:    site FI-Hyy in fold 0
      remedy: fold by whole sites, or by groups of them
    """
    names, number = np.unique(np.asarray(sites), return_inverse=True)
    checked = list(folds)
    for fold, (train, test) in enumerate(checked):
        if not len(train) or not len(test):
            raise InputError(
                "a fold has an empty side",
                rule="each fold has rows to train on and rows to test",
                value=f"{len(train)} to train on and {len(test)} to test in fold {fold}",
                remedy="use fewer or more folds, or a design that leaves less out",
            )
        both = np.intersect1d(number[train], number[test])
        if both.size:
            raise InputError(
                "a site is trained on and tested in one fold",
                rule="no site stands on both sides of a fold",
                value=f"site {names[both[0]]} in fold {fold}",
                remedy="fold by whole sites, or by groups of them",
            )
    return checked


def colocated(
    sites: np.ndarray,
    lon: np.ndarray,
    lat: np.ndarray,
    *,
    within_km: float | None = None,
    cells: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Groups of sites that are one place: near each other, or in one cell of the grid.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row.
    lon, lat : numpy.ndarray (n,)
        Degrees.
    within_km : float, optional
        Sites joined by steps of at most this great-circle distance, km, are one group.
    cells : tuple of numpy.ndarray (n,) = (row, column), optional
        Cell of each row, from 0; sites in one cell are one group.

    Returns
    -------
    numpy.ndarray of str (n,)
        The group of each row, named by the first of its sites in order of name. A site is never
        split, even if its rows lie in several places.

    Raises
    ------
    InputError
        If not exactly one of `within_km` and `cells` is given, a coordinate is missing, or a cell
        lies outside the grid.

    Notes
    -----
    Single linkage: the connected components of the graph whose edges join neighbours.

    Examples
    --------
    >>> names = np.array(["US-Brw", "US-Beo", "FI-Hyy"])
    >>> colocated(names, [-156.61, -156.60, 24.3], [71.32, 71.28, 61.8], within_km=5).tolist()
    ['US-Beo', 'US-Beo', 'FI-Hyy']
    """
    if (within_km is None) == (cells is None):
        raise InputError(
            "co-location is not defined",
            rule="exactly one of within_km and cells is given",
            value=f"within_km={within_km}, cells {'absent' if cells is None else 'given'}",
            remedy="choose a distance or the grid",
        )
    if cells is None:
        check_range(float(within_km or 0), "within_km", minimum=0)
        places = _near_places(lon, lat, float(within_km or 0))
    else:
        places = _cell_places(*cells)
    check_same_shape(sites, places, "sites and places")
    names, site = np.unique(np.asarray(sites, str), return_inverse=True)
    group = _joined(site, places)
    first = np.full(group.max() + 1, names.size)
    np.minimum.at(first, group, np.arange(names.size))
    return names[first[group]][site]


def _near_places(lon: np.ndarray, lat: np.ndarray, within_km: float) -> np.ndarray:
    """Number of the place of each row: coordinates chained by steps of `within_km` or less."""
    points, point = np.unique(unit_vectors(lon, lat), axis=0, return_inverse=True)
    near = arc(cdist(points, points)) <= within_km
    return connected_components(near, directed=False)[1][point]


def _cell_places(row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Number of the cell of each row."""
    check_same_shape(row, column, "rows and columns")
    cells = np.column_stack([row, column])
    inside = (cells >= 0).all(axis=1)
    if not inside.all():
        raise InputError(
            "rows lie outside the grid",
            rule="row and column of each cell are 0 or more",
            value=f"{int((~inside).sum())} of {len(cells)} outside",
            remedy="leave out the rows that have no cell",
        )
    return np.unique(cells, axis=0, return_inverse=True)[1]


def _joined(site: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Group of each site number: sites and places form a graph with an edge for each row."""
    sites, places = site.max() + 1, place.max() + 1
    edges = (np.ones(site.size, bool), (site, sites + place))
    graph = coo_array(edges, shape=(sites + places, sites + places))
    return connected_components(graph, directed=False)[1][:sites]


def leave_one_group_out(groups: np.ndarray, sites: np.ndarray) -> list[Fold]:
    """Every group is left out once; with the sites as groups this leaves one site out.

    Parameters
    ----------
    groups : numpy.ndarray (n,)
        Group of each row.
    sites : numpy.ndarray (n,)
        Site of each row.

    Returns
    -------
    list of tuple of numpy.ndarray = (train, test)
        Row numbers, ascending, in order of the groups' labels; each row is tested once.

    Raises
    ------
    InputError
        If a site stands in two groups, or there is only one group.

    Examples
    --------
    >>> folds = leave_one_group_out(np.array([1, 0, 1]), np.array(["a", "b", "c"]))
    >>> [(train.tolist(), test.tolist()) for train, test in folds]
    [([0, 2], [1]), ([1], [0, 2])]
    """
    check_same_shape(groups, sites, "groups and sites")
    labels, group = np.unique(np.asarray(groups), return_inverse=True)
    folds = ((np.flatnonzero(group != i), np.flatnonzero(group == i)) for i in range(labels.size))
    return check_folds(folds, sites)


def leave_region_out(region: np.ndarray, sites: np.ndarray) -> list[Fold]:
    """Every region is left out once: the model is tested where it has no site at all.

    Parameters
    ----------
    region : numpy.ndarray (n,)
        Region of each row's site, a name or a code; none missing (NaN, None, or below 0).
    sites : numpy.ndarray (n,)
        Site of each row.

    Returns
    -------
    list of tuple of numpy.ndarray = (train, test)
        As from `leave_one_group_out`.

    Raises
    ------
    InputError
        If a region is missing, a site lies in two regions, or there is only one region.

    Examples
    --------
    >>> len(leave_region_out(np.array(["Alaska", "Siberia"]), np.array(["US-Uaf", "RU-Che"])))
    2
    """
    values = np.asarray(region)
    missing = np.asarray(pd.isna(values))
    if np.issubdtype(values.dtype, np.number):
        missing |= values < 0
    if missing.any():
        raise InputError(
            "sites have no region",
            rule="every row lies in a region",
            value=f"{int(missing.sum())} of {values.size} rows without",
            remedy="leave out the rows outside all regions",
        )
    return leave_one_group_out(values, sites)


def leave_year_out(
    year: np.ndarray, sites: np.ndarray, *, parts: int = 1, seed: int = 0
) -> list[Fold]:
    """Every year is left out once, together with the sites on which it is tested.

    A fold tests rows of one year, and trains on the rows of all *other years* at all *other sites*:
    those that have no row under test. With `parts` = 1, a fold tests all rows of its year, and so
    trains only at sites that are silent in that year. With more parts, the sites are dealt into
    that many parts, and a fold tests the year at the sites of one part only, so that the other
    parts' sites remain in training with their other years.

    Parameters
    ----------
    year : numpy.ndarray of int (n,)
        Year of each row.
    sites : numpy.ndarray (n,)
        Site of each row.
    parts : int, optional
        Parts into which the sites are dealt, balanced by rows; years × parts is the most folds
        there can be.
    seed : int, optional
        Of the dealing.

    Returns
    -------
    list of tuple of numpy.ndarray = (train, test)
        Row numbers, ascending, in order of year, then part; each row is tested once. Neither a
        year nor a site stands on both sides of a fold.

    Raises
    ------
    InputError
        If a fold has nothing left to train on.

    Examples
    --------
    >>> year, sites = np.array([2001, 2001, 2002, 2002]), np.array(["a", "b", "b", "c"])
    >>> [(train.tolist(), test.tolist()) for train, test in leave_year_out(year, sites)]
    [([3], [0, 1]), ([0], [2, 3])]
    """
    check_same_shape(year, sites, "years and sites")
    years, names = np.asarray(year), np.asarray(sites)
    part = _dealt(names, parts, seed)
    number = np.unique(names, return_inverse=True)[1]
    folds = []
    for left_out in np.unique(years):
        for each in range(parts):
            tested = (years == left_out) & (part == each)
            if tested.any():
                kept = (years != left_out) & ~np.isin(number, number[tested])
                folds.append((np.flatnonzero(kept), np.flatnonzero(tested)))
    return check_folds(folds, names)


def site_folds(groups: np.ndarray, k: int, seed: int = 0) -> list[Fold]:
    """Whole sites dealt at random into k folds of about equally many rows.

    Parameters
    ----------
    groups : numpy.ndarray (n,)
        Site of each row, or its group of co-located sites.
    k : int
        Number of folds, from 2 to the number of groups.
    seed : int, optional
        Of the dealing.

    Returns
    -------
    list of tuple of numpy.ndarray = (train, test)
        Row numbers, ascending; each row is tested once. The same for any order of the rows.

    Raises
    ------
    InputError
        If `k` is out of range.

    Examples
    --------
    >>> folds = site_folds(np.array(["a", "a", "b", "c"]), 2)
    >>> sorted(test.tolist() for _, test in folds)
    [[0, 1], [2, 3]]
    """
    check_range(k, "k", minimum=2, maximum=np.unique(np.asarray(groups)).size)
    return leave_one_group_out(_dealt(groups, k, seed), groups)


def _dealt(groups: np.ndarray, parts: int, seed: int) -> np.ndarray:
    """Part of each row: groups, largest first and equals at random, go to the lightest part."""
    names, number, rows = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    check_range(parts, "number of parts", minimum=1, maximum=names.size)
    shuffled = np.random.default_rng(derive_seed(seed, "site folds")).permutation(names.size)
    weight, part = np.zeros(parts, np.int64), np.empty(names.size, np.int64)
    for group in shuffled[np.argsort(-rows[shuffled], kind="stable")]:
        part[group] = np.argmin(weight)
        weight[part[group]] += rows[group]
    return part[number]
