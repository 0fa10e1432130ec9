"""Tables and numbers of the comparison with R, from the record of `benchmarks/ranger.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from abz.published import published_skill
from abz.report.encoding_tables import encoding_numbers, encodings_table, factors_table
from abz.report.number import FLUX_NAMES
from abz.report.ranger_runs import choose, fluxes_of, left_out, plus, summarise
from abz.report.results import records
from abz.report.skill_words import PERCENT
from abz.report.table import Table
from abz.report.typography import number_text

__all__ = ["ranger_numbers", "ranger_tables"]

STORED_SEED = 448
"""Seed of the stored run of ranger."""


def ranger_tables(record: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of a record, by name."""
    runs = pd.DataFrame(record["runs"])
    return {
        "ranger_scores": _scores(runs, record["oracle"]),
        "ranger_noise": _noise(runs, record["oracle"]),
        "ranger_outbreak": _outbreak(runs, record["oracle"]),
        "ranger_encodings": encodings_table(runs),
        "ranger_factors": factors_table(runs),
        "ranger_inputs": _inputs(record["inputs"]),
    }


def ranger_numbers(record: Mapping[str, Any]) -> dict[str, str]:
    """Words and numbers of a record for running text, by name."""
    about, runs = record["about"], pd.DataFrame(record["runs"])
    hours = runs["cpu_seconds"].sum() / 3600
    return {
        "ranger_date": str(about["date"]),
        "ranger_trees": number_text(runs["trees"].max(), 0),
        "ranger_cpu": str(about["cpu"]),
        "ranger_python": str(about["python"]),
        "ranger_libraries": _versions(about["libraries"]),
        "ranger_r": _versions(about["r"]),
        "ranger_hours": number_text(hours, 1),
        "ranger_runs": number_text(len(runs), 0),
        "ranger_seed": str(STORED_SEED),
        **_differences(runs, record["oracle"]),
        **encoding_numbers(runs),
    }


