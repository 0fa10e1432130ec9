"""A run folder made by hand: tiny, complete, and as the stages write it."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.budgets import (
    budget_errors,
    closed_budgets,
    fit_transfer,
    in_situ_means,
    source_sites,
    uncertainty_table,
)
from abz.cli.layout import Layout
from abz.cli.product_steps import notes_table
from abz.cli.stages import report
from abz.cli.storage import write_json, write_table, write_zarr
from abz.compare import authors, closure_maps, products, resolution_summary, resolution_years
from abz.config import Config
from abz.fire import (
    bias_curves,
    bias_fits,
    bias_rows,
    correction_budget,
    fire_years,
    fit_table,
    kept_fits,
    matched_periods,
    site_composites,
)
from abz.grid import lonlat_grid, polar_grid
from abz.ledger import FLUX_PARTS, Parts, budget_rows, ledger_table
from abz.modelling import (
    Design,
    calibrate,
    compare_designs,
    components,
    coverage_table,
    leave_one_site_out,
    relative_skill,
    site_folds,
    site_scores,
    skill_table,
)
from abz.published import published_table1
from abz.readers import AREAS
from abz.trends import (
    amplitude_change,
    monthly_change,
    overlay_shares,
    site_trend_limits,
    site_trends,
)
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
SIDES = ("fine", "coarse", "difference")
LEVEL = {"nee": -40.0, "gpp": 480.0, "reco": 445.0, "fire": 12.0, "nee_fire": -28.0}


def words(text):
    return text.split()


DRIVER_COLUMNS = {
    "importance": words("predictor shuffle rmse_increase"),
    "held_out_importance": words("predictor rmse_increase lower upper"),
    "grouped_importance": words("sample group rmse_increase lower upper"),
    "groups": words("group predictor partner association"),
    "response": words("predictor value response density rows"),
    "effects": words("predictor value effect rows"),
    "pairs": words("first second first_value second_value response rows"),
}


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
    state = np.where(zones["vegetation"].values == 160, 1, 0)
    support = np.where(zones["domain"].values > 0, state, -1).astype("int8")
    data |= {f"{flux}_level_support": (("y", "x"), support) for flux in FLUXES}
    return xr.Dataset(data, coords={"time": time, **zones.coords})


def make_applicability(layout, model_set, zones, rng):
    """Write maps and tables of applicability; the second cluster has no tower."""
    lead, inside = (3, 12), zones["domain"].values > 0
    names = [name for name in predictor_names(model_set) if name not in ("month", "vegetation")]
    far = np.where(inside, rng.uniform(0, 0.6, (*lead, *inside.shape)), np.nan).astype("float32")
    dims = ("flux", "month", "y", "x")
    area = np.where(np.isnan(far), -1, far < 0.4).astype("int8")
    rows = np.where(np.isnan(far), -1, np.where(far < 0.4, 30, 0)).astype("int32")
    flags = {"flag_meanings": " ".join(names)}
    mess = np.where(inside, rng.uniform(-60, 50, inside.shape), np.nan).astype("float32")
    worst = np.where(inside, rng.integers(0, len(names), inside.shape), -1).astype("int8")
    cluster = np.where(inside, rng.integers(0, 2, inside.shape), -1).astype("int8")
    maps = xr.Dataset(
        {
            "dissimilarity": (dims, far), "inside": (dims, area), "density": (dims, rows),
            "mess": (("y", "x"), mess), "most_dissimilar": (("y", "x"), worst, flags),
            "cluster": (("y", "x"), cluster), "threshold": ("flux", [0.4, 0.4, 0.4]),
        },
        coords={"flux": list(FLUXES), "month": range(1, 13), **zones.coords},
    )  # fmt: skip
    write_zarr(maps, layout.applicability / f"{model_set}.zarr")
    bins = np.linspace(0, 0.5, 5)
    tables = {
        "error": pd.concat([pd.DataFrame(
            {"flux": flux, "dissimilarity": bins, "rmse": 9 + bins, "rmse_fitted": 10 + 10 * bins,
             "pooled_rmse": 12.0, "threshold": 0.4}) for flux in FLUXES]),
        "shares": pd.DataFrame(
            [(flux, kind, zone, month, 1e12, 8e12, LEVEL[flux] / 10, LEVEL[flux], 0.125)
             for flux, (kind, zone), month in product(FLUXES, ZONES, range(1, 13))],
            columns=words("flux zone_set zone month outside_m2 known_m2 outside_tg total_tg "
                          "share_outside")),
        "levels": pd.DataFrame(
            [(flux, kind, zone, "vegetation", level, support, other, 40, 4e11, 0.25)
             for flux, (kind, zone) in product(FLUXES, ZONES[:4])
             for level, support, other in ((70, "supported", -1), (160, "pooled", 21))],
            columns=words("flux zone_set zone predictor level support stand_in cells area_m2 "
                          "zone_share")),
        "clusters": pd.DataFrame(
            {"cluster": [0, 1], "area_m2": [3e12, 2e12], "area_share": [0.6, 0.4], "sites": [12, 0],
             "site_months": [288, 0], "ndvi": [0.4, 0.1], "soc": [30.0, 60.0]}),
        "sites": pd.DataFrame({"site": ["a", "b"], "latitude": [64.0, 70.0],
                               "longitude": [-150.0, 90.0], "site_months": [24, 240],
                               "cluster": [0, 0]}),
    }  # fmt: skip
    for name, table in tables.items():
        path = layout.applicability / f"{name}_{model_set}.parquet"
        write_table(table.assign(model_set=model_set), path)


def make_closure(layout, rng):
    """Write NEE beside Reco − GPP: in the tundra the gap is 4 ± 1, elsewhere −6 ± 3."""
    rows = []
    for model_set, (zone_set, zone) in product(YEARS, ZONES):
        gap, spread = (4.0, 1.0) if zone == "tundra" else (-6.0, 3.0)
        level = {"nee": (-60.0, 2.0), "reco_gpp": (-60.0 - gap, 2.5), "gap": (gap, spread)}
        when = [
            ("mean", None, None),
            *(("year", year, None) for year in YEARS[model_set]),
            *(("month", None, month) for month in range(1, 13)),
        ]
        rows += [
            (model_set, flux, zone_set, zone, *period, tg, sd, tg + 1, tg / 5, sd / 5, 5e12, 0.95)
            for flux, (tg, sd) in level.items() for period in when
        ]  # fmt: skip
    columns = words("model_set flux zone_set zone period year month tg tg_sd tg_members g_m2 "
                    "g_m2_sd area_m2 valid_share")  # fmt: skip
    table = pd.DataFrame(rows, columns=columns).astype({"year": "Int64", "month": "Int64"})
    write_table(table, layout.compare / "closure.parquet")


def make_resolutions(layout, zones, rng):
    """Write the fine set beside the coarse one: as their annual budgets, and random maps."""
    annual = make_annual(rng)
    sides = [annual[annual["model_set"] == name] for name in ("fine", "coarse")]
    sides = [side[side["flux"].isin(FLUXES)] for side in sides]
    rows = [(flux, kind, zone, 50, 4e12, 1.5, 9.0, 0.8)
            for flux, (kind, zone) in product(FLUXES, ZONES)]  # fmt: skip
    columns = words("flux zone_set zone cells compared_m2 map_bias map_rmsd map_r")
    made = {
        "resolutions": resolution_summary(*sides, pd.DataFrame(rows, columns=columns)),
        "resolutions_years": resolution_years(*sides),
    }
    for name, table in made.items():
        named = table.assign(fine_set="fine", coarse_set="coarse")
        write_table(named, layout.compare / f"{name}.parquet")
    layers = {name: [field(zones, rng, LEVEL[flux]) for flux in FLUXES] for name in SIDES}
    maps = {name: (("flux", "y", "x"), np.stack(values)) for name, values in layers.items()}
    coords = {"flux": list(FLUXES), **zones.coords}
    write_zarr(xr.Dataset(maps, coords=coords), layout.compare / "resolutions.zarr")


PRODUCTS = {
    "gcb2022_inversions": Parts.of("nee", "fire", "lakes"), "fluxcom_x_base": None,
    "cmip6_land_fluxes": None,
}  # fmt: skip


def make_winters(rng, season):
    """October to April of a few years, theirs above ours."""
    names = [f"{flux}_{value}" for flux in ("soil_flux", "soil_nee", "nee", "gpp", "reco")
             for value in ("tg", "g_m2")]  # fmt: skip
    rows = [
        {"season": season, "zone_set": zone_set, "zone": zone, "year": year, "valid_share": 0.8,
         **{name: 50.0 + rng.random() - 20 * name.startswith(("nee", "reco")) for name in names}}
        for zone_set, zone in ZONES[:3] for year in range(2003, 2008)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def make_products(layout, rng):
    """Write products beside the fine set: random budgets and maps, and what follows from them."""
    annual = make_annual(rng)
    ours = annual[(annual["model_set"] == "fine") & annual["flux"].isin(FLUXES)]
    central = ours[ours["member"] == 0].drop(columns=["model_set", "member"])
    members, nee = [], central[central["flux"] == "nee"]
    for number, member in enumerate("ab"):
        fire = nee.assign(flux="fire", tg=20.0, g_m2=1.0)
        left = nee.assign(tg=nee["tg"] * (2 + number), g_m2=nee["g_m2"] * (2 + number))
        given = left.assign(flux="given", tg=left["tg"] + 20.0)
        rows = pd.concat([left, fire, given]).assign(product="gcb2022_inversions", member=member)
        members.append(rows)
    members.append(central.assign(product="fluxcom_x_base", member="fluxcom_x_base"))
    members.append(central.assign(product="cmip6_land_fluxes", member="SYN-ESM1"))
    table = pd.concat(members, ignore_index=True)
    ensembles = products.ensemble_years(table)
    left = dict.fromkeys(PRODUCTS, FLUX_PARTS["nee"])
    left["gcb2022_inversions"] = Parts.of("nee", "lakes")
    rows = [
        row for entry, given in PRODUCTS.items()
        for row in products.ledger_rows(
            table, entry, given or FLUX_PARTS["nee"], "fine", ("abz", "ABZ")
        )
    ]  # fmt: skip
    grid = lonlat_grid(5.0)
    field = rng.normal(-30, 20, grid.shape).astype(np.float32)
    names = ("mean", "slope", "p_value", "land", "run_mean", "run_slope", "run_p_value", "run_land")
    layers = {name: (("product", "y", "x"), np.stack([field + n, field * 2, field * 3]))
              for n, name in enumerate(names)}  # fmt: skip
    maps = xr.Dataset(layers, coords={"product": list(PRODUCTS), **grid.coords()})
    place = grid.lonlat()
    alike = [
        {"product": entry, "layer": layer,
         **products.map_likeness(maps[layer][n].values, maps[f"run_{layer}"][n].values,
                                 np.ones(grid.shape), *place)}
        for n, entry in enumerate(PRODUCTS) for layer in ("mean", "slope")
    ]  # fmt: skip
    sites = pd.DataFrame({"source": "run", "site": list("abcde"), "latitude": 60.0,
                          "longitude": 20.0, "years": 3, "measured": rng.normal(size=5),
                          "mapped": rng.normal(size=5)})  # fmt: skip
    winters = pd.concat([make_winters(rng, season) for season in products.WINTER_SEASONS])
    refused = {"absent": ["fluxcom"], "refused": {"winter_flux": "x"}, "left_out": {}}
    steps = [{"product": entry, "step": "grid", "from": "its own cells", "to": "zones"}
             for entry in PRODUCTS]  # fmt: skip
    made = {
        "members": table, "years": ensembles, "likeness": pd.DataFrame(alike),
        "summary": products.product_summary(ensembles, table, ours, left, "fine").assign(
            members_given=3
        ),
        "winter_years": winters, "winter": products.winter_summary(winters),
        "notes": notes_table(refused),
        "trends": products.product_trends(ensembles, "zhang", preserve_range=False),
        "ledger": ledger_table(rows), "steps": pd.DataFrame(steps), "sites": sites,
        "site_agreement": products.site_agreement(sites),
    }  # fmt: skip
    for name, one in made.items():
        write_table(one, layout.products / f"{name}.parquet")
    write_zarr(maps, layout.products / "maps.zarr")


def make_totals(model_set):
    names = list(predictor_names(model_set))
    time = pd.date_range("2001-01-01", periods=2, freq="MS")
    counts = np.tile(np.arange(len(names)), (2, 1))
    outside = np.tile(counts, (3, 1, 1))
    return xr.Dataset(
        {
            "missing": (("time", "predictor"), counts),
            "unseen": (("time", "predictor"), counts * 0),
            "predicted": ("time", np.full(2, 100)),
            "unpredicted": ("time", np.full(2, 5)),
            "outside_cells": (("flux", "time", "predictor"), outside),
        },
        coords={"time": time, "predictor": names, "flux": ["nee", "gpp", "reco"]},
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


def make_balance(layout, annual):
    """Write what each budget holds, and fire against uptake, with fire from 2002 on."""
    annual = annual[annual["flux"].isin(FLUXES) | (annual["year"] > 2001)]
    tables = {
        "ledger": ledger_table(budget_rows(annual, {})), "fire_periods": matched_periods(annual),
        "fire_years": fire_years(annual),
    }  # fmt: skip
    for name, table in tables.items():
        write_table(table, layout.budgets / f"{name}.parquet")


def make_postfire(layout, zones, rng):
    """Write what follows a fire: in July the bias falls from 30 by 2 a year, else there is none."""
    age, site = np.tile(np.arange(10), 9), np.repeat([f"s{n}" for n in range(9)], 10)
    rows = pd.concat(
        [pd.DataFrame({"site": site, "year": 2004 + age, "month": month, "disturbance": "Fire",
                       "disturbance_year": 2004, "predicted": 0.0, "ndvi": 0.5,
                       **{flux: rng.normal(size=90) for flux in FLUXES},
                       "observed": (30 - 2 * age) * (month == 7) + rng.normal(0, 3, 90)})
         for month in range(1, 13)]
    )  # fmt: skip
    bias = bias_rows(rows, 18)
    fits = bias_fits(bias)
    kept = kept_fits(fits, 0.05)
    burned = rng.uniform(0, 1e10, (len(ZONES), 12, 19))
    change = correction_budget(burned, range(1, 13), kept, samples=50, seed=1).assign(
        zone_set=[kind for kind, _ in ZONES], zone=[name for _, name in ZONES], year=2001,
        counted="latest fire", budget=-250.0, burned_m2=4e11,
    )  # fmt: skip
    shares = [{"zone_set": kind, "zone": name, "burned_m2": 1.4e12, "area_m2": 2e13,
               "burned_share": 0.07} for kind, name in ZONES]  # fmt: skip
    sites = site_composites(rows, 18)
    cells = sites.drop(columns=["site_years", "sites"])
    tables = {
        "burned": pd.DataFrame(shares),
        "sites": sites,
        "bias": bias,
        "cells": cells.assign(cells=12, burned_m2=1e12, burned_share=0.3),
        "fits": fit_table(fits, 0.05, 18),
        "curves": bias_curves(fits, 18),
        "correction": change.assign(corrected=change["budget"] + change["correction"]),
    }
    for name, table in tables.items():
        write_table(table.assign(model_set="fine"), layout.postfire / f"{name}.parquet")
    time = pd.date_range("2001-01-01", periods=12, freq="MS")
    step = np.where(zones["domain"].values > 0, 1.0, np.nan).astype("float32")
    maps = {
        "correction": (("time", "y", "x"), np.stack([step] * 12)),
        "burned_share": (("y", "x"), step), "years_since_fire": (("y", "x"), step),
    }  # fmt: skip
    write_zarr(
        xr.Dataset(maps, coords={"time": time, **zones.coords}), layout.postfire / "fine.zarr"
    )


def make_uncertainty(layout, annual, rng):
    """Write what each ± holds, made by the functions that make real ones."""
    tables = {}
    for model_set in YEARS:
        own = annual[annual["model_set"] == model_set]
        errors = {}
        for flux, rows in own.groupby("flux", sort=False):
            zones, years = len(ZONES), rows["year"].nunique()
            part = np.tile(np.full((zones, zones), 16.0) + 9 * np.eye(zones), (1 + years, 1, 1))
            others = {"fire": 0.25 * part} if "fire" in flux else {}
            if flux != "fire":
                others["transfer"] = part
            errors[flux] = budget_errors(rows, others, ["sampling", "transfer", "fire"])
        sites = pd.DataFrame(
            {"longitude": rng.uniform(-180, 180, 40), "latitude": rng.uniform(50, 75, 40),
             "biome": "boreal", "error": rng.normal(0, 60, 40), "years": 2, "yearly_squares": 9.0}
        )  # fmt: skip
        model = fit_transfer(sites)
        row = {
            "sites": 40, "mean_error": model.mean, "mean_error_sd": model.mean_sd,
            "spread_all": model.spread["all"], "share": 0.4, "length_km": 300.0, "nugget_km": 40.0,
            "reach_km": model.correlogram.reach_km, "at_limit": model_set == "coarse",
            "yearly_ratio": 0.1, "sd_factor": 1.6, "sampling_share": 0.02,
        }  # fmt: skip
        closed, pairs = closed_budgets({f: errors[f] for f in FLUXES}, np.eye(3), "domain")
        made = {
            "uncertainty": [
                uncertainty_table(found).assign(flux=flux, held_out_bias=7.0)
                for flux, found in errors.items()
            ],
            "covariance": [found.covariances().assign(flux=f) for f, found in errors.items()],
            "transfer": [pd.DataFrame([row]).assign(flux=flux) for flux in FLUXES],
            "correlogram": [model.correlogram.bins.assign(flux=flux) for flux in FLUXES],
            "reconciliation": [closed.assign(scope="domain")],
            "reconciliation_covariance": [pairs],
        }
        for name, parts in made.items():
            joined = pd.concat(parts, ignore_index=True).assign(model_set=model_set)
            tables.setdefault(name, []).append(joined)
    for name, parts in tables.items():
        write_table(pd.concat(parts, ignore_index=True), layout.budgets / f"{name}.parquet")


def make_monthly(rng):
    rows = [
        (model_set, flux, "biome", zone, year, month, member, tg, tg, )
        for model_set, years in YEARS.items()
        for flux, zone, year, month, member in product(
            FLUXES, ("boreal", "tundra"), years, range(1, 13), range(3))
        for tg in [20 * np.sin(month) + rng.normal()]
    ]  # fmt: skip
    columns = words("model_set flux zone_set zone year month member tg g_m2")
    return pd.DataFrame(rows, columns=columns).assign(area_m2=7e12, valid_share=0.9)


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
                "last_year": years[-1], "insitu_site_years": 210, "same_years_nee": np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def make_site_tables(layout, annual, rng):
    """Write where the sites stand and which are sources, by the functions that make real ones."""
    names = [f"site-{n}" for n in range(30)]
    years = pd.DataFrame(
        [(name, year, *rng.normal((-20, 300, 280), 40)) for name in names for year in (2005, 2006)],
        columns=words("site year nee gpp reco"),
    )
    held = rng.integers(0, 2, (len(ZONES), len(names)))
    held[0] = 1
    held = xr.DataArray(held, dims=("zone_id", "site"), coords={
        "zone_set": ("zone_id", [kind for kind, _ in ZONES]),
        "zone": ("zone_id", [name for _, name in ZONES]), "site": names})  # fmt: skip
    share = {"nee": 0.34, "nee_fire": 0.5}
    tables = {"in_situ": in_situ_means(years, held), "source_sites": source_sites(years, held)}
    for name, table in tables.items():
        both = [table.assign(model_set=model_set) for model_set in YEARS]
        write_table(pd.concat(both), layout.budgets / f"{name}.parquet")
    keys = ["model_set", "flux", "zone_set", "zone"]
    area = annual[keys].drop_duplicates().query("flux in ('nee', 'nee_fire')")
    area = area.assign(source_area_share=area["flux"].map(share))
    write_table(area, layout.budgets / "source_area.parquet")
    seasons = [
        annual.query("flux != 'fire'").assign(season=season, tg=share * annual["tg"])
        for season, share in (("JJA", 1.5), ("non-summer", -0.5), ("May-Sep", 1.2),
                              ("Oct-Apr", -0.2), ("Oct-Apr, one winter", -0.25))
    ]  # fmt: skip
    write_table(pd.concat(seasons), layout.budgets / "seasonal.parquet")


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
    members = {"slope_mean": -13.6, "slope_sd": 3.1, "below_zero": 0.97, "spread_over_noise": 0.62}
    return pd.DataFrame(rows, columns=columns).assign(**members)


def make_trend_tables(layout, model_set, fluxes):
    """Write the tables beside the trend maps; all zones alike."""
    years = {"first_year": YEARS[model_set][0], "last_year": YEARS[model_set][-1]}
    layers = [*((flux, "annual") for flux in fluxes), ("nee", "MAM"), ("nee", "JJA"),
              ("ndvi", "JJA"), ("lst", "annual")]  # fmt: skip
    sides = {"falling": (18.0, 7.0, 2.5), "rising": (5.0, 1.0, 2.5), "either": (23.0, 8.0, 5.0)}
    shares = [
        (variable, season, kind, zone, side, *values, 1.2 * values[2], 4e12, 700)
        for (variable, season), (kind, zone), (side, values) in product(
            layers, ZONES[:4], sides.items())
    ]  # fmt: skip
    columns = "variable season zone_set zone direction share share_fdr expected"
    columns = words(f"{columns} expected_measured tested_m2 cells")
    field = [(flux, "annual", side, 18.0, 2.4, 2.0, 0.1, 8.6, 0.005, 700, 200, 1)
             for flux, side in product(fluxes, sides)]  # fmt: skip
    tables = {
        "shares": pd.DataFrame(shares, columns=columns).assign(
            **years, method="zhang", rho=0.2, size=0.06, alpha=0.05),
        "field": pd.DataFrame(field, columns=words(
            "variable season direction share null_mean null_sd null_low null_high p_value cells "
            "permutations step")),
        "overlay": overlay_shares(np.array([0, 0, 1, 6, -1]), np.ones(5)),
        "greening": pd.DataFrame(
            [(season, test, 41.0, 18.0, 7.5, 18.3, 7.4, 2.5)
             for season, test in product(("annual", "JJA"), ("significant", "any"))],
            columns=words("nee_season nee_trend greening falling both conditional independent "
                          "expected")),
        "latitude": pd.DataFrame(
            [("cells", "abz", "ABZ", 0.55, 0.01, 1e-9, 700, 21.0),
             ("sites", "abz", "ABZ", 0.2, 0.5, 0.5, 11, 11.0)],
            columns=words("places zone_set zone r p_value p_naive n n_effective")),
        "environment": pd.DataFrame(
            [(variable, season, kind, zone, "K", 20, 0.03, 0.01, 0.05, 0.002, 0.004)
             for (variable, season), (kind, zone) in product(layers[-3:], ZONES[:4])],
            columns=words("variable season zone_set zone units n slope lower upper p_value "
                          "q_value")).assign(**years),
    }  # fmt: skip
    for name, table in tables.items():
        write_table(table.assign(model_set=model_set), layout.trend_table(model_set, name))


def make_cycles_and_sites(layout):
    """Write the tables of budgets/ that speak of trends."""
    rng = np.random.default_rng(9)
    monthly, limits = make_monthly(rng), make_trends()
    limits = limits[limits["n"] > 16].drop(
        columns=words("slope lower upper p_value slope_mean slope_sd below_zero spread_over_noise")
    )
    numbers = {"autocorrelation": 0.1, "rho": 0.25, "sd": 40.0, "size": 0.08, "detectable": 7.3}
    years = [{"site": site, "latitude": 60.0 + n, "longitude": 25.0, "biome": "boreal",
              "year": year, "nee": rng.normal(-90, 20), "gpp": rng.normal(800, 50),
              "reco": rng.normal(700, 50)}
             for n, site in enumerate("ab") for year in range(2001, 2012)]  # fmt: skip
    tables = {
        "trend_limits": limits.assign(**numbers),
        "site_trends": site_trends(pd.DataFrame(years)),
        "site_trend_limits": site_trend_limits(pd.DataFrame(years), n_series=50),
        "amplitude": amplitude_change(monthly),
        "monthly_change": monthly_change(monthly),
    }
    for name, table in tables.items():
        write_table(table, layout.budgets / f"{name}.parquet")


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
    """All tables of drivers/, by name; the second and the third predictor are one group."""
    rows = {name: [] for name in DRIVER_COLUMNS}
    for model_set, flux in product(YEARS, FLUXES):
        names = predictor_names(model_set)
        key = (model_set, flux)
        group = {name: name for name in names} | dict.fromkeys(names[1:3], " + ".join(names[1:3]))
        for place, name in enumerate(names):
            rise = place + rng.uniform(size=5)
            rows["importance"] += [(*key, name, k, value) for k, value in enumerate(rise, 1)]
            rows["held_out_importance"].append((*key, name, place - 2.5, place - 4.0, place - 1.0))
            rows["groups"].append((*key, group[name], name, names[place - 1], 0.8))
            values = list(VEGETATION) if name == "vegetation" else range(1, 13)
            for value in map(float, values):
                rows["response"].append((*key, name, value, rng.normal(), 0.1, 10))
                rows["effects"].append((*key, name, value, rng.normal(), int(value) % 4 + 1))
        for sample, label in product(("training", "held_out"), dict.fromkeys(group.values())):
            rows["grouped_importance"].append((*key, sample, label, 2.0, 1.0, 3.0))
        for first, second in product(np.arange(4.0), np.arange(3.0)):
            there = first + second < 5
            cell = ("soil_temperature", "vpd", first, second, first if there else np.nan, 3 * there)
            rows["pairs"].append((*key, *cell))
    return {
        name: pd.DataFrame(found, columns=["model_set", "flux", *DRIVER_COLUMNS[name]])
        for name, found in rows.items()
    }


def fabricate(config):
    """Write everything that the stages before `report` write."""
    layout, rng = Layout(config.root), np.random.default_rng(7)
    grid = polar_grid(CELL)
    for model_set in YEARS:
        zones = make_zones(grid, rng)
        fluxes = [*FLUXES, "nee_fire"] if model_set == "fine" else list(FLUXES)
        write_zarr(zones, layout.zones(model_set))
        write_zarr(make_maps(zones, YEARS[model_set], rng, fluxes), layout.trends(model_set))
        flux = make_flux(zones, rng)
        write_zarr(flux, layout.flux(model_set))
        write_zarr(closure_maps(flux), layout.compare / f"closure_{model_set}.zarr")
        write_zarr(make_totals(model_set), layout.totals(model_set))
        make_applicability(layout, model_set, zones, rng)
        write_zarr(make_flux(zones, rng), layout.truth / f"{model_set}.zarr")
        for flux in FLUXES:
            make_model(layout.models(model_set, flux), rng)
            make_validation(layout.validation(model_set, flux), rng)
        make_trend_tables(layout, model_set, fluxes)
    make_closure(layout, rng)
    make_resolutions(layout, zones, rng)
    make_products(layout, np.random.default_rng(3))
    make_cycles_and_sites(layout)
    write_zarr(make_fire(make_zones(grid, rng), rng), layout.fire)
    annual = make_annual(rng)
    write_table(annual, layout.budgets / "annual.parquet")
    make_balance(layout, annual)
    make_postfire(layout, make_zones(grid, np.random.default_rng(5)), np.random.default_rng(6))
    make_uncertainty(layout, annual, np.random.default_rng(9))
    make_site_tables(layout, annual, np.random.default_rng(10))
    write_table(make_monthly(rng), layout.budgets / "monthly.parquet")
    write_table(make_table1(), layout.budgets / "table1.parquet")
    write_table(make_trends(), layout.budgets / "trends.parquet")
    for name, table in make_drivers(rng).items():
        write_table(table, layout.drivers / f"{name}.parquet")
    site_months = make_sites(rng)
    write_table(site_months, layout.sites / "site_months.parquet")
    keys = ["site", "latitude", "longitude", "biome", "country", "year"]
    sums = site_months.groupby(keys)[list(FLUXES)].sum().reset_index()
    write_table(sums, layout.sites / "annual.parquet")
    log = [{"rule": "larval outbreak", "rows": 27, "sites": 1}]
    agreement = [{"predictor": "lst", "unit": "K", "rows": 1200, "missing": 31}]
    document = {"screening": log, "training_fine": {"agreement": agreement}}
    write_json(document, layout.sites / "screening.json")
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
    for name, table in make_drivers(rng).items():
        own = table[table["model_set"] == "fine"].assign(model_set="climatology")
        write_table(own, layout.drivers / f"{name}.parquet")
    rows = [(kind, flux, zone, 0.98, LEVEL[flux] * 15, 90.0, LEVEL[flux] * 14, 140.0, 1.07)
            for (kind, zone), flux in product(ZONES[:3], FLUXES)]  # fmt: skip
    columns = words("zone_set flux zone valid_share budget budget_sd published published_sd ratio")
    table = pd.DataFrame(rows, columns=columns)
    write_table(table, layout.budgets / "climatology.parquet")
    notes = {"missing_predictors": {"nee": ["lst", "cti"], "gpp": ["lst"]}}
    write_json(notes, layout.sites / "climatology.json")
    make_authors(layout, np.random.default_rng(10))
    report.run(config, layout)
    return SimpleNamespace(config=config, layout=layout, results=report.gather(config, layout))


def make_authors(layout, rng):
    """Write the run beside made-up results of the authors, by the functions that make real ones."""
    areas, years = list(AREAS.values()), range(1990, 2017)
    budgets = pd.DataFrame(
        [(flux, area, year, LEVEL[flux] * 5 - (year - 2000) + rng.normal(0, 8))
         for flux, area, year in product(FLUXES, areas, years)],
        columns=words("flux area year tg"),
    )  # fmt: skip
    series = authors.with_continents(budgets)
    months = pd.DataFrame(
        [(area, first, first + 9, month, rng.normal(-3, 20))
         for area, first, month in product(areas, (1990, 2000, 2010), range(1, 13))],
        columns=words("area first_year last_year month nee"),
    )  # fmt: skip
    stored = [("vpd", "kPa", 0), ("tree_cover", "%", 8), ("ndvi", "1", None)]
    environment = pd.DataFrame(
        [(name, "ABZ", units, None if shift is None else year - shift, year, rng.uniform(0.2, 0.3))
         for (name, units, shift), year in product(stored, years)],
        columns=words("variable area units year stored_year value"),
    ).astype({"year": "Int64"})  # fmt: skip
    sites = pd.DataFrame(
        [(f"Who_{site}_tower1", flux, n, 2001, 2000 + n, slope, 0.2, 3.0, slope == 3.0)
         for (site, n, slope), flux in product((("FI-A", 9, 3.0), ("CA-B", 5, -2.0)), FLUXES)],
        columns=words("site_name flux years first_year last_year slope p_value published same"),
    )  # fmt: skip
    final = authors.figure_importance()
    forests = [final.assign(forest=name, importance=rng.uniform(1, 9, len(final)))
               for name in ("the tables", "this run", "this run, left-out sites")]  # fmt: skip
    ours = pd.concat(forests, ignore_index=True)
    theirs = pd.concat([final, final.assign(variant="full", importance=rng.uniform(1, 9, 51))])
    held_out = pd.DataFrame(
        [(flux, f"s{n % 5}", 2001 + n // 12, n % 12 + 1, *rng.normal(0, 9, 3))
         for flux, n in product(FLUXES, range(48))],
        columns=words("flux site year month observed svm svm_earlier"),
    )  # fmt: skip
    models = ["this run", *words("abz ranger svm svm_earlier figure_1km figure_8km")]
    scored = pd.DataFrame(
        [(flux, model, 300.0, 12.0, 0.5, 20.0, 13.0, 0.4)
         for flux, model in product(FLUXES, models)],
        columns=words("flux model rows sites r2 rmse mae mbe"),
    )  # fmt: skip
    shape = {"model": ["A", "B", "C"], "year": list(range(1990, 2020))}
    sizes = {"gpp": 9000.0, "npp": 4000.0, "rh": 3600.0, "nbp": 250.0}
    fluxes = authors.model_fluxes(xr.Dataset(
        {name: (tuple(shape), rng.normal(size, 60, (3, 30))) for name, size in sizes.items()}, shape
    ))  # fmt: skip
    earth = authors.model_trends(fluxes)
    tables = {
        "series": series, "trends": authors.series_trends(series, ["flux", "area"], "tg"),
        "closure": authors.area_closure(budgets), "gaps": authors.flux_gaps(series),
        "budgets": authors.budgets_beside(
            pd.read_parquet(layout.budgets / "climatology.parquet"), budgets),
        "amplitudes": authors.cycle_amplitudes(months), "months": authors.month_changes(months),
        "environment": authors.environment_trends(environment), "sites": sites,
        "importance": ours, "agreement": authors.rank_agreement(ours, theirs),
        "ranks": authors.paired_ranks(ours, theirs),
        "yardstick": authors.rank_agreement(final.assign(forest="final, figure"), theirs[51:]),
        "scores": scored,
        "same_rows": authors.same_rows(held_out.assign(predicted=held_out["svm"] + 1), held_out),
        "models": earth, "spread": authors.ensemble_spread(earth),
        "region": authors.beside_published_region(earth, published_table1()),
        "model_series": fluxes.to_dataframe().reset_index(),
    }  # fmt: skip
    for name, table in tables.items():
        write_table(table, layout.authors / f"{name}.parquet")


def make_model(folder, rng):
    observed = rng.normal(-10, 30, 300)
    table = pd.DataFrame({"observed": observed, "predicted": observed + rng.normal(0, 10, 300)})
    folder.mkdir(parents=True)
    write_table(table, folder / "held_out.parquet")
    trials = pd.DataFrame({"held_out": ["out_of_site"] * 2 + ["leave_one_site_out"],
                           "mtry": [2, 9, 9], "mean_site_rmse": [18.0, 17.0, 16.5],
                           "r2": [0.5, 0.57, 0.58], "rmse": [21.0, 19.4, 19.2],
                           "chosen": [False, True, True]})  # fmt: skip
    write_table(trials, folder / "tuning.parquet")
    scores = {"n": 300, "r2": 0.57, "rmse": 19.4, "mae": 12.3, "mbe": 0.4}
    write_json({"mtry": 9, "rows": 300, "sites": 12, "held_out": scores}, folder / "scores.json")


def make_validation(folder, rng):
    """Write the tables of one forest's validation, made by the functions that make real ones."""
    site = np.arange(300) % 25
    rows = pd.DataFrame(
        {
            "site": np.char.add("s", site.astype(str)), "year": 2001 + np.arange(300) // 75,
            "month": np.arange(300) // 25 % 12 + 1, "biome": np.where(site % 2, "boreal", "tundra"),
            "area": np.where(site == 3, "outside", "inside"), "observed": rng.normal(0, 30, 300),
        }
    )  # fmt: skip
    noise = rng.normal(0, 10, (3, 300))
    rows[["predicted", "climatology", "nearest_site"]] = (rows["observed"].to_numpy() + noise).T
    draws = {"draws": 20}
    sites = rows["site"].to_numpy(str)
    designs = [
        Design("leave_one_site_out", list(leave_one_site_out(sites)), "", 100.0, 2.0),
        Design("random_sites", site_folds(sites, 4), "", 80.0, 1.0),
        Design("knndm_geographic", [], "fewer than two sites have coordinates"),
    ]
    other = rows["observed"].to_numpy() + rng.normal(0, 12, 300)
    predicted = {"leave_one_site_out": rows["predicted"].to_numpy(), "random_sites": other}
    intervals = calibrate(rows, 0.9, minimum_sites=10)
    spread = [
        {"unit": unit, "mapped": unit == "row", "predictors": "all", "trees": 8, "where": where,
         "quantity": quantity, "fixed_sites": 1, "members": 5, "sd": 2.0, "sd_error": 0.7,
         "sd_corrected": 1.8}
        for unit, where, quantity in product(
            ("row", "site"), ("training rows", "map"), ("annual mean", "single month"))
    ]  # fmt: skip
    about = {"site": sites, "biome": rows["biome"]}
    scored = site_scores(rows["observed"], rows["predicted"], sites)
    by_site = scored.merge(pd.DataFrame(about).drop_duplicates("site"), on="site")
    tables = {
        "skill": pd.concat(
            [skill_table(rows, ("biome", "season"), **draws).assign(model="forest"),
             skill_table(rows.assign(predicted=rows["climatology"]), (), **draws).assign(
                 model="climatology")]),
        "relative_skill": pd.concat(
            [relative_skill(rows, name, ("biome",), **draws)
             for name in ("climatology", "nearest_site")]),
        "components": components(rows).assign(model="forest"),
        "site_skill": by_site.assign(model="forest"),
        "designs": compare_designs(rows, designs, predicted, **draws),
        "coverage": coverage_table(rows, (0.5, 0.9), minimum_sites=10, groups=["area"]),
        "ensemble": pd.DataFrame(spread),
    }  # fmt: skip
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    write_json(intervals.as_dict(), folder / "intervals.json")


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
