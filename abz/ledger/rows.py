"""A row of the ledger: numbers with the parts, place, period and units that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from abz.errors import LedgerError
from abz.ledger.parts import FLUX_PARTS, PARTS, Parts
from abz.units import BUDGET
from abz.validation import check_choice, check_columns
from abz.vocabulary import MONTHS, SEASONS, UNION

__all__ = ["Period", "Place", "Row", "annual_row", "ledger_table"]

TOWARDS_THE_AIR = {"gpp": -1.0}
"""Sign of a flux in the ledger, where it is not that of the tables."""


@dataclass(frozen=True)
class Period:
    """Calendar years and the months of them.

    Parameters
    ----------
    first, last : int
        First and last year.
    months : tuple of int, optional
        Months of each year; all by default.

    Raises
    ------
    LedgerError
        If the years are not in order.

    Examples
    --------
    >>> print(Period(2002, 2020), "and", Period(2001, 2020, (6, 7, 8)))
    2002–2020 and 2001–2020, JJA
    """

    first: int
    last: int
    months: tuple[int, ...] = MONTHS

    def __post_init__(self) -> None:
        """Refuse years that run backwards."""
        if self.last < self.first:
            raise LedgerError(
                "a period ends before it begins",
                rule="first <= last",
                value=f"{self.first} to {self.last}",
                remedy="give the earlier year first",
            )

    def __str__(self) -> str:
        """The period in words."""
        years = f"{self.first}–{self.last}"
        held = frozenset(self.months)
        if held == frozenset(MONTHS):
            return years
        names = [name for name, months in SEASONS.items() if frozenset(months) == held]
        return f"{years}, {names[0] if names else f'months {sorted(held)}'}"


@dataclass(frozen=True)
class Place:
    """Zones of a mask.

    Parameters
    ----------
    zones : frozenset of tuple of str = {(zone set, zone), ...}
        Zones of one set do not overlap, but for unions.
    mask : str
        Which land counts, in words: whose zones and cells.
    atoms : frozenset of int, optional
        Atoms of the mask that the zones hold, where they are known.

    Examples
    --------
    >>> boreal = Place.of("biome", "boreal", "fine set")
    >>> boreal.overlaps(Place.of("biome", "tundra", "fine set"))
    False
    >>> boreal.overlaps(Place.of("region", "Alaska", "fine set")) is None  # cannot be told
    True
    """

    zones: frozenset[tuple[str, str]]
    mask: str
    atoms: frozenset[int] | None = None

    @classmethod
    def of(cls, zone_set: str, zone: str, mask: str, atoms: Iterable[int] | None = None) -> Place:
        """One zone of a mask."""
        held = None if atoms is None else frozenset(int(atom) for atom in atoms)
        return cls(frozenset({(zone_set, zone)}), mask, held)

    def overlaps(self, other: Place) -> bool | None:
        """Whether both places share ground; None where that cannot be told.

        Notes
        -----
        Atoms decide where both places know them; else zones of one set overlap only if they are
        the same zone, and zones of different sets, of different masks, or two unions leave it open.
        """
        if self.mask != other.mask:
            return None
        if self.atoms is not None and other.atoms is not None:
            return bool(self.atoms & other.atoms)
        if self.zones & other.zones:
            return True
        pairs = product(self.zones, other.zones)
        return False if all(a[0] == b[0] != UNION for a, b in pairs) else None

    def same_zone(self, other: Place) -> bool:
        """Whether both hold the same zones: by atoms of one mask, else by name."""
        if self.mask == other.mask and self.atoms is not None and other.atoms is not None:
            return self.atoms == other.atoms
        return self.zones == other.zones

    def union(self, other: Place) -> Place:
        """Both together."""
        known = self.atoms is not None and other.atoms is not None
        atoms = (self.atoms or frozenset()) | (other.atoms or frozenset()) if known else None
        return Place(self.zones | other.zones, self.mask, atoms)

    @property
    def zone_sets(self) -> str:
        """Names of the sets of the zones."""
        return " + ".join(sorted({zone_set for zone_set, _ in self.zones}))

    def __str__(self) -> str:
        """Names of the zones."""
        return " + ".join(zone for _, zone in sorted(self.zones))


@dataclass(frozen=True, eq=False)
class Row:
    """A budget or flux with its definition.

    Parameters
    ----------
    name : str
        Whose it is, for messages and tables.
    values : numpy.ndarray
        One number, or one for each member; towards the air is positive. NaN is missing.
    parts : Parts
        What it holds.
    place : Place
        Where.
    period : Period
        When.
    units : str, optional
        Tg C yr-1 by default.

    Examples
    --------
    >>> place, years = Place.of("abz", "ABZ", "study"), Period(2002, 2020)
    >>> row = Row("GFED", np.array(237.0), Parts.of("fire"), place, years)
    >>> print(row)
    “GFED” (fire, ABZ, 2002–2020, study)
    """

    name: str
    values: np.ndarray
    parts: Parts
    place: Place
    period: Period
    units: str = BUDGET

    def __post_init__(self) -> None:
        """Keep the values as floats."""
        object.__setattr__(self, "values", np.asarray(self.values, np.float64))

    @property
    def central(self) -> float:
        """The only value, or that of the first member."""
        return float(self.values.ravel()[0])

    @property
    def spread(self) -> float:
        """SD (n − 1) over the members after the first; NaN where there are fewer than two."""
        members = self.values.ravel()[1:]
        return float(members.std(ddof=1)) if members.size > 1 else float("nan")

    def __str__(self) -> str:
        """Name and definition."""
        return f"“{self.name}” ({self.parts}, {self.place}, {self.period}, {self.place.mask})"


def annual_row(
    annual: pd.DataFrame, flux: str, place: Place, years: Sequence[int], name: str = ""
) -> Row:
    """Mean annual budget of a zone over some years, all members.

    Parameters
    ----------
    annual : pandas.DataFrame
        `year`, `member`, `tg` (Tg C yr-1) of one flux in one zone, from `annual_budgets`.
    flux : str
        A key of `FLUX_PARTS`.
    place : Place
        The zone.
    years : sequence of int
        Consecutive years of the mean.
    name : str, optional
        Name of the row; the flux by default.

    Returns
    -------
    Row
        Values (member,), the central one first. GPP is below zero: it takes carbon from the air.

    Raises
    ------
    LedgerError
        If the years have a gap, or a member lacks one of them.

    Examples
    --------
    >>> annual = pd.DataFrame({"year": [2001, 2002], "member": 0, "tg": [-500.0, -600.0]})
    >>> place = Place.of("abz", "ABZ", "fine set")
    >>> annual_row(annual, "nee", place, [2001, 2002]).central
    -550.0
    """
    check_columns(annual, ["year", "member", "tg"], "annual budgets")
    check_choice(flux, FLUX_PARTS, "flux")
    wanted = sorted(int(year) for year in years)
    period = Period(wanted[0], wanted[-1])
    table = annual.pivot_table(index="member", columns="year", values="tg", aggfunc="sum",
                               min_count=1).sort_index()  # fmt: skip
    table = table.reindex(columns=range(period.first, period.last + 1))
    label = name or flux
    if len(wanted) != period.last - period.first + 1 or table.empty or table.isna().any(axis=None):
        missing = [year for year in table.columns if table.empty or table[year].isna().any()]
        raise LedgerError(
            f"“{label}” has no mean over {period}",
            rule="every member has a budget in every year of the period",
            value=f"without: {', '.join(map(str, missing)) or 'a gap in the years asked for'}",
            remedy="choose years that all members have",
        )
    values = TOWARDS_THE_AIR.get(flux, 1.0) * table.to_numpy().mean(axis=1)
    return Row(label, values, FLUX_PARTS[flux], place, period)


def ledger_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a table, one column for each part of the balance.

    Parameters
    ----------
    rows : iterable of Row
        Any rows.

    Returns
    -------
    pandas.DataFrame
        name, zone_set, zone, mask, first_year, last_year, months, units, value (of the central
        member), spread, and for each of `PARTS` included, not included or unknown.

    Examples
    --------
    >>> row = Row("GFED", np.array(237.0), Parts.of("fire"), Place.of("abz", "ABZ", "study"),
    ...           Period(2002, 2020))
    >>> ledger_table([row])[["name", "value", "fire", "lakes"]].values.tolist()
    [['GFED', 237.0, 'included', 'not included']]
    """
    return pd.DataFrame(
        [
            {
                "name": row.name, "zone_set": row.place.zone_sets, "zone": str(row.place),
                "mask": row.place.mask,
                "first_year": row.period.first, "last_year": row.period.last,
                "months": len(row.period.months), "units": row.units, "value": row.central,
                "spread": row.spread, **{part: row.parts.state(part) for part in PARTS},
            }
            for row in rows
        ]
    )  # fmt: skip
