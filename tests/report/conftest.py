"""A run folder made by hand: tiny, complete, and as the stages write it."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.stages import report
from abz.cli.storage import write_json, write_table, write_zarr
from abz.config import Config
from abz.grid import lonlat_grid, polar_grid
from abz.vocabulary import FLUXES, VEGETATION, predictor_names

CELL = 400_000
YEARS = {"fine": range(2001, 2021), "coarse": range(1990, 2017)}
ZONES = [
    ("abz", "ABZ"), ("biome", "boreal"), ("biome", "tundra"),
    ("permafrost_region", "permafrost"), ("permafrost", "continuous"), ("permafrost", "none"),
    *(("region", r) for r in ("Alaska", "Canada", "Siberia", "Europe")),
    ("continent", "North America"), ("continent", "Eurasia"),
    *(("region_biome", f"{r} {b}") for r in ("Alaska", "Canada", "Siberia", "Europe")
      for b in ("boreal", "tundra")),
    ("vegetation", "wetland"), ("vegetation", "sparse boreal vegetation"),
]  # fmt: skip
LEVEL = {"nee": -40.0, "gpp": 480.0, "reco": 445.0, "fire": 12.0, "nee_fire": -28.0}


def words(text):
    return text.split()


def make_config(folder, **changes):
    sets = {
        name: {"cell_m": CELL, "first_year": years[0], "last_year": years[-1]}
        for name, years in YEARS.items()
    }
    settings = {
        "name": "tiny", "title": "Tiny run", "output": folder, "sets": sets, "world": {},
        "catalog": folder / "none.yaml",
    } | changes  # fmt: skip
    return Config(**settings)


def make_zones(grid, rng):
    lon, lat = grid.lonlat()
    inside = (lat > 50) & (lat < 80) & (np.cos(np.radians(3 * lon)) > -0.5)

    def codes(choices):
        return np.where(inside, rng.choice(choices, grid.shape), -1).astype("int16")

    area = np.where(inside, grid.cell_area(), 0.0)
    names = {
        "biome": [6, 11], "permafrost": range(5), "region": range(1, 5),
        "vegetation": list(VEGETATION),
    }  # fmt: skip
    layers = {name: (("y", "x"), codes(list(choices))) for name, choices in names.items()}
    layers |= {
        "domain": (("y", "x"), inside.astype("int8")),
        "area": (("y", "x"), area),
        "land_fraction": (("y", "x"), inside.astype("float32")),
    }
    return xr.Dataset(layers, coords=grid.coords())


def field(zones, rng, level):
    noise = rng.normal(level, 0.3 * abs(level) + 1, zones["domain"].shape)
    return np.where(zones["domain"].values > 0, noise, np.nan).astype("float32")


def make_maps(zones, years, rng, fluxes):
    dims = ("flux", "y", "x")
    stack = {name: [] for name in ("mean", "slope", "lower", "upper", "p_value", "tau")}
    for flux in fluxes:
        mean, slope = field(zones, rng, LEVEL[flux]), field(zones, rng, -0.7)
        p = np.where(np.isfinite(mean), rng.uniform(0, 0.4, mean.shape), np.nan)
        for name, values in zip(stack, (mean, slope, slope - 1, slope + 1, p, slope), strict=True):
            stack[name].append(values)
    data = {
        name: (dims, np.stack(values).astype("float32"), {"units": "1", "long_name": name})
        for name, values in stack.items()
    }
    return xr.Dataset(data, coords={"flux": list(fluxes), **zones.coords})


def make_flux(zones, rng):
    time = pd.date_range("2001-01-01", periods=12, freq="MS")
    names = [f"{flux}{tail}" for flux in FLUXES for tail in ("", "_sd")]
    data = {
        name: (("time", "y", "x"), np.stack([field(zones, rng, 3.0) for _ in time]),
               {"units": "g C m-2 month-1"})
        for name in names
    }  # fmt: skip
    return xr.Dataset(data, coords={"time": time, **zones.coords})


def make_totals(model_set):
    names = list(predictor_names(model_set))
    time = pd.date_range("2001-01-01", periods=2, freq="MS")
    counts = np.tile(np.arange(len(names)), (2, 1))
    return xr.Dataset(
        {"missing": (("time", "predictor"), counts)}, coords={"time": time, "predictor": names}
    )


def make_fire(zones, rng):
    time = pd.date_range("2002-01-01", periods=24, freq="MS")
    emission = np.stack([np.abs(field(zones, rng, 1.0)) for _ in time])
    return xr.Dataset(
        {
            "emission": (("time", "y", "x"), emission, {"units": "g C m-2 month-1"}),
            "burned_fraction": (("time", "y", "x"), emission / 1e3, {"units": "1"}),
        },
        coords={"time": time, **zones.coords},
    )


def make_annual(rng):
    rows = []
    for model_set, years in YEARS.items():
        fluxes = ("nee", "gpp", "reco", "fire", "nee_fire") if model_set == "fine" else FLUXES
        for (zone_set, zone), flux, year in product(ZONES, fluxes, years):
            for member in range(4) if flux != "fire" else (0,):
                tg = LEVEL[flux] * 5 - (year - 2000) + rng.normal(0, 8)
                share = 0.0 if zone == "sparse boreal vegetation" else 0.95
                rows.append(
                    (model_set, flux, zone_set, zone, year, member, tg, tg / 5, 5e12, share)
                )
    columns = words("model_set flux zone_set zone year member tg g_m2 area_m2 valid_share")
    return pd.DataFrame(rows, columns=columns)


def make_monthly(rng):
    rows = [
        (model_set, flux, "biome", zone, year, month, member, tg, tg, )
        for model_set, years in YEARS.items()
        for flux, zone, year, month, member in product(
            FLUXES, ("boreal", "tundra"), years, range(1, 13), range(3))
        for tg in [20 * np.sin(month) + rng.normal()]
    ]  # fmt: skip
    columns = words("model_set flux zone_set zone year month member tg g_m2")
    return pd.DataFrame(rows, columns=columns)


def make_table1():
    rows = []
    for model_set, (zone_set, zone), flux in product(YEARS, ZONES[:4], FLUXES):
        years = YEARS[model_set]
        rows.append(
            {
                "model_set": model_set, "zone_set": zone_set, "zone": zone, "flux": flux,
                "budget": LEVEL[flux] * 13.7, "budget_sd": 140.0, "per_area": LEVEL[flux],
                "interannual_sd": 5.2, "insitu_mean": LEVEL[flux], "insitu_sd": 80.0,
                "insitu_sites": 55, "summer_ratio": 1.4, "area_m2": 20.7e12,
                "valid_share": 0.952, "source_area_share": 0.34, "first_year": years[0],
                "last_year": years[-1],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def make_trends():
    rows = []
    for model_set, (zone_set, zone), flux in product(YEARS, ZONES, ("nee", "gpp", "nee_fire")):
        if (model_set, flux) != ("coarse", "nee_fire"):
            for first, last in {(YEARS[model_set][0], YEARS[model_set][-1]), (2001, 2016)}:
                n = last - first + 1
                rows.append((model_set, flux, zone_set, zone, first, last, n, "zhang", -14.2, -20.0,
                             -8.0, 0.0004))  # fmt: skip
    columns = words(
        "model_set flux zone_set zone first_year last_year n method slope lower upper p_value"
    )
    return pd.DataFrame(rows, columns=columns)


def make_sites(rng):
    rows = [
        (f"site-{i:02d}", 52 + i % 25, (i * 37) % 360 - 180, ("boreal", "tundra")[i % 2], "Canada",
         year, month, *rng.normal((-20, 60, 40), 10), "EC", "No")
        for i in range(12) for year in (2005, 2006) for month in range(1, 13)
    ]  # fmt: skip
    columns = words(
        "site latitude longitude biome country year month nee gpp reco flux_method disturbance"
    )
    return pd.DataFrame(rows, columns=columns)


def make_drivers(rng):
    importance, response = [], []
    for model_set, flux in product(YEARS, FLUXES):
        for place, name in enumerate(predictor_names(model_set)):
            for shuffle in range(5):
                importance.append((model_set, flux, name, shuffle, place + rng.uniform()))
            values = list(VEGETATION) if name == "vegetation" else range(1, 13)
            for value in values:
                response.append((model_set, flux, name, float(value), rng.normal(), 0.1))
    return (
        pd.DataFrame(importance, columns=words("model_set flux predictor shuffle rmse_increase")),
        pd.DataFrame(response, columns=words("model_set flux predictor value response density")),
    )


def fabricate(config):
    """Write everything that the stages before `report` write."""
    layout, rng = Layout(config.root), np.random.default_rng(7)
    grid = polar_grid(CELL)
    for model_set in YEARS:
        zones = make_zones(grid, rng)
        fluxes = [*FLUXES, "nee_fire"] if model_set == "fine" else list(FLUXES)
        write_zarr(zones, layout.zones(model_set))
        write_zarr(make_maps(zones, YEARS[model_set], rng, fluxes), layout.trends(model_set))
        write_zarr(make_flux(zones, rng), layout.flux(model_set))
        write_zarr(make_totals(model_set), layout.totals(model_set))
        write_zarr(make_flux(zones, rng), layout.truth / f"{model_set}.zarr")
        for flux in FLUXES:
            make_model(layout.models(model_set, flux), rng)
    write_zarr(make_fire(make_zones(grid, rng), rng), layout.fire)
    write_table(make_annual(rng), layout.budgets / "annual.parquet")
    write_table(make_monthly(rng), layout.budgets / "monthly.parquet")
    write_table(make_table1(), layout.budgets / "table1.parquet")
    write_table(make_trends(), layout.budgets / "trends.parquet")
    importance, response = make_drivers(rng)
    write_table(importance, layout.drivers / "importance.parquet")
    write_table(response, layout.drivers / "response.parquet")
    site_months = make_sites(rng)
    write_table(site_months, layout.sites / "site_months.parquet")
    keys = ["site", "latitude", "longitude", "biome", "country", "year"]
    annual = site_months.groupby(keys)[list(FLUXES)].sum().reset_index()
    write_table(annual, layout.sites / "annual.parquet")
    log = [{"rule": "larval outbreak", "rows": 27, "sites": 1}]
    write_json({"screening": log}, layout.sites / "screening.json")
    return layout


def fabricate_climatology(folder):
    """Write what a run on the real climatology writes: a 1° grid, one year, no trends."""
    sets = {"climatology": {"cell_m": 111_195, "first_year": 2001, "last_year": 2001}}
    config = make_config(folder, name="clim", kind="climatology", sets=sets, world=None)
    layout, rng = Layout(config.root), np.random.default_rng(8)
    zones = make_zones(lonlat_grid(2.0, (-180, 46, 180, 90)), rng)
    write_zarr(zones, layout.zones("climatology"))
    write_zarr(make_flux(zones, rng), layout.flux("climatology"))
    for flux in FLUXES:
        make_model(layout.models("climatology", flux), rng)
    importance, response = make_drivers(rng)
    for name, table in (("importance", importance), ("response", response)):
        own = table[table["model_set"] == "fine"].assign(model_set="climatology")
        write_table(own, layout.drivers / f"{name}.parquet")
    rows = [(kind, flux, zone, 0.98, LEVEL[flux] * 15, 90.0, LEVEL[flux] * 14, 140.0, 1.07)
            for (kind, zone), flux in product(ZONES[:3], FLUXES)]  # fmt: skip
    columns = words("zone_set flux zone valid_share budget budget_sd published published_sd ratio")
    table = pd.DataFrame(rows, columns=columns)
    write_table(table, layout.budgets / "climatology.parquet")
    notes = {"missing_predictors": {"nee": ["lst", "cti"], "gpp": ["lst"]}}
    write_json(notes, layout.sites / "climatology.json")
    report.run(config, layout)
    return SimpleNamespace(config=config, layout=layout)


def make_model(folder, rng):
    observed = rng.normal(-10, 30, 300)
    table = pd.DataFrame({"observed": observed, "predicted": observed + rng.normal(0, 10, 300)})
    folder.mkdir(parents=True)
    write_table(table, folder / "held_out.parquet")
    trials = pd.DataFrame({"mtry": [2, 9], "mean_site_rmse": [18.0, 17.0], "r2": [0.5, 0.57],
                           "rmse": [21.0, 19.4]})  # fmt: skip
    write_table(trials, folder / "tuning.parquet")
    scores = {"n": 300, "r2": 0.57, "rmse": 19.4, "mae": 12.3, "mbe": 0.4}
    write_json({"mtry": 9, "rows": 300, "sites": 12, "held_out": scores}, folder / "scores.json")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A fabricated run after its report stage: config, layout, results."""
    config = make_config(tmp_path_factory.mktemp("runs"))
    layout = fabricate(config)
    report.run(config, layout)
    return SimpleNamespace(config=config, layout=layout, results=report.gather(config, layout))


@pytest.fixture(scope="session")
def climatology(tmp_path_factory):
    """A fabricated run on a climatology after its report stage: config, layout."""
    return fabricate_climatology(tmp_path_factory.mktemp("climatology"))
