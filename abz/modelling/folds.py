"""Leave-one-site-out folds: a model never sees the site on which it is tested."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from abz.errors import InputError

__all__ = ["check_sites", "leave_one_site_out"]


def check_sites(sites: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Names of the sites and the number of each row's, if sites can be left out.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row.
    rows : int
        Number of rows.

    Returns
    -------
    tuple of numpy.ndarray = (names (s,), number (n,))
        Names in ascending order, and the place of each row's site among them.

    Raises
    ------
    InputError
        If a row has no site, or there are fewer than two.

    Examples
    --------
    >>> names, number = check_sites(np.array(["b", "a", "b"]), 3)
    >>> names.tolist(), number.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    given = np.asarray(sites)
    missing = int(pd.isna(given).sum())
    if given.shape != (rows,) or missing:
        raise InputError(
            "rows have no site",
            rule="each row has one site, and none is missing",
            value=f"{rows} rows, sites of shape {given.shape}, {missing} missing",
            remedy="give the site of each row",
        )
    names, number = np.unique(given, return_inverse=True)
    if names.size < 2:
        raise InputError(
            "sites cannot be left out",
            rule="there are at least two sites",
            value=names.tolist(),
            remedy="check the screening of the sites",
        )
    return names, number


def leave_one_site_out(sites: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows, one fold a site, in order of the sites' names.

    Parameters
    ----------
    sites : numpy.ndarray (n,)
        Site of each row.

    Yields
    ------
    tuple of numpy.ndarray = (train, test)
        Row numbers, ascending; together all rows, and no site on both sides.

    Raises
    ------
    InputError
        If a row has no site, or there are fewer than two.

    Examples
    --------
    >>> [(a.tolist(), b.tolist()) for a, b in leave_one_site_out(np.array(["b", "a", "b"]))]
    [([0, 2], [1]), ([1], [0, 2])]
    """
    names, number = check_sites(sites, len(sites))
    for fold in range(names.size):
        yield np.flatnonzero(number != fold), np.flatnonzero(number == fold)
