"""Tables and numbers of how classes are encoded, from the record beside R."""

from __future__ import annotations

from math import comb, sqrt
from typing import Any

import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.ranger_runs import GIVEN, choose, plus
from abz.report.results import records
from abz.report.table import Table
from abz.report.typography import number_text

__all__ = ["class_chance", "encoding_numbers", "encodings_table", "factors_table"]

LEVELS = 12
"""Levels of the class whose chance to be tried is shown: the months."""


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


def encoding_numbers(runs: pd.DataFrame) -> dict[str, str]:
    """Words and numbers of the encodings for running text, by name.

    Parameters
    ----------
    runs : pandas.DataFrame
        Runs of a record.

    Returns
    -------
    dict of {str: str}
        How often this package's encoding comes nearest to R's forest, and between which multiples
        of the distance of another seed of R it stays.
    """
    study = choose(runs, columns="study", encoding=GIVEN)
    predictors, mtry = int(study["predictors"].max()), int(study["mtry"].min())
    near = factors_table(runs).bare
    ratio = near["distance"] / near["other_seed"]
    own = near["encoding"] == GIVEN
    nearest = near.loc[near.groupby(["flux", "mtry"])["distance"].idxmin(), "encoding"]
    return {
        "ranger_predictors": str(predictors),
        "ranger_mtry": str(mtry),
        "ranger_chance": number_text(class_chance(predictors, mtry), 2),
        "ranger_chance_columns": number_text(class_chance(predictors, mtry, LEVELS), 2),
        "ranger_nearest": str((nearest == GIVEN).sum()),
        "ranger_nearest_of": str(nearest.size),
        "ranger_nearest_low": number_text(ratio[own].min(), 2),
        "ranger_nearest_high": number_text(ratio[own].max(), 2),
    }


def encodings_table(runs: pd.DataFrame) -> Table:
    """Encodings of month and vegetation on the study's columns, over the seeds that all share."""
    found = choose(runs, columns="study", design="trees", engine="abz")
    shown, bare = [], []
    for cell in _cells(found):
        part = choose(found, flux=cell.flux, mtry=cell.mtry)
        rmse, r2 = (part.pivot(index="seed", columns="encoding", values=name).dropna()
                    for name in ("rmse", "r2"))  # fmt: skip
        text = {"flux": FLUX_NAMES[cell.flux], "mtry": str(cell.mtry), "seeds": str(len(rmse))}
        text[f"RMSE, {GIVEN}"] = number_text(rmse[GIVEN].mean(), 2)
        for encoding in map(str, rmse.columns):
            gap = rmse[encoding] - rmse[GIVEN]
            mean, error = gap.mean(), gap.std(ddof=1) / sqrt(max(len(gap), 1))
            bare.append(
                {
                    "flux": cell.flux, "mtry": cell.mtry, "encoding": encoding, "seeds": len(gap),
                    "rmse": rmse[encoding].mean(), "difference": mean, "error": error,
                    "r2": r2[encoding].mean(),
                }
            )  # fmt: skip
            if encoding != GIVEN:
                text[encoding] = f"{'+' if mean > 0 else ''}{plus(mean, error, 2)}"
        shown.append(text)
    caption = (
        "RMSE with the levels in order of their mean response, and what other encodings change "
        "(± standard error over seeds; above zero is worse), g C m⁻² month⁻¹. Trees grown on drawn "
        "sites predict the other sites; the same sites are drawn for all encodings of a seed."
    )
    return Table(caption, pd.DataFrame(bare), pd.DataFrame(shown))


def factors_table(runs: pd.DataFrame) -> Table:
    """How near each encoding comes to R's forest, which orders the levels at each node.

    `other_seed` of its numbers is the distance between two seeds of R.
    """
    found = choose(runs, columns="study", design="groups")
    shown, bare = [], []
    for cell in _cells(found):
        part = choose(found, flux=cell.flux, mtry=cell.mtry)
        ours, theirs = (part[part["engine"] == "abz"], part[part["engine"] != "abz"])
        other = theirs.loc[theirs["distance"] > 0, "distance"].mean()
        text = {"flux": FLUX_NAMES[cell.flux], "mtry": str(cell.mtry)}
        text["another seed of R"] = number_text(other, 2)
        text |= {run.encoding: number_text(run.distance, 2) for run in records(ours)}
        for label, of in (
            ("randomForest", theirs[theirs["distance"] == 0]),
            (f"abz ({GIVEN})", choose(ours, encoding=GIVEN)),
        ):
            text[f"RMSE, {label}"] = number_text(of["rmse"].mean(), 2)
        columns = ["flux", "mtry", "engine", "encoding", "seed", "distance", "correlation", "rmse"]
        bare.append(ours[columns].assign(other_seed=other))
        shown.append(text)
    caption = (
        "Root mean square difference to the held-out predictions of randomForest, which orders the "
        "levels at each node: of randomForest with another seed, and of this package with three "
        "encodings; then the RMSE of that randomForest and of this package. Ten groups of sites, "
        "g C m⁻² month⁻¹."
    )
    return Table(caption, pd.concat(bare), pd.DataFrame(shown))


def _cells(runs: pd.DataFrame) -> list[Any]:
    """Flux and mtry of each line."""
    return list(records(runs[["flux", "mtry"]].drop_duplicates()))
