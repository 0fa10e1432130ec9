"""Tables of what a ± holds: its components, correlations of zones, budgets that close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.budgets import COMPONENTS, GAP, TOTAL, implied_correlation
from abz.published import published_table1
from abz.report.members import if_learned
from abz.report.number import FLUX_NAMES
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text
from abz.vocabulary import BUILT_IN_ZONES, FLUXES

__all__ = [
    "UNCERTAINTY_TABLES",
    "correlation_table",
    "main_means",
    "pair_correlations",
    "published_correlations",
    "reconciliation_table",
    "transfer_table",
    "uncertainty_table",
]

SHOWN = ("abz", "biome", "permafrost_region")
"""Zone sets that the page shows; the CSV files hold all."""

YEARLY = ("biome", "region")
"""Zone sets whose covariances of single years stand in the CSV file, beside a run's own sets."""

PAIRED = ("biome", "continent")
"""Zone sets of two zones, whose correlation is one number."""


def main_means(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the main zones for the mean over the years, in the order of sets and fluxes."""
    main = table[(table["period"] == "mean") & table["zone_set"].isin(SHOWN)]
    names = [*FLUX_NAMES, GAP]
    rank = main["flux"].map({flux: place for place, flux in enumerate(names)})
    order = pd.DataFrame({"set": main["model_set"] != "fine", "flux": rank})
    return main.loc[order.sort_values(["set", "flux"], kind="stable").index]


def uncertainty_table(results: Results) -> Table | None:
    """The components of the ± of the main zones."""
    bare = results.tables.get("uncertainty")
    if bare is None:
        return None
    rows = [
        {
            "set": row.model_set,
            "flux": FLUX_NAMES[row.flux],
            "zone": row.zone,
            "budget": number_text(row.budget, 0),
            "sampling": number_text(row.sampling_sd, 0),
            "transfer": number_text(row.transfer_sd, 0),
            "fire": number_text(row.fire_sd, 0),
            "total": number_text(row.total_sd, 0),
            "the total holds": row.holds or "—",
            "between years": number_text(row.interannual_sd, 0),
            "held-out bias": number_text(row.held_out_bias, 0),
        }
        for row in records(main_means(bare))
    ]
    caption = (
        "Mean annual budgets and the SDs of their components, Tg C yr⁻¹. "
        + if_learned(
            results,
            "Sampling: spread of the bootstrap members. Transfer: what the forests miss at sites "
            "held out, spread over the zone, less what the members show. ",
        )
        + "Fire: stated error of the emissions. The total is the root of the sum of the squares of "
        "what it holds. The SD between years is no error of the mean. "
        + if_learned(
            results,
            "The held-out bias, the mean of the sites' errors (predicted − observed) times the "
            "land, is taken off no budget and is in no total. ",
        )
        + "Single years are in the CSV file."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def published_correlations() -> pd.Series:
    """Correlation of the published errors of boreal and tundra budgets, by flux.

    Returns
    -------
    pandas.Series (flux)
        What the printed SDs of the ABZ and of both biomes imply.

    Examples
    --------
    >>> round(float(published_correlations()["nee"]), 2)
    0.62
    """
    sd = published_table1().set_index(["flux", "zone"])["budget_sd"]
    found = {
        flux: implied_correlation(sd[flux, "ABZ"], sd[flux, "boreal"], sd[flux, "tundra"])
        for flux in FLUXES
    }
    return pd.Series(found, name="correlation")


def pair_correlations(results: Results) -> pd.DataFrame:
    """Correlations of the mean budgets of the two zones of a set.

    Parameters
    ----------
    results : Results
        With the covariances of budgets.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, other, component, covariance, correlation; a row a pair.
    """
    table = results.tables.get("covariance")
    columns = [
        "model_set", "flux", "zone_set", "zone", "other", "component", "covariance", "correlation",
    ]  # fmt: skip
    if table is None:
        return pd.DataFrame(columns=columns)
    means = table[(table["period"] == "mean") & table["zone_set"].isin(PAIRED)]
    parts = []
    for _, rows in means.groupby("zone_set", sort=False):
        for first, second in combinations(rows["zone"].drop_duplicates(), 2):
            parts.append(rows[(rows["zone"] == first) & (rows["other"] == second)])
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def correlation_table(results: Results) -> Table | None:
    """How the errors of two biomes and of two continents hang together."""
    pairs = pair_correlations(results)
    if pairs.empty:
        return None
    published = published_correlations()
    shown = []
    keys = ["model_set", "flux", "zone_set", "zone", "other"]
    for key, group in pairs.groupby(keys, sort=False):
        model_set, flux, zone_set, zone, other = map(str, key)
        of = group.set_index("component")["correlation"]
        printed = model_set == "fine" and zone_set == "biome" and flux in published
        shown.append(
            {
                "set": model_set,
                "flux": FLUX_NAMES[flux],
                "zones": f"{zone}, {other}",
                **{
                    name if name != "interannual" else "between years": number_text(
                        of.get(name, np.nan), 2
                    )
                    for name in (*COMPONENTS, TOTAL)
                },
                "published SDs imply (real)": number_text(published[flux], 2) if printed else "—",
            }
        )
    caption = (
        "Correlation between the errors of the mean budgets of two zones, by component. With ρ, "
        "the variance of both together is σ₁² + σ₂² + 2ρσ₁σ₂. The published ± of the ABZ, the "
        "boreal biome and the tundra imply theirs. The CSV file holds covariances and correlations "
        "of all zone sets for the mean, and of biomes, regions and a run's own zones for each "
        "year; years of the other sets are in budgets/covariance.parquet."
    )
    table = results.tables["covariance"]
    yearly = table["zone_set"].isin(YEARLY) | ~table["zone_set"].isin(BUILT_IN_ZONES)
    bare = table[(table["period"] == "mean") | yearly]
    return Table(caption, bare, pd.DataFrame(shown))


def transfer_table(results: Results) -> Table | None:
    """What held-out sites say of the error between sites."""
    bare = results.tables.get("transfer")
    if bare is None:
        return None
    rows = [
        {
            "set": row.model_set,
            "flux": FLUX_NAMES[row.flux],
            "sites": number_text(row.sites, 0),
            "mean error": spread_text(row.mean_error, row.mean_error_sd),
            "SD between sites": number_text(row.spread_all, 0),
            "of which shared": number_text(row.share, 2),
            "over, km": _length(row),
            "nugget within, km": number_text(row.nugget_km, 0),
            "SD known to a factor of": number_text(row.sd_factor, 1),
            "members' part": number_text(row.sampling_share, 3),
        }
        for row in records(bare)
    ]
    caption = (
        "Errors of annual sums at sites held out, g C m⁻² yr⁻¹: mean over the sites ± its SD; SD "
        "between sites; the part of that variance that neighbours share, and the distance over "
        "which it falls by 1/e; the distance that the rest, the nugget, stays within; the factor "
        "to which the SD of a large zone is known as far as it rests on these; the part of the "
        "variance that the members show already. Only sites with all twelve months count."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def _length(row: Any) -> str:
    """A correlation length; at the longest that was tried it may be longer."""
    text = number_text(row.length_km, 0)
    return f"≥\N{NO-BREAK SPACE}{text}" if row.at_limit else text


def reconciliation_table(results: Results) -> Table | None:
    """NEE, GPP and Reco before and after they are made to close."""
    bare = results.tables.get("reconciliation")
    if bare is None:
        return None
    shown = []
    means = main_means(bare)
    for key, group in means.groupby(["model_set", "zone_set", "zone"], sort=False):
        of = {row.flux: row for row in records(group)}
        row = {"set": str(key[0]), "zone": str(key[2])}
        for flux in FLUXES:
            row[f"{FLUX_NAMES[flux]}, before"] = spread_text(of[flux].before, of[flux].before_sd)
            row[f"{FLUX_NAMES[flux]}, after"] = spread_text(of[flux].after, of[flux].after_sd)
        row["gap before"] = spread_text(of[GAP].before, of[GAP].before_sd)
        shown.append(row)
    scope = str(bare["scope"].iloc[0])
    words = {
        "domain": "One set of shares serves all zones, so that adjusted zones add up.",
        "zone": "Each zone has shares of its own, so that adjusted zones do not add up.",
    }
    caption = (
        "Mean annual budgets in Tg C yr⁻¹ ± SD of sampling and transfer as far as totals count "
        "them, before and after the gap NEE − (Reco − GPP) is shared out by least squares, so that "
        f"NEE = Reco − GPP. {words[scope]} Other tables show budgets before."
    )
    return Table(caption, bare, pd.DataFrame(shown))


UNCERTAINTY_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "uncertainty": uncertainty_table,
        "zone_correlation": correlation_table,
        "transfer": transfer_table,
        "reconciliation": reconciliation_table,
    }
)
"""Name to what makes the table."""
