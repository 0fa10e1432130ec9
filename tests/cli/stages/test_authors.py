"""The run beside the authors' results: whole with look-alike files, less without them."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

from abz.catalog import CATALOG
from abz.cli.layout import Layout
from abz.cli.stages import authors
from abz.cli.storage import read_json, read_table, write_json, write_table
from abz.config import Config
from abz.errors import MissingDataError
from abz.readers.flux_training import TABLES
from abz.readers.published_areas import AREAS, ENVIRONMENT
from abz.vocabulary import FLUXES, PREDICTORS, predictor_names
from abz.world.products import (
    write_cmip6_permafrost_region,
    write_published_budgets_8km,
    write_published_environment_8km,
    write_published_importance,
    write_published_months_8km,
    write_published_site_trends,
)

RESULTS = "published/abcfluxv1_modeling"
IMPORTANCE = "published/abcflux_modeling_vip"
OF_ENTRY = {
    "published_budgets_8km": {"series", "trends", "closure", "gaps", "budgets"},
    "published_months_8km": {"amplitudes", "months"},
    "published_environment_8km": {"environment"},
    "published_site_trends": {"sites"},
    "published_importance": {"importance", "agreement", "ranks", "yardstick"},
    "flux_training_held_out": {"scores", "same_rows"},
    "cmip6_permafrost_region": {"models", "spread", "region", "model_series"},
}
SITES = [f"S{n:03d}" for n in range(6)]


def pairs(**columns):
    return pd.MultiIndex.from_product(columns.values(), names=columns).to_frame(index=False)


def write_results(folder, rng):
    """Look-alikes of all the authors' small results."""
    areas, years = list(AREAS.values()), range(1990, 2017)
    budgets = pairs(flux=["nee", "gpp", "reco"], area=areas, year=years)
    write_published_budgets_8km(
        budgets.assign(tg=rng.uniform(100, 200, len(budgets))), folder / RESULTS
    )
    months = pairs(area=areas, first_year=[1990, 2000, 2010], month=range(1, 13))
    write_published_months_8km(months.assign(nee=rng.normal(0, 9, len(months))), folder / RESULTS)
    names = [layer.variable for layer in ENVIRONMENT.values()]
    table = pairs(variable=names, area=areas, stored_year=years)
    low, high = zip(*(PREDICTORS[name].valid for name in table["variable"]), strict=True)
    table = table.assign(year=table["stored_year"] - 8, value=rng.uniform(low, high))
    write_published_environment_8km(table, folder / RESULTS)
    sites = {"site_name": ["name of S000"], "latitude": [60.0], "longitude": [25.0]}
    slopes = {flux: [1.0] for flux in FLUXES}
    write_published_site_trends(pd.DataFrame(sites | slopes), folder / RESULTS)
    words = ["NDVI", "Soil temperature", "Solar radiation", "Snow cover", "PDSI"]
    forests = pairs(
        flux=[*FLUXES], resolution=["1 km"], model=["qrf"], variant=["full"], name=words
    )
    write_published_importance(
        forests.assign(importance=rng.uniform(1, 40, len(forests)), spread=np.nan),
        folder / IMPORTANCE,
    )
    shape = {"model": ["A", "B"], "year": list(range(1990, 2015))}
    sizes = {"gpp": 9000.0, "npp": 4000.0, "rh": 3600.0, "nbp": 250.0}
    totals = xr.Dataset(
        {name: (tuple(shape), rng.normal(size, 60, (2, 25))) for name, size in sizes.items()}, shape
    ).assign_coords(experiment=("year", ["historical"] * 25))
    write_cmip6_permafrost_region(totals, folder / "cmip6_permafrost_region")


def write_training(folder, rng):
    """Look-alikes of the public rows, with predictors that all three tables hold."""
    rows = pairs(site_uid=SITES, year=range(2001, 2006), month=range(1, 13))
    number = len(rows)
    rows = rows.assign(
        site_name="name of " + rows["site_uid"], latitude=60.0, longitude=25.0, biome="Boreal",
        srad_wm2=rng.uniform(0, 300, number), ndvi_modis_raw=rng.uniform(0, 1, number),
        era5_soiltemp_l1_raw=rng.uniform(250, 290, number), snow_cover_pct=50.0,
    )  # fmt: skip
    (folder / "flux_training").mkdir(parents=True)
    for name in TABLES:
        outcome = 100 * rows["ndvi_modis_raw"] + rng.normal(0, 1, number)
        table = rows.assign(outcome_gC_m2_month=outcome, svm_pred_loso=outcome + 2.0)
        table.assign(svm_pred_loso_old=0.0).to_parquet(folder / "flux_training" / name)


def unpinned_catalog(path):
    """The catalog of the checkout without digests, so that look-alikes pass."""
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    for entry in content["entries"].values():
        entry["metadata"]["pin"].pop("files", None)
    path.write_text(yaml.safe_dump(content))
    return path


