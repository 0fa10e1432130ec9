"""Cross-validation of forests beside that of the authors' models, on the same site-months."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.modelling import scores
from abz.validation import check_columns
from abz.vocabulary import FLUXES

__all__ = ["MODELS", "same_rows", "score_rows"]

MODELS = ("svm", "svm_earlier")
"""Columns of the authors' held-out predictions."""

KEY = ["site", "year", "month"]
FIELDS = ("r2", "r2_sse", "rmse", "mae", "mbe")


def score_rows(held_out: pd.DataFrame) -> pd.DataFrame:
    """Pooled scores of the authors' held-out predictions, over all their rows.

    Parameters
    ----------
    held_out : pandas.DataFrame
        flux, site, observed, svm, svm_earlier, from `read_flux_training_held_out`.

    Returns
    -------
    pandas.DataFrame
        flux, model, rows, sites, r2, r2_sse, rmse, mae, mbe (g C m-2 month-1), as in
        `abz.modelling.scores`.

    Raises
    ------
    InputError
        If a column is missing.
    """
    check_columns(held_out, ["flux", "site", "observed", *MODELS], "held-out predictions")
    made = []
    for flux in FLUXES:
        rows = held_out[held_out["flux"] == flux]
        for model in MODELS:
            if len(rows):
                about = {"flux": flux, "model": model, "rows": len(rows)}
                found = _scored(rows["observed"], rows[model])
                made.append({**about, "sites": rows["site"].nunique(), **found})
    return pd.DataFrame(made, columns=["flux", "model", "rows", "sites", *FIELDS])


def same_rows(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """A forest and the authors' models on the site-months that both predict, each site left out.

    Parameters
    ----------
    ours : pandas.DataFrame
        flux, site, year, month, observed, predicted (g C m-2 month-1; GPP is positive).
    theirs : pandas.DataFrame
        As in `score_rows`, with year and month.

    Returns
    -------
    pandas.DataFrame
        flux, model; rows and sites that both predict; for each of r2, rmse, mae and mbe the scores
        `SCORE_ours` and `SCORE_theirs`; correlation of both predictions, missing where one is
        constant; ours_closer, the share of sites whose RMSE is smaller with the forest.

    Raises
    ------
    InputError
        If a column is missing, a site-month stands there twice, or both disagree about what was
        observed.
    """
    check_columns(ours, ["flux", *KEY, "observed", "predicted"], "predictions of the forest")
    check_columns(theirs, ["flux", *KEY, "observed", *MODELS], "held-out predictions")
    made = []
    for flux in FLUXES:
        mine, other = (table[table["flux"] == flux] for table in (ours, theirs))
        both = mine.dropna(subset="predicted").merge(
            other, on=["flux", *KEY], suffixes=("", "_theirs"), validate="1:1"
        )
        _check_observed(both)
        for model in MODELS:
            if len(both):
                made.append({"flux": flux, "model": model, **_beside(both, model)})
    return pd.DataFrame(made)


def _check_observed(both: pd.DataFrame) -> None:
    """Refuse rows whose observations differ: sign, unit or edition of one table is another."""
    apart = ~np.isclose(both["observed"], both["observed_theirs"], rtol=1e-6, atol=1e-6)
    if apart.any():
        first = both.loc[apart, [*KEY, "observed", "observed_theirs"]].iloc[0].to_dict()
        raise InputError(
            "both tables disagree about what was observed",
            rule="a site-month has one observed flux",
            value=f"{first} and {int(apart.sum()) - 1} more",
            remedy="take both from tables of one edition, with one sign",
        )


def _beside(both: pd.DataFrame, model: str) -> dict[str, Any]:
    """Scores of both sides on the same rows."""
    observed = both["observed"]
    sides = {"ours": both["predicted"], "theirs": both[model]}
    found = {side: _scored(observed, predicted) for side, predicted in sides.items()}
    squares = pd.DataFrame({side: (p - observed) ** 2 for side, p in sides.items()})
    by_site = squares.groupby(both["site"]).mean()
    names = ("r2", "rmse", "mae", "mbe")
    return {
        "rows": len(both),
        "sites": len(by_site),
        **{f"{name}_{side}": found[side][name] for name in names for side in sides},
        "correlation": _correlation(sides["ours"], sides["theirs"]),
        "ours_closer": float((by_site["ours"] < by_site["theirs"]).mean()),
    }


def _correlation(first: pd.Series, second: pd.Series) -> float:
    """Pearson's; missing where one side is constant."""
    if min(first.nunique(), second.nunique()) < 2:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _scored(observed: pd.Series, predicted: pd.Series) -> dict[str, float]:
    """The scores that tables show."""
    found = scores(observed.to_numpy(np.float64), predicted.to_numpy(np.float64))
    return {name: float(getattr(found, name)) for name in FIELDS}
