"""Fire against uptake: NEE and NEE + fire over matched periods, and years in which fire wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from abz.ledger import Comparison, Row, Zone, add, annual_row, compare, zone_place
from abz.validation import check_columns

__all__ = ["fire_years", "matched_periods"]

ZONE = ["model_set", "zone_set", "zone"]


def matched_periods(
    annual: pd.DataFrame, atoms: Mapping[Zone, frozenset[int]] | None = None
) -> pd.DataFrame:
    """NEE, fire and NEE + fire over all years of NEE and over those of the fire, side by side.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`: fluxes nee and fire, all members of NEE.
    atoms : mapping of {(model set, zone set, zone): frozenset of int}, optional
        Atoms of the zones, for the definitions of the rows.

    Returns
    -------
    pandas.DataFrame
        model_set, zone_set, zone; `nee_long`, NEE over all its years; `nee`, `fire`, `nee_fire`,
        over the years that both have, Tg C yr-1, `_sd` of each that has members; `apparent_fire` =
        `nee_fire` − `nee_long`, what the two headlines differ by; `period_effect` = `nee` −
        `nee_long`, and its `_sd` over the members; `long_first`, `long_last`, `first_year`,
        `last_year`. A zone without fire, or with a gap in its years, has no row.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    apparent fire = fire + period effect. In the study −319 − (−548) = 229 = 237 − 8 Tg C yr-1: the
    first counts from 2002, the second from 2001, and the land took up less in that year.

    Examples
    --------
    >>> zone = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "member": 0}
    >>> annual = pd.DataFrame(
    ...     [{**zone, "flux": "nee", "year": y, "tg": v} for y, v in ((2001, -20.0), (2002, -40.0))]
    ...     + [{**zone, "flux": "fire", "year": 2002, "tg": 25.0}])
    >>> found = matched_periods(annual)
    >>> found[["nee_long", "nee_fire", "apparent_fire", "fire", "period_effect"]].values.tolist()
    [[-30.0, -15.0, 15.0, 25.0, -10.0]]
    """
    check_columns(annual, [*ZONE, "flux", "year", "member", "tg"], "annual budgets")
    rows = [
        _periods(*found) | dict(zip(ZONE, key, strict=True))
        for key, found in _matched(annual, atoms or {})
    ]
    columns = [
        *ZONE, "long_first", "long_last", "first_year", "last_year", "nee_long", "nee_long_sd",
        "nee", "nee_sd", "fire", "nee_fire", "nee_fire_sd", "apparent_fire", "period_effect",
        "period_effect_sd",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _matched(
    annual: pd.DataFrame, atoms: Mapping[Zone, frozenset[int]]
) -> Iterator[tuple[Zone, tuple[Row, Row, Row]]]:
    """Rows of NEE over all years, and of NEE and fire over the years of both, by zone."""
    known = annual[annual["flux"].isin(["nee", "fire"])].dropna(subset=["tg"])
    for key, group in known.groupby(ZONE, sort=False):
        model_set, zone_set, zone = (str(name) for name in key)
        place = zone_place((model_set, zone_set, zone), atoms)
        nee, fire = (group[group["flux"] == flux] for flux in ("nee", "fire"))
        years = np.unique(nee["year"])
        both = np.intersect1d(years, fire["year"])
        if both.size and all(np.ptp(some) == some.size - 1 for some in (years, both)):
            yield (
                (model_set, zone_set, zone),
                (
                    annual_row(nee, "nee", place, years.tolist(), "NEE, all years"),
                    annual_row(nee, "nee", place, both.tolist(), "NEE, years with fire"),
                    annual_row(fire, "fire", place, both.tolist(), "fire"),
                ),
            )


def _periods(long: Row, short: Row, fire: Row) -> dict[str, float]:
    """The numbers of one zone; each sum and difference goes through the ledger."""
    net = add(short, fire)
    apparent = compare(net, long, accept=["parts", "period"])
    shift = compare(short, long, accept=["period"])
    return {
        "long_first": long.period.first, "long_last": long.period.last,
        "first_year": net.period.first, "last_year": net.period.last,
        "nee_long": long.central, "nee_long_sd": long.spread, "nee": short.central,
        "nee_sd": short.spread, "fire": fire.central, "nee_fire": net.central,
        "nee_fire_sd": net.spread, "apparent_fire": float(apparent.difference[0]),
        "period_effect": float(shift.difference[0]), "period_effect_sd": _spread(shift),
    }  # fmt: skip


def _spread(comparison: Comparison) -> float:
    """SD of a difference over the members after the first."""
    members = comparison.difference[1:]
    return float(members.std(ddof=1)) if members.size > 1 else float("nan")


def fire_years(annual: pd.DataFrame) -> pd.DataFrame:
    """Whether fire emits more than the land takes up, by zone and year.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`: nee, fire and nee_fire, all members.

    Returns
    -------
    pandas.DataFrame
        model_set, zone_set, zone, year; nee, fire, nee_fire, Tg C yr-1 of the central member;
        `exceeds`, whether a sink without fire is a source with it; `source`, whether it is a
        source without fire; `member_share`, share of the members for which it is a source with
        fire, NaN where there are none. In the order of the zones and years.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    exceeds: N < 0 and N + E > 0.

    Examples
    --------
    >>> zone = {"model_set": "fine", "zone_set": "abz", "zone": "ABZ", "member": 0, "year": 2003}
    >>> annual = pd.DataFrame([{**zone, "flux": flux, "tg": tg} for flux, tg in
    ...                        (("nee", -100.0), ("fire", 130.0), ("nee_fire", 30.0))])
    >>> fire_years(annual)[["exceeds", "source"]].values.tolist()
    [[True, False]]
    """
    check_columns(annual, [*ZONE, "flux", "year", "member", "tg"], "annual budgets")
    keys = [*ZONE, "year"]
    known = annual.dropna(subset=["tg"])
    central = known[known["member"] == 0]
    table = _of_flux(central, "nee")
    for flux in ("fire", "nee_fire"):
        table = table.merge(_of_flux(central, flux), on=keys)
    members = known[(known["member"] > 0) & (known["flux"] == "nee_fire")]
    share = members.assign(member_share=members["tg"] > 0).groupby(keys)["member_share"].mean()
    exceeds = (table["nee"] < 0) & (table["nee_fire"] > 0)
    return table.assign(exceeds=exceeds, source=table["nee"] >= 0).join(share, on=keys)


def _of_flux(central: pd.DataFrame, flux: str) -> pd.DataFrame:
    """Budgets of one flux by zone and year, under its name."""
    rows = central[central["flux"] == flux]
    return rows[[*ZONE, "year", "tg"]].rename(columns={"tg": flux})
