"""Bootstrap of sites within strata, so that no level of a category is lost from a resample.

A forest cannot predict for a level that its training rows lacked. Drawing sites within the classes
of vegetation that they stand in keeps every class in every resample, so members may use it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.validation import check_same_shape

__all__ = ["resample_sites", "strata_of_sites", "stratum_sizes"]


def strata_of_sites(sites: np.ndarray, strata: np.ndarray) -> pd.Series:
    """Stratum of each site: the set of levels in its rows.

    Parameters
    ----------
    sites, strata : numpy.ndarray (n,)
        Site and level of each row; a missing level counts as a level.

    Returns
    -------
    pandas.Series (site)
        Tuple of the site's different levels as str, ascending; sites in order of their names.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> strata_of_sites(np.array(["b", "a", "b"]), np.array([70, 21, 33])).to_dict()
    {'a': ('21',), 'b': ('33', '70')}
    """
    check_same_shape(sites, strata, "sites and strata")
    levels = pd.Series(np.asarray(strata).astype(str))
    grouped = levels.groupby(np.asarray(sites).astype(str), sort=True)
    return grouped.agg(lambda of_site: tuple(sorted(set(of_site))))


def resample_sites(sites: np.ndarray, strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Row numbers of whole sites drawn with replacement within their strata.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row.
    strata : numpy.ndarray (n,)
        Level of each row that has to survive, such as its vegetation. Sites with the same set of
        levels make a stratum.
    rng : numpy.random.Generator
        Source of the draws.

    Returns
    -------
    numpy.ndarray of int64
        From each stratum as many sites as it has, all their rows, a site drawn twice twice. Every
        level is there. Which sites are drawn does not depend on the order of the rows.

    Raises
    ------
    InputError
        If the shapes differ.

    Notes
    -----
    The only site of a stratum is in every resample, so its chance to be another site is not in the
    spread of the members; in a stratum of n sites the variance of a mean is (n − 1)/n of what it
    should be [1]_. The spread is therefore too small, the more so the finer the strata;
    `stratum_sizes` says how many rows are concerned. Levels of other categories, such as months,
    survive only as they do in a plain bootstrap.

    References
    ----------
    .. [1] Rao & Wu (1988), Resampling inference with complex survey data, J. Am. Stat. Assoc. 83,
       231-241.

    Examples
    --------
    >>> sites, classes = np.array(["a", "b", "b", "c"]), np.array([21, 33, 33, 21])
    >>> drawn = resample_sites(sites, classes, np.random.default_rng(2))
    >>> sorted(set(classes[drawn]))
    [np.int64(21), np.int64(33)]
    """
    signature = strata_of_sites(sites, strata)
    names, number = np.unique(np.asarray(sites).astype(str), return_inverse=True)
    rows_of = [np.flatnonzero(number == place) for place in range(names.size)]
    places = pd.Series(np.arange(names.size), index=signature.index)
    drawn: list[np.ndarray] = []
    for _, members in places.groupby(signature, sort=True):
        draws = rng.integers(len(members), size=len(members))
        drawn.extend(rows_of[place] for place in members.to_numpy()[draws])
    return np.concatenate(drawn)


def stratum_sizes(sites: np.ndarray, strata: np.ndarray) -> pd.DataFrame:
    """How many sites and rows each stratum has, and which are in every resample.

    Parameters
    ----------
    sites, strata : numpy.ndarray (n,)
        As in `resample_sites`.

    Returns
    -------
    pandas.DataFrame
        `stratum` (levels joined by "+"), `sites`, `rows`, `fixed` (one site only),
        `variance_share` = (n − 1)/n, the part of the variance of a mean over n sites that the
        resamples show.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> stratum_sizes(np.array(["a", "b", "b", "c"]), np.array([21, 33, 33, 21]))
      stratum  sites  rows  fixed  variance_share
    0      21      2     2  False             0.5
    1      33      1     2   True             0.0
    """
    signature = strata_of_sites(sites, strata).map("+".join)
    rows = pd.Series(np.asarray(sites).astype(str)).value_counts()
    table = pd.DataFrame({"stratum": signature, "rows": rows.reindex(signature.index)})
    found = table.groupby("stratum").agg(sites=("rows", "size"), rows=("rows", "sum")).reset_index()
    found["fixed"] = found["sites"] == 1
    found["variance_share"] = 1 - 1 / found["sites"]
    return found
