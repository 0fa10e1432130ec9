"""Tables and numbers of the comparison with R, from the record that `benchmarks/ranger.py` writes.

A run of the record is one forest's held-out predictions: which flux, columns, design, engine,
encoding, mtry, trees and seed, and its scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb, sqrt
from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.published import published_skill
from abz.report.results import records
from abz.report.table import Table
from abz.report.typography import number_text, quantity_text
from abz.vocabulary import FLUXES

__all__ = ["class_chance", "ranger_numbers", "ranger_tables", "summarise"]

GIVEN = "mean order"
"""The encoding of this package, to which the others are compared."""
LEVELS = 12
"""Levels of the class whose chance to be tried is shown: the months."""


def summarise(runs: pd.DataFrame, score: str) -> tuple[float, float]:
    """Mean of a score over the seeds and its standard deviation between them.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs that differ in their seed only; `parts` holds the RMSE of equal parts of the trees.
    score : str
        A column.

    Returns
    -------
    tuple of float
        The deviation is NaN for a single seed, unless `score` is the RMSE: then it is that of the
        parts divided by the root of their number.

    Notes
    -----
    The mean over T trees has 1/P of the Monte Carlo variance of the mean over T/P trees, and the
    RMSE follows it linearly as long as the noise is small.

    Examples
    --------
    >>> runs = pd.DataFrame({"rmse": [3.0], "parts": [[2.0, 4.0]]})
    >>> summarise(runs, "rmse")
    (3.0, 1.0)
    """
    values = runs[score].to_numpy(np.float64)
    mean = float(values.mean())
    if values.size > 1:
        return mean, float(values.std(ddof=1))
    parts = runs["parts"].iloc[0]
    known = score == "rmse" and len(parts) > 1
    return mean, float(np.std(parts, ddof=1)) / sqrt(len(parts)) if known else float("nan")


def class_chance(predictors: int, mtry: int, columns: int = 1) -> float:
    """Chance that a node tries a class that is one of the predictors but holds several columns.

    Parameters
    ----------
    predictors : int
        Number of predictors, each class counted once.
    mtry : int
        Columns that a node tries.
    columns : int, optional
        Columns of the class.

    Returns
    -------
    float
        1 − C(p − 1, m) / C(p − 1 + K, m) for K columns; m/p for one.

    Examples
    --------
    >>> class_chance(16, 2), round(class_chance(16, 2, columns=12), 3)
    (0.125, 0.701)
    """
    others = predictors - 1
    return 1 - comb(others, mtry) / comb(others + columns, mtry)


def ranger_tables(record: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of a record, by name."""
    runs = pd.DataFrame(record["runs"])
    return {
        "ranger_scores": _scores(runs, record["oracle"]),
        "ranger_noise": _noise(runs),
        "ranger_outbreak": _outbreak(runs, record["oracle"]),
        "ranger_encodings": _encodings(runs),
        "ranger_factors": _factors(runs),
        "ranger_inputs": _inputs(record["inputs"]),
    }


def ranger_numbers(record: Mapping[str, Any]) -> dict[str, str]:
    """Words and numbers of a record for running text, by name."""
    about, runs = record["about"], pd.DataFrame(record["runs"])
    study = _chosen(runs, columns="study", encoding=GIVEN)
    predictors, mtry = int(study["predictors"].max()), int(study["mtry"].min())
    hours = runs["cpu_seconds"].sum() / 3600
    return {
        "ranger_date": str(about["date"]),
        "ranger_trees": number_text(runs["trees"].max(), 0),
        "ranger_predictors": str(predictors),
        "ranger_mtry": str(mtry),
        "ranger_chance": number_text(class_chance(predictors, mtry), 2),
        "ranger_chance_columns": number_text(class_chance(predictors, mtry, LEVELS), 2),
        "ranger_cpu": str(about["cpu"]),
        "ranger_python": str(about["python"]),
        "ranger_libraries": _versions(about["libraries"]),
        "ranger_r": _versions(about["r"]),
        "ranger_hours": number_text(hours, 1),
        "ranger_runs": number_text(len(runs), 0),
    }


