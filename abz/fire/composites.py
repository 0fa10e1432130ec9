"""Fluxes and greenness by years since fire, at sites and in cells of the maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from abz.fire.since_fire import burned_rows
from abz.validation import check_columns, check_same_shape
from abz.vocabulary import MONTHS

__all__ = ["CellComposites", "site_composites"]

JULY = 7
KEYS = ["variable", "when", "years_since_fire"]
STATE = ("ndvi",)
"""Variables whose annual value is the mean of the months, not the sum."""


def site_composites(
    rows: pd.DataFrame, max_age: int, variables: Sequence[str] = ("nee", "gpp", "reco", "ndvi")
) -> pd.DataFrame:
    """Means over site-years by years since fire.

    Parameters
    ----------
    rows : pandas.DataFrame
        Site-months: site, year, month, disturbance, disturbance_year and the variables; fluxes in
        g C m-2 month-1. NaN is missing.
    max_age : int
        Most years since the fire.
    variables : sequence of str, optional
        Columns to average.

    Returns
    -------
    pandas.DataFrame
        variable; when, "July" or "annual"; years_since_fire; mean, sd (n − 1) over the site-years;
        site_years and sites, their numbers. Annual fluxes are sums, g C m-2 yr-1, of the years
        with all twelve months; annual NDVI is the mean of these. Ages without a value are left
        out.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    Several rows of one site and month, as of chambers and a tower, count as their mean.

    Examples
    --------
    >>> rows = pd.DataFrame({"site": ["a", "b"], "year": 2010, "month": 7, "nee": [-40.0, -20.0],
    ...                      "disturbance": "Fire", "disturbance_year": 2004})
    >>> site_composites(rows, 18, ["nee"])[["when", "years_since_fire", "mean", "sites"]]
       when  years_since_fire  mean  sites
    0  July                 6 -30.0      2
    """
    check_columns(rows, ["site", "year", "month", *variables], "the rows of the sites")
    burned = burned_rows(rows, max_age)
    keys = ["site", "year", "years_since_fire"]
    single = burned.groupby([*keys, "month"], sort=True)[list(variables)].mean()
    months = single.groupby(keys)
    whole = months.sum(min_count=len(MONTHS))
    state = [name for name in variables if name in STATE]
    whole[state] = whole[state] / len(MONTHS)
    parts = {"July": single[single.index.get_level_values("month") == JULY], "annual": whole}
    tables = [_over_sites(part, variables).assign(when=when) for when, part in parts.items()]
    columns = [*KEYS, "mean", "sd", "site_years", "sites"]
    table = pd.concat(tables, ignore_index=True)
    place = table["variable"].map(list(variables).index).astype(np.int64)
    return table.assign(place=place).sort_values(["place", *KEYS[1:]], ignore_index=True)[columns]


def _over_sites(values: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """Statistics of site-years by variable and age."""
    long = values.reset_index().melt(
        ["site", "years_since_fire"], list(variables), var_name="variable"
    )
    groups = long.dropna(subset=["value"]).groupby(["variable", "years_since_fire"], sort=True)
    found = groups.agg(
        mean=("value", "mean"), sd=("value", "std"), site_years=("value", "size"),
        sites=("site", "nunique"),
    )  # fmt: skip
    return found.reset_index()


@dataclass
class CellComposites:
    """Means over burned land by years since fire, gathered map by map.

    Parameters
    ----------
    max_age : int
        Most years since the fire.

    Examples
    --------
    >>> gathered = CellComposites(max_age=1)
    >>> shares = np.array([[[0.5, 0.0]], [[0.0, 1.0]]])  # years since fire, y, x
    >>> gathered.add("nee", "July", np.array([[-10.0, -30.0]]), shares, np.full((1, 2), 1e6))
    >>> gathered.table()[["years_since_fire", "mean", "cells", "burned_share"]].values.tolist()
    [[0.0, -10.0, 1.0, 0.5], [1.0, -30.0, 1.0, 1.0]]
    """

    max_age: int
    _sums: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def add(
        self, variable: str, when: str, values: np.ndarray, shares: np.ndarray, area: np.ndarray
    ) -> None:
        """Take in the map of a year.

        Parameters
        ----------
        variable, when : str
            What it is, and "July" or "annual".
        values : numpy.ndarray (y, x)
            Per area of land; NaN is left out.
        shares : numpy.ndarray (years_since_fire, y, x)
            Share of the land of each cell by years since fire in that year, 0 to 1.
        area : numpy.ndarray (y, x)
            Land, m2.

        Raises
        ------
        InputError
            If the shapes differ.
        """
        check_same_shape(values, area, "values and area")
        check_same_shape(np.empty((self.max_age + 1, *area.shape)), shares, "ages and shares")
        sums = self._sums.setdefault((variable, when), np.zeros((5, self.max_age + 1)))
        # Few cells burn: the ages are gone through for these alone.
        known = np.isfinite(values) & (area > 0) & (shares > 0).any(axis=0)
        part, land, value = shares[:, known], area[known], values[known].astype(np.float64)
        for age in range(self.max_age + 1):
            here = part[age] > 0
            weight, of_age = part[age][here] * land[here], value[here]
            moments = (weight.sum(), (weight * of_age).sum(), (weight * of_age**2).sum())
            sums[:, age] += (*moments, land[here].sum(), here.sum())

    def table(self) -> pd.DataFrame:
        """Means by variable, time of the year and age.

        Returns
        -------
        pandas.DataFrame
            variable; when; years_since_fire; mean and sd, weighted with burned land; cells, number
            of cells and years; burned_m2, their burned land; burned_share of their land. Ages
            without a cell are left out.

        Notes
        -----
        m = Σ w v / Σ w and s² = Σ w (v − m)² / Σ w, with w the burned land: a cell of which a part
        burned shows its whole mean, so burned_share says how much of it is about fire.
        """
        parts = []
        for (variable, when), sums in self._sums.items():
            weight, first, second, land, cells = sums
            held = weight > 0
            mean = first[held] / weight[held]
            variance = np.maximum(second[held] / weight[held] - mean**2, 0.0)
            parts.append(
                pd.DataFrame(
                    {
                        "variable": variable, "when": when,
                        "years_since_fire": np.flatnonzero(held), "mean": mean,
                        "sd": np.sqrt(variance), "cells": cells[held].astype(np.int64),
                        "burned_m2": weight[held], "burned_share": weight[held] / land[held],
                    }
                )
            )  # fmt: skip
        columns = [*KEYS, "mean", "sd", "cells", "burned_m2", "burned_share"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
