"""The tables of the site: each a frame of finished text for reading and one of bare numbers.

`make_tables` returns both; the bare one goes to CSV, the other to Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from abz.report.applicability_tables import APPLICABILITY_TABLES
from abz.report.arithmetic_tables import ARITHMETIC_TABLES
from abz.report.authors_model_tables import AUTHORS_MODEL_TABLES
from abz.report.authors_tables import AUTHORS_TABLES
from abz.report.budget_tables import (
    budget_table,
    climatology_table,
    per_area_table,
    truth_table,
    zones_table,
)
from abz.report.catalog_tables import CATALOG_TABLES
from abz.report.class_tables import class_budgets
from abz.report.comparison_tables import COMPARISON_TABLES
from abz.report.driver_tables import DRIVER_TABLES
from abz.report.fire_tables import FIRE_TABLES
from abz.report.mapping_tables import MAPPING_TABLES
from abz.report.number import FLUX_NAMES
from abz.report.product_tables import PRODUCT_TABLES
from abz.report.published_map_tables import PUBLISHED_MAP_TABLES
from abz.report.results import Results
from abz.report.skill_tables import SKILL_TABLES
from abz.report.source_tables import SOURCE_TABLES
from abz.report.table import Table
from abz.report.trend_tables import TREND_TABLES
from abz.report.typography import number_text, unit_text
from abz.report.uncertainty_tables import UNCERTAINTY_TABLES
from abz.report.zone_tables import ZONE_TABLES
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
    if not results.learned:
        made = {name: table and _without_blanks(table) for name, table in made.items()}
    note = " The data are synthetic." if results.synthetic else ""
    return {
        name: table if name in CATALOG_TABLES else replace(table, caption=f"{table.caption}{note}")
        for name, table in made.items()
        if table is not None
    }


def _without_blanks(table: Table) -> Table:
    """A table without the columns in which no cell has a value, as of members and sites."""
    blank = (table.shown.isna() | (table.shown == "—")).all()
    return replace(table, shown=table.shown.loc[:, ~blank.to_numpy()])


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


def _agreement(results: Results) -> Table | None:
    """How many values of the training tables were found in the cubes again."""
    parts = [
        pd.DataFrame(part["agreement"]).assign(model_set=key.removeprefix("training_"))
        for key, part in results.screening.items()
        if key.startswith("training_")
    ]
    if not parts:
        return None
    bare = pd.concat(parts, ignore_index=True)
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "predictor": [PREDICTORS[name].long_name for name in bare["predictor"]],
            "unit": [unit_text(unit) for unit in bare["unit"]],
            "compared": [number_text(int(v), 0) for v in bare["rows"]],
            "missing in both": [number_text(int(v), 0) for v in bare["missing"]],
        }
    )
    return Table("Values of the training tables that agree with the cubes.", bare, shown)


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


_MAKERS: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "table1": budget_table,
        "table1_area": per_area_table,
        "truth": truth_table,
        "zones": zones_table,
        **SKILL_TABLES,
        "screening": _screening,
        "agreement": _agreement,
        "sites": _sites,
        **TREND_TABLES,
        "budgets_vegetation": class_budgets(("vegetation",), "vegetation type"),
        "budgets_permafrost": class_budgets(("permafrost",), "permafrost extent"),
        "budgets_region": class_budgets(
            ("region", "region_biome"), "region, and by region and biome"
        ),
        **ZONE_TABLES,
        **FIRE_TABLES,
        **DRIVER_TABLES,
        **APPLICABILITY_TABLES,
        **UNCERTAINTY_TABLES,
        **COMPARISON_TABLES,
        **PRODUCT_TABLES,
        **PUBLISHED_MAP_TABLES,
        **MAPPING_TABLES,
        **SOURCE_TABLES,
        **ARITHMETIC_TABLES,
        "missing_predictors": _missing_predictors,
        "climatology": climatology_table,
        **AUTHORS_TABLES,
        **AUTHORS_MODEL_TABLES,
        **CATALOG_TABLES,
    }
)
