"""Numbers of a run on real data beside the authors' own small results."""

from __future__ import annotations

from typing import Any

import pandas as pd

from abz.published import published_record
from abz.report.authors_words import MAIN_AREAS, SOURCE_WORDS, flux_words
from abz.report.number import FLUX_NAMES, Origin, Pairs, years_text
from abz.report.results import Results, records, slug
from abz.report.trend_words import variable_words
from abz.report.typography import number_text, p_text
from abz.units import BUDGET, MONTHLY_FLUX

__all__ = ["authors_numbers"]

TREND = "Tg C yr-1 per yr"


def authors_numbers(results: Results) -> Pairs:
    """Trends, closure, amplitude, sites, ranks, scores and earth system models."""
    makers = {
        "trends": ("series_trends", _trends),
        "closure": ("area_closure", _closure),
        "gaps": ("flux_gaps", _gaps),
        "amplitudes": ("cycle_amplitudes", _amplitudes),
        "sites": ("site_slopes", _sites),
        "agreement": ("rank_agreement", _agreement),
        "yardstick": ("rank_agreement", _yardstick),
        "ranks": ("paired_ranks", _ranks),
        "same_rows": ("same_rows", _same_rows),
        "spread": ("ensemble_spread", _spread),
        "models": ("model_trends", _ensemble),
        "region": ("beside_published_region", _region),
    }
    for name, (function, make) in makers.items():
        table = results.tables.get(f"authors_{name}")
        if table is not None:
            source = (f"authors/{name}.parquet",)
            yield from make(
                table, Origin(results.synthetic, f"abz.compare.authors.{function}", source)
            )


