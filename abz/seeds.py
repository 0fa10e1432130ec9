"""Seeds that depend on what is drawn for, and never on when or by which worker."""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["derive_seed"]


def derive_seed(seed: int, *words: str | int) -> int:
    """A seed of its own for the purpose that the words name.

    Parameters
    ----------
    seed : int
        Seed of the run.
    *words : str or int
        Names of the purpose, such as "fine", "nee", "member", 3.

    Returns
    -------
    int
        From 0 to 2**32 − 1; the same on every machine.

    Examples
    --------
    >>> derive_seed(448, "fine", "nee") == derive_seed(448, "fine", "nee")
    True
    >>> derive_seed(448, "fine", "nee") == derive_seed(448, "fine", "gpp")
    False
    """
    keys = [zlib.crc32(str(word).encode()) for word in words]
    return int(np.random.SeedSequence([seed, *keys]).generate_state(1)[0])
