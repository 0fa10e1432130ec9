"""Do the forests listen to the same predictors as the authors' models? Ranks, compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy import stats

from abz.drivers import shuffled_errors, shuffles_table
from abz.modelling import complete_cases, derive_seed, fit_forest
from abz.units import MONTHLY_FLUX
from abz.validation import check_columns, check_distinct
from abz.vocabulary import FLUXES, predictor_names

__all__ = [
    "FIGURE_1KM",
    "figure_importance",
    "paired_ranks",
    "rank_agreement",
    "table_importance",
]

FIGURE_1KM = MappingProxyType(
    {
        "month": (7.35, 9.65, 6.2),
        "srad": (5.8, 5.8, 3.0),
        "lst": (5.7, 12.6, 6.85),
        "ndvi": (5.05, 14.9, 10.8),
        "soil_temperature": (4.2, 14.5, 11.95),
        "vpd": (3.5, 6.6, 4.0),
        "snow_cover": (3.4, 8.6, 7.8),
        "vegetation": (2.75, 8.8, 10.5),
        "tree_cover": (2.4, 7.6, 6.5),
        "soc": (2.4, 4.6, 4.2),
        "soil_ph": (2.35, 4.1, 3.25),
        "co2": (2.05, 2.5, 2.8),
        "cti": (2.05, 3.4, 3.1),
        "nontree_cover": (1.9, 4.8, 4.4),
        "nonvegetated_cover": (1.75, 2.8, 2.55),
        "permafrost_probability": (1.75, 5.4, 4.7),
        "soil_moisture": (1.5, 2.0, 1.95),
    }
)
"""Median rise of the RMSE of NEE, GPP and Reco, g C m-2 month-1, on the training rows of the final
1-km forests, as read off a figure of the authors' repository abcfluxv1_modeling, to about 0.2."""

SOURCE = ["resolution", "model", "variant"]
FEWEST = 3
"""Predictors below which an order says nothing."""


def figure_importance() -> pd.DataFrame:
    """Importance of the predictors in the authors' final 1-km forests, as read off their figure.

    Returns
    -------
    pandas.DataFrame
        flux, resolution ("1 km"), model ("rf"), variant ("final, figure"), predictor, importance
        (g C m-2 month-1), used, units.

    Examples
    --------
    >>> figure_importance().query("flux == 'reco'").nlargest(1, "importance")["predictor"].item()
    'soil_temperature'
    """
    rows = [
        {"flux": flux, "predictor": predictor, "importance": values[place]}
        for place, flux in enumerate(FLUXES)
        for predictor, values in FIGURE_1KM.items()
    ]
    about = {"resolution": "1 km", "model": "rf", "variant": "final, figure"}
    return pd.DataFrame(rows).assign(**about, used=True, units=MONTHLY_FLUX)