def _versions(found: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _chosen(runs: pd.DataFrame, **values: str) -> pd.DataFrame:
    """The runs that have these values."""
    return runs[(runs[list(values)] == pd.Series(values)).all(axis=1)]


def _fluxes(runs: pd.DataFrame) -> list[str]:
    return [flux for flux in FLUXES if flux in set(runs["flux"])]


def _plus(value: float, spread: float, places: int) -> str:
    """A number ± its spread, both with so many decimals."""
    return quantity_text(value, "1", spread, places)


def _left_out(runs: pd.DataFrame, flux: str, engine: str = "abz", without: str = "") -> Any:
    """Runs with the oracle's columns that leave each site out."""
    return _chosen(
        runs, columns="oracle", design="sites", flux=flux, engine=engine, without=without
    )


def _scores(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> Table:
    """The package beside the stored run of ranger and the published scores."""
    bare, shown = [], []
    for flux in _fluxes(runs):
        ours, theirs, paper = _left_out(runs, flux), oracle[flux], published_skill(flux)
        rmse, rmse_sd = summarise(ours, "rmse")
        r2, r2_sd = summarise(ours, "r2")
        first = ours.iloc[0]
        row = {
            "flux": flux, "rows": int(first["n"]), "sites": int(first["sites"]),
            "predictors": int(first["predictors"]), "mtry": int(first["mtry"]),
            "seeds": len(ours), "rmse": rmse, "rmse_sd": rmse_sd, "rmse_ranger": theirs["rmse"],
            "rmse_difference_percent": 100 * (rmse / theirs["rmse"] - 1), "r2": r2,
            "r2_ranger": theirs["r2"], "correlation": ours["correlation"].min(),
            "rmse_published": paper["rmse"], "r2_published": paper["r2"],
        }  # fmt: skip
        bare.append(row)
        shown.append(
            {
                "flux": FLUX_NAMES[flux], "site-months": number_text(row["rows"], 0),
                "sites": number_text(row["sites"], 0), "predictors": str(row["predictors"]),
                "mtry": str(row["mtry"]), "RMSE, ranger": number_text(theirs["rmse"], 2),
                "RMSE, abz": _plus(rmse, rmse_sd, 2),
                "difference": f"{number_text(row['rmse_difference_percent'], 1)} %",
                "R², ranger": number_text(theirs["r2"], 3), "R², abz": _plus(r2, r2_sd, 3),
                "correlation": number_text(row["correlation"], 4),
                "RMSE, published": number_text(paper["rmse"], 1),
                "R², published": number_text(paper["r2"], 2),
            }
        )  # fmt: skip
    caption = (
        "Each site left out once, pooled held-out predictions, g C m⁻² month⁻¹. ranger: the stored "
        "R run, one seed. abz: mean over the seeds ± the standard deviation of one forest. "
        "correlation: of both predictions row by row, the lowest of the seeds. published: the "
        "study's own forests on its final data."
    )
    return Table(caption, pd.DataFrame(bare), pd.DataFrame(shown))


def _noise(runs: pd.DataFrame) -> Table:
    """What another seed changes, for this package and for ranger."""
    bare = []
    for flux in _fluxes(runs):
        for engine in ("abz", "ranger"):
            found = _left_out(runs, flux, engine)
            if len(found):
                mean, sd = summarise(found, "rmse")
                row = {"flux": flux, "engine": engine, "seeds": len(found), "rmse": mean}
                row |= {"sd": sd, "sd_percent": 100 * sd / mean}
                row |= {"lowest": found["rmse"].min(), "highest": found["rmse"].max()}
                bare.append(row)
    table = pd.DataFrame(bare)
    shown = pd.DataFrame(
        {
            "flux": table["flux"].map(FLUX_NAMES),
            "forest": table["engine"],
            "seeds": table["seeds"].map(str),
            "mean RMSE": [number_text(value, 2) for value in table["rmse"]],
            "SD": [number_text(value, 2) for value in table["sd"]],
            "SD, % of the mean": [number_text(value, 1) for value in table["sd_percent"]],
            "lowest": [number_text(value, 2) for value in table["lowest"]],
            "highest": [number_text(value, 2) for value in table["highest"]],
        }
    )
    caption = (
        "RMSE of leaving each site out with other seeds and nothing else changed, g C m⁻² "
        "month⁻¹. SD: between seeds; where there is one seed, from ten parts of its trees."
    )
    return Table(caption, table, shown)


def _outbreak(runs: pd.DataFrame, oracle: Mapping[str, Any]) -> Table:
    """NEE with and without the site of the moth outbreak."""
    site = next((name for name in runs["without"].unique() if name), "")
    sources = [
        ("all sites", "ranger", oracle["nee"], float("nan")),
        *(
            (label, "abz", dict(found.iloc[0]), summarise(found, "rmse")[1])
            for label, found in (
                ("all sites", _left_out(runs, "nee")),
                (f"without {site}", _left_out(runs, "nee", without=site)),
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
                _plus(value, sd, 2) for value, sd in zip(bare["rmse"], bare["rmse_sd"], strict=True)
            ],
            "MAE": [number_text(value, 2) for value in bare["mae"]],
            "MBE": [number_text(value, 2) for value in bare["mbe"]],
        }
    )
    caption = "NEE, each site left out once, with and without the site of the moth outbreak."
    return Table(caption, bare, shown)


def _encodings(runs: pd.DataFrame) -> Table:
    """Encodings of month and vegetation on the study's columns."""
    found = _chosen(runs, columns="study", design="trees", engine="abz")
    shown, bare = [], []
    for cell in records(found[["flux", "mtry"]].drop_duplicates()):
        part = found[(found["flux"] == cell.flux) & (found["mtry"] == cell.mtry)]
        rmse = part.pivot(index="seed", columns="encoding", values="rmse")
        text = {"flux": FLUX_NAMES[cell.flux], "mtry": str(cell.mtry)}
        text[f"RMSE, {GIVEN}"] = number_text(rmse[GIVEN].mean(), 2)
        for encoding in map(str, rmse.columns):
            gap = (rmse[encoding] - rmse[GIVEN]).to_numpy()
            error = float(gap.std(ddof=1)) / sqrt(gap.size) if gap.size > 1 else float("nan")
            bare.append(
                {
                    "flux": cell.flux, "mtry": cell.mtry, "encoding": encoding, "seeds": gap.size,
                    "rmse": rmse[encoding].mean(), "difference": gap.mean(), "error": error,
                    "r2": part.loc[part["encoding"] == encoding, "r2"].mean(),
                }
            )  # fmt: skip
            if encoding != GIVEN:
                text[encoding] = f"{'+' if gap.mean() > 0 else ''}{_plus(gap.mean(), error, 2)}"
        shown.append(text)
    caption = (
        "RMSE with the levels in order of their mean response, and what other encodings change "
        "(± standard error over seeds; above zero is worse), g C m⁻² month⁻¹. Trees grown on drawn "
        "sites predict the other sites; the same sites are drawn for all encodings of a seed."
    )
    return Table(caption, pd.DataFrame(bare), pd.DataFrame(shown))


def _factors(runs: pd.DataFrame) -> Table:
    """How near each encoding comes to R's forest, which orders the levels at each node."""
    found = _chosen(runs, columns="study", design="groups")
    shown, bare = [], []
    for cell in records(found[["flux", "mtry"]].drop_duplicates()):
        part = found[(found["flux"] == cell.flux) & (found["mtry"] == cell.mtry)]
        text = {"flux": FLUX_NAMES[cell.flux], "mtry": str(cell.mtry)}
        other = part[(part["engine"] != "abz") & (part["distance"] > 0)]
        text["another seed of R"] = number_text(other["distance"].mean(), 2)
        for run in records(part[part["engine"] == "abz"]):
            text[run.encoding] = number_text(run.distance, 2)
        for engine, same in part.groupby("engine"):
            text[f"RMSE, {engine}"] = number_text(same.iloc[0]["rmse"], 2)
        columns = ["flux", "mtry", "engine", "encoding", "seed", "distance", "correlation", "rmse"]
        bare.append(part[columns])
        shown.append(text)
    caption = (
        "Root mean square difference to the held-out predictions of randomForest, which orders the "
        "levels at each node: of randomForest with another seed, and of this package with three "
        "encodings; then the RMSE of abz (mean order) and of randomForest. Ten groups of sites, "
        "g C m⁻² month⁻¹."
    )
    return Table(caption, pd.concat(bare), pd.DataFrame(shown))


def _inputs(files: Mapping[str, str]) -> Table:
    """What the runs have read."""
    bare = pd.DataFrame({"file": list(files), "sha256": list(files.values())})
    shown = bare.assign(sha256=[f"`{value[:16]}…`" for value in bare["sha256"]])
    return Table("Files that the runs have read, and the beginnings of their SHA-256.", bare, shown)
