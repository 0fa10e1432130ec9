"""How trends combine in one place: NEE with GPP and Reco, NEE with greening."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.trends.significance import expected_share
from abz.validation import check_codes, check_same_shape

__all__ = ["INCONSISTENT", "OVERLAY", "UNSIGNED", "greening_overlay", "overlay_classes",
           "overlay_shares"]  # fmt: skip

OVERLAY = MappingProxyType(
    {
        0: "NEE ↓, GPP ↑, Reco ↑",
        1: "NEE ↓, GPP ↑, Reco ↓",
        2: "NEE ↓, GPP ↓, Reco ↓",
        3: "NEE ↑, GPP ↑, Reco ↑",
        4: "NEE ↑, GPP ↓, Reco ↑",
        5: "NEE ↑, GPP ↓, Reco ↓",
        6: "inconsistent",
        7: "no sign",
    }
)
"""Signs of the three trends: the six that NEE = Reco − GPP allows, the two that contradict it,
and those with a slope of zero."""
INCONSISTENT, UNSIGNED = 6, 7

_SIGNS = ((-1, 1, 1), (-1, 1, -1), (-1, -1, -1), (1, 1, 1), (1, -1, 1), (1, -1, -1))


def overlay_classes(nee: np.ndarray, gpp: np.ndarray, reco: np.ndarray) -> np.ndarray:
    """Class of the signs of three slopes, significant or not.

    Parameters
    ----------
    nee, gpp, reco : numpy.ndarray (...)
        Slopes; GPP and Reco positive fluxes, NEE below zero uptake. NaN is missing.

    Returns
    -------
    numpy.ndarray of int8 (...)
        Keys of `OVERLAY`; −1 where a slope is missing.

    Raises
    ------
    InputError
        If the shapes differ.

    Notes
    -----
    NEE = Reco − GPP cannot fall while GPP falls and Reco rises, nor rise while GPP rises and Reco
    falls. Such cells occur where the three fluxes come from separate models.

    Examples
    --------
    >>> overlay_classes(np.array([-1.0, -1.0]), np.array([2.0, -2.0]), np.array([1.0, 1.0]))
    array([0, 6], dtype=int8)
    """
    check_same_shape(nee, gpp, "the slopes of NEE and GPP")
    check_same_shape(nee, reco, "the slopes of NEE and Reco")
    signs = [np.sign(slope) for slope in (nee, gpp, reco)]
    product = signs[0] * signs[1] * signs[2]
    codes = np.full(np.shape(nee), INCONSISTENT, np.int8)
    for code, expected in enumerate(_SIGNS):
        same = np.ones(codes.shape, bool)
        for sign, wanted in zip(signs, expected, strict=True):
            same &= sign == wanted
        codes[same] = code
    codes[product == 0] = UNSIGNED
    codes[np.isnan(product)] = -1
    return codes


def overlay_shares(codes: np.ndarray, area: np.ndarray) -> pd.DataFrame:
    """Share of the land in each class of `OVERLAY`.

    Parameters
    ----------
    codes : numpy.ndarray of int (...)
        From `overlay_classes`.
    area : numpy.ndarray (...)
        Land area of each cell, m2.

    Returns
    -------
    pandas.DataFrame
        code, name, share (% of the land with a class) and expected, the share if the three signs
        were thrown like coins: 12.5 % each, 25 % for the two contradictions.

    Raises
    ------
    CategoryError
        If a code is none of `OVERLAY`, nor −1.
    InputError
        If the shapes differ.

    Examples
    --------
    >>> overlay_shares(np.array([0, 0, 6, -1]), np.ones(4)).query("share > 0")["code"].tolist()
    [0, 6]
    """
    check_same_shape(codes, area, "classes and area")
    check_codes(codes, [-1, *OVERLAY], "the overlay")
    known = np.where(codes >= 0, area, 0.0)
    total = known.sum()
    coins = dict.fromkeys(OVERLAY, 12.5) | {INCONSISTENT: 25.0, UNSIGNED: 0.0}
    rows = [
        (code, name, 100.0 * known[codes == code].sum() / total if total > 0 else np.nan,
         coins[code])
        for code, name in OVERLAY.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["code", "name", "share", "expected"])


def greening_overlay(
    ndvi: tuple[np.ndarray, np.ndarray], nee: tuple[np.ndarray, np.ndarray], area: np.ndarray,
    alpha: float = 0.05,
) -> pd.DataFrame:  # fmt: skip
    """How much of the greening land, and of all land, has a falling NEE.

    Parameters
    ----------
    ndvi, nee : tuple of numpy.ndarray (...) = (slope, p_value)
        Trends; NaN where not tested. Land where one of them is not tested does not count.
    area : numpy.ndarray (...)
        Land area of each cell, m2.
    alpha : float, optional
        Level of the tests.

    Returns
    -------
    pandas.DataFrame
        nee_trend (significant: p < alpha; any: of any p), and in %: greening, land with a
        significantly rising NDVI; falling, land with such a falling NEE; both; conditional = both
        / greening; independent = greening · falling, what `both` is if the two have nothing to do
        with each other; expected, what chance makes of `falling` and of `conditional`.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> up, down = np.array([1.0, 1.0, -1.0, 1.0]), np.array([-1.0, 1.0, -1.0, -1.0])
    >>> sure = np.zeros(4)
    >>> table = greening_overlay((up, sure), (down, sure), np.ones(4))
    >>> table.loc[0, ["greening", "falling", "both"]].tolist()
    [75.0, 75.0, 50.0]
    """
    for other, name in ((nee[0], "nee"), (area, "area")):
        check_same_shape(ndvi[0], other, f"ndvi and {name}")
    tested = ~np.isnan(ndvi[1]) & ~np.isnan(nee[1])
    weight = np.where(tested, area, 0.0)
    total = weight.sum() if tested.any() else np.nan
    green = (ndvi[0] > 0) & (ndvi[1] < alpha)
    rows = []
    for name, falling, chance in (
        ("significant", (nee[0] < 0) & (nee[1] < alpha), expected_share(alpha, "falling")),
        ("any", nee[0] < 0, 50.0),
    ):
        greening, fallen, both = (
            100.0 * weight[cells].sum() / total for cells in (green, falling, green & falling)
        )
        rows.append(
            {
                "nee_trend": name, "greening": greening, "falling": fallen, "both": both,
                "conditional": 100.0 * both / greening if greening > 0 else np.nan,
                "independent": greening * fallen / 100.0, "expected": chance,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
