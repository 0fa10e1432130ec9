"""Tables: published and synthetic numbers stay apart, the shapes are right."""

import pandas as pd

from abz.published import TOPICS
from abz.report import Results, make_tables
from abz.vocabulary import PREDICTORS

ALL = {
    "table1", "table1_area", "truth", "zones", "scores", "tuning", "screening", "agreement",
    "sites", "trends", "budgets_vegetation", "budgets_permafrost", "budgets_region", "missing",
    "outside", "outside_range", "levels", "clusters", "skill", "components", "coverage", "ensemble",
    "skill_groups_fine", "skill_groups_coarse", "designs_fine", "designs_coarse",
    "intervals_fine", "intervals_coarse", "importance", "predictor_groups",
    "closure", "resolutions", "products", "product_likeness", "product_trends", "product_ledger",
    "product_steps", "product_sites", "product_winter", "product_notes",
    "trend_shares", "trend_overlay", "greening", "latitude", "amplitude",
    "monthly_change", "environment_trends", "site_trends", "fire_periods", "fire_extremes",
    "burned", "ledger", "postfire_sites", "postfire_cells", "postfire_fits", "postfire_correction",
    "uncertainty", "zone_correlation", "transfer", "reconciliation", "sources", "in_situ",
    "seasons", "months", "arithmetic",
}  # fmt: skip

PAPER = {"paper", "paper_contradictions", "paper_all", *(f"paper_{topic}" for topic in TOPICS)}
"""Tables that are made of the numbers of a run."""


def test_a_full_run_has_all_tables(tiny):
    assert set(make_tables(tiny.results)) == ALL
    folder = tiny.layout.results / "tables"
    assert {path.stem for path in folder.glob("*.csv")} == ALL | PAPER
    assert {path.stem for path in folder.glob("*.md")} == ALL | PAPER


def test_every_table_of_a_synthetic_run_says_so(tiny):
    assert all("ynthetic" in table.caption for table in make_tables(tiny.results).values())
    for path in (tiny.layout.results / "tables").glob("*.csv"):
        assert (pd.read_csv(path)["run"] == "synthetic").all(), path.name


def test_agreement_of_table_and_raster_is_shown(tiny):
    shown = make_tables(tiny.results)["agreement"].shown
    assert shown.iloc[0].tolist() == ["fine", PREDICTORS["lst"].long_name, "K", "1,200", "31"]


def test_a_climatology_has_its_own_tables():
    table = pd.DataFrame(
        {
            "zone_set": ["abz"],
            "flux": ["nee"],
            "zone": ["ABZ"],
            "valid_share": [0.9],
            "budget": [-700.0],
            "budget_sd": [9.0],
            "published": [-548.0],
            "published_sd": [140.0],
            "ratio": [1.3],
        }
    )
    notes = {"missing_predictors": {"nee": ["lst", "cti"]}}
    made = make_tables(Results(name="c", tables={"climatology": table}, notes=notes))
    assert list(made) == ["missing_predictors", "climatology"]
    assert "compound topographic index" in made["missing_predictors"].shown.iloc[0, 1]