def table_importance(
    rows: pd.DataFrame, *, trees: int, shuffles: int, seed: int, workers: int = 1
) -> pd.DataFrame:
    """Importance in forests on all predictors of the study that the public rows hold.

    Parameters
    ----------
    rows : pandas.DataFrame
        Site-months from `read_flux_training`: site, the fluxes, predictors.
    trees, shuffles, seed, workers : int
        Trees of a forest, shuffles of a predictor, seed, threads.

    Returns
    -------
    pandas.DataFrame
        flux, predictor; importance, the median rise of the RMSE on the training rows over the
        shuffles (g C m-2 month-1); rows and mtry of the forest.

    Raises
    ------
    InputError
        If a column is missing or no row is complete.

    Notes
    -----
    Nothing is tuned: mtry is a third of the predictors, the default of randomForest. A row counts
    if it has all predictors; those of the three tables are joined, so that the forest for NEE has
    the predictors that only the tables of GPP and Reco hold, at the rows that these share.
    """
    check_columns(rows, ["site", *FLUXES], "the public rows")
    made = []
    for flux in FLUXES:
        own = rows[rows[flux].notna()]
        held = [name for name in predictor_names("fine") if name in own and own[name].notna().any()]
        cases = complete_cases(own, flux, held)
        mtry = max(1, len(held) // 3)
        drawn = derive_seed(seed, "authors", flux)
        forest = fit_forest(
            cases.X, cases.y, held, trees=trees, mtry=mtry, seed=drawn, workers=workers
        )
        errors = shuffled_errors(
            forest, cases.X, cases.y, shuffles=shuffles, seed=drawn, workers=workers
        )
        medians = shuffles_table(errors).groupby("predictor")["rmse_increase"].median()
        table = medians.rename("importance").reset_index()
        made.append(table.assign(flux=flux, rows=len(cases.y), mtry=mtry))
    columns = ["flux", "predictor", "importance", "rows", "mtry"]
    return pd.concat(made, ignore_index=True)[columns]


def rank_agreement(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """How alike the order of the predictors is in our forests and in the authors' models.

    Parameters
    ----------
    ours : pandas.DataFrame
        flux, forest (any name), predictor, importance, with one row a predictor.
    theirs : pandas.DataFrame
        flux, resolution, model, variant, predictor, importance, used, as from
        `read_published_importance` and `figure_importance`; predictors that are missing or that
        the model does not use are left out.

    Returns
    -------
    pandas.DataFrame
        flux, forest, resolution, model, variant; n, predictors that both have; spearman; kendall
        (tau-b) and its two-sided p_value, exact where no values tie. Missing where fewer than three
        predictors are shared, or one side has the same importance for all.

    Raises
    ------
    InputError
        If a column is missing or a predictor stands there twice.

    Notes
    -----
    Only the order is compared. Permutation importance and %IncMSE differ in unit and kind, and with
    n shared predictors two random orders have a Spearman correlation of SD 1 / √(n − 1).

    Examples
    --------
    >>> ours = figure_importance().assign(forest="the same")
    >>> found = rank_agreement(ours, figure_importance())
    >>> found["n"].tolist(), found["spearman"].round(9).tolist()
    ([17, 17, 17], [1.0, 1.0, 1.0])
    """
    rows = []
    for about, pair in _pairs(ours, theirs):
        n = len(pair)
        spearman = kendall = p_value = float("nan")
        if n >= FEWEST and pair.nunique().min() > 1:
            ranks = pair.rank()
            spearman = float(np.corrcoef(ranks["ours"], ranks["theirs"])[0, 1])
            found = stats.kendalltau(pair["ours"], pair["theirs"])
            kendall, p_value = float(found.statistic), float(found.pvalue)
        numbers = {"n": n, "spearman": spearman, "kendall": kendall, "p_value": p_value}
        rows.append({**about, **numbers})
    columns = ["flux", "forest", *SOURCE, "n", "spearman", "kendall", "p_value"]
    return pd.DataFrame(rows, columns=columns)


def paired_ranks(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Rank of each shared predictor on both sides, the most important first.

    Parameters
    ----------
    ours, theirs : pandas.DataFrame
        As in `rank_agreement`.

    Returns
    -------
    pandas.DataFrame
        flux, forest, resolution, model, variant, predictor; ours and theirs (importance), rank_ours
        and rank_theirs among the shared predictors, from 1; values that tie share their mean rank.

    Raises
    ------
    InputError
        If a column is missing or a predictor stands there twice.
    """
    made = []
    for about, pair in _pairs(ours, theirs):
        ranks = pair.rank(ascending=False)
        ranked = pair.assign(rank_ours=ranks["ours"], rank_theirs=ranks["theirs"])
        made.append(ranked.sort_values("rank_ours", kind="stable").reset_index().assign(**about))
    columns = ["predictor", "ours", "theirs", "rank_ours", "rank_theirs"]
    front = ["flux", "forest", *SOURCE]
    return (
        pd.concat(made, ignore_index=True)[[*front, *columns]]
        if made
        else pd.DataFrame(columns=[*front, *columns])
    )


def _pairs(
    ours: pd.DataFrame, theirs: pd.DataFrame
) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Importance of the shared predictors, for every forest of ours and model of theirs."""
    check_columns(ours, ["flux", "forest", "predictor", "importance"], "importance of the forests")
    columns = ["flux", *SOURCE, "predictor", "importance", "used"]
    check_columns(theirs, columns, "importance of the authors' models")
    known = theirs[theirs["used"] & theirs["predictor"].notna()]
    for flux in FLUXES:
        forests = ours[ours["flux"] == flux].groupby("forest", sort=False)
        models = known[known["flux"] == flux].groupby(SOURCE, sort=False)
        for (forest, mine), (source, other) in product(forests, models):
            pair = (
                _by_predictor(mine)
                .to_frame("ours")
                .join(_by_predictor(other).rename("theirs"), how="inner")
            )
            about = dict(zip(SOURCE, map(str, source), strict=True))
            yield {"flux": flux, "forest": str(forest), **about}, pair


def _by_predictor(rows: pd.DataFrame) -> pd.Series:
    """Importance by predictor, if each stands there once."""
    check_distinct(rows["predictor"], "predictors of one model")
    return rows.set_index("predictor")["importance"].astype(float)
