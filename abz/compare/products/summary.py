"""Products beside the run: budgets of common years through the ledger, factors, trends, steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from abz.compare.products.definition import as_nee, takes_fire
from abz.errors import LedgerError
from abz.ledger import FLUX_PARTS, Comparison, Parts, Period, Place, Row, compare
from abz.trends import trend_series
from abz.units import ANNUAL_FLUX
from abz.validation import check_columns

__all__ = ["ledger_rows", "product_summary", "product_trends"]

ZONE = ["flux", "zone_set", "zone"]
KEY = ["product", *ZONE]
VALUES = ["tg", "g_m2", "area_m2", "valid_share"]
COMPARED = ("nee", "gpp", "reco")


def ledger_rows(
    years: pd.DataFrame, product: str, parts: Parts, model_set: str, zone: tuple[str, str]
) -> list[Row]:
    """The steps of a product in the ledger: as it is given, its fire, and its NEE.

    Parameters
    ----------
    years : pandas.DataFrame
        Annual budgets of all members: product, member, flux, zone_set, zone, year, `tg`.
    product : str
        The product.
    parts : Parts
        What it holds as it is given.
    model_set : str
        Set whose land is the mask.
    zone : tuple of str = (zone set, zone)
        The zone.

    Returns
    -------
    list of Row
        One, if it holds no fire, else three. Values are means over the years: that of all members,
        then that of each.

    Raises
    ------
    LedgerError
        Naming the product, if it is on another definition, or its NEE is not what is left of it
        without its fire.

    Notes
    -----
    The NEE of the maps was made cell by cell; that of the ledger is made of the budgets. Both are
    the same but for the rounding of quanta.
    """
    of_zone = years[(years["product"] == product) & (years["zone_set"] == zone[0])]
    of_zone = of_zone[of_zone["zone"] == zone[1]]
    period = Period(int(of_zone["year"].min()), int(of_zone["year"].max()))
    place = Place.of(*zone, f"{model_set} set")

    def row(flux: str, held: Parts) -> Row:
        means = of_zone[of_zone["flux"] == flux].groupby("member", sort=False)["tg"].mean()
        values = np.concatenate([[means.mean()], means.to_numpy()])
        return Row(product, values, held, place, period)

    if not takes_fire(parts, product):
        return [row("nee", parts)]
    given, fire = row("given", parts), row("fire", FLUX_PARTS["fire"])
    fire = replace(fire, name=f"fire taken from {product}")
    made = as_nee(given, fire)
    found = row("nee", made.parts)
    if not np.allclose(found.values, made.values, rtol=1e-6, atol=1e-6):
        raise LedgerError(
            f"NEE of {product} is not what is left of it without its fire",
            rule="given − fire = NEE",
            value=f"{made.values.tolist()} and {found.values.tolist()}",
            remedy="align the product again",
        )
    return [given, fire, made]


def product_summary(
    ensembles: pd.DataFrame,
    members: pd.DataFrame,
    ours: pd.DataFrame,
    parts: Mapping[str, Parts],
    model_set: str,
) -> pd.DataFrame:
    """Mean budgets of each product and of the run over their common years.

    Parameters
    ----------
    ensembles : pandas.DataFrame
        From `ensemble_years`.
    members : pandas.DataFrame
        Budgets of the members that it was made of.
    ours : pandas.DataFrame
        From `abz.budgets.annual_budgets` of the run.
    parts : mapping of {str: Parts}
        What the NEE of each product still holds.
    model_set : str
        The set of the run.

    Returns
    -------
    pandas.DataFrame
        product, flux, zone_set, zone; `first_year`, `last_year`, `n_years`, `members`; `tg`,
        `g_m2`, `valid_share` of the product, `tg_sd` and `g_m2_sd`, the SD of its members' means;
        `run_tg`, `run_g_m2`, and `run_tg_sd` and `run_g_m2_sd`, the SD of the run's members;
        `difference_g_m2` = product − run; `factor` = product / run per area, where both have one
        sign; `unlike`, in what the ledger finds the definitions to differ; `years_r`,
        correlation between the years.

    Raises
    ------
    InputError
        If a column is missing.
    LedgerError
        Naming the product, if it is on another definition.
    """
    check_columns(ours, [*ZONE, "year", "member", *VALUES], "budgets of the run")
    own = ours.dropna(subset=["tg"])
    central = own.loc[own["member"] == 0, [*ZONE, "year", "tg", "g_m2"]]
    known = ensembles[ensembles["flux"].isin(COMPARED)]
    both = known.merge(central, on=[*ZONE, "year"], suffixes=("", "_run"))
    grouped = both.groupby(KEY, sort=False)
    table = grouped.agg(
        first_year=("year", "min"), last_year=("year", "max"), n_years=("year", "size"),
        members=("members", "first"), tg=("tg", "mean"), g_m2=("g_m2", "mean"),
        valid_share=("valid_share", "mean"), run_tg=("tg_run", "mean"),
        run_g_m2=("g_m2_run", "mean"),
    )  # fmt: skip
    years = both[[*KEY, "year"]]
    for label, rows in (("", members), ("run_", own[own["member"] > 0])):
        shared = [name for name in (*KEY, "year") if name in rows]
        found = years.merge(rows[[*shared, "member", "tg", "g_m2"]], on=shared)
        means = found.groupby([*KEY, "member"], sort=False)[["tg", "g_m2"]].mean()
        spread = means.groupby(KEY, sort=False).std().reindex(table.index)
        table[f"{label}tg_sd"], table[f"{label}g_m2_sd"] = spread["tg"], spread["g_m2"]
    pairs = [_compared(row, parts, model_set) for row in table.reset_index().itertuples()]
    table["difference_g_m2"] = [float(pair.difference) for pair in pairs]
    table["factor"] = [_factor(pair) for pair in pairs]
    table["unlike"] = [pair.caveat for pair in pairs]
    alike = {key: _correlation(*rows[["g_m2", "g_m2_run"]].to_numpy().T) for key, rows in grouped}
    table["years_r"] = [alike[key] for key in table.index]
    return table.reset_index()


def _compared(row: Any, parts: Mapping[str, Parts], model_set: str) -> Comparison:
    """Both means per area through the ledger; parts that a product sees besides are named."""
    held = parts[row.product] if row.flux == "nee" else FLUX_PARTS[row.flux]
    if row.flux == "nee" and takes_fire(held, row.product):
        raise LedgerError(
            f"{row.product} still holds fire",
            rule="NEE of products is compared without fire",
            value=held,
            remedy="align it with fire emissions",
        )
    place = Place.of(row.zone_set, row.zone, f"{model_set} set")
    period = Period(int(row.first_year), int(row.last_year))
    first = Row(row.product, np.array(row.g_m2), held, place, period, ANNUAL_FLUX)
    second = Row("run", np.array(row.run_g_m2), FLUX_PARTS[row.flux], place, period, ANNUAL_FLUX)
    return compare(first, second, accept=["parts"])


def _factor(pair: Comparison) -> float:
    """Product / run where both have one sign."""
    same = np.sign(pair.first.central) == np.sign(pair.second.central)
    return float(pair.ratio) if same else np.nan


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson correlation of two series; NaN of fewer than four years or a constant one."""
    if first.size < 4 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return np.nan
    return float(np.corrcoef(first, second)[0, 1])


