"""Fire, trends and budgets in a chain, from flux maps and totals to the tables."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli import fire_job
from abz.cli.layout import Layout
from abz.cli.stages import budgets, fire, trends
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr
from abz.config import Config
from abz.grid import Grid, polar_grid, sinusoidal_grid, valid_area_quanta, zonal_quanta
from abz.harmonise.zones import zones_of_classes
from abz.units import GRAM_QUANTUM, MONTHLY_FLUX
from abz.upscaling import LABELS, label_totals
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST, VEGETATION

SETS = {
    "fine": {"cell_m": 5e5, "first_year": 2001, "last_year": 2006},
    "coarse": {"cell_m": 1e6, "first_year": 2000, "last_year": 2004},
}
TABLES = (
    "amplitude", "annual", "correlogram", "covariance", "fire_periods", "fire_years", "in_situ",
    "left_out", "ledger",
    "monthly", "monthly_change", "reconciliation", "reconciliation_covariance", "seasonal",
    "site_trend_limits", "site_trends", "site_zones", "source_area", "source_sites", "table1",
    "transfer", "trend_limits", "trends", "uncertainty",
)  # fmt: skip


def months(first, last):
    steps = np.arange(f"{first}-01", f"{last + 1}-01", dtype="datetime64[M]")
    return xr.DataArray(steps.astype("datetime64[ns]"), dims="time", name="time")


def zones_on(grid, rng):
    classes = [rng.choice(list(codes), grid.shape) for codes in (BIOMES, PERMAFROST, VEGETATION)]
    return zones_of_classes(grid, *classes, rng.uniform(0.1, 1.0, grid.shape))


def write_maps(layout, name, chosen, rng):
    """Zones, flux maps and totals, as harmonise and upscale leave them."""
    zones = zones_on(polar_grid(chosen.cell_m), rng)
    time = months(chosen.first_year, chosen.last_year)
    shape = (len(FLUXES), 3, time.size, *zones["domain"].shape)
    density = np.where(zones["domain"].values == 1, rng.normal(-3, 20, shape), np.nan)
    density = density.astype(np.float32)
    area, atom, n = zones["area"].values, zones["atom"].values, zones.sizes["atom_id"]
    sizes = {"flux": len(FLUXES), "time": time.size, "atom_id": n, "predictor": 1}
    sums = {
        "grams": zonal_quanta(density, area, atom, n),
        "valid_area": valid_area_quanta(density[0, 0], area, atom, n),
    }
    for count, (dims, _, _) in LABELS.items():
        if count not in sums:
            sums[count] = np.zeros([sizes[dim] for dim in dims], np.int64)
    totals = label_totals(sums, fluxes=list(FLUXES), time=time, predictors=["lst"], zones=zones)
    about = {"units": MONTHLY_FLUX, "long_name": "flux"}
    flux = xr.Dataset(
        {
            f: (("time", "y", "x"), density[i, 0], about | {"parts": f})
            for i, f in enumerate(FLUXES)
        },
        coords={"time": time, **Grid.of(zones).coords()},
    )
    for dataset, path in ((zones, layout.zones), (flux, layout.flux), (totals, layout.totals)):
        write_zarr(dataset, path(name))


def held_out(rng, sites=20):
    """Predictions of a year at sites left out."""
    places = pd.DataFrame(
        {"site": [f"s{i}" for i in range(sites)], "longitude": rng.uniform(-180, 180, sites),
         "latitude": rng.uniform(50, 75, sites), "biome": "boreal", "year": 2003}
    )  # fmt: skip
    rows = places.merge(pd.DataFrame({"month": range(1, 13)}), how="cross")
    rows["observed"] = rng.normal(0, 20, len(rows))
    return rows.assign(predicted=rows["observed"] + rng.normal(0, 10, len(rows)))


def burning(name, years):
    """A catalog's fire product of some years."""
    assert name == "gfed500m"
    grid, rng = sinusoidal_grid(10), np.random.default_rng(years[0])
    time = months(years[0], years[-1])
    shape = (time.size, *grid.shape)
    on = rng.random(shape) < 0.1
    return xr.Dataset(
        {
            "emission": (
                ("time", "y", "x"), (on * rng.gamma(2, 30, shape)).astype(np.float32),
                {"units": MONTHLY_FLUX},
            ),
            "burned_fraction": (("time", "y", "x"), (on * rng.random(shape)).astype(np.float32)),
        },
        coords={"time": time, **grid.coords()},
    )  # fmt: skip


def make_run(folder, sets, patch):
    config = Config(
        name="small", output=folder, world={}, sets=sets, workers=1,
        fire={"first_year": 2002, "last_year": 2006},
    )  # fmt: skip
    layout = Layout(config.root)
    rng = np.random.default_rng(7)
    for name, chosen in config.sets.items():
        write_maps(layout, name, chosen, rng)
        for flux in FLUXES:
            own = held_out(np.random.default_rng(len(name + flux)))
            write_table(own, layout.validation(name, flux) / "held_out.parquet")
    sites = pd.DataFrame(
        {"site": list("abc"), "biome": ["boreal", "tundra", "tundra"], "year": 2001,
         "latitude": 60.0, "longitude": 20.0, "country": "Finland",
         "nee": [-20.0, 5.0, 9.0], "gpp": 300.0, "reco": 290.0}
    )  # fmt: skip
    write_table(sites, layout.sites / "annual.parquet")
    catalog = SimpleNamespace(open=burning, files=lambda *_: [], reads_lazily=lambda _: False)
    patch.setattr(fire_job, "open_catalog", lambda _: catalog)
    paths = fire.run(config, layout)
    for name in config.sets:
        paths += trends.run(config, layout, model_set=name)
    return config, layout, paths + budgets.run(config, layout)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield make_run(tmp_path_factory.mktemp("run"), SETS, patch)


