"""Every number that the site shows, with its unit, period, formula and inputs, under one key.

Keys are built from what they name, in this order, joined by underscores:

`SET_ZONE_FLUX_QUANTITY`
    `fine_abz_nee_budget`, `coarse_boreal_gpp_budget_sd`, `fine_permafrost_nee_fire_trend`. Zones
    are those of the budgets; the classes of the permafrost map and of the vegetation carry the name
    of their zone set, as in `fine_vegetation_wetland_nee_budget`, a run's own zones that and a
    prefix, as in `fine_own_basins_lena_nee_budget`. A trend over another period than
    the longest one ends with that period, as in `fine_abz_nee_trend_2001_2016`.
`SET_ZONE_nee_SOURCES`
    `fine_alaska_nee_source_sites`, `fine_abz_nee_source_site_share`,
    `fine_siberia_nee_share_of_sources`.
`SET_checks`, `SET_checks_differing`
    `fine_checks`, `published_checks_differing`; of the arithmetic of Table 1.
`SET_ZONE_FLUX_COMPONENT_sd`
    `fine_abz_nee_transfer_sd`, `fine_abz_nee_fire_total_sd`; also `_holds`, `_held_out_bias`,
    `_reconciled`; `fine_biomes_nee_total_correlation`, `fine_nee_transfer_length_km`.
`SET_abz_nee_YEAR`
    `fine_abz_nee_2020`; NEE of the whole zone in each year.
`SET_ZONE_truth_FLUX_QUANTITY`
    `fine_tundra_truth_nee_error_sd`, `coarse_abz_truth_gpp_true_total`,
    `truth_within_two_total_sd`; for synthetic worlds.
`SET_ZONE_fire_QUANTITY`
    `fine_abz_fire_period_effect`, `fine_boreal_fire_burned_share`, `fine_abz_fire_years_exceeding`.
`SET_postfire_QUANTITY`, `SET_ZONE_postfire_QUANTITY`
    `fine_postfire_sites`, `fine_postfire_months`, `fine_abz_postfire_correction`.
`SET_FLUX_SCORE`
    `fine_nee_r2`, `fine_gpp_rmse`; also `_mae`, `_mbe`, `_rows`, `_sites`, `_mtry`; `_rmse_low`,
    `_rmse_high` and the like; `_skill_BASELINE`, `_r2_COMPONENT`, `_DESIGN_rmse_change`,
    `_DESIGN_w_km`, `_coverage90_all`, `_sd_error_share`, `_site_row_sd_ratio`,
    `_site_row_sd_ratio_low`;
    `_rank1`, `_importance_PREDICTOR`, `_held_out_rank1`, `_held_out_importance_PREDICTOR`,
    `_held_out_group1`, `_held_out_clear`.
`SET_FLUX_DIRECTION_share`
    `fine_nee_falling_share`, whose text holds the share that chance makes; also `_share_fdr`,
    `_shuffled_p`; of a season `fine_nee_jja_falling_share`.
`SET_ZONE_FLUX_trend_QUANTITY`
    `fine_abz_nee_trend_size`, `fine_abz_nee_trend_detectable`; `fine_abz_nee_amplitude_change`,
    `fine_boreal_nee_jul_change`.
`SET_ZONE_FLUX_outside_QUANTITY`
    `fine_boreal_nee_outside_share`, `fine_abz_gpp_outside_budget_share`; of the area of
    applicability, like `fine_nee_applicability_threshold` and `fine_nee_pooled_share`.
`SET_ZONE_closure_FLUX_QUANTITY`
    `fine_abz_closure_reco_gpp_budget`, `fine_tundra_closure_gap_in_sd`; NEE beside Reco − GPP.
`resolutions_ZONE_FLUX_QUANTITY`
    `resolutions_abz_nee_bias`, `resolutions_boreal_gpp_map_r`; the fine set beside the coarse one.
`SET_QUANTITY`
    `coarse_missing_ndvi`, `fine_clusters_without_towers`, `fine_overlay_inconsistent_share`,
    `fine_greening_share`, `fine_latitude_cells_r`.
`authors_AREA_FLUX_METHOD_YEAR`, `authors_QUANTITY`
    `authors_abz_nee_zhang_2001`, `authors_svm_nee_rmse_theirs`, `authors_cmip6_nee_mean`; the
    authors' own small results and CMIP6, beside a run on real data.
`adopted_QUANTITY`
    `adopted_nee_outside`, `adopted_outside_area`, `adopted_nee_largest`; of a run on the published
    maps, what its zones leave out, and how far maps made again are from the published ones.
`sites_QUANTITY`
    `sites_rows`, `sites_rows_dropped_larval_outbreak`, `sites_months_mean`, `sites_fire`.
`run_QUANTITY`
    `run_name`, `run_data`, `run_kind`, `run_engine`, `run_fine_cell_km`; `run_paper_reproduced` and
    the like, how many published numbers have a status.
`published_ID`
    The paper's own numbers; they never depend on the run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from abz.published import FILE, Record, published_record
from abz.report.applicability_numbers import applicability_numbers
from abz.report.arithmetic_tables import arithmetic_numbers
from abz.report.authors_numbers import authors_numbers
from abz.report.budget_numbers import (
    annual_numbers,
    climatology_numbers,
    fire_numbers,
    source_numbers,
    table1_numbers,
    trend_numbers,
)
from abz.report.comparison_numbers import comparison_numbers
from abz.report.driver_numbers import driver_numbers
from abz.report.fire_numbers import balance_numbers, postfire_numbers
from abz.report.model_numbers import (
    missing_numbers,
    score_numbers,
    site_numbers,
    truth_numbers,
)
from abz.report.number import Number, Origin, Pairs
from abz.report.paper_tables import paper_numbers
from abz.report.product_numbers import product_numbers
from abz.report.published_map_tables import published_map_numbers
from abz.report.results import Results
from abz.report.site_count_numbers import site_count_numbers
from abz.report.skill_numbers import validation_numbers
from abz.report.trend_numbers import trend_statistics
from abz.report.typography import quantity_text
from abz.report.uncertainty_numbers import uncertainty_numbers

__all__ = ["collect_numbers", "number_records"]

_PARTS = (
    table1_numbers,
    source_numbers,
    uncertainty_numbers,
    trend_numbers,
    trend_statistics,
    annual_numbers,
    fire_numbers,
    balance_numbers,
    postfire_numbers,
    score_numbers,
    validation_numbers,
    site_numbers,
    site_count_numbers,
    missing_numbers,
    driver_numbers,
    applicability_numbers,
    comparison_numbers,
    product_numbers,
    published_map_numbers,
    truth_numbers,
    climatology_numbers,
    arithmetic_numbers,
    authors_numbers,
)


def collect_numbers(results: Results) -> dict[str, Number]:
    r"""All numbers of a run.

    Parameters
    ----------
    results : Results
        What the run holds; absent parts give no numbers.

    Returns
    -------
    dict of {str: Number}
        Sorted by key; values that are not finite are left out.

    Examples
    --------
    >>> numbers = collect_numbers(Results(name="demo", kind="study", synthetic=True))
    >>> numbers["run_data"].text
    'synthetic'
    >>> numbers["published_abz_nee_budget"].text.replace("\xa0", " ")
    '−548 ± 140 Tg C yr⁻¹'
    """
    found: dict[str, Number] = {}
    for part in (_of_the_run, *_PARTS, _of_the_paper):
        found.update(part(results))
    found.update(paper_numbers(found))
    return {
        key: number
        for key, number in sorted(found.items())
        if isinstance(number.value, str) or math.isfinite(number.value)
    }


def number_records(numbers: Mapping[str, Number]) -> dict[str, dict[str, Any]]:
    """Numbers as plain dictionaries, ready to be written as JSON.

    Examples
    --------
    >>> number = Number(1, "1", "1", "one", "", False, "abz.report.collect_numbers", ())
    >>> number_records({"one": number})["one"]["text"]
    '1'
    """
    return {
        key: {**asdict(number), "inputs": list(number.inputs)} for key, number in numbers.items()
    }


def _of_the_run(results: Results) -> Pairs:
    """What the run is."""
    origin = Origin(False, "abz.config.load_config", ("the configuration",))
    yield "run_name", origin.number(results.name, "1", "name of the run")
    data = "synthetic" if results.synthetic else "real"
    yield "run_data", origin.number(data, "1", "origin of the data of the run")
    yield "run_kind", origin.number(results.kind, "1", "what the run follows")
    if results.engine:
        yield "run_engine", origin.number(results.engine, "1", "what grows the forests")
    for name, edge in results.cell_m.items():
        number = origin.number(edge / 1000, "km", f"edge of a cell, {name} set")
        yield f"run_{name}_cell_km", number


def _of_the_paper(_: Results) -> Pairs:
    """Published numbers that the text speaks of."""
    origin = Origin(False, "abz.published.published_record", (FILE,))
    for name in (
        "abz_nee_budget", "abz_nee_trend", "abz_neefire_budget", "boreal_budget", "tundra_budget",
        "pf_nee_budget", "pf_neefire_budget", "fire_abz", "nee_2020", "july_boreal", "july_tundra",
    ):  # fmt: skip
        record = published_record(name)
        label = f"published: {name.replace('_', ' ')}, {record.region}".rstrip(", ")
        spread = record.numbers.get("sd")
        label += " (SD of NEE alone)" if "neefire" in name and spread else ""
        yield f"published_{name}", origin.number(
            record.value, record.units, label, period=record.years,
            spread=spread.value if spread else None, text=_as_printed(record),
        )  # fmt: skip


def _as_printed(record: Record) -> str:
    """A published number with the digits it was published with."""
    spread = record.numbers.get("sd")
    digits = record.number().decimals
    return quantity_text(record.value, record.units, spread.value if spread else None, digits)