def _differences(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> dict[str, str]:
    """For each flux, how far the RMSE of each forest's seeds is from the stored run of ranger."""
    found = {}
    for flux in fluxes_of(runs):
        stored = oracle[flux]["rmse"]
        ours, theirs = left_out(runs, flux)["rmse"], left_out(runs, flux, "ranger")["rmse"]
        key = f"ranger_{flux}"
        found[f"{key}_seeds"] = str(len(ours))
        found[f"{key}_mean_change"] = _change(ours.mean(), stored)
        found[f"{key}_seed_change"] = _change(_of_stored_seed(runs, flux), stored)
        found[f"{key}_ranger_seeds"] = str(len(theirs))
        gap = ours.mean() - theirs.mean()
        error = float(np.linalg.norm([each.std() / np.sqrt(len(each)) for each in (ours, theirs)]))
        found[f"{key}_gap"] = plus(gap, error, 2)
        for end, rmse in (("low", theirs.min()), ("high", theirs.max())):
            found[f"{key}_ranger_{end}"] = number_text(rmse, 2)
            found[f"{key}_ranger_{end}_change"] = _change(rmse, stored)
    return found


def _of_stored_seed(runs: pd.DataFrame, flux: str) -> float:
    """RMSE of this package with the seed of the stored run; NaN where there is none."""
    rmse = choose(left_out(runs, flux), seed=STORED_SEED)["rmse"]
    return float(rmse.iloc[0]) if len(rmse) else float("nan")


def _change(rmse: float, stored: float) -> str:
    """How much larger an RMSE is than the stored one, signed."""
    percent = 100 * (rmse / stored - 1)
    text = f"{'+' if percent > 0 else ''}{number_text(percent, 2)}"
    return f"{text}{PERCENT}" if np.isfinite(percent) else text


def _versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _scores(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> Table:
    """The package beside the stored run of ranger and the published scores."""
    bare, shown = [], []
    for flux in fluxes_of(runs):
        ours, theirs, paper = left_out(runs, flux), oracle[flux], published_skill(flux)
        rmse, rmse_sd = summarise(ours, "rmse")
        r2, r2_sd = summarise(ours, "r2")
        first = ours.iloc[0]
        row = {
            "flux": flux, "rows": int(first["n"]), "sites": int(first["sites"]),
            "predictors": int(first["predictors"]), "mtry": int(first["mtry"]),
            "seeds": len(ours), "rmse": rmse, "rmse_sd": rmse_sd, "rmse_ranger": theirs["rmse"],
            "rmse_difference_percent": 100 * (rmse / theirs["rmse"] - 1),
            "rmse_stored_seed": _of_stored_seed(runs, flux), "r2": r2,
            "r2_ranger": theirs["r2"], "correlation": ours["correlation"].min(),
            "rmse_published": paper["rmse"], "r2_published": paper["r2"],
        }  # fmt: skip
        bare.append(row)
        shown.append(
            {
                "flux": FLUX_NAMES[flux], "site-months": number_text(row["rows"], 0),
                "sites": number_text(row["sites"], 0), "predictors": str(row["predictors"]),
                "mtry": str(row["mtry"]), "RMSE, ranger": number_text(theirs["rmse"], 2),
                "seeds, abz": str(row["seeds"]), "RMSE, abz": plus(rmse, rmse_sd, 2),
                "difference": _change(rmse, theirs["rmse"]),
                f"difference, seed {STORED_SEED}": _change(row["rmse_stored_seed"], theirs["rmse"]),
                "R², ranger": number_text(theirs["r2"], 3), "R², abz": plus(r2, r2_sd, 3),
                "correlation": number_text(row["correlation"], 4),
                "RMSE, published": number_text(paper["rmse"], 1),
                "R², published": number_text(paper["r2"], 2),
            }
        )  # fmt: skip
    caption = (
        "Each site left out once, pooled held-out predictions, g C m⁻² month⁻¹. ranger: the stored "
        f"R run, seed {STORED_SEED}. abz: mean over the seeds ± the standard deviation of one "
        "forest. difference: of that mean to the stored run, then of the forest with its seed. "
        "correlation: of both predictions row by row, the lowest of the seeds. published: the "
        "study's own forests on its final data."
    )
    return Table(caption, pd.DataFrame(bare), pd.DataFrame(shown))


def _noise(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> Table:
    """What another seed changes, for this package and for ranger."""
    bare = []
    for flux in fluxes_of(runs):
        for engine in ("abz", "ranger"):
            found = left_out(runs, flux, engine)
            if len(found):
                mean, sd = summarise(found, "rmse")
                row = {"flux": flux, "engine": engine, "seeds": len(found), "rmse": mean}
                row |= {"stored": oracle[flux]["rmse"], "sd": sd, "sd_percent": 100 * sd / mean}
                row |= {"lowest": found["rmse"].min(), "highest": found["rmse"].max()}
                bare.append(row)
    table = pd.DataFrame(bare)
    shown = [
        {
            "flux": FLUX_NAMES[row.flux],
            "forest": row.engine,
            "seeds": str(row.seeds),
            "mean RMSE": number_text(row.rmse, 2),
            "SD": number_text(row.sd, 2),
            "SD, % of the mean": number_text(row.sd_percent, 1),
            "lowest": number_text(row.lowest, 2),
            "highest": number_text(row.highest, 2),
            "mean to the stored run": _change(row.rmse, row.stored),
            "highest to the stored run": _change(row.highest, row.stored),
        }
        for row in records(table)
    ]
    caption = (
        "RMSE of leaving each site out with other seeds and nothing else changed, g C m⁻² "
        "month⁻¹. SD: between seeds; where there is one seed, from ten parts of its trees."
    )
    return Table(caption, table, pd.DataFrame(shown))


def _outbreak(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> Table:
    """NEE with and without the site of the moth outbreak."""
    site = next((name for name in runs["without"].unique() if name), "")
    sources = [
        ("all sites", "ranger", oracle["nee"], float("nan")),
        *(
            (label, "abz", dict(found.iloc[0]), summarise(found, "rmse")[1])
            for label, found in (
                ("all sites", left_out(runs, "nee")),
                (f"without {site}", left_out(runs, "nee", without=site)),
            )
            if len(found)
        ),
    ]
    bare = pd.DataFrame(
        {"rows": label, "engine": engine, "rmse_sd": sd}
        | {name: found[name] for name in ("n", "r2", "rmse", "mae", "mbe")}
        for label, engine, found, sd in sources
    )
    shown = pd.DataFrame(
        {
            "rows": bare["rows"],
            "forest": bare["engine"],
            "site-months": [number_text(value, 0) for value in bare["n"]],
            "R²": [number_text(value, 3) for value in bare["r2"]],
            "RMSE": [
                plus(value, sd, 2) for value, sd in zip(bare["rmse"], bare["rmse_sd"], strict=True)
            ],
            "MAE": [number_text(value, 2) for value in bare["mae"]],
            "MBE": [number_text(value, 2) for value in bare["mbe"]],
        }
    )
    caption = "NEE, each site left out once, with and without the site of the moth outbreak."
    return Table(caption, bare, shown)


def _inputs(files: Mapping[str, str]) -> Table:
    """What the runs have read."""
    bare = pd.DataFrame({"file": list(files), "sha256": list(files.values())})
    shown = bare.assign(sha256=[f"`{value[:16]}…`" for value in bare["sha256"]])
    return Table("Files that the runs have read, and the beginnings of their SHA-256.", bare, shown)
