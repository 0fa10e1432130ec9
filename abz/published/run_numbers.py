"""A run as its numbers.json tells of it, and whether it is one of the study's data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abz.published.claims import Made, Need

__all__ = ["Found", "RunNumbers"]

CELL_TOLERANCE = 0.01
"""Part by which the cells of a run may differ from those of the study: its grids are projected."""


@dataclass(frozen=True)
class Found:
    """A number of a run.

    Parameters
    ----------
    value : float
        In the units of the published one.
    period : str
        Years that it stands for; empty where it has none.
    """

    value: float
    period: str


class RunNumbers:
    """The numbers of a run as `numbers.json` holds them.

    Parameters
    ----------
    numbers : mapping of {str: mapping}
        By key; each has `value` and `period`, and `run_data` says whether the data are real.

    Examples
    --------
    >>> run = RunNumbers({"run_data": {"value": "synthetic", "period": ""}})
    >>> run.synthetic
    True
    """

    def __init__(self, numbers: Mapping[str, Mapping[str, Any]]) -> None:
        self.numbers = numbers

    @property
    def synthetic(self) -> bool:
        """Whether its data are those of a synthetic world."""
        return self._value("run_data") != "real"

    def find(self, made: Made) -> Found | None:
        """The number that a claim speaks of; none if a part of it is missing."""
        values = [self._value(key) for key in made.keys]
        if not values or not all(_finite(value) for value in values):
            return None
        periods = dict.fromkeys(self.numbers[key]["period"] for key in made.keys)
        value = float(made.of(*map(float, values)))
        return Found(value, ", ".join(periods)) if math.isfinite(value) else None

    def meets(self, need: Need) -> bool:
        """Whether the run is one of real data, on the study's cells, by its engine and members.

        The published maps are of the study's engine, whoever adds them up.
        """
        kind = self._value("run_kind")
        if not need.runs or self.synthetic or kind not in ("study", "published_maps"):
            return False
        learned = kind == "study"
        if need.engine and learned and self._value("run_engine") != need.engine:
            return False
        if any(self._value(key) != count for key, count in need.counts.items()):
            return False
        cell = self._value(f"run_{need.model_set}_cell_km") if need.model_set else need.cell_km
        return _finite(cell) and abs(cell - need.cell_km) <= CELL_TOLERANCE * need.cell_km

    def _value(self, key: str) -> Any:
        return self.numbers.get(key, {}).get("value")


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