def write_run(layout, rng):
    """What the stages before this one leave."""
    write_table(
        pd.DataFrame({
            "zone_set": "abz", "zone": "ABZ", "flux": [*FLUXES], "budget": 1.0, "budget_sd": 0.1,
            "published": 2.0, "published_sd": 0.2,
        }),
        layout.budgets / "climatology.parquet",
    )  # fmt: skip
    rises = pairs(flux=[*FLUXES], predictor=list(predictor_names("climatology", "nee")))
    rises["rmse_increase"] = rng.uniform(0, 9, len(rises))
    write_table(rises.assign(shuffle=1), layout.drivers / "importance.parquet")
    write_table(rises, layout.drivers / "held_out_importance.parquet")


@pytest.fixture
def run_of(tmp_path, monkeypatch):
    """A function that lays out the data and a run, and removes some of the files."""
    monkeypatch.delenv("ABZ_DATA", raising=False)

    def make(*removed):
        rng = np.random.default_rng(3)
        data = tmp_path / "data"
        write_results(data, rng)
        write_training(data, rng)
        config = Config(
            name="clim", kind="climatology", output=tmp_path, data=data,
            catalog=unpinned_catalog(tmp_path / "catalog.yaml"),
            sets={"climatology": {"cell_m": 111_195, "first_year": 2001, "last_year": 2001}},
            forest={"trees": 4}, drivers={"shuffles": 2},
        )  # fmt: skip
        layout = Layout(config.root)
        write_run(layout, rng)
        rows = authors.open_catalog(config).open("flux_training")
        write_table(rows, layout.training("climatology"))
        for flux in FLUXES:
            folder = layout.models("climatology", flux)
            held = rows[["site", "year", "month"]].assign(observed=rows[flux], predicted=rows[flux])
            write_table(held, folder / "held_out.parquet")
            scores = {"r2": 0.5, "rmse": 20.0, "mae": 10.0, "mbe": 0.1}
            write_json({"rows": 360, "sites": 6, "held_out": scores}, folder / "scores.json")
        for pattern in removed:
            for path in data.glob(pattern):
                path.unlink()
        return config, layout

    return make


def test_all_tables_are_written_where_all_files_are_there(run_of):
    config, layout = run_of()
    assert authors.run(config, layout) == [layout.authors]
    assert {path.stem for path in layout.authors.glob("*.parquet")} == set.union(*OF_ENTRY.values())
    assert read_json(layout.authors / "notes.json") == {"absent": []}
    trends = read_table(layout.authors / "trends.parquet")
    assert len(trends) == 3 * 13 * 2 * 3
    importance = read_table(layout.authors / "importance.parquet")
    best = importance.query("forest == 'the tables' and flux == 'nee'").nlargest(1, "importance")
    assert best["predictor"].item() == "ndvi"
    same = read_table(layout.authors / "same_rows.parquet").set_index(["flux", "model"])
    assert same.loc[("nee", "svm"), ["rmse_ours", "rmse_theirs"]].tolist() == [0.0, 2.0]
    sites = read_table(layout.authors / "sites.parquet")
    assert sites["years"].tolist() == [5, 5, 5]


def test_scores_hold_every_source_with_the_sign_used_here(run_of):
    config, layout = run_of()
    authors.run(config, layout)
    scores = read_table(layout.authors / "scores.parquet").set_index(["flux", "model"])
    record = json.loads((authors.repository() / authors.RECORD).read_text())["oracle"]
    assert scores.loc[("gpp", "ranger"), "mbe"] == record["gpp"]["mbe"] > 0
    assert scores.loc[("gpp", "svm"), "mbe"] == pytest.approx(-2.0)
    assert scores.loc[("nee", "figure_1km"), "rmse"] == 19.4
    assert scores.loc[("reco", "figure_8km"), "mbe"] == -5.2
    assert scores.loc[("nee", "this run"), ["rows", "sites"]].tolist() == [360, 6]


@pytest.mark.parametrize(
    ("removed", "entries"),
    [
        (["cmip6_permafrost_region/*"], ["cmip6_permafrost_region"]),
        (["published/*/*"], [name for name in OF_ENTRY if name.startswith("published")]),
    ],
)
def test_what_is_absent_is_noted_and_the_rest_is_made(run_of, removed, entries):
    config, layout = run_of(*removed)
    authors.run(config, layout)
    assert read_json(layout.authors / "notes.json") == {"absent": entries}
    left = set.union(*(tables for name, tables in OF_ENTRY.items() if name not in entries))
    assert {path.stem for path in layout.authors.glob("*.parquet")} == left


def test_a_product_of_which_a_part_is_missing_is_an_error(run_of):
    config, layout = run_of(f"{RESULTS}/GPP_gC_m2_8km_budgets.csv")
    with pytest.raises(MissingDataError, match="GPP_gC_m2_8km_budgets"):
        authors.run(config, layout)
    assert not layout.authors.exists()