def product_trends(ensembles: pd.DataFrame, method: str, preserve_range: bool) -> pd.DataFrame:
    """Trends of the annual budgets of each product, or of the run, zone and flux.

    Parameters
    ----------
    ensembles : pandas.DataFrame
        product, flux, zone_set, zone, year, `tg`.
    method : str
        One of `abz.trends.METHODS`.
    preserve_range : bool
        As in `abz.trends.trend_series`.

    Returns
    -------
    pandas.DataFrame
        product, flux, zone_set, zone, first_year, last_year, `slope` (Tg C yr-1 per year), its
        bounds `lower` and `upper`, `p_value`. NaN of too short a series.
    """
    check_columns(ensembles, ["product", *ZONE, "year", "tg"], "budgets of products")
    rows: list[dict[str, Any]] = []
    for key, group in ensembles.groupby(KEY, sort=False):
        ordered = group.sort_values("year")
        year = ordered["year"].to_numpy(np.int64)
        found = trend_series(
            ordered["tg"].to_numpy(np.float64)[None], year, method, preserve_range=preserve_range
        )
        values = {n: float(getattr(found, n)[0]) for n in ("slope", "lower", "upper", "p_value")}
        names = dict(zip(KEY, map(str, key), strict=True))
        rows.append({**names, "first_year": year[0], "last_year": year[-1], **values})
    return pd.DataFrame(rows)
