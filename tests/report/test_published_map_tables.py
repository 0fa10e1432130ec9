"""Tables and numbers of a run on the published maps."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.report import Results
from abz.report.published_map_tables import PUBLISHED_MAP_TABLES, published_map_numbers


def results(**changes):
    account = pd.DataFrame(
        {
            "flux": ["nee", "gpp", "reco"], "source": [-560.0, 9990.0, 9540.0],
            "held": [-548.0, 9970.0, 9525.0], "outside": [-12.0, 20.0, 15.0],
            "source_area": 2.08e13, "held_area": 2.07e13, "partial": 3, "unpredicted": 0,
            "model_set": "fine",
        }
    )  # fmt: skip
    agreement = pd.DataFrame(
        [
            {"layer": layer, "cells": 100, "only_first": 0, "only_second": 2, "first": -25.0,
             "second": -25.1, "bias": 0.1, "rmse": 0.2, "largest": 3.5, "r": r, "first_year": 2002,
             "last_year": 2020, "method": "zhang", "model_set": "fine"}
            for layer, r in (("nee", 0.999), ("nee_trend", np.nan))
        ]
    )  # fmt: skip
    zone = {"zone_set": "abz", "zone": "ABZ", "model_set": "fine", "first_year": 2002,
            "last_year": 2020, "area_m2": 2.07e13, "valid_share": 1.0}  # fmt: skip
    budgets = pd.DataFrame(
        [
            {**zone, "flux": "nee", "budget": -560.0, "per_area": -27.0, "source_area_share": 0.34},
            {**zone, "flux": "fire", "budget": 241.0, "per_area": 11.6, "source_area_share": 1.0},
            {**zone, "flux": "nee", "budget": 1.0, "per_area": 1.0, "source_area_share": 0.5,
             "zone_set": "vegetation", "zone": "wetland"},
        ]
    )  # fmt: skip
    grid = ("y", "x"), np.zeros((1, 1))
    zones = xr.Dataset({"biome": (*grid, {"seam_cells": 7}), "vegetation": grid})
    tables = {"adopted": account, "mean_map_agreement": agreement, "mean_map_budgets": budgets}
    content = {"tables": tables, "zones": {"fine": zones}, "kind": "published_maps", **changes}
    return Results(name="maps", **content)


def made(name, found):
    table = PUBLISHED_MAP_TABLES[name](found)
    return None if table is None else table.shown


def test_tables_say_what_is_held_and_what_is_not():
    table = made("adopted", results()).set_index("flux")
    assert table.loc["NEE", "outside"] == "−12.0"
    assert table.loc["GPP", "all cells"] == "9,990"
    assert table.loc["NEE", "area of all cells, 10⁶ km²"] == "20.800"


def test_agreement_names_maps_years_and_units():
    table = made("mean_map_agreement", results()).set_index("map")
    assert table.loc["mean NEE", "years"] == "2002–2020"
    assert table.loc["mean NEE", "in one only"] == "2"
    assert table.loc["trend of NEE", "unit"] == "g C m⁻² yr⁻¹ yr⁻¹".replace(
        " ", "\N{NO-BREAK SPACE}"
    )
    assert table.loc["trend of NEE", "r"] == "—"


def test_budgets_show_main_zones_and_no_source_area_of_fire():
    table = made("mean_map_budgets", results())
    assert list(table["zone"]) == ["ABZ", "ABZ"]
    assert list(table["source area, %"]) == ["34", "—"]


@pytest.mark.parametrize("name", PUBLISHED_MAP_TABLES)
def test_other_runs_have_no_such_table(name):
    assert made(name, Results(name="study")) is None


def test_numbers_of_the_account_and_the_largest_difference():
    found = dict(published_map_numbers(results()))
    assert found["adopted_nee_outside"].value == -12.0
    assert found["adopted_outside_area"].value == pytest.approx(100 * (1 - 2.07 / 2.08))
    assert found["adopted_biome_seam_cells"].value == 7
    assert found["adopted_vegetation_seam_cells"].value == 0
    assert found["adopted_nee_largest"].period == "2002–2020"
    assert dict(published_map_numbers(Results(name="study"))) == {}
