"""Three answers for the whole zone and its biomes: a run, the authors' 8-km model, the paper."""

from __future__ import annotations

import pandas as pd

from abz.validation import check_columns
from abz.vocabulary import FLUXES

__all__ = ["budgets_beside"]

KEY = ["zone_set", "zone", "flux"]


def budgets_beside(
    run: pd.DataFrame, budgets: pd.DataFrame, years: tuple[int, int] = (2001, 2016)
) -> pd.DataFrame:
    """Mean annual budgets of a run, of the authors' 8-km model, and those published.

    Parameters
    ----------
    run : pandas.DataFrame
        zone_set, zone, flux; budget, budget_sd, published, published_sd (Tg C yr-1), from
        `abz.budgets.beside.beside_published`.
    budgets : pandas.DataFrame
        flux, area, year, tg, from `read_published_budgets_8km`.
    years : tuple of int = (first, last), optional
        Of the mean of the 8-km model.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, flux; budget and budget_sd of the run (over its members); authors_8km and
        authors_8km_sd (between years, n − 1); published and published_sd (Tg C yr-1). NEE, GPP and
        Reco of the zones that all three know.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    Land, years and predictors differ: the run maps one climatological year on 1°, the 8-km model
    its whole cells from 1990 to 2016, the paper the land of 1-km cells from 2001 to 2020.
    """
    check_columns(run, [*KEY, "budget", "budget_sd", "published", "published_sd"], "the run")
    check_columns(budgets, ["flux", "area", "year", "tg"], "the authors' budgets")
    chosen = budgets[budgets["year"].between(*years) & budgets["flux"].isin(list(FLUXES))]
    means = chosen.groupby(["flux", "area"])["tg"].agg(["mean", "std"]).reset_index()
    means = means.rename(columns={"area": "zone", "mean": "authors_8km", "std": "authors_8km_sd"})
    columns = [*KEY, "budget", "budget_sd", "authors_8km", "authors_8km_sd", "published"]
    return run.merge(means, on=["zone", "flux"], how="inner")[[*columns, "published_sd"]]
