"""Tables of forests beside the authors' models: order of predictors, cross-validation, budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from abz.report.authors_words import FOREST_WORDS, MODEL_WORDS, SOURCE_WORDS
from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.skill_words import PERCENT
from abz.report.table import Table, spread_text
from abz.report.trend_words import variable_words
from abz.report.typography import number_text
from abz.vocabulary import FLUXES

__all__ = ["AUTHORS_MODEL_TABLES"]


def agreement_table(results: Results) -> Table | None:
    """How alike the order of the predictors is."""
    bare = results.tables.get("authors_agreement")
    if bare is None:
        return None
    parts = [bare, results.tables.get("authors_yardstick")]
    both = pd.concat([part for part in parts if part is not None], ignore_index=True)
    near = both[both["resolution"] == "1 km"]
    rows = []
    for forest, words in FOREST_WORDS.items():
        for (model, variant), source in SOURCE_WORDS.items():
            found = near[
                (near["forest"] == forest) & (near["model"] == model) & (near["variant"] == variant)
            ]
            if len(found):
                cells = {row.flux: _agreement(row) for row in records(found)}
                cells = {FLUX_NAMES[flux]: cells.get(flux, "—") for flux in FLUXES}
                rows.append({"ours": words, "authors' model, 1 km": source, **cells})
    caption = (
        "Correlation of the order of the predictors: Spearman's ρ, Kendall's τ, and the number of "
        "predictors that both have. Below, the authors' final forests against their own earlier "
        "models, as a yardstick."
    )
    return Table(caption, both, pd.DataFrame(rows))


def _agreement(row: Any) -> str:
    """ρ, τ and n of one flux."""
    rho, tau = number_text(row.spearman, 2), number_text(row.kendall, 2)
    return f"{rho}, {tau} (n = {int(row.n)})".replace(
        " = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
    )


def ranks_table(results: Results) -> Table | None:
    """Rank of each predictor in the forest on the tables and in the authors' final forest."""
    table = results.tables.get("authors_ranks")
    if table is None:
        return None
    bare = table[(table["forest"] == "the tables") & (table["variant"] == "final, figure")]
    rows = []
    for name in bare["predictor"].drop_duplicates():
        row = {"predictor": variable_words(name)}
        for flux in FLUXES:
            found = bare[(bare["flux"] == flux) & (bare["predictor"] == name)]
            for side, words in (("ours", "ours"), ("theirs", "authors")):
                ranks = [number_text(v, 1 if v % 1 else 0) for v in found[f"rank_{side}"]]
                row[f"{FLUX_NAMES[flux]}, {words}"] = ranks[0] if ranks else "—"
        rows.append(row)
    caption = (
        "Rank of each predictor by the rise of the RMSE on the training rows when it is shuffled: "
        "in forests on the public tables, and in the authors' final 1-km forests as read off their "
        "figure. Among the predictors that both have; values that tie share their mean rank."
    )
    return Table(caption, table, pd.DataFrame(rows))


def scores_table(results: Results) -> Table | None:
    """Cross-validation of all models, each site left out once."""
    bare = results.tables.get("authors_scores")
    if bare is None:
        return None
    places = {model: place for place, model in enumerate(MODEL_WORDS)}
    fluxes = {flux: place for place, flux in enumerate(FLUXES)}
    order = bare.assign(_flux=bare["flux"].map(fluxes), _model=bare["model"].map(places))
    shown = [
        {
            "flux": FLUX_NAMES[row.flux],
            "model": MODEL_WORDS[row.model],
            "site-months": number_text(row.rows, 0),
            "sites": number_text(row.sites, 0),
            "R²": number_text(row.r2, 2),
            "RMSE": number_text(row.rmse, 1),
            "MAE": number_text(row.mae, 1),
            "MBE": number_text(row.mbe, 1),
        }
        for row in records(order.sort_values(["_flux", "_model"], kind="stable"))
    ]
    caption = (
        "Each site left out once, pooled held-out predictions, g C m⁻² month⁻¹; GPP is positive. "
        "The authors' figures are of their final data, which are not public."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def same_rows_table(results: Results) -> Table | None:
    """The forests of the run and the authors' models on the same site-months."""
    bare = results.tables.get("authors_same_rows")
    if bare is None:
        return None
    shown = [
        {
            "flux": FLUX_NAMES[row.flux],
            "authors' model": MODEL_WORDS[row.model].removeprefix("the authors' "),
            "site-months": number_text(row.rows, 0),
            "sites": number_text(row.sites, 0),
            "RMSE, this run": number_text(row.rmse_ours, 1),
            "RMSE, authors": number_text(row.rmse_theirs, 1),
            "R², this run": number_text(row.r2_ours, 2),
            "R², authors": number_text(row.r2_theirs, 2),
            "correlation of both": number_text(row.correlation, 2),
            f"sites with a smaller error in this run,{PERCENT}": number_text(
                100 * row.ours_closer, 0
            ),
        }
        for row in records(bare)
    ]
    caption = (
        "The forests of this run and the authors' support vector machines on the site-months that "
        "both predict without having seen the site, g C m⁻² month⁻¹."
    )
    return Table(caption, bare, pd.DataFrame(shown))


def budgets_table(results: Results) -> Table | None:
    """Three answers for the whole zone and its biomes."""
    bare = results.tables.get("authors_budgets")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "zone": bare["zone"],
            "flux": bare["flux"].map(FLUX_NAMES),
            "this run": [spread_text(r.budget, r.budget_sd) for r in records(bare)],
            "authors, 8 km, 2001–2016": [
                spread_text(r.authors_8km, r.authors_8km_sd) for r in records(bare)
            ],
            "published, 1 km, 2001–2020": [
                spread_text(r.published, r.published_sd) for r in records(bare)
            ],
        }
    )
    caption = (
        "Mean annual budgets, Tg C yr⁻¹. This run: one climatological year, ± SD over the members; "
        "8 km: ± SD between years; published: ± SD over the members. Land, years and predictors "
        "differ."
    )
    return Table(caption, bare, shown)


AUTHORS_MODEL_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "authors_agreement": agreement_table,
        "authors_ranks": ranks_table,
        "authors_scores": scores_table,
        "authors_same_rows": same_rows_table,
        "authors_budgets": budgets_table,
    }
)
"""Name to function of the results."""
