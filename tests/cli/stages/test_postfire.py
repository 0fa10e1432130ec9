"""What follows a fire, from held-out predictions and maps to the corrected budget."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.stages import postfire
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr
from abz.config import Config
from abz.errors import MissingDataError
from abz.grid import polar_grid
from abz.harmonise.zones import zones_of_classes
from abz.units import MONTHLY_FLUX
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST, VEGETATION

YEARS = range(2002, 2008)
SETTINGS = {
    "name": "small", "world": {}, "fire": {"first_year": 2002, "last_year": 2007},
    "sets": {"fine": {"cell_m": 5e5, "first_year": 2002, "last_year": 2007},
             "coarse": {"cell_m": 1e6, "first_year": 2002, "last_year": 2007}},
    "postfire": {"max_age": 8, "samples": 200},
    "budgets": {"unions": {"east": ["region/Siberia", "region/Europe"]}},
}  # fmt: skip
TABLES = ("bias", "burned", "cells", "correction", "curves", "fits", "sites")


def months():
    steps = np.arange(f"{YEARS[0]}-01", f"{YEARS[-1] + 1}-01", dtype="datetime64[M]")
    return xr.DataArray(steps.astype("datetime64[ns]"), dims="time", name="time")


def held_out(level=30.0, slope=-4.0):
    """Ten burned sites whose bias in June and July falls with the years since fire."""
    rng, rows = np.random.default_rng(4), []
    for number in range(10):
        own = rng.normal(0, [4.0, 0.5])
        for year in range(2003, 2010):
            for month in range(1, 13):
                age = year - 2003 + number % 3
                bias = (level + own[0] + (slope + own[1]) * age) * (month in (6, 7))
                bias += rng.normal(0, 3.0)
                rows.append({"site": f"s{number}", "year": year, "month": month,
                             "disturbance": "Fire", "observed": bias, "predicted": 0.0,
                             "disturbance_year": 2003.0 - number % 3})  # fmt: skip
    return pd.DataFrame(rows)


def write_run(folder, rows, **changes):
    """Everything that the stages before leave."""
    config = Config(output=folder, **{**SETTINGS, **changes})
    layout, rng = Layout(config.root), np.random.default_rng(7)
    for name, chosen in config.sets.items():
        grid = polar_grid(chosen.cell_m)
        classes = [
            rng.choice(list(codes), grid.shape) for codes in (BIOMES, PERMAFROST, VEGETATION)
        ]
        zones = zones_of_classes(grid, *classes, rng.uniform(0.5, 1.0, grid.shape))
        write_zarr(zones, layout.zones(name))
        if name == "fine":
            write_maps(layout, grid, zones, rng)
    write_table(
        rows.drop(columns="disturbance_year"), layout.models("fine", "nee") / "held_out.parquet"
    )
    fluxes = {flux: rng.normal(size=len(rows)) for flux in FLUXES}
    write_table(rows.assign(**fluxes), layout.sites / "site_months.parquet")
    write_table(rows.assign(ndvi=0.5), layout.training("fine"))
    return config, layout


def write_maps(layout, grid, zones, rng):
    inside, time = zones["domain"].values == 1, months()
    coords, shape = {"time": time, **grid.coords()}, (time.size, *grid.shape)
    about = {"units": MONTHLY_FLUX, "long_name": "flux"}
    flux = {
        name: (("time", "y", "x"),
               np.where(inside, rng.normal(-3, 20, shape), np.nan).astype(np.float32), about)
        for name in FLUXES
    }  # fmt: skip
    write_zarr(xr.Dataset(flux, coords=coords), layout.flux("fine"))
    ndvi = xr.Dataset({"ndvi": (("time", "y", "x"), rng.random(shape))}, coords=coords)
    write_zarr(ndvi, layout.cube("fine"))
    burned = np.where(rng.random(shape) < 0.01, rng.random(shape) * 0.5, 0.0).astype(np.float32)
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    fire = xr.Dataset({"burned_fraction": (("time", "y", "x"), burned)}, coords=coords)
    write_zarr(fire.assign_coords(atoms), layout.fire)
    kinds = {"ABZ": "abz", "Siberia": "region", "Europe": "region", "east": "union"}
    budgets = [
        {"model_set": "fine", "flux": "nee", "zone_set": kind, "zone": zone, "member": member,
         "year": year, "tg": -500.0 - year + member}
        for zone, kind in kinds.items() for member in range(2) for year in YEARS
    ]  # fmt: skip
    write_table(pd.DataFrame(budgets), layout.budgets / "annual.parquet")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    config, layout = write_run(tmp_path_factory.mktemp("run"), held_out())
    return config, layout, postfire.run(config, layout)


def table(finished, name):
    return read_table(finished[1].postfire / f"{name}.parquet")


def test_everything_that_is_promised_is_written(finished):
    _, layout, paths = finished
    assert all(path.exists() for path in paths)
    assert {path.stem for path in paths} == {"fine", *TABLES}
    for name in TABLES:
        assert (table(finished, name)["model_set"] == "fine").all()
    assert (layout.postfire / "fine.zarr").is_dir()


def test_the_planted_months_are_kept_and_their_slopes_found(finished):
    fits = table(finished, "fits").set_index("month")
    assert fits.index[fits["kept"]].tolist() == [6, 7]
    for month in (6, 7):
        row = fits.loc[month]
        assert abs(row["intercept"] - 30.0) < 4 * row["intercept_sd"]
        assert abs(row["slope"] + 4.0) < 4 * row["slope_sd"]
    assert (fits["sites"] == 10).all()


def test_a_union_burns_and_is_corrected_as_its_parts_together(finished):
    for name, columns in (("burned", ["burned_m2", "area_m2"]), ("correction", ["correction"])):
        rows = table(finished, name)
        if name == "correction":
            rows = rows[rows["counted"] == "every fire"]
        rows = rows.set_index("zone")[columns]
        np.testing.assert_allclose(rows.loc["east"], rows.loc[["Siberia", "Europe"]].sum())
        assert (rows.loc["east"] != 0).all()


def test_the_corrected_budget_is_that_of_the_maps(finished):
    maps, zones = (
        read_zarr(finished[1].postfire / "fine.zarr"),
        read_zarr(finished[1].zones("fine")),
    )
    mass = float((maps["correction"] * zones["area"]).sum()) * 1e-12
    rows = table(finished, "correction")
    latest = rows[rows["counted"] == "latest fire"].iloc[0]
    assert latest["correction"] == pytest.approx(mass, rel=1e-5)
    assert latest["budget"] == -500.0 - 2007
    assert latest["corrected"] == latest["budget"] + latest["correction"]
    assert latest["year"] == 2007
    assert latest["correction_low"] < latest["correction"] < latest["correction_high"]
    every = rows[rows["counted"] == "every fire"].iloc[0]
    assert every["burned_m2"] > latest["burned_m2"] > 0


def test_only_burned_cells_and_kept_months_are_corrected(finished):
    maps = read_zarr(finished[1].postfire / "fine.zarr")
    change, burned = maps["correction"].values, maps["burned_share"].notnull().values
    assert maps["time"].dt.year.values.tolist() == [2007] * 12
    assert not np.nan_to_num(change[:, ~burned]).any()
    assert not np.nan_to_num(change[[m for m in range(12) if m not in (5, 6)]]).any()
    assert np.nan_to_num(change[5:7]).any()
    age = maps["years_since_fire"].values
    assert set(np.unique(age[np.isfinite(age)])) <= set(range(6))


def test_burned_land_is_a_share(finished):
    burned = table(finished, "burned")
    assert burned["burned_share"].between(0, 1).all()
    whole = burned[burned["zone_set"] == "abz"]["burned_m2"].item()
    parts = burned[burned["zone_set"] == "biome"]["burned_m2"].sum()
    assert whole == parts > 0


def test_composites_hold_fluxes_and_ndvi(finished):
    for name in ("sites", "cells"):
        rows = table(finished, name)
        assert set(rows["variable"]) == {*FLUXES, "ndvi"}
        assert set(rows["when"]) == {"July", "annual"}
    assert table(finished, "sites").query("variable == 'ndvi'")["mean"].eq(0.5).all()
    assert set(table(finished, "cells")["years_since_fire"]) == set(range(6))


def test_the_same_run_writes_the_same_bytes(finished, tmp_path):
    config, layout = write_run(tmp_path, held_out())
    postfire.run(config, layout)
    for name in TABLES:
        pd.testing.assert_frame_equal(
            read_table(layout.postfire / f"{name}.parquet"), table(finished, name)
        )


def test_without_a_bias_nothing_changes(tmp_path):
    config, layout = write_run(tmp_path, held_out(level=0.0, slope=0.0))
    postfire.run(config, layout)
    rows = read_table(layout.postfire / "correction.parquet")
    assert not rows[["correction", "correction_sd"]].to_numpy().any()
    assert (rows["corrected"] == rows["budget"]).all()


def test_too_few_sites_are_named(tmp_path):
    rows = held_out()
    config, layout = write_run(tmp_path, rows[rows["site"].isin(["s0", "s1"])])
    postfire.run(config, layout)
    fits = read_table(layout.postfire / "fits.parquet")
    assert (fits["reason"] == "2 of at least 3 burned sites").all()
    assert read_table(layout.postfire / "curves.parquet").empty


def test_another_year_can_be_corrected(tmp_path):
    changes = {"postfire": {**SETTINGS["postfire"], "year": 2005}}
    config, layout = write_run(tmp_path, held_out(), **changes)
    postfire.run(config, layout)
    assert set(read_table(layout.postfire / "correction.parquet")["year"]) == {2005}


def test_nothing_to_do_without_fire(tmp_path):
    config = Config(output=tmp_path, **SETTINGS)
    assert postfire.run(config, Layout(config.root)) == []


def test_a_missing_forest_is_named(tmp_path):
    config, layout = write_run(tmp_path, held_out())
    (layout.models("fine", "nee") / "held_out.parquet").unlink()
    with pytest.raises(MissingDataError, match="abz fit --set fine --flux nee"):
        postfire.run(config, layout)
