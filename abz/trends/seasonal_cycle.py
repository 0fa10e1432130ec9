"""How the seasonal cycle changes: its amplitude, and its months from one decade to the next."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.trends.series import trend_series
from abz.validation import check_columns
from abz.vocabulary import MONTHS

__all__ = ["AMPLITUDE_DEFINITIONS", "amplitude_change", "halves", "monthly_change"]

KEYS = ["model_set", "flux", "zone_set", "zone"]
ENDS = 5
"""Years at each end that one of the definitions compares."""

AMPLITUDE_DEFINITIONS = MappingProxyType(
    {
        "trend": "Theil–Sen line through the yearly amplitudes, its last year against its first",
        "prewhitened": "the same with the slope of the prewhitened test",
        "five_years": "mean amplitude of the last five years against the first five",
        "halves": "mean amplitude of the second half of the years against the first",
        "mean_cycle": "amplitude of the mean cycle of the second half against the first",
    }
)
"""Ways to say by how much the amplitude has changed; the first is the default."""


def halves(years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and second half of the years; the one in the middle of an odd number is left out.

    Examples
    --------
    >>> [half.tolist() for half in halves(np.arange(2001, 2006))]
    [[2001, 2002], [2004, 2005]]
    """
    count = len(years) // 2
    return years[:count], years[len(years) - count :]


def amplitude_change(
    monthly: pd.DataFrame, method: str = "zhang", preserve_range: bool = False
) -> pd.DataFrame:
    """Change of the seasonal amplitude over the years, in several definitions.

    Parameters
    ----------
    monthly : pandas.DataFrame
        model_set, flux, zone_set, zone, year, month, member (0 is central), g_m2
        (g C m-2 month-1). Each flux of a set has its own years; those without all twelve months
        do not count.
    method, preserve_range
        Of the test, as in `trend_series`.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, definition (of `AMPLITUDE_DEFINITIONS`), first_year,
        last_year, n; before, after: amplitude, g C m-2 month-1, which the change compares;
        change, %; member_sd, its SD (n − 1) over the members; p_value of the trend of the yearly
        amplitudes. NaN where there are too few years.

    Raises
    ------
    InputError
        If a column is missing, or a flux of a set has no whole year.

    Notes
    -----
    A_y = max_m F_ym − min_m F_ym. By the line, the change is slope · (last − first year) / its
    value in the first year, with slope and level of the series as it is.

    Examples
    --------
    >>> monthly = pd.DataFrame([
    ...     {"model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "member": 0,
    ...      "year": y, "month": m, "g_m2": (100 + y - 2001) * np.cos(m * np.pi / 6) / 2}
    ...     for y in range(2001, 2021) for m in range(1, 13)])
    >>> amplitude_change(monthly).query("definition == 'trend'")["change"].round(6).tolist()
    [19.0]
    """
    parts = [_amplitude_change(part, method, preserve_range) for part in _each_flux(monthly)]
    return pd.concat(parts, ignore_index=True)


def _amplitude_change(monthly: pd.DataFrame, method: str, preserve_range: bool) -> pd.DataFrame:
    """`amplitude_change` of one flux of one set."""
    keys, years, cycles = _cycles(monthly)
    amplitude = cycles.max(axis=2) - cycles.min(axis=2)
    raw = trend_series(amplitude, years, "none")
    tested = trend_series(amplitude, years, method, preserve_range=preserve_range)
    span = float(years[-1] - years[0])
    early, late = (np.isin(years, half) for half in halves(years))
    start = raw.intercept + raw.slope
    ranges = [cycles[:, half].mean(axis=1) for half in (early, late)]
    pairs = {
        "trend": (start, start + raw.slope * span),
        "prewhitened": (start, start + tested.slope * span),
        "five_years": (amplitude[:, :ENDS].mean(axis=1), amplitude[:, -ENDS:].mean(axis=1)),
        "halves": (amplitude[:, early].mean(axis=1), amplitude[:, late].mean(axis=1)),
        "mean_cycle": tuple(np.ptp(cycle, axis=1) for cycle in ranges),
    }
    about = {"first_year": years[0], "last_year": years[-1], "n": years.size}
    parts = [
        _beside_members(
            keys.assign(definition=name, before=before, after=after, p_value=tested.p_value,
                        change=100.0 * (after - before) / before),
            "change", ["definition"],
        ).assign(**about)
        for name, (before, after) in pairs.items()
    ]  # fmt: skip
    columns = [*KEYS, "definition", *about, "before", "after", "change", "member_sd", "p_value"]
    order = pd.CategoricalDtype(list(pairs), ordered=True)
    table = pd.concat(parts, ignore_index=True)[columns]
    sorted_rows = table.assign(place=table["definition"].astype(order))
    return sorted_rows.sort_values([*KEYS, "place"], ignore_index=True)[columns]


