"""The components of a budget's uncertainty, kept apart, and their sum, which says what it holds.

Each component is a covariance between zones. So a component of a union of zones follows from those
of its parts, and components of different origin add up as variances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.budgets.covariance import covariance_table, member_array, member_covariance
from abz.validation import check_choice, check_distinct, check_same_shape

__all__ = ["COMPONENTS", "TOTAL", "BudgetErrors", "budget_errors", "uncertainty_table"]

COMPONENTS = MappingProxyType(
    {
        "sampling": "which site-months the forests were trained on: spread of the members",
        "transfer": "what forests miss where there is no site, beyond the spread of the members",
        "fire": "stated error of fire emissions",
        "interannual": "spread of the years about their mean, which is no error of it",
    }
)
"""What a budget's ± may hold."""

TOTAL = "total"
"""Name of the sum of the components that are counted."""

MEAN, YEAR = "mean", "year"


@dataclass(frozen=True, eq=False)
class BudgetErrors:
    """Budgets of one flux of one model set, with the components of their uncertainty.

    Parameters
    ----------
    zones : pandas.MultiIndex (zone,)
        zone_set and zone.
    years : numpy.ndarray (year,)
        Calendar years.
    central : numpy.ndarray (1 + year, zone)
        Mean over the years, then each year, of the central member, Tg C yr-1.
    parts : mapping of {str: numpy.ndarray (1 + year, zone, zone)}
        Covariance of each component, Tg2 C yr-2; NaN where it does not apply.
    counted : tuple of str
        Components that the total holds, where they are known.
    """

    zones: pd.MultiIndex
    years: np.ndarray
    central: np.ndarray
    parts: Mapping[str, np.ndarray]
    counted: tuple[str, ...]

    def held(self, period: int) -> list[str]:
        """Components in the total of a period, 0 for the mean over the years.

        Notes
        -----
        A component that is known for no zone does not apply, such as the fire of a flux without.
        """
        return [
            name
            for name in COMPONENTS
            if name in self.counted and np.isfinite(self.parts[name][period]).any()
        ]

    def total(self, period: int) -> np.ndarray:
        """Covariance (zone, zone) of the sum of the components of a period; NaN if none is held.

        Notes
        -----
        V = Σ_k V_k: components are independent of each other.
        """
        held = self.held(period)
        if not held:
            return np.full((len(self.zones), len(self.zones)), np.nan)
        return np.asarray(sum(self.parts[name][period] for name in held))

    def of(self, component: str, period: int) -> np.ndarray:
        """Covariance (zone, zone) of a component, or of `TOTAL`, in a period."""
        check_choice(component, [*COMPONENTS, TOTAL], "component of uncertainty")
        return self.total(period) if component == TOTAL else self.parts[component][period]

    def covariances(self) -> pd.DataFrame:
        """Covariance and correlation of all components between zones, a row a pair.

        Returns
        -------
        pandas.DataFrame
            component, period, year (missing for the mean), zone_set, zone, other, covariance (Tg2
            C yr-2), correlation; components that do not apply are left out.
        """
        columns = [
            "component", "period", "year", "zone_set", "zone", "other", "covariance", "correlation",
        ]  # fmt: skip
        tables = []
        for period in range(1 + len(self.years)):
            known = {name: self.of(name, period) for name in (*COMPONENTS, TOTAL)}
            known = {name: part for name, part in known.items() if np.isfinite(part).any()}
            if known:
                table = covariance_table(self.zones, np.stack(list(known.values())))
                table["component"] = np.array(list(known))[table["layer"]]
                tables.append(self.labelled(table, period))
        if not tables:
            return pd.DataFrame(columns=columns)
        return pd.concat(tables, ignore_index=True).astype({"year": "Int64"})[columns]

    def labelled(self, table: pd.DataFrame, period: int) -> pd.DataFrame:
        """The table with the columns `period`, and `year`, which is missing for the mean."""
        if period == 0:
            return table.assign(period=MEAN, year=pd.array([pd.NA] * len(table), "Int64"))
        return table.assign(period=YEAR, year=int(self.years[period - 1]))


