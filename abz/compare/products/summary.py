"""Products beside the run: budgets of common years through the ledger, factors, trends, steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from abz.compare.products.definition import as_nee, takes_fire
from abz.errors import LedgerError
from abz.ledger import FLUX_PARTS, Comparison, Parts, Period, Place, Row, compare
from abz.trends import trend_series
from abz.validation import check_columns

__all__ = ["ledger_rows", "product_summary", "product_trends"]

ZONE = ["flux", "zone_set", "zone"]
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
        `difference_g_m2` = product − run; `factor` = product / run per area, of NEE only where both
        take up carbon; `unlike`, in what the ledger finds the definitions to differ; `years_r`,
        correlation between the years.

    Raises
    ------
    InputError
        If a column is missing.
    LedgerError
        Naming the product, if it is on another definition.
    """
    check_columns(ours, [*ZONE, "year", "member", *VALUES], "budgets of the run")
    central = ours[ours["member"] == 0].dropna(subset=["tg"]).set_index([*ZONE, "year"])
    rows = []
    known = ensembles[ensembles["flux"].isin(COMPARED)]
    for key, group in known.groupby(["product", *ZONE], sort=False):
        product, flux, zone_set, zone = map(str, key)
        wanted = [(flux, zone_set, zone, int(year)) for year in group["year"]]
        both = [place for place, index in enumerate(wanted) if index in central.index]
        if not both:
            continue
        theirs, own = group.iloc[both], central.loc[[wanted[place] for place in both]]
        years = theirs["year"].to_numpy()
        held = parts[product] if flux == "nee" else FLUX_PARTS[flux]
        pair = _compared(product, held, theirs, own, (flux, zone_set, zone, model_set))
        spread = _member_sd(members[members["product"] == product], flux, zone_set, zone, years)
        ours_sd = _member_sd(ours[ours["member"] > 0], flux, zone_set, zone, years)
        factor = float(pair.ratio)
        uptake = pair.first.central < 0 and pair.second.central < 0
        rows.append(
            {
                "product": product, "flux": flux, "zone_set": zone_set, "zone": zone,
                "first_year": int(years.min()), "last_year": int(years.max()),
                "n_years": years.size, "members": int(theirs["members"].iloc[0]),
                **theirs[["tg", "g_m2", "valid_share"]].mean().to_dict(),
                "tg_sd": spread["tg"], "g_m2_sd": spread["g_m2"],
                "run_tg": own["tg"].mean(), "run_g_m2": own["g_m2"].mean(),
                "run_tg_sd": ours_sd["tg"], "run_g_m2_sd": ours_sd["g_m2"],
                "difference_g_m2": float(pair.difference),
                "factor": factor if flux != "nee" or uptake else np.nan,
                "unlike": pair.caveat,
                "years_r": _correlation(theirs["g_m2"].to_numpy(), own["g_m2"].to_numpy()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _compared(
    product: str, held: Parts, theirs: pd.DataFrame, own: pd.DataFrame, where: tuple[str, ...]
) -> Comparison:
    """Both means per area through the ledger; parts that a product sees besides are named."""
    flux, zone_set, zone, model_set = where
    if flux == "nee" and takes_fire(held, product):
        raise LedgerError(
            f"{product} still holds fire",
            rule="NEE of products is compared without fire",
            value=held,
            remedy="align it with fire emissions",
        )
    place = Place.of(zone_set, zone, f"{model_set} set")
    years = theirs["year"]
    period = Period(int(years.min()), int(years.max()))
    units = "g C m-2 yr-1"
    first = Row(product, np.array(theirs["g_m2"].mean()), held, place, period, units)
    second = Row("run", np.array(own["g_m2"].mean()), FLUX_PARTS[flux], place, period, units)
    return compare(first, second, accept=["parts"])


def _member_sd(
    table: pd.DataFrame, flux: str, zone_set: str, zone: str, years: Sequence[int] | np.ndarray
) -> pd.Series[float]:
    """SD of the members' means over some years."""
    chosen = (table["flux"] == flux) & (table["zone_set"] == zone_set) & (table["zone"] == zone)
    rows = table[chosen & table["year"].isin(years)]
    return rows.groupby("member", sort=False)[["tg", "g_m2"]].mean().std()


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
    for key, group in ensembles.groupby(["product", *ZONE], sort=False):
        ordered = group.sort_values("year")
        year = ordered["year"].to_numpy(np.int64)
        found = trend_series(
            ordered["tg"].to_numpy(np.float64)[None], year, method, preserve_range=preserve_range
        )
        values = {n: float(getattr(found, n)[0]) for n in ("slope", "lower", "upper", "p_value")}
        names = dict(zip(["product", *ZONE], map(str, key), strict=True))
        rows.append({**names, "first_year": year[0], "last_year": year[-1], **values})
    return pd.DataFrame(rows)
