"""Leave-one-site-out folds: a model never sees the site on which it is tested."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from abz.errors import InputError

__all__ = ["leave_one_site_out"]


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
        If there are fewer than two sites.

    Examples
    --------
    >>> [(a.tolist(), b.tolist()) for a, b in leave_one_site_out(np.array(["b", "a", "b"]))]
    [([0, 2], [1]), ([1], [0, 2])]
    """
    names, number = np.unique(np.asarray(sites), return_inverse=True)
    if names.size < 2:
        raise InputError(
            "sites cannot be left out",
            rule="there are at least two sites",
            value=names.tolist(),
            remedy="check the screening of the sites",
        )
    for fold in range(names.size):
        yield np.flatnonzero(number != fold), np.flatnonzero(number == fold)
