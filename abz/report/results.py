"""What a run holds, gathered in one value, so that numbers, tables and figures open no files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from abz.vocabulary import BUILT_IN_SETS

__all__ = ["Results", "records", "slug", "zone_key"]

_PLAIN_ZONE_SETS = ("abz", "biome", "permafrost_region", "region", "continent", "region_biome")


@dataclass(frozen=True)
class Results:
    """The outputs of the stages of one run; whatever a run did not make is simply absent.

    Parameters
    ----------
    name, title : str
        Of the run.
    kind : str
        `study`, `climatology` or `published_maps`.
    synthetic : bool
        Whether the data are those of a synthetic world.
    alpha : float, optional
        Level of significance of the trends.
    engine : str, optional
        What grows the forests.
    cell_m : mapping of {model set: float}, optional
        Edge of the cells, m.
    tables : mapping of {str: pandas.DataFrame}
        `annual`, `seasonal`, `monthly`, `table1`, `in_situ`, `site_zones`, `source_area`,
        `source_sites`, `trends`, `left_out`, `climatology`, `importance`, `response`,
        `driver_held_out_importance`, `driver_grouped_importance`, `driver_groups`,
        `driver_effects`, `driver_pairs`, `site_months`, `site_annual`, `catalog`; of the validation
        `skill`, `relative_skill`, `components`, `site_skill`, `designs`, `coverage`, `intervals`,
        `ensemble`, all with `model_set` and `flux`; `applicability_error`, `_shares`, `_levels`,
        `_clusters`, `_sites`; `closure`, `resolutions`, `resolution_years`; `trend_shares`,
        `_field`, `_overlay`, `_greening`, `_latitude`, `_environment`, `_limits`; `site_trends`,
        `site_trend_limits`, `amplitude`, `monthly_change`; `uncertainty`, `covariance`, `transfer`,
        `correlogram`, `reconciliation`, `reconciliation_covariance`; `ledger`, `fire_periods`,
        `fire_years`; `postfire_burned`, `_sites`, `_cells`, `_bias`, `_fits`, `_curves`,
        `_correction`; beside the authors' own results `authors_series`, `_trends`, `_environment`,
        `_closure`, `_gaps`, `_amplitudes`, `_months`, `_sites`, `_budgets`, `_importance`,
        `_ranks`, `_agreement`, `_yardstick`, `_scores`, `_same_rows`, `_models`, `_spread`,
        `_region`, `_model_series`; of a run on published maps `adopted`, `mean_map_agreement`,
        `mean_map_budgets`; beside products of others `product_members`, `_years`,
        `_summary`, `_trends`, `_likeness`, `_ledger`, `_steps`, `_sites`, `_site_agreement`,
        `_winter`, `_winter_years`, `_notes`.
    scores, held_out : mapping of {(model set, flux): …}
        Skill and tuning; held-out predictions.
    screening : mapping
        What the screening of the site-months dropped.
    trends, zones, flux, missing : mapping of {model set: xarray.Dataset}
        Maps (y, x) of means and trends; zones; monthly fluxes; totals, with counts of missing
        predictors where forests made them.
    fire : xarray.Dataset (time, y, x), optional
        Emission and burned fraction.
    postfire : mapping of {model set: xarray.Dataset}
        Correction of the months of a year (time, y, x), years since fire and burned share (y, x).
    applicability : mapping of {model set: xarray.Dataset}
        Dissimilarity, area of applicability, density (flux, month, y, x); similarity, clusters.
    closure : mapping of {model set: xarray.Dataset}
        Maps (y, x) of NEE, Reco − GPP and their gap.
    resolutions : xarray.Dataset (flux, y, x), optional
        The fine set beside the coarse one, on the coarse grid.
    products : xarray.Dataset (product, y, x), optional
        Means and trends of NEE of products of others, and of the run in their years.
    truth : mapping of {model set: xarray.Dataset}
        What the synthetic world knows of itself, on the grid of the set.
    notes : mapping
        Remarks that the run made about itself.

    Examples
    --------
    >>> sorted(Results(name="demo", kind="study", synthetic=True).words)
    ['study', 'synthetic']
    """

    name: str
    title: str = ""
    kind: str = "study"
    synthetic: bool = False
    alpha: float = 0.05
    engine: str = ""
    cell_m: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    held_out: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    screening: Mapping[str, Any] = field(default_factory=dict)
    trends: Mapping[str, xr.Dataset] = field(default_factory=dict)
    zones: Mapping[str, xr.Dataset] = field(default_factory=dict)
    flux: Mapping[str, xr.Dataset] = field(default_factory=dict)
    missing: Mapping[str, xr.Dataset] = field(default_factory=dict)
    fire: xr.Dataset | None = None
    postfire: Mapping[str, xr.Dataset] = field(default_factory=dict)
    applicability: Mapping[str, xr.Dataset] = field(default_factory=dict)
    closure: Mapping[str, xr.Dataset] = field(default_factory=dict)
    resolutions: xr.Dataset | None = None
    products: xr.Dataset | None = None
    truth: Mapping[str, xr.Dataset] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sets(self) -> tuple[str, ...]:
        """Model sets with budgets or maps, the finest first."""
        found = {*self.trends, *self.flux}
        for name in ("table1", "annual"):
            if name in self.tables:
                found |= set(self.tables[name]["model_set"])
        return tuple(sorted(found, key=lambda name: (name != "fine", name)))

    @property
    def predicted(self) -> dict[str, xr.Dataset]:
        """Totals of the sets that forests mapped, with counts by predictor."""
        return {name: totals for name, totals in self.missing.items() if "missing" in totals}

    @property
    def learned(self) -> bool:
        """Whether forests, their members and sites stand behind the budgets."""
        return self.kind != "published_maps"

    @property
    def words(self) -> frozenset[str]:
        """What pages may ask of a run with `requires:` or `when`: sets, rooms, kind, origin."""
        words = {self.kind, "synthetic" if self.synthetic else "real", *self.sets}
        has = {
            "fire": self.fire is not None,
            "trends": bool(self.trends),
            "truth": bool(self.truth),
            "skill": bool(self.scores),
            "drivers": "importance" in self.tables,
            "applicability": bool(self.applicability),
            "closure": "closure" in self.tables,
            "resolutions": "resolutions" in self.tables,
            "budgets": "table1" in self.tables,
            "sites": bool(self.screening) or "site_annual" in self.tables,
            "catalog": "catalog" in self.tables,
            "series": "annual" in self.tables,
            "both": {"fine", "coarse"} <= set(self.sets),
            "published": "climatology" in self.tables,
            "authors": "authors_trends" in self.tables,
            "products": not {"product_summary", "product_winter"}.isdisjoint(self.tables),
        }
        return frozenset(words | {word for word, there in has.items() if there})


def records(table: pd.DataFrame) -> Iterator[Any]:
    """Rows of a table, its columns as attributes.

    Examples
    --------
    >>> [row.zone for row in records(pd.DataFrame({"zone": ["ABZ"]}))]
    ['ABZ']
    """
    yield from table.itertuples()


def slug(name: str) -> str:
    """Lower-case key of a name: letters, digits and underscores.

    Examples
    --------
    >>> slug("Alaska boreal"), slug("Oct-Apr")
    ('alaska_boreal', 'oct_apr')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def zone_key(zone_set: str, zone: str) -> str:
    """Key of a zone, unique over all zone sets.

    Examples
    --------
    >>> zone_key("biome", "boreal"), zone_key("permafrost", "none"), zone_key("abz", "ABZ")
    ('boreal', 'permafrost_none', 'abz')
    >>> zone_key("basins", "Lena")
    'own_basins_lena'
    """
    if zone_set in _PLAIN_ZONE_SETS:
        return slug(zone)
    plain = zone if zone.isascii() else zone.encode("punycode").decode()
    key = f"{zone_set}_{slug(plain)}"
    return key if zone_set in BUILT_IN_SETS else f"own_{key}"
