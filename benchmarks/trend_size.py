"""Size and power of every trend method on made series, and what they say of two real series.

The record, docs/records/trend_size.json, is shown on the site. The real series are published annual
budgets at 8 km; without them the record keeps its earlier worked examples. The last line is one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abz.cli.storage import write_json
from abz.trends import (
    METHODS,
    ar1_series,
    calibrated_p,
    rejection_rate,
    residual_noise,
    size_curve,
    slope_of_power,
    trend_limits,
    trend_series,
)

RECORD = Path("docs/records/trend_size.json")
SERIES_FILE = "published/abcfluxv1_modeling/{flux}_gC_m2_8km_budgets.csv"
EXAMPLES = {"example": ("NEE", "full", 2001), "contested": ("Reco", "Tundra", 1990)}
"""Flux, area and first year: one on which the methods agree, and one on which they do not."""
RHOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
YEARS = 20
SLOPES = (0.1, 0.2, 0.5)
"""Trends whose finding is counted, SD of the noise per year."""
RESAMPLED = ("block_bootstrap",)
"""Methods that shuffle each series a thousand times; they get fewer series."""
TESTED = ("slope", "lower", "upper", "p_value")
SEED = 448


def main(words: Sequence[str] | None = None) -> None:
    """Measure, write the record, print its sizes."""
    parser = argparse.ArgumentParser(prog="trend_size", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the series, no record")
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ABZ_DATA", "data")))
    parser.add_argument("--record", type=Path, default=RECORD)
    chosen = parser.parse_args(words)
    n_series, begin = chosen.series // 10 if chosen.quick else chosen.series, time.process_time()
    rows = [row for rho in RHOS for row in measure(rho, n_series)]
    record: dict[str, Any] = {"rows": rows}
    before = json.loads(chosen.record.read_text("utf-8")) if chosen.record.is_file() else {}
    for name, series in EXAMPLES.items():
        record[name] = example(chosen.data, *series, n_series) or before.get(name)
    record["about"] = {
        "date": date.today().isoformat(), "years": YEARS, "alpha": 0.05, "power": 0.8,
        "seed": SEED, "cpu_seconds": round(time.process_time() - begin),
    }  # fmt: skip
    if not chosen.quick:
        write_json(record, chosen.record)
    sizes = pd.DataFrame(rows).pivot(index="method", columns="rho", values="size")
    print((100 * sizes.loc[list(METHODS)]).round(1).to_string())
    print(json.dumps({"cpu_seconds": record["about"]["cpu_seconds"],
                      "size_at_rho_0.6": sizes[0.6].round(4).to_dict()}))  # fmt: skip


def measure(rho: float, n_series: int) -> list[dict[str, Any]]:
    """Size, power and detectable slope of each method at one autocorrelation."""
    noise, rows = ar1_series(n_series, YEARS, rho, SEED), []
    for method in METHODS:
        some = noise[: n_series // 10] if method in RESAMPLED else noise
        size, error = rejection_rate(some, 0.0, method)
        power = {f"power_{slope:g}": rejection_rate(some, slope, method)[0] for slope in SLOPES}
        detectable = slope_of_power(some[: len(some) // 4], method)
        rows.append(
            {"method": method, "rho": rho, "series": len(some), "size": size, "error": error,
             **power, "detectable": plain(detectable)}
        )  # fmt: skip
    return rows


def example(data: Path, flux: str, area: str, first: int, n_series: int) -> dict[str, Any] | None:
    """Every method on published annual budgets, Tg C yr-1; None where they are not there."""
    path = data / SERIES_FILE.format(flux=flux)
    if not path.is_file():
        return None
    table = pd.read_csv(path).query("area == @area and year >= @first").sort_values("year")
    values, years = table["budget"].to_numpy(np.float64), table["year"].to_numpy(np.int64)
    about = autocorrelation_of(values, years, n_series // 5)
    rows = []
    for method in METHODS:
        few = max(100, n_series // (50 if method in RESAMPLED else 5))
        limits = trend_limits(values[None], years, method, n_series=few).iloc[0]
        found = trend_series(values[None], years, method)
        calibrated = {
            f"calibrated_p{tail}": calibrated_p(
                float(found.p_value[0]), ar1_series(few, years.size, about[f"rho{tail}"], SEED),
                method,
            )
            for tail in ("", "_high")
        }  # fmt: skip
        rows.append(
            {"method": method, **{name: plain(getattr(found, name)[0]) for name in TESTED},
             "size": plain(limits["size"]), "detectable": plain(limits["detectable"]),
             **calibrated, "series": few}
        )  # fmt: skip
    return {
        "flux": flux, "area": area, "years": years.tolist(),
        "budget": values.tolist(), **about, "rows": rows,
    }  # fmt: skip


def autocorrelation_of(values: np.ndarray, years: np.ndarray, n_series: int) -> dict[str, float]:
    """What a series shows of its autocorrelation, what that says, and what it may be as well.

    `rho_high` is the autocorrelation of which a series like this one shows one SD less than the
    mean.
    """
    limits = trend_limits(values[None], years, "none", n_series=n_series).iloc[0]
    rho = round(float(limits["rho"]), 2)
    seen, _ = residual_noise(ar1_series(n_series, years.size, rho, SEED), years)
    error = float(seen.std())
    curve = size_curve(years.size, "none", n_series=n_series)
    high = np.interp(float(limits["autocorrelation"]) + error, curve.seen, curve.rho)
    return {
        "autocorrelation": float(limits["autocorrelation"]), "autocorrelation_sd": error,
        "sd": float(limits["sd"]), "rho": rho, "rho_high": round(float(high), 2),
    }  # fmt: skip


def plain(value: float) -> float | None:
    """A number as JSON has it; nothing where there is none."""
    return float(value) if np.isfinite(value) else None


if __name__ == "__main__":
    main()
