"""The stage that lays the published mean maps beside the published months."""

import re
import shutil

import numpy as np
import pytest
import rasterio
import xarray as xr

from abz.catalog import write_world_catalog
from abz.cli.check_paper import check_paper
from abz.cli.layout import Layout
from abz.cli.stages import budgets, fire, mean_maps, report, trends
from abz.cli.storage import read_json, read_table, read_zarr, write_zarr
from abz.errors import GridError, InputError, MissingDataError
from abz.grid import polar_grid
from abz.world.products import write_ornl_2377_means

NAME = "CO2Fluxes_Arctic_Boreal_{}_2002_2020_avg.tif"


@pytest.fixture
def changed(adopted_run, tmp_path):
    """A copy of the run with its maps, whose archive may be changed."""
    config, layout = adopted_run
    copy = config.model_copy(update={"output": tmp_path})
    shutil.copytree(layout.root, copy.root)
    return copy, Layout(copy.root)


def agreement(layout):
    return read_table(layout.mean_maps / "agreement.parquet").set_index("layer")


def test_months_make_the_means(adopted_run):
    _, layout = adopted_run
    table = agreement(layout)
    assert table.loc["nee", "largest"] < 1e-3
    assert table.loc["nee", ["only_first", "only_second"]].sum() == 0
    assert table.loc["nee", "cells"] > 100
    assert table.loc["nee_fire", "r"] > 0.9
    assert (table["first_year"] == 2002).all()
    assert (table["last_year"] == 2020).all()


def test_trend_map_is_held_against_the_slope_of_the_same_years(adopted_run):
    table = agreement(adopted_run[1])
    assert 0.5 < table.loc["nee_trend", "r"] <= 1
    assert table.loc["nee_trend", "method"] == "zhang"


def test_one_wrong_cell_of_a_published_map_is_found(changed):
    config, layout = changed
    before = agreement(layout)
    path = config.archive / "ornl_2377_means" / NAME.format("NEE")
    with rasterio.open(path, "r+") as file:
        band = file.read(1)
        row, column = np.argwhere(np.isfinite(band))[50]
        band[row, column] += 25.0
        file.write(band, 1)
    write_world_catalog(config.archive)
    mean_maps.run(config, layout, model_set="fine")
    after = agreement(layout)
    assert after.loc["nee", "largest"] == pytest.approx(25.0, abs=1e-3)
    assert after.loc["nee", "r"] < before.loc["nee", "r"]


def test_without_monthly_fire_table_1_has_that_of_the_mean_map(changed):
    config, layout = changed
    known = read_table(layout.budgets / "table1.parquet").set_index(["zone", "flux"])["budget"]
    shutil.rmtree(config.archive / "gfed500m")
    write_world_catalog(config.archive)
    assert fire.run(config, layout) == []
    assert not layout.fire.exists()
    trends.run(config, layout, model_set="fine")
    mean_maps.run(config, layout, model_set="fine")
    budgets.run(config, layout)
    assert "nee_fire" not in agreement(layout).index
    table = read_table(layout.budgets / "table1.parquet").set_index(["zone", "flux"])
    for zone in ("ABZ", "boreal"):
        whole, burning = table.loc[(zone, "nee_fire")], table.loc[(zone, "fire")]
        assert whole["budget"] == pytest.approx(whole["same_years_nee"] + burning["budget"])
        assert burning["budget"] == pytest.approx(known[zone, "fire"], rel=0.3)
        assert (whole["first_year"], whole["last_year"]) == (2002, 2020)
        assert np.isnan(whole["interannual_sd"])
        assert table.loc[(zone, "nee"), "budget"] == known[zone, "nee"]


def test_without_the_maps_nothing_is_made(changed):
    config, layout = changed
    for name in ("ornl_2377_means", "ornl_2377_trends"):
        shutil.rmtree(config.archive / name)
    write_world_catalog(config.archive)
    assert mean_maps.run(config, layout, model_set="fine") == []
    assert not layout.mean_maps.exists()


def test_a_map_of_the_trend_alone_is_held_against_the_months(changed):
    config, layout = changed
    shutil.rmtree(config.archive / "ornl_2377_means")
    write_world_catalog(config.archive)
    (path,) = mean_maps.run(config, layout, model_set="fine")
    assert path.name == "agreement.parquet"
    assert agreement(layout).index.tolist() == ["nee_trend"]
    budgets.run(config, layout)


@pytest.mark.parametrize("rename", [None, "CO2Fluxes_Arctic_Boreal_NEE_2001_2020_avg.tif"])
def test_a_map_that_is_missing_or_of_other_years_is_named(changed, rename):
    config, layout = changed
    path = config.archive / "ornl_2377_means" / NAME.format("NEE")
    path.rename(path.with_name(rename)) if rename else path.unlink()
    with pytest.raises(MissingDataError, match=path.name):
        mean_maps.run(config, layout, model_set="fine")


def test_the_report_has_numbers_for_the_paper_and_no_hole(changed):
    config, layout = changed
    report.run(config, layout)
    numbers = read_json(layout.results / "numbers.json")
    assert numbers["run_kind"]["value"] == "published_maps"
    assert "run_engine" not in numbers
    for key in ("fine_abz_nee_budget", "fine_abz_nee_fire_budget", "fine_abz_fire_mean",
                "fine_abz_nee_source_area_share", "fine_abz_nee_trend",
                "fine_abz_nee_summer_ratio", "adopted_nee_largest"):  # fmt: skip
        assert np.isfinite(numbers[key]["value"]), key
        assert numbers[key]["synthetic"], key
    contents = read_json(layout.results / "contents.json")
    assert "truth" not in contents["words"]
    assert {"adopted", "mean_map_agreement", "mean_map_budgets"} <= set(contents["tables"])
    for path in (layout.results / "tables").glob("*.md"):
        text = path.read_text()
        assert not re.search(r"\b(nan|None)\b", text), path.name
        if not path.stem.startswith(("paper", "arithmetic", "catalog")):
            assert not re.search(r"member|forest with|own forest|held out", text), path.name
    assert "site-years" not in (layout.results / "tables" / "table1_area.md").read_text()
    assert check_paper(layout.root) == 0


def replace_means(config, grid):
    folder = config.archive / "ornl_2377_means"
    shutil.rmtree(folder)
    level = (("y", "x"), np.full(grid.shape, -20.0), {"period": "2002-2020"})
    data = xr.Dataset({"nee": level, "nee_fire": level}, grid.coords())
    write_ornl_2377_means(data, folder)
    write_world_catalog(config.archive)


def test_maps_on_another_grid_are_refused(changed):
    config, layout = changed
    replace_means(config, polar_grid(2e5))
    with pytest.raises(GridError, match="another grid than the published months"):
        mean_maps.run(config, layout, model_set="fine")


def test_months_that_do_not_cover_the_maps_are_refused(changed):
    config, layout = changed
    flux = read_zarr(layout.flux("fine")).isel(time=slice(0, 60)).load()
    shutil.rmtree(layout.flux("fine"))
    write_zarr(flux.drop_encoding(), layout.flux("fine"))
    with pytest.raises(InputError, match="do not cover the years"):
        mean_maps.run(config, layout, model_set="fine")
