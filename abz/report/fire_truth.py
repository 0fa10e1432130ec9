"""Whether the correction by the bias at burned sites brings NEE nearer to a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.report.results import Results
from abz.report.truth import paired_years, zone_areas

__all__ = ["corrected_errors"]


def corrected_errors(results: Results) -> pd.DataFrame:
    """Errors of the NEE of the corrected year, before and after.

    Parameters
    ----------
    results : Results
        Of a synthetic run, with its truth, its maps and those of the correction.

    Returns
    -------
    pandas.DataFrame
        model_set, zone, counted ("latest fire", as the maps are); `true`, `error_before` and
        `error_after` (found − true), Tg C yr-1, over the cells and months that both know; no row
        where nothing is known.

    Examples
    --------
    >>> corrected_errors(Results(name="real")).empty
    True
    """
    keys = ["model_set", "zone", "counted"]
    parts = []
    for model_set, maps in results.postfire.items():
        truth, flux = results.truth.get(model_set), results.flux.get(model_set)
        if truth is None or flux is None or "nee" not in truth:
            continue
        areas = zone_areas(results.zones[model_set])
        months = np.intersect1d(maps["time"].values, flux["time"].values)
        change = maps["correction"].sel(time=months).values
        made, known = flux["nee"].sel(time=months).load(), truth["nee"]
        before = paired_years(known, made, areas)
        after = paired_years(known, made.copy(data=made.values + change), areas)
        parts.append(
            pd.DataFrame(
                {
                    "model_set": model_set, "zone": before["zone"], "counted": "latest fire",
                    "true": before["true_budget"],
                    "error_before": before["made_budget"] - before["true_budget"],
                    "error_after": after["made_budget"] - after["true_budget"],
                }
            )
        )  # fmt: skip
    columns = [*keys, "true", "error_before", "error_after"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
