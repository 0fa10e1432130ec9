"""A product as it stands beside a run, and what was done to it step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from abz.cli.product_fire import Fire
from abz.cli.winter import WINTER_ENTRY
from abz.compare.products import Aligned, MonthlyMean
from abz.ledger import Parts
from abz.units import MONTHLY_FLUX

__all__ = ["Beside", "notes_table", "product_steps", "winter_steps"]

OUR_SIGN = "uptake is below zero; GPP and Reco are positive"
OUR_MONTHS = "months of the standard calendar, as long as in the file"
OUR_LAND = "land of the {} set in each cell"


@dataclass(eq=False)
class Beside:
    """A product as it stands beside the run.

    Parameters
    ----------
    members : dict of {str: Aligned}, optional
        Its members on our land, without their monthly maps.
    months : MonthlyMean, optional
        Monthly maps of the mean of the members.
    given : Parts, optional
        What it holds as it is given.
    stated : list of dict, optional
        What the files of each member say of themselves.
    fire : Fire, optional
        What was taken out.
    years : range, optional
        Years that are compared.
    notes : list of str, optional
        What was left out, and why.
    held : int, optional
        Members that the archive holds, whether they are compared or not.
    """

    members: dict[str, Aligned] = field(default_factory=dict)
    months: MonthlyMean = field(default_factory=MonthlyMean)
    given: Parts | None = None
    stated: list[dict[str, str]] = field(default_factory=list)
    fire: Fire | None = None
    years: range = range(0)
    notes: list[str] = field(default_factory=list)
    held: int = 0

    def add(self, member: str, aligned: Aligned) -> None:
        """Keep a member; of its monthly maps only what they add to the mean."""
        self.months.add(aligned.monthly)
        self.members[member] = aligned.without_months()

    def take_months(self) -> MonthlyMean:
        """The monthly maps, which are large and kept no longer."""
        months, self.months = self.months, MonthlyMean()
        return months


def product_steps(found: Mapping[str, Beside], model_set: str, degrees: float) -> pd.DataFrame:
    """What was done to each product.

    Parameters
    ----------
    found : mapping of {str: Beside}
        Products by entry.
    model_set : str
        The set whose land is the mask.
    degrees : float
        Cells of the common map.

    Returns
    -------
    pandas.DataFrame
        product, step, `from`, `to`.
    """
    rows = []
    for entry, beside in found.items():
        first = next(iter(beside.members.values()))
        fire = beside.fire
        gone = ("in the flux", f"{fire.name} taken out") if fire else ("not in it", "—")
        steps = [
            *_stated(beside.stated),
            ("definition", str(beside.given), str(first.parts)),
            ("fire", *gone),
            ("area", _once(one.get("per_area", "") for one in beside.stated), "land"),
            ("mask", "its own cells", OUR_LAND.format(model_set)),
            ("grid", "its own cells", f"zones; maps of {degrees:g}°"),
            ("period", "all its years", f"{beside.years[0]}–{beside.years[-1]}"),
            (
                "members",
                ", ".join(beside.members),
                "plain mean" if len(beside.members) > 1 else "one",
            ),
            ("left out", "; ".join(beside.notes) or "none", "—"),
        ]
        rows += [{"product": entry, "step": s, "from": a, "to": b} for s, a, b in steps]
    return pd.DataFrame(rows)


def winter_steps(stated: dict[str, str], years: pd.DataFrame, model_set: str) -> pd.DataFrame:
    """What was done to the winter fluxes.

    Parameters
    ----------
    stated : dict of {str: str}
        What their files say of themselves.
    years : pandas.DataFrame
        From `abz.compare.products.winter_years`.
    model_set : str
        The set whose land is the mask.
    """
    span = f"{years['year'].min()}–{years['year'].max()}"
    steps = [
        *_stated([stated]),
        ("definition", "soil respiration: Reco", "less GPP of the run: NEE"),
        ("area", stated["per_area"], "land"),
        ("mask", "its own cells", f"{OUR_LAND.format(model_set)} with a value"),
        ("grid", "its own cells", "zones; the run where and when they have a value"),
        ("period", "October to April", f"{span}, by year and by winter"),
    ]
    rows = [{"product": WINTER_ENTRY, "step": s, "from": a, "to": b} for s, a, b in steps]
    return pd.DataFrame(rows)


def notes_table(notes: Mapping[str, Any]) -> pd.DataFrame:
    """Products, or members of them, that are not compared, and why.

    Parameters
    ----------
    notes : mapping
        `absent`, a list of entries; `refused`, entries and the error of each; `left_out`, entries
        and what was left out of each.

    Returns
    -------
    pandas.DataFrame
        product, status (absent, refused or left out), why.

    Examples
    --------
    >>> notes = {"absent": ["fluxcom"], "refused": {"winter_flux": "it is on another definition"},
    ...          "left_out": {"cmip6_land_fluxes": []}}
    >>> notes_table(notes)[["product", "status"]].to_numpy().tolist()
    [['fluxcom', 'absent'], ['winter_flux', 'refused']]
    """
    rows = [(entry, "absent", "no files of the years of the run") for entry in notes["absent"]]
    rows += [(entry, "refused", why) for entry, why in notes["refused"].items()]
    rows += [(e, "left out", why) for e, several in notes["left_out"].items() for why in several]
    return pd.DataFrame(rows, columns=["product", "status", "why"])


def _stated(members: Sequence[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Unit, sign and calendar as the files have them, and as they are here."""
    return [
        (step, _once(one.get(name, "") for one in members), ours)
        for step, name, ours in (
            ("unit", "given_units", MONTHLY_FLUX),
            ("sign", "given_sign", OUR_SIGN),
            ("calendar", "calendar", OUR_MONTHS),
        )
    ]


def _once(values: Iterable[str]) -> str:
    """Different values, each once."""
    return ", ".join(dict.fromkeys(value for value in values if value))