def table(finished, name, **keys):
    rows = read_table(finished[1].budgets / f"{name}.parquet")
    for key, value in keys.items():
        rows = rows[rows[key] == value]
    return rows


def test_everything_that_is_promised_is_written(finished):
    _, layout, paths = finished
    assert all(path.exists() for path in paths)
    assert {path.stem for path in paths if path.parent == layout.budgets} == set(TABLES)
    assert {"fine", "coarse"} == set(table(finished, "annual")["model_set"])


def test_fire_mass_is_accounted_for(finished):
    maps = read_zarr(finished[1].fire)
    assert Grid.of(maps) == polar_grid(5e5)
    assert maps["time"].size == 60
    grams = float(maps["grams"].sum()) * GRAM_QUANTUM * 1e-12
    outside = float((maps["outside_grid_mass"] + maps["outside_domain_mass"]).sum())
    assert grams + outside == pytest.approx(float(maps["source_mass"].sum()))
    assert grams > 1.0


def test_fire_belongs_to_the_set_that_covers_its_years(finished):
    fluxes = {n: read_zarr(finished[1].trends(n))["flux"].values.tolist() for n in SETS}
    assert fluxes == {"fine": ["nee", "gpp", "reco", "nee_fire"], "coarse": ["nee", "gpp", "reco"]}
    assert set(table(finished, "annual", flux="nee_fire")["model_set"]) == {"fine"}
    assert set(table(finished, "annual", flux="nee_fire")["year"]) == set(range(2002, 2007))


@pytest.mark.parametrize(
    ("name", "flux"), [("fine", "nee_fire"), ("fine", "gpp"), ("coarse", "nee")]
)
def test_maps_and_tables_hold_the_same_mass(finished, name, flux):
    maps, zones = read_zarr(finished[1].trends(name)), read_zarr(finished[1].zones(name))
    assert Grid.of(maps) == Grid.of(zones)
    mass = float((maps["mean"].sel(flux=flux) * zones["area"]).sum()) * 1e-12
    rows = table(finished, "table1", model_set=name, flux=flux, zone="ABZ")
    assert rows["budget"].item() == pytest.approx(mass, rel=1e-5)


def test_fire_tables_hold_the_mass_of_the_maps(finished):
    maps = read_zarr(finished[1].fire)
    grams = float(maps["grams"].sum()) * GRAM_QUANTUM * 1e-12
    rows = table(finished, "annual", flux="fire", zone="ABZ")
    assert rows["tg"].sum() == pytest.approx(grams)


def test_source_share_and_sites_reach_table1(finished):
    row = table(finished, "table1", model_set="fine", flux="nee", zone="ABZ").iloc[0]
    mean = read_zarr(finished[1].trends("fine"))["mean"].sel(flux="nee")
    area = read_zarr(finished[1].zones("fine"))["area"]
    share = float(area.where(mean > 0).sum() / area.where(mean.notnull()).sum())
    assert row["source_area_share"] == pytest.approx(share)
    assert row["insitu_sites"] == 3
    assert row["budget_sd"] > 0


def test_a_total_says_what_it_holds(finished):
    rows = table(finished, "uncertainty", period="mean", zone="ABZ").set_index(
        ["model_set", "flux"]
    )
    assert rows["holds"].to_dict() == {
        **{(name, flux): "sampling + transfer" for name in SETS for flux in FLUXES},
        ("fine", "fire"): "fire",
        ("fine", "nee_fire"): "sampling + transfer + fire",
    }
    parts = rows[["sampling_sd", "transfer_sd", "fire_sd"]].fillna(0.0)
    np.testing.assert_allclose(rows["total_sd"] ** 2, (parts**2).sum(axis=1))
    of_table1 = table(finished, "table1", zone="ABZ").set_index(["model_set", "flux"])
    for name in ("budget", "budget_sd"):
        ours = rows["budget" if name == "budget" else "sampling_sd"][of_table1.index]
        np.testing.assert_allclose(ours, of_table1[name])


def test_budgets_before_and_after_close(finished):
    rows = table(finished, "reconciliation", period="mean", zone="ABZ", flux="gap")
    assert (rows["before"].abs() > 1).all()
    np.testing.assert_allclose(rows["after"], 0, atol=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_one_set_alone(tmp_path, monkeypatch, finished, name):
    sets = {name: SETS[name]}
    if name == "coarse":
        sets["coarse"] = {**SETS["coarse"], "first_year": 2003}
    *_, paths = make_run(tmp_path, sets, monkeypatch)
    tables = [path for path in paths if path.parent.name == "budgets"]
    assert len(tables) == len(TABLES)
    if name == "fine":
        for path in tables:
            made = read_table(path)
            if "model_set" not in made:
                continue
            both = table(finished, path.stem, model_set="fine").reset_index(drop=True)
            pd.testing.assert_frame_equal(made, both)


def test_nothing_to_do(tmp_path):
    config = Config(name="small", output=tmp_path, world={}, sets={"coarse": SETS["coarse"]})
    assert fire.run(config, Layout(config.root)) == []
    assert budgets.run(config, Layout(config.root)) == []
