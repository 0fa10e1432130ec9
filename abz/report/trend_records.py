"""Tables and numbers of the size of trend tests, from the record of `benchmarks/trend_size.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import years_text
from abz.report.results import records
from abz.report.table import Table
from abz.report.trend_words import METHOD_WORDS, PERCENT, method_words
from abz.report.typography import number_text

__all__ = ["trend_size_numbers", "trend_size_tables"]

_EXAMPLES = ("example", "contested")
"""Worked examples of the record."""
_AREA_WORDS = {"full": "the whole zone", "Tundra": "the tundra"}


def trend_size_tables(record: Mapping[str, Any]) -> dict[str, Table]:
    """Size, power, detectable slope and worked examples, by name."""
    rows = pd.DataFrame(record["rows"])
    about = record["about"]
    tables = {
        "trend_size": _size(rows, about),
        "trend_detectable": _detectable(rows, about),
        **{f"trend_power_{_digits(name)}": _power(rows, name, about) for name in _powers(rows)},
    }
    return tables | {f"trend_{k}": _example(record[k]) for k in _EXAMPLES if record.get(k)}


def trend_size_numbers(record: Mapping[str, Any]) -> dict[str, str]:
    """Words and numbers of the record for running text, by name."""
    rows, about = pd.DataFrame(record["rows"]), record["about"]
    found = {
        "trend_date": str(about["date"]), "trend_years": str(about["years"]),
        "trend_series": number_text(rows["series"].max(), 0),
        "trend_fewest_series": number_text(rows["series"].min(), 0),
        "trend_error": f"{number_text(100 * _largest_error(rows, most=True), 1)}{PERCENT}",
        "trend_fewest_error": f"{number_text(100 * _largest_error(rows, most=False), 1)}{PERCENT}",
        "trend_cpu_seconds": number_text(about["cpu_seconds"], 0),
    }  # fmt: skip
    for row in records(rows):
        key = f"trend_size_{row.method}_{_digits(f'{row.rho:g}')}"
        found[key] = f"{number_text(100 * row.size, 0)}{PERCENT}"
    for name in _EXAMPLES:
        if record.get(name):
            found |= _example_numbers(record[name], f"trend_{name}")
    return found


def _digits(text: str) -> str:
    return text.removeprefix("power_").replace(".", "")


def _powers(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows if str(name).startswith("power_")]


def _largest_error(rows: pd.DataFrame, *, most: bool) -> float:
    """Largest Monte Carlo error among the methods with the most, or the fewest, series."""
    count = rows["series"].max() if most else rows["series"].min()
    return float(rows.loc[rows["series"] == count, "error"].max())


def _wide(rows: pd.DataFrame, column: str, places: int, factor: float, unit: str) -> pd.DataFrame:
    """A row a method, a column an autocorrelation."""
    wide = rows.pivot(index="method", columns="rho", values=column).astype(float) * factor
    order = [*(m for m in METHOD_WORDS if m in wide.index),
             *(m for m in wide.index if m not in METHOD_WORDS)]  # fmt: skip
    wide = wide.loc[order]
    shown = pd.DataFrame({"method": [method_words(name) for name in wide.index]})
    for rho, values in wide.items():
        texts = [number_text(value, places) for value in values]
        shown[f"ρ = {rho:.1f}"] = [text if text == "—" else f"{text}{unit}" for text in texts]
    return shown


def _size(rows: pd.DataFrame, about: Mapping[str, Any]) -> Table:
    caption = (
        f"Size: how often a test finds a trend at p < {about['alpha']:g} in {about['years']} years "
        f"of noise without one, by the lag-one autocorrelation ρ of the noise. A test that keeps "
        f"its promise has {100 * about['alpha']:g}{PERCENT} everywhere."
    )
    return Table(caption, rows, _wide(rows, "size", 1, 100.0, PERCENT))


def _power(rows: pd.DataFrame, name: str, about: Mapping[str, Any]) -> Table:
    slope = float(name.removeprefix("power_"))
    caption = (
        f"Power: how often a trend of {slope:g} SD of the noise per year is found, with its sign, "
        f"in {about['years']} years. Power that goes with too large a size is no merit."
    )
    return Table(caption, rows, _wide(rows, name, 0, 100.0, PERCENT))


def _detectable(rows: pd.DataFrame, about: Mapping[str, Any]) -> Table:
    caption = (
        f"Smallest trend that is found in {100 * about['power']:g} of 100 series of "
        f"{about['years']} years, SD of the noise per year."
    )
    return Table(caption, rows, _wide(rows, "detectable", 3, 1.0, ""))


def _example(example: Mapping[str, Any]) -> Table:
    """Every method on one real series."""
    bare = pd.DataFrame(example["rows"])
    place = {name: i for i, name in enumerate(METHOD_WORDS)}
    bare = bare.sort_values("method", key=lambda names: names.map(place))
    shown = [
        {
            "method": method_words(row.method),
            "trend, Tg C yr⁻¹ per yr": number_text(row.slope, 1),
            f"95{PERCENT} interval": f"{number_text(row.lower, 1)} … {number_text(row.upper, 1)}",
            "p": number_text(row.p_value, 3),
            "size at its ρ": f"{number_text(100 * row.size, 0)}{PERCENT}",
            "p against such noise": number_text(row.calibrated_p, 3),
            "and if ρ is one error larger": number_text(row.calibrated_p_high, 3),
            "detectable": number_text(row.detectable, 1),
        }
        for row in records(bare)
    ]  # fmt: skip
    years = example["years"]
    caption = (
        f"Published annual {example['flux']} of {_AREA_WORDS[example['area']]} at 8 km, "
        f"{years_text(years[0], years[-1])}. size at its ρ: share of series without a trend, as "
        "long and as autocorrelated as this one, in which the method finds one. p against such "
        f"noise: share of them in which its p is at most this one, at ρ = "
        f"{number_text(example['rho'], 2)} and, since no series knows its own ρ, at "
        f"{number_text(example['rho_high'], 2)}. detectable: the smallest trend that it finds in "
        "80 of 100 of them."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def _example_numbers(example: Mapping[str, Any], prefix: str) -> dict[str, str]:
    years, rows = example["years"], pd.DataFrame(example["rows"]).set_index("method")
    found = {
        f"{prefix}_years": years_text(years[0], years[-1]),
        f"{prefix}_n": str(len(years)),
        f"{prefix}_seen": number_text(example["autocorrelation"], 2),
        f"{prefix}_seen_sd": number_text(example["autocorrelation_sd"], 1),
        f"{prefix}_rho": number_text(example["rho"], 2),
        f"{prefix}_rho_high": number_text(example["rho_high"], 2),
        f"{prefix}_sd": number_text(example["sd"], 0),
        f"{prefix}_mean": number_text(float(np.mean(example["budget"])), 0),
    }
    for name in ("p_value", "calibrated_p"):
        found[f"{prefix}_least_{name}"] = number_text(rows[name].min(), 3)
        found[f"{prefix}_largest_{name}"] = number_text(rows[name].max(), 3)
    for method, row in rows.iterrows():
        key = f"{prefix}_{method}"
        found[f"{key}_slope"] = number_text(row["slope"], 1)
        found[f"{key}_p"] = number_text(row["p_value"], 3)
        found[f"{key}_calibrated_p"] = number_text(row["calibrated_p"], 3)
        found[f"{key}_calibrated_p_high"] = number_text(row["calibrated_p_high"], 3)
        found[f"{key}_size"] = f"{number_text(100 * row['size'], 0)}{PERCENT}"
        found[f"{key}_detectable"] = number_text(row["detectable"], 0)
    return found
