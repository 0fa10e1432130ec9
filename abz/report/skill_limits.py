"""Tables of how far the scores carry: fold designs, intervals, spread of the members."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.modelling import sites_needed
from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.skill_words import DESIGN_WORDS, PERCENT, bounds, of_set
from abz.report.table import Table, spread_text
from abz.report.typography import number_text

__all__ = ["coverage_table", "designs_table", "ensemble_table", "intervals_table"]


def designs_table(results: Results, model_set: str) -> Table | None:
    """Fold designs: what they leave out, how far that is, and what it costs."""
    bare = of_set(results, "designs", model_set)
    if bare is None:
        return None
    shown = []
    for row in records(bare):
        change = (row.rmse_change, row.rmse_change_low, row.rmse_change_high)
        reference = row.design == "leave_one_site_out"
        shown.append(
            {
                "flux": FLUX_NAMES[row.flux],
                "left out at once": DESIGN_WORDS[row.design],
                "folds": number_text(row.folds, 0),
                "sites": number_text(row.sites, 0),
                "largest fold, site-months": number_text(row.largest_fold, 0),
                f"trained on,{PERCENT}": number_text(100 * row.training_share, 0),
                "R²": number_text(row.r2, 2),
                "RMSE": number_text(row.rmse, 1),
                "change of RMSE": "" if reference else bounds(*change, places=1),
                "W, km": number_text(row.w_km, 0),
                "W, SD": number_text(row.w_feature, 2),
                "note": row.note,
            }
        )
    caption = (
        f"Fold designs, {model_set} set, g C m⁻² month⁻¹. The change is against leaving out one "
        f"site at a time, over the rows of both, with its 95{PERCENT} interval from resampled "
        "sites; W is the distance between the distributions of the distances from tested sites to "
        "training sites and from the map to the sites: 0 if testing is as hard as mapping. Where a "
        "note calls folds random, a Kolmogorov–Smirnov test found no difference to match (p ≥ "
        "0.05); with few sites it may miss one, and W is then not small."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def coverage_table(results: Results) -> Table | None:
    """Nominal and empirical coverage, of all rows and inside and outside the area."""
    bare = results.tables.get("coverage")
    if bare is None:
        return None
    kept = bare[bare["grouping"].isin(["all", "area", "biome"])]
    shown = []
    keys = ["model_set", "flux", "grouping", "stratum"]
    for (model_set, flux, grouping, stratum), group in kept.groupby(keys, sort=False):
        where = f"{stratum} the area of applicability" if grouping == "area" else stratum
        line = {"set": model_set, "flux": FLUX_NAMES[str(flux)], "site-months": where,
                "sites": number_text(group["sites"].max(), 0)}  # fmt: skip
        for row in records(group):
            shares = (100 * v for v in (row.coverage, row.coverage_lower, row.coverage_upper))
            found = bounds(*shares, places=0) if row.reachable else "∞"
            line[f"{100 * row.nominal:g}{PERCENT}"] = found
        shown.append(line)
    caption = (
        f"Empirical coverage, {PERCENT.strip()} with its 95{PERCENT} range, of intervals of each "
        "nominal coverage; each site is tested on intervals made from the others, and counts once."
    )
    return Table(" ".join([caption, *_endless(kept)]), bare, pd.DataFrame(shown))


def _endless(coverage: pd.DataFrame) -> list[str]:
    """Which levels have infinite intervals, and how many sites each of them needs."""
    levels = sorted(set(coverage.loc[~coverage["reachable"].astype(bool), "nominal"]))
    return [
        f"∞: the {100 * level:g}{PERCENT} interval is infinite somewhere; it needs "
        f"{sites_needed((1 + level) / 2)} sites beside the one under test."
        for level in levels
    ]


def intervals_table(results: Results, model_set: str) -> Table | None:
    """Offsets of each stratum, and their empirical coverage."""
    bare, tested = of_set(results, "intervals", model_set), of_set(results, "coverage", model_set)
    if bare is None or tested is None:
        return None
    level = float(bare["level"].iloc[0])
    tested = tested[np.isclose(tested["nominal"], level)]
    tested = tested[~tested["grouping"].isin(["area", "biome"])]
    covered = {
        (row.flux, row.stratum): bounds(
            100 * row.coverage, 100 * row.coverage_lower, 100 * row.coverage_upper, places=0
        )
        for row in records(tested)
    }
    shown = []
    for row in records(bare):
        shown.append(
            {
                "flux": FLUX_NAMES[row.flux],
                "stratum": row.stratum,
                "sites": number_text(row.sites, 0),
                "site-months": number_text(row.rows, 0),
                "lower": number_text(row.lower, 1) if row.reachable else "−∞",
                "upper": number_text(row.upper, 1) if row.reachable else "∞",
                "offsets of": row.source,
                f"covered,{PERCENT}": covered.get((row.flux, row.stratum), "—"),
            }
        )
    warnings = sorted(set(bare["message"]) - {""})
    caption = (
        f"Offsets from a prediction to the ends of its {100 * level:g}{PERCENT} interval, "
        f"{model_set} set, g C m⁻² month⁻¹. A stratum with fewer than "
        f"{bare['minimum_sites'].iloc[0]} sites takes those of its season, and a season with too "
        "few those of all, where it can scaled to the size of its own errors."
    )
    return Table(" ".join([caption, *(f"{text}." for text in warnings)]), bare, pd.DataFrame(shown))


def ensemble_table(results: Results) -> Table | None:
    """Spread of the members with its Monte Carlo error, by what is resampled."""
    bare = results.tables.get("ensemble")
    if bare is None:
        return None
    shown = []
    keys = ["model_set", "flux", "unit"]
    for (model_set, flux, unit), group in bare.groupby(keys, sort=False):
        about = next(records(group))
        line = {
            "set": model_set,
            "flux": FLUX_NAMES[str(flux)],
            "resampled": f"{unit}s" + (", as mapped" if about.mapped else ""),
            "predictors": about.predictors,
            "members × trees": f"{about.members} × {about.trees}",
        }
        for row in records(group):
            place = f"SD of {'a' if row.quantity == 'single month' else 'the'} {row.quantity}"
            line[f"{place}, {row.where}"] = spread_text(row.sd, row.sd_error)
            if (row.where, row.quantity) == ("map", "annual mean"):
                below = row.sd_corrected == 0 < row.sd
                line["the same for endless trees"] = (
                    "below noise" if below else number_text(row.sd_corrected)
                )
        alone = number_text(about.fixed_sites, 0) if unit == "site" else "—"
        line["sites alone in their stratum"] = alone
        shown.append(line)
    caption = (
        "SD over the bootstrap members ± its Monte Carlo error: of the mean annual flux, "
        "g C m⁻² yr⁻¹, and of a single month (root mean square), g C m⁻² month⁻¹, at the training "
        "rows and over a climatological year of cells that stand for the map. Below noise: the "
        "members scatter no more than the chance in their few trees explains. A site alone in its "
        "stratum is in every sample of sites."
    )
    return Table(caption, bare, pd.DataFrame(shown))
