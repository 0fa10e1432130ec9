"""Fold designs by name, made from where and when the rows were measured.

Leaving one site out says what a forest is worth beside its own sites. Other designs ask for more:
a place with several towers, a region, a year, or sites as far from training as the map is from the
towers. A design that cannot be made says why, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.modelling.designs import (
    colocated,
    leave_one_group_out,
    leave_region_out,
    leave_year_out,
    site_folds,
)
from abz.modelling.folds import leave_one_site_out
from abz.modelling.nearest_neighbour import match_folds, mismatch
from abz.modelling.spaces import Space
from abz.validation import check_choice

__all__ = ["DESIGNS", "Design", "FoldOptions", "Places", "make_designs"]

Fold = tuple[np.ndarray, np.ndarray]
Made = tuple[list[Fold], str]


@dataclass(frozen=True, eq=False)
class Places:
    """Where and when each row was measured.

    Parameters
    ----------
    sites : numpy.ndarray of str (n,)
        Site of each row.
    year : numpy.ndarray of int (n,)
        Its year.
    lon, lat : numpy.ndarray (n,)
        Degrees; NaN where not known.
    cell : numpy.ndarray of int (n, 2)
        Row and column on the grid of the map; −1 where not known.
    region : numpy.ndarray of int (n,)
        Code of the region; −1 where not known.
    geography, features : Space or None
        Sites and cells of the map on the ground and among the predictors, from `geographic_space`
        and `feature_space`; None where no site can be placed.
    """

    sites: np.ndarray
    year: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    cell: np.ndarray
    region: np.ndarray
    geography: Space | None = None
    features: Space | None = None


@dataclass(frozen=True)
class FoldOptions:
    """Choices that designs leave open.

    Parameters
    ----------
    within_km : float, optional
        Sites joined by steps of at most this distance are one place.
    year_parts : int, optional
        Parts into which the sites are dealt when a year is left out.
    folds : int, optional
        Folds of the designs that deal out sites.
    seed : int, optional
        Of the dealing.
    """

    within_km: float = 5.0
    year_parts: int = 2
    folds: int = 10
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Design:
    """One way to hold rows out.

    Parameters
    ----------
    name : str
        One of `DESIGNS`.
    folds : list of tuple of numpy.ndarray = (train, test)
        Row numbers; no site on both sides. Empty if the design cannot be made.
    note : str
        What was left out or joined, or why there are no folds.
    w_km, w_feature : float
        How far the distances from test to training sites are from those of the map to the sites
        of the design: `mismatch` on the ground, km, and among the predictors, standard deviations.
        Sites that cannot be placed do not count; NaN where a site is tested in several folds, or
        none can be placed.
    """

    name: str
    folds: list[Fold]
    note: str = ""
    w_km: float = float("nan")
    w_feature: float = float("nan")


def make_designs(names: Iterable[str], places: Places, options: FoldOptions) -> list[Design]:
    """Folds of each design, and how well they stand for the map.

    Parameters
    ----------
    names : iterable of str
        Of `DESIGNS`.
    places : Places
        Where and when the rows were measured.
    options : FoldOptions
        Choices that designs leave open.

    Returns
    -------
    list of Design
        In the order of `names`; the same folds for any order of the rows.

    Raises
    ------
    InputError
        If a name is unknown. A design that the rows do not allow is returned without folds.

    Examples
    --------
    >>> unknown = np.full(4, np.nan)
    >>> places = Places(np.array(list("aabc")), np.array([2001, 2002, 2001, 2002]), unknown,
    ...                 unknown, np.full((4, 2), -1), np.array([1, 1, 2, 2]))
    >>> found = make_designs(["leave_one_site_out", "leave_region_out"], places, FoldOptions())
    >>> [(design.name, len(design.folds)) for design in found]
    [('leave_one_site_out', 3), ('leave_region_out', 2)]
    """
    made = []
    for name in names:
        make = DESIGNS[check_choice(name, DESIGNS, "design")]
        try:
            folds, note = make(places, options)
        except InputError as error:
            made.append(Design(name, [], str(error).splitlines()[0]))
            continue
        w_km = _distance_from_map(folds, places.sites, places.geography)
        w_feature = _distance_from_map(folds, places.sites, places.features)
        made.append(Design(name, folds, note, w_km, w_feature))
    return made


def _one_site(places: Places, options: FoldOptions) -> Made:
    """Every site by itself."""
    return list(leave_one_site_out(places.sites)), ""


def _near(places: Places, options: FoldOptions) -> Made:
    """Every place by itself; towers near each other are one place."""
    known = np.isfinite(places.lon) & np.isfinite(places.lat)

    def groups(rows: np.ndarray) -> np.ndarray:
        where = places.lon[rows], places.lat[rows]
        return colocated(places.sites[rows], *where, within_km=options.within_km)

    return _grouped(places.sites, known, groups, "coordinates")


def _same_cell(places: Places, options: FoldOptions) -> Made:
    """Every cell of the map by itself."""
    known: np.ndarray = np.all(places.cell >= 0, axis=1)

    def groups(rows: np.ndarray) -> np.ndarray:
        cell = places.cell[rows]
        unplaced = np.full(len(cell), np.nan)
        return colocated(places.sites[rows], unplaced, unplaced, cells=(cell[:, 0], cell[:, 1]))

    return _grouped(places.sites, known, groups, "a cell")


def _grouped(
    sites: np.ndarray, known: np.ndarray, groups: Callable[[np.ndarray], np.ndarray], what: str
) -> Made:
    """Folds of groups of sites; a site that cannot be placed is a group of its own."""
    if not known.any():
        raise InputError(f"no site has {what}")
    group = sites.copy()
    group[known] = groups(np.flatnonzero(known))
    alone = np.unique(sites[~known]).size
    pairs = np.unique(np.stack([group, sites]), axis=1)[0]
    shared = np.unique(pairs, return_counts=True)[1]
    joined = shared[shared > 1]
    notes = [
        f"{joined.sum()} sites share {joined.size} places" if joined.size else "none is shared"
    ]
    if alone:
        notes.append(f"{alone} sites without {what} stand alone")
    return leave_one_group_out(group, sites), "; ".join(notes)


def _region(places: Places, options: FoldOptions) -> Made:
    """Every region by itself."""
    return _of_known(
        places.sites,
        places.region >= 0,
        lambda rows: leave_region_out(places.region[rows], places.sites[rows]),
        "a region",
    )


def _of_known(
    sites: np.ndarray, known: np.ndarray, make: Callable[[np.ndarray], list[Fold]], what: str
) -> Made:
    """Folds of the rows that can be placed; the others are neither trained on nor tested."""
    rows = np.flatnonzero(known)
    if not rows.size:
        raise InputError(f"no site has {what}")
    folds = [(rows[train], rows[test]) for train, test in make(rows)]
    left = np.unique(sites[~known]).size
    note = f"{left} sites without {what} ({(~known).sum()} rows) are left out" if left else ""
    return folds, note


def _year(places: Places, options: FoldOptions) -> Made:
    """Every year at every part of the sites."""
    parts = min(options.year_parts, np.unique(places.sites).size)
    folds = leave_year_out(places.year, places.sites, parts=parts, seed=options.seed)
    return folds, f"{np.unique(places.year).size} years × {parts} parts of the sites"


def _random(places: Places, options: FoldOptions) -> Made:
    """Sites dealt at random."""
    sites = np.unique(places.sites).size
    k = min(options.folds, sites)
    return site_folds(places.sites, k, options.seed), _no_more_sites(options.folds, sites)


def _matched(space: Space | None, places: Places, options: FoldOptions, what: str) -> Made:
    """Sites dealt so that they are as far from training as the map is from the sites."""
    if space is None:
        raise InputError(f"fewer than two sites have {what}")
    notes = [_no_more_sites(options.folds, space.sites.size)]

    def make(rows: np.ndarray) -> list[Fold]:
        found = match_folds(space, min(options.folds, space.sites.size), seed=options.seed)
        notes.append(
            "a test finds sites no nearer to each other than the map to them: folds are random"
            if found.clusters is None
            else f"folds merged from {found.clusters} clusters of sites"
        )
        sites = places.sites[rows]
        return leave_one_group_out(found.of_rows(sites), sites)

    known = np.isin(places.sites, space.sites)
    folds, left = _of_known(places.sites, known, make, what)
    return folds, "; ".join(filter(None, [*notes, left]))


def _no_more_sites(folds: int, sites: int) -> str:
    """Why there are fewer folds than were asked for; empty if there are not."""
    return f"{sites} folds, as there are no more sites" if folds > sites else ""


def _knndm_geographic(places: Places, options: FoldOptions) -> Made:
    """Matched on the ground."""
    return _matched(places.geography, places, options, "coordinates")


def _knndm_feature(places: Places, options: FoldOptions) -> Made:
    """Matched among the predictors."""
    return _matched(places.features, places, options, "annual means of the predictors")


def _distance_from_map(folds: list[Fold], sites: np.ndarray, space: Space | None) -> float:
    """W of the folds, and of the map to the same sites; NaN if a site is in several folds."""
    fold = np.concatenate([np.full(test.size, n) for n, (_, test) in enumerate(folds)])
    tested = np.concatenate([sites[test] for _, test in folds])
    of_site = pd.Series(fold).groupby(tested).agg(["min", "max"])
    if space is None or (of_site["min"] != of_site["max"]).any():
        return float("nan")
    both = np.isin(space.sites, of_site.index)
    labels = of_site["min"].reindex(space.sites[both]).to_numpy()
    if np.unique(labels).size < 2:
        return float("nan")
    return mismatch(space if both.all() else space.of_sites(both), labels)


DESIGNS: dict[str, Callable[[Places, FoldOptions], Made]] = {
    "leave_one_site_out": _one_site,
    "nested": _one_site,
    "colocated": _near,
    "same_cell": _same_cell,
    "leave_region_out": _region,
    "leave_year_out": _year,
    "random_sites": _random,
    "knndm_geographic": _knndm_geographic,
    "knndm_feature": _knndm_feature,
}
"""Name of a design to what makes its folds; `nested` has the folds of leaving one site out, and
chooses mtry anew in each."""