def _trends(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Means and slopes of the main areas; how many slopes differ in sign, or never rest."""
    for row in records(table[table["area"].isin(MAIN_AREAS)]):
        period = years_text(row.first_year, row.last_year)
        key = f"authors_{slug(row.area)}_{row.flux}"
        words, tail = f"{FLUX_NAMES[row.flux]}, {row.area}, authors' 8-km model", row.first_year
        if row.method == "none":
            number = origin.number(row.mean, BUDGET, f"mean: {words}", period=period, spread=row.sd)
            yield f"{key}_mean_{tail}", number
        label = f"trend ({row.method}): {words}"
        slope = origin.number(row.slope, TREND, label, period=period, decimals=1)
        yield f"{key}_{row.method}_{tail}", slope
        text = p_text(row.p_value)
        p = origin.number(row.p_value, "1", f"p of the {label}", period=period, text=text)
        yield f"{key}_{row.method}_p_{tail}", p
    series = ["flux", "area", "first_year"]
    restless = table[~table["converged"].astype(bool)]
    label = "series of the 8-km budgets at which Zhang's iteration never rests"
    yield "authors_restless", origin.number(len(restless[series].drop_duplicates()), "1", label)
    label = "series and periods of the 8-km budgets"
    yield "authors_series", origin.number(len(table[series].drop_duplicates()), "1", label)
    wide = table.pivot(index=series, columns="method", values=["slope", "p_value"])
    found = {name: wide["p_value", name].to_numpy() < 0.05 for name in ("zhang", "yue_pilon")}
    label = "series that one of Zhang's and Yue and Pilon's methods calls a trend (p < 0.05) alone"
    apart = int((found["zhang"] != found["yue_pilon"]).sum())
    yield "authors_methods_apart", origin.number(apart, "1", label)
    paper = published_record("abz_nee_trend")
    label = "published trend of NEE, ABZ"
    number = origin.number(paper.value, TREND, label, period="2001–2020", decimals=0)
    yield "authors_published_trend", number


def _closure(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Largest amount by which parts miss the whole."""
    for row in records(table):
        label = f"largest |whole − sum of the {row.parts}|: {FLUX_NAMES[row.flux]}"
        number = origin.number(row.largest, BUDGET, label, decimals=1)
        yield f"authors_closure_{row.flux}_{row.parts}", number


def _gaps(table: pd.DataFrame, origin: Origin) -> Pairs:
    """What the three fluxes leave open in the whole zone."""
    for row in records(table[table["area"].isin(MAIN_AREAS)]):
        label = f"Reco − GPP − NEE of the authors' 8-km model: {row.area}"
        number = origin.number(row.gap, BUDGET, label, spread=row.gap_sd)
        yield f"authors_{slug(row.area)}_gap", number


def _amplitudes(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Change of the amplitude of the whole zone."""
    last = table[table["area"] == "ABZ"].iloc[-1]
    for name, words in (("change", "bin before"), ("change_of_all", "first bin")):
        label = f"change of the amplitude of NEE in the last bin to the {words}, ABZ"
        text = f"{number_text(float(last[name]), 0)}\N{NO-BREAK SPACE}%"
        yield f"authors_amplitude_{name}", origin.number(last[name], "%", label, text=text)
    paper = published_record("amplitude")
    label = "published increase of the amplitude of NEE"
    text = f"{paper.number().text}\N{NO-BREAK SPACE}%"
    number = origin.number(paper.value, "%", label, period="2001–2020", text=text)
    yield "authors_amplitude_published", number


def _sites(table: pd.DataFrame, origin: Origin) -> Pairs:
    """How many slopes at sites are the authors' to the last digit."""
    yield "authors_sites", origin.number(table["site_name"].nunique(), "1", "sites of the list")
    nee = table[table["flux"] == "nee"]
    for flux, rows in table.groupby("flux"):
        label = f"sites whose slope of {FLUX_NAMES[str(flux)]} is the authors' to the last digit"
        yield f"authors_sites_same_{flux}", origin.number(int(rows["same"].sum()), "1", label)
    label = "sites of the list with a slope from public rows"
    known = int(nee["slope"].notna().sum())
    yield "authors_sites_known", origin.number(known, "1", label)
    alike = nee.dropna(subset="slope")
    share = int(((alike["slope"] < 0) == (alike["published"] < 0)).sum())
    label = "of these, sites whose slope of NEE has the authors' sign"
    yield "authors_sites_sign", origin.number(share, "1", label)


def _agreement(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Rank correlation of the forests with the final forests of the authors."""
    chosen = table[(table["variant"] == "final, figure")]
    for row in records(chosen):
        key = f"authors_{slug(row.forest)}_{row.flux}"
        label = f"Spearman, order of predictors, forest ({row.forest}) and final: {row.flux}"
        yield f"{key}_spearman", origin.number(row.spearman, "1", label, decimals=2)
        yield f"{key}_shared", origin.number(row.n, "1", f"predictors shared: {row.flux}")


def _yardstick(table: pd.DataFrame, origin: Origin) -> Pairs:
    """The authors' final forests against their earlier models."""
    near = table[table["resolution"] == "1 km"]
    for row in records(near[near["variant"] == "full"]):
        words = SOURCE_WORDS[row.model, row.variant]
        label = f"Spearman, order of predictors, final forest and {words}: {row.flux}"
        number = origin.number(row.spearman, "1", label, decimals=2)
        yield f"authors_yardstick_{row.model}_{row.flux}", number


def _ranks(table: pd.DataFrame, origin: Origin) -> Pairs:
    """The predictor whose ranks are furthest apart, and both ranks of soil moisture."""
    chosen = table[(table["forest"] == "the tables") & (table["variant"] == "final, figure")]
    for flux, rows in chosen.groupby("flux"):
        apart = (rows["rank_ours"] - rows["rank_theirs"]).abs()
        picked = {"apart": rows[apart == apart.max()].head(1),
                  "moisture": rows[rows["predictor"] == "soil_moisture"]}  # fmt: skip
        for key, found in picked.items():
            for row in records(found):
                words = variable_words(row.predictor)
                label = f"predictor whose ranks are compared ({key}), {FLUX_NAMES[str(flux)]}"
                yield f"authors_{key}_{flux}", origin.number(words, "1", label)
                for side, rank in (("ours", row.rank_ours), ("theirs", row.rank_theirs)):
                    text = number_text(rank, 1 if rank % 1 else 0)
                    number = origin.number(rank, "1", f"rank ({side}) of the {label}", text=text)
                    yield f"authors_{key}_{flux}_{side}", number


def _same_rows(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Errors of both sides on the same site-months."""
    for row in records(table):
        key = f"authors_{row.model}_{row.flux}"
        for side, words in (("ours", "this run"), ("theirs", f"authors' {row.model}")):
            label = f"RMSE of {words} on the site-months of both: {FLUX_NAMES[row.flux]}"
            value = getattr(row, f"rmse_{side}")
            yield f"{key}_rmse_{side}", origin.number(value, MONTHLY_FLUX, label, decimals=1)
        label = f"correlation of both predictions: {FLUX_NAMES[row.flux]}"
        yield f"{key}_correlation", origin.number(row.correlation, "1", label, decimals=2)


def _spread(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Spread of the earth system models."""
    for row in records(table[table["method"] == "zhang"]):
        words, key = (
            f"CMIP6, permafrost region: {flux_words(row.flux)}",
            f"authors_cmip6_{row.flux}",
        )
        number = origin.number(row.mean, BUDGET, f"mean of the {words}", spread=row.mean_sd)
        yield f"{key}_mean", number
        number = origin.number(row.slope, TREND, f"mean slope, {words}", spread=row.slope_sd)
        yield f"{key}_slope", number
        counts: dict[str, Any] = {
            "models": "models", "below_zero": "models with uptake", "falling": "models that fall",
            "falling_clearly": "models that fall with p < 0.05",
            "rising_clearly": "models that rise with p < 0.05",
        }  # fmt: skip
        for name, what in counts.items():
            yield f"{key}_{name}", origin.number(getattr(row, name), "1", f"{what}, {words}")
        for name in ("lowest", "highest"):
            label = f"{name} mean of a model, {words}"
            yield f"{key}_{name}", origin.number(getattr(row, name), BUDGET, label, decimals=0)


def _ensemble(table: pd.DataFrame, origin: Origin) -> Pairs:
    """Trend of the mean of the models."""
    chosen = table[(table["model"] == "ensemble mean") & (table["method"] == "zhang")]
    for row in records(chosen):
        period = years_text(row.first_year, row.last_year)
        label = f"trend of the mean of the CMIP6 models: {flux_words(row.flux)}"
        key = f"authors_cmip6_{row.flux}_ensemble"
        number = origin.number(row.slope, TREND, label, period=period, decimals=1)
        yield f"{key}_slope", number
        text = p_text(row.p_value)
        number = origin.number(row.p_value, "1", f"p of the {label}", period=period, text=text)
        yield f"{key}_p", number


def _region(table: pd.DataFrame, origin: Origin) -> Pairs:
    """What the study publishes for the permafrost region."""
    for row in records(table):
        key = f"authors_region_{row.flux}"
        label = f"published for the permafrost region: {FLUX_NAMES[row.beside]}"
        number = origin.number(row.published, BUDGET, label, spread=row.published_sd)
        yield f"{key}_published", number
        label = f"{flux_words(row.flux)} of the models / published {FLUX_NAMES[row.beside]}"
        yield f"{key}_ratio", origin.number(row.ratio, "1", label, decimals=1)