def budget_errors(
    annual: pd.DataFrame, others: Mapping[str, np.ndarray], counted: Sequence[str]
) -> BudgetErrors:
    """Sampling and interannual spread from a table of budgets, beside given components.

    Parameters
    ----------
    annual : pandas.DataFrame
        From `annual_budgets`, of one flux of one model set.
    others : mapping of {str: numpy.ndarray (1 + year, zone, zone)}
        Further components of `COMPONENTS` in the order of `member_array`, Tg2 C yr-2.
    counted : sequence of str
        Components that the total holds.

    Returns
    -------
    BudgetErrors

    Raises
    ------
    InputError
        If a column is missing, a component is unknown or counted twice, or of other zones.

    Notes
    -----
    Sampling: covariance of the members' budgets, for the mean over the years that of the members'
    means, which holds what the years of a member have in common. Interannual: covariance between
    the years of the central budgets; of a mean over years only. Years without a budget in a zone
    are left out of its mean.

    Examples
    --------
    >>> annual = pd.DataFrame({"zone_set": "abz", "zone": "ABZ", "year": [2001, 2002] * 3,
    ...     "member": [0, 0, 1, 1, 2, 2], "tg": [-500.0, -540.0, -400.0, -400.0, -600.0, -600.0]})
    >>> errors = budget_errors(annual, {}, ["sampling", "transfer"])
    >>> errors.central[0].item(), errors.held(0), np.sqrt(errors.total(0)).round(1).item()
    (-520.0, ['sampling'], 141.4)
    """
    for name in (*others, *check_distinct(counted, "counted components")):
        check_choice(name, COMPONENTS, "component of uncertainty")
    budgets, zones, years = member_array(annual)
    over_years = np.concatenate([_mean(budgets)[:, None], budgets], axis=1)
    shape = (1 + years.size, len(zones), len(zones))
    parts = {name: np.full(shape, np.nan) for name in COMPONENTS}
    parts["sampling"] = member_covariance(over_years[1:])
    parts["interannual"][0] = pd.DataFrame(budgets[0]).cov(min_periods=2).to_numpy()
    unknown = np.isnan(over_years[0])
    for name, part in others.items():
        check_same_shape(part, parts["sampling"], f"{name} and budgets")
        parts[name] = np.where(unknown[:, :, None] | unknown[:, None, :], np.nan, part)
    return BudgetErrors(zones, years, over_years[0], MappingProxyType(parts), tuple(counted))


def _mean(budgets: np.ndarray) -> np.ndarray:
    """Mean (member, zone) over the years with a budget."""
    known = np.isfinite(budgets)
    count = known.sum(axis=1)
    total = np.where(known, budgets, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def uncertainty_table(errors: BudgetErrors) -> pd.DataFrame:
    """SDs of all components, a row for each zone and period.

    Parameters
    ----------
    errors : BudgetErrors
        From `budget_errors`.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone; `period`, "mean" over the years or "year" (with `year`); `budget`, Tg C
        yr-1; `sampling_sd`, `transfer_sd`, `fire_sd`, `interannual_sd`, NaN where a component does
        not apply; `total_sd` and what it `holds`, components joined by " + ".

    Examples
    --------
    >>> annual = pd.DataFrame({"zone_set": "abz", "zone": "ABZ", "year": 2001, "member": [0, 1, 2],
    ...     "tg": [-500.0, -403.0, -397.0]})
    >>> fire = np.full((2, 1, 1), 16.0)
    >>> table = uncertainty_table(budget_errors(annual, {"fire": fire}, ["sampling", "fire"]))
    >>> table.loc[[0], ["sampling_sd", "fire_sd", "total_sd", "holds"]].round(1)
       sampling_sd  fire_sd  total_sd            holds
    0          4.2      4.0       5.8  sampling + fire
    """
    rows = []
    names = errors.zones.to_frame(index=False)
    for period in range(1 + len(errors.years)):
        sds = {
            f"{name}_sd": np.sqrt(np.diagonal(errors.of(name, period)))
            for name in (*COMPONENTS, TOTAL)
        }
        table = errors.labelled(names, period).assign(budget=errors.central[period], **sds)
        rows.append(table.assign(holds=" + ".join(errors.held(period))))
    return pd.concat(rows, ignore_index=True).astype({"year": "Int64"})