def monthly_change(monthly: pd.DataFrame) -> pd.DataFrame:
    """Mean of each month in the second half of the years less that in the first half.

    Parameters
    ----------
    monthly : pandas.DataFrame
        As in `amplitude_change`.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, month; early_first, early_last, late_first, late_last
        (years); early, late (means) and difference, g C m-2 month-1; member_sd, SD (n − 1) of the
        difference over the members; late_member_sd, that of the second half's mean; years_se,
        standard error of the difference that the spread between years alone gives.

    Raises
    ------
    InputError
        If a column is missing, or a flux of a set has no whole year.

    Notes
    -----
    years_se = √(s²_early / n_early + s²_late / n_late), as if years were independent.

    Examples
    --------
    >>> monthly = pd.DataFrame([
    ...     {"model_set": "fine", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "member": 0,
    ...      "year": y, "month": m, "g_m2": -5.0 * (y > 2010) * (m == 7)}
    ...     for y in range(2001, 2021) for m in range(1, 13)])
    >>> monthly_change(monthly).query("month == 7")["difference"].tolist()
    [-5.0]
    """
    parts = [_monthly_change(part) for part in _each_flux(monthly)]
    return pd.concat(parts, ignore_index=True)


def _monthly_change(monthly: pd.DataFrame) -> pd.DataFrame:
    """`monthly_change` of one flux of one set."""
    keys, years, cycles = _cycles(monthly)
    parts = [np.isin(years, half) for half in halves(years)]
    early, late = (cycles[:, part] for part in parts)
    spread = np.sqrt(sum(_variance(half) / max(half.shape[1], 1) for half in (early, late)))
    ends = {
        f"{name}_{end}": years[part][place] if part.any() else years[0]
        for name, part in zip(("early", "late"), parts, strict=True)
        for end, place in (("first", 0), ("last", -1))
    }
    rows = [
        keys.assign(
            month=month, **ends, early=_mean(early)[:, i], late=_mean(late)[:, i],
            difference=_mean(late)[:, i] - _mean(early)[:, i], years_se=spread[:, i],
        )
        for i, month in enumerate(MONTHS)
    ]  # fmt: skip
    table = pd.concat(rows, ignore_index=True)
    found = _beside_members(table, "difference", ["month"])
    late_sd = _beside_members(table, "late", ["month"])["member_sd"]
    found = found.assign(late_member_sd=late_sd).sort_values([*KEYS, "month"], ignore_index=True)
    values = ["early", "late", "difference", "member_sd", "late_member_sd", "years_se"]
    return found[[*KEYS, "month", *ends, *values]]


def _each_flux(monthly: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of each flux of each set; all of none."""
    check_columns(monthly, [*KEYS, "year", "month", "member", "g_m2"], "monthly budgets")
    return [rows for _, rows in monthly.groupby(["model_set", "flux"], sort=False)] or [monthly]


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean (series, month) over the years; NaN of none."""
    if values.shape[1] == 0:
        return np.full((values.shape[0], values.shape[2]), np.nan)
    return np.asarray(values.mean(axis=1))


def _variance(values: np.ndarray) -> np.ndarray:
    """Variance (series, month) between years, n − 1; NaN of fewer than two."""
    if values.shape[1] < 2:
        return np.full((values.shape[0], values.shape[2]), np.nan)
    return np.asarray(values.var(axis=1, ddof=1))


def _cycles(monthly: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Keys with member, whole years, and fluxes (series, year, month)."""
    wide = monthly.set_index([*KEYS, "member", "year", "month"])["g_m2"].unstack(["year", "month"])
    known = wide.columns.to_frame(index=False)
    counts = known.groupby("year")["month"].nunique()
    years = np.sort(counts.index[counts == len(MONTHS)].to_numpy())
    if years.size == 0:
        raise InputError(
            "monthly budgets hold no whole year",
            rule="a year counts if it has all twelve months",
            value=counts.to_dict(),
            remedy="give whole years",
        )
    columns = pd.MultiIndex.from_product([years, MONTHS], names=["year", "month"])
    cycles = wide.reindex(columns=columns).to_numpy(np.float64)
    return wide.index.to_frame(index=False), years, cycles.reshape(-1, years.size, len(MONTHS))


def _beside_members(table: pd.DataFrame, column: str, by: list[str]) -> pd.DataFrame:
    """Rows of the central member, with the SD of a column over the others as `member_sd`."""
    keys = [*KEYS, *by]
    spread = table[table["member"] > 0].groupby(keys)[column].std().rename("member_sd")
    return table[table["member"] == 0].join(spread, on=keys).drop(columns="member")
