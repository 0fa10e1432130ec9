"""Tables of fluxes beside each other: closure of the three fluxes, fine set beside coarse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.published import published_table1
from abz.report.applicability_tables import MAIN_ZONE_SETS
from abz.report.members import OVER_MEMBERS, if_learned
from abz.report.number import FLUX_NAMES, years_text
from abz.report.results import Results, records
from abz.report.table import Table, spread_text
from abz.report.typography import number_text
from abz.vocabulary import FLUXES

__all__ = [
    "CLOSURE_NAMES",
    "COMPARISON_TABLES",
    "closure_table",
    "published_closure",
    "resolutions_table",
]

CLOSURE_NAMES = MappingProxyType(
    {"nee": "NEE, modelled directly", "reco_gpp": "Reco − GPP", "gap": "gap"}
)
"""What is held beside each other, as the site calls it."""

_LIKE_PUBLISHED = ("fine", "climatology")
"""Sets beside which published budgets stand."""


def published_closure() -> pd.DataFrame:
    """Published Reco − GPP, and what published NEE departs from it.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, `reco_gpp`, `gap` = NEE − (Reco − GPP), Tg C yr-1; zones with all three.

    Examples
    --------
    >>> float(published_closure().set_index("zone").loc["ABZ", "gap"])
    -103.0
    """
    paper = published_table1()
    wide = paper.pivot(index=["zone_set", "zone"], columns="flux", values="budget")
    wide = wide[list(FLUXES)].dropna()
    indirect = wide["reco"] - wide["gpp"]
    return pd.DataFrame({"reco_gpp": indirect, "gap": wide["nee"] - indirect}).reset_index()


def closure_table(results: Results) -> Table | None:
    """Budgets of NEE modelled directly, of Reco − GPP, and of their gap."""
    bare = results.tables.get("closure")
    if bare is None:
        return None
    years = bare.groupby("model_set")["year"].agg(["min", "max"])
    means = bare[(bare["period"] == "mean") & bare["zone_set"].isin(MAIN_ZONE_SETS)]
    published = published_closure().set_index(["zone_set", "zone"])["gap"]
    rows = []
    for key, group in means.groupby(["model_set", "zone_set", "zone"], sort=False):
        model_set, zone_set, zone = map(str, key)
        of = {row.flux: row for row in records(group)}
        first, last = (int(years[edge][model_set]) for edge in ("min", "max"))
        printed = published.get((zone_set, zone), np.nan)
        rows.append(
            {
                "zone": zone,
                "set": f"{model_set}, {years_text(first, last)}",
                **{CLOSURE_NAMES[flux]: spread_text(of[flux].tg, of[flux].tg_sd) for flux in of},
                "gap of the members": number_text(of["gap"].tg_members, 0),
                "gap, g C m⁻² yr⁻¹": spread_text(of["gap"].g_m2, of["gap"].g_m2_sd),
                "published gap (real)": number_text(printed, 0)
                if model_set in _LIKE_PUBLISHED
                else "—",
            }
        )
    caption = (
        f"Mean annual budgets in Tg C yr⁻¹{if_learned(results, OVER_MEMBERS)}: NEE"
        f"{if_learned(results, ' from its own forest')}, Reco − GPP"
        f"{if_learned(results, ' from the other two')}, and the gap, the first less the second. "
        "Published values follow from the printed budgets of the 1-km models. The CSV file holds "
        "all zones, years, and months of the calendar."
    )
    return Table(caption, bare, pd.DataFrame(rows))


def resolutions_table(results: Results) -> Table | None:
    """Budgets of the fine and the coarse set over their common years, and their likeness."""
    bare = results.tables.get("resolutions")
    if bare is None or bare.empty:
        return None
    main = bare[bare["zone_set"].isin(MAIN_ZONE_SETS)]
    order = {flux: place for place, flux in enumerate(FLUXES)}
    main = main.sort_values("flux", key=lambda names: names.map(order), kind="stable")
    first = bare.iloc[0]
    caption = (
        f"Mean annual budgets of the {first['fine_set']} and the {first['coarse_set']} set over "
        f"their common years, {years_text(first['first_year'], first['last_year'])}, in Tg C yr⁻¹, "
        "± SD over the bootstrap members; their difference, whose SD takes the two for independent,"
        " and ratio; correlation of the annual budgets, as they are and about a straight line each;"
        " correlation of the mean annual maps, and mean difference in g C m⁻² yr⁻¹ where both have "
        "a value, the fine set averaged over the land in each coarse cell."
    )
    return Table(caption, bare, pd.DataFrame([_resolution_row(row) for row in records(main)]))


def _resolution_row(row: Any) -> dict[str, str]:
    """One zone and flux of both sets, as text."""
    return {
        "flux": FLUX_NAMES[row.flux],
        "zone": row.zone,
        row.fine_set: spread_text(row.fine_tg, row.fine_sd),
        row.coarse_set: spread_text(row.coarse_tg, row.coarse_sd),
        "difference": spread_text(row.bias_tg, row.bias_sd),
        "ratio": number_text(row.ratio, 2),
        "r, years": number_text(row.years_r, 2),
        "r, no trend": number_text(row.years_r_detrended, 2),
        "r, maps": number_text(row.map_r, 2),
        "difference of maps": number_text(row.map_bias, 1),
    }


COMPARISON_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"closure": closure_table, "resolutions": resolutions_table}
)
"""Name to what makes the table."""
