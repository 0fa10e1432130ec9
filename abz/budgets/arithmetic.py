"""The arithmetic of a table of budgets: one definition for tables of a run and printed ones.

Numbers and arrays alike; units are those of the arguments.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "flux_per_area",
    "is_source",
    "net_with_fire",
    "release_outside_summer",
    "share_of",
    "sum_of_parts",
    "summer_over_release",
]


def sum_of_parts(*parts: Any) -> Any:
    """A zone from parts that do not overlap.

    Examples
    --------
    >>> sum_of_parts(-593, 45)
    -548
    """
    return sum(parts[1:], start=parts[0])


def flux_per_area(mass: Any, area: Any) -> Any:
    """Mean flux of an area: mass over the area that it comes from.

    Parameters
    ----------
    mass : float or array
        g C, or Tg C with an area in 1e6 km2: both units are 1e12 of the next.
    area : float or array
        m2, or 1e6 km2.

    Returns
    -------
    float or array
        g C m-2.

    Examples
    --------
    >>> round(flux_per_area(-548, 20.79), 1)
    -26.4
    """
    return mass / area


def net_with_fire(nee: Any, fire: Any) -> Any:
    """NEE + fire; both are towards the air.

    Examples
    --------
    >>> net_with_fire(-556, 237)
    -319
    """
    return nee + fire


def is_source(nee: Any, neutral_band: float = 0.0) -> Any:
    """Whether land or a site emits more than the band, in the unit of NEE.

    Examples
    --------
    >>> is_source(4.0), is_source(4.0, 5.0)
    (True, False)
    """
    return nee > neutral_band


def share_of(part: Any, whole: Any) -> Any:
    """A part of a whole, both by size, 0 to 1 where it is one.

    Examples
    --------
    >>> round(100 * share_of(237, -548))
    43
    """
    return abs(part) / abs(whole)


def summer_over_release(summer: Any, rest: Any) -> Any:
    """Uptake of the summer over what the other months release.

    Parameters
    ----------
    summer, rest : float or array
        NEE of June to August, and of the other months, above zero.

    Returns
    -------
    float or array
        −summer / rest. Below 1 the year is a source, below 0 the summer is one too.

    Examples
    --------
    >>> summer_over_release(-1400.0, 1000.0)
    1.4
    """
    return -summer / rest


def release_outside_summer(nee: Any, ratio: Any) -> Any:
    """What the months outside summer release, from the year's NEE and `summer_over_release`.

    Notes
    -----
    B = S + N and r = −S/N give N = B / (1 − r): above zero only if B > 0 exactly where r < 1.

    Examples
    --------
    >>> round(release_outside_summer(-400.0, 1.4))
    1000
    """
    return nee / (1 - ratio)
