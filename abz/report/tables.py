"""The tables of the site: each a frame of finished text for reading and one of bare numbers.

`make_tables` returns both; the bare one goes to CSV, the other to Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from abz.report.applicability_tables import APPLICABILITY_TABLES
from abz.report.authors_model_tables import AUTHORS_MODEL_TABLES
from abz.report.authors_tables import AUTHORS_TABLES
from abz.report.budget_tables import (
    budget_table,
    class_budgets,
    climatology_table,
    per_area_table,
    truth_table,
    zones_table,
)
from abz.report.comparison_tables import COMPARISON_TABLES
from abz.report.driver_tables import DRIVER_TABLES
from abz.report.fire_tables import FIRE_TABLES
from abz.report.mapping_tables import MAPPING_TABLES
from abz.report.number import FLUX_NAMES
from abz.report.results import Results
from abz.report.skill_tables import SKILL_TABLES
from abz.report.table import Table
from abz.report.trend_tables import TREND_TABLES
from abz.report.typography import number_text
from abz.report.uncertainty_tables import UNCERTAINTY_TABLES
from abz.vocabulary import FLUXES, PREDICTORS

__all__ = ["make_tables"]


def make_tables(results: Results) -> dict[str, Table]:
    """All tables that the run has data for.

    Parameters
    ----------
    results : Results
        What the run holds.

    Returns
    -------
    dict of {str: Table}
        By name, in the order of the site.

    Examples
    --------
    >>> list(make_tables(Results(name="empty")))
    []
    """
    made = {name: make(results) for name, make in _MAKERS.items()}
    note = " The data are synthetic." if results.synthetic else ""
    return {
        name: table if name == "catalog" else replace(table, caption=f"{table.caption}{note}")
        for name, table in made.items()
        if table is not None
    }


def _screening(results: Results) -> Table | None:
    """What each rule of the screening dropped."""
    dropped = results.screening.get("screening")
    if not dropped:
        return None
    bare = pd.DataFrame(dropped)
    shown = pd.DataFrame(
        {
            "rule": bare["rule"].astype(str).str.replace("_", " "),
            "site-months": [number_text(int(v), 0) for v in bare["rows"]],
            "sites": [number_text(int(v), 0) for v in bare["sites"]],
        }
    )
    return Table("Site-months and sites that each rule of the screening concerns.", bare, shown)


def _sites(results: Results) -> Table | None:
    """Sites with complete years: mean annual fluxes."""
    annual = results.tables.get("site_annual")
    if annual is None or annual.empty:
        return None
    grouped = annual.groupby(["site", "latitude", "longitude", "biome", "country"], sort=True)
    bare = grouped.agg(
        years=("year", "nunique"), nee=("nee", "mean"), gpp=("gpp", "mean"), reco=("reco", "mean")
    ).reset_index()
    shown = bare.assign(
        latitude=[number_text(v, 2) for v in bare["latitude"]],
        longitude=[number_text(v, 2) for v in bare["longitude"]],
        years=bare["years"].astype(str),
        **{flux: [number_text(v, 0) for v in bare[flux]] for flux in FLUXES},
    ).rename(columns=FLUX_NAMES)
    return Table("Sites with complete years; mean annual fluxes in g C m⁻² yr⁻¹.", bare, shown)


def _missing_predictors(results: Results) -> Table | None:
    """Predictors of the study that a climatology had to do without."""
    absent = results.notes.get("missing_predictors")
    if not absent:
        return None
    bare = pd.DataFrame(
        [{"flux": flux, "predictor": name} for flux, names in absent.items() for name in names]
    )
    words = {name: PREDICTORS[name].long_name for name in bare["predictor"]}
    shown = pd.DataFrame(
        {
            "flux": [FLUX_NAMES[flux] for flux in absent],
            "missing predictors": [", ".join(words[n] for n in names) for names in absent.values()],
        }
    )
    return Table("Predictors of the study that the forests of this run do without.", bare, shown)


def _catalog(results: Results) -> Table | None:
    """All datasets of the catalog."""
    bare = results.tables.get("catalog")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "entry": [f"`{name}`" for name in bare["name"]],
            "product": bare["product"] + ", version " + bare["version"],
            "provider": bare["provider"],
            "period": bare["period"].str.replace(r"(?<=\d)-(?=\d)", "–", regex=True),
            "licence": bare["license"],
            "DOI": [f"[{doi}](https://doi.org/{doi})" if doi else "—" for doi in bare["doi"]],
            "access": bare["access"],
            "files": ["<br>".join(f"`{p}`" for p in str(v).split()) for v in bare["patterns"]],
        }
    )
    return Table("Datasets of the catalog.", bare, shown)


_MAKERS: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "table1": budget_table,
        "table1_area": per_area_table,
        "truth": truth_table,
        "zones": zones_table,
        **SKILL_TABLES,
        "screening": _screening,
        "sites": _sites,
        **TREND_TABLES,
        "budgets_vegetation": class_budgets(
            "vegetation",
            "Mean annual budgets by vegetation type, Tg C yr⁻¹ ± SD over the members; in "
            "brackets the members' mean.",
        ),
        "budgets_permafrost": class_budgets(
            "permafrost",
            "Mean annual budgets by permafrost extent, Tg C yr⁻¹ ± SD over the members; in "
            "brackets the members' mean.",
        ),
        "budgets_region": class_budgets(
            "region_biome",
            "Mean annual budgets by region and biome, Tg C yr⁻¹ ± SD over the members; in "
            "brackets the members' mean.",
        ),
        **FIRE_TABLES,
        **DRIVER_TABLES,
        **APPLICABILITY_TABLES,
        **UNCERTAINTY_TABLES,
        **COMPARISON_TABLES,
        **MAPPING_TABLES,
        "missing_predictors": _missing_predictors,
        "climatology": climatology_table,
        **AUTHORS_TABLES,
        **AUTHORS_MODEL_TABLES,
        "catalog": _catalog,
    }
)
