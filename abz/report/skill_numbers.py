"""Numbers of the validation: intervals of scores, fold designs, coverage, spread of the members."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
from scipy.stats import f as fdistribution

from abz.report.number import FLUX_NAMES, Number, Origin, Pairs
from abz.report.results import Results, records
from abz.report.skill_words import COMPONENT_WORDS, DESIGN_WORDS, PREDICTION_WORDS
from abz.report.typography import decimals_of
from abz.units import MONTHLY_FLUX

__all__ = ["validation_numbers"]

_RANGED = (("r2", "1", 2), ("r2_sse", "1", 2), ("rmse", MONTHLY_FLUX, 1), ("mbe", MONTHLY_FLUX, 1))
_WORDS = {"r2": "squared correlation", "r2_sse": "1 − SSE/SST", "rmse": "RMSE", "mbe": "mean bias"}


def validation_numbers(results: Results) -> Pairs:
    """Numbers of every forest that was validated; in words where the rows do not allow one."""
    parts = {
        "skill": _scores, "relative_skill": _gains, "components": _components,
        "designs": _designs, "coverage": _coverage, "ensemble": _spread,
    }  # fmt: skip
    for name, make in parts.items():
        table = results.tables.get(name, pd.DataFrame({"model_set": [], "flux": []}))
        for (model_set, flux), rows in table.groupby(["model_set", "flux"], sort=True):
            source = f"validation/{model_set}/{flux}/{name}.parquet"
            origin = Origin(results.synthetic, _FUNCTIONS[name], (source,))
            key, words = f"{model_set}_{flux}", f"{FLUX_NAMES[str(flux)]}, {model_set} set"
            for own, number in make(rows, origin, key, words):
                yield own, number if math.isfinite(float(number.value)) else _unknown(number)


def _unknown(number: Number) -> Number:
    """A number that the rows do not allow, such as a trend without long records, in words."""
    return replace(number, value="not known", text="not known", units="1")


_FUNCTIONS = {
    "skill": "abz.modelling.skill_table",
    "relative_skill": "abz.modelling.relative_skill",
    "components": "abz.modelling.components",
    "designs": "abz.modelling.compare_designs",
    "coverage": "abz.modelling.coverage_table",
    "ensemble": "abz.modelling.annual_spread",
}


def _scores(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """Ends of the intervals of the pooled scores, and the other R2."""
    pooled = rows[(rows["model"] == "forest") & (rows["group_kind"] == "all")]
    for row in records(pooled):
        value = origin.number(row.r2_sse, "1", f"1 − SSE/SST: {words}", decimals=2)
        yield f"{key}_r2_sse", value
        for name, units, places in _RANGED:
            for end, what in (("low", "lower"), ("high", "upper")):
                label = f"{what} end of the 95 % interval of the {_WORDS[name]}: {words}"
                number = origin.number(getattr(row, f"{name}_{end}"), units, label, decimals=places)
                yield f"{key}_{name}_{end}", number


def _gains(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """Part of the squared error of a naive prediction that the forest saves."""
    for row in records(rows[rows["group_kind"] == "all"]):
        label = f"squared error saved against the {PREDICTION_WORDS[row.baseline]}: {words}"
        number = origin.number(100 * row.skill, "%", label, decimals=0)
        yield f"{key}_skill_{row.baseline}", number


def _components(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """Squared correlation of each part of the flux."""
    for row in records(rows[(rows["model"] == "forest") & (rows["component"] != "total")]):
        label = f"squared correlation of the {COMPONENT_WORDS[row.component]}: {words}"
        yield f"{key}_r2_{row.component}", origin.number(row.r2, "1", label, decimals=2)


def _designs(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """Change of the RMSE under each fold design, and how far it is from the map."""
    for row in records(rows):
        left_out = f"{DESIGN_WORDS[row.design]} left out: {words}"
        if row.design != "leave_one_site_out":
            number = origin.number(
                row.rmse_change, MONTHLY_FLUX, f"change of RMSE with {left_out}", decimals=1
            )
            yield f"{key}_{row.design}_rmse_change", number
        for name, units, places in (("w_km", "km", 0), ("w_feature", "1", 2)):
            number = origin.number(getattr(row, name), units, f"W with {left_out}", decimals=places)
            yield f"{key}_{row.design}_{name}", number


def _coverage(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """Empirical coverage of all rows, and inside and outside the area; none if it is infinite."""
    for row in records(rows[rows["grouping"].isin(["all", "area"])]):
        label = f"coverage of {100 * row.nominal:g} % intervals, {row.stratum}: {words}"
        share = 100 * row.coverage if row.reachable else float("nan")
        number = origin.number(share, "%", label, decimals=0)
        yield f"{key}_coverage{round(100 * row.nominal)}_{row.stratum}", number


def _spread(rows: pd.DataFrame, origin: Origin, key: str, words: str) -> Pairs:
    """How well the SD of the members is known, and what drawing sites would make of it."""
    annual = rows[(rows["where"] == "map") & (rows["quantity"] == "annual mean")]
    for row in records(annual[annual["mapped"]]):
        label = f"Monte Carlo error of the SD of {row.members} members, part of the SD: {words}"
        share = 100 * row.sd_error / row.sd if row.sd > 0 else float("nan")
        yield f"{key}_sd_error_share", origin.number(share, "%", label, decimals=0)
    by_unit = {row.unit: row for row in records(annual)}
    row, site = by_unit["row"], by_unit["site"]
    ratio = site.sd / row.sd if row.sd > 0 else float("nan")
    low, high = _ratio_range(ratio, site.members, row.members)
    what = f"SD of the mapped annual flux when sites are drawn, by that of rows: {words}"
    for end, value, of in (
        ("", ratio, ""), ("_low", low, "lower end of the 95 % range of the "),
        ("_high", high, "upper end of the 95 % range of the "),
    ):  # fmt: skip
        number = origin.number(value, "1", f"{of}{what}", decimals=decimals_of(value, 2))
        yield f"{key}_site_row_sd_ratio{end}", number


def _ratio_range(ratio: float, above: int, below: int) -> tuple[float, float]:
    """95 % range of a ratio of SDs of so many members, if members are normal: ratio / √F."""
    if min(above, below) < 2:
        return float("nan"), float("nan")
    ends = fdistribution.ppf([0.975, 0.025], above - 1, below - 1)
    return float(ratio / math.sqrt(ends[0])), float(ratio / math.sqrt(ends[1]))
