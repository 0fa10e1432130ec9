"""What follows a fire: burned land, composites, the bias at burned sites and its correction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import same_atoms
from abz.cli.earlier import made
from abz.cli.fire_bands import COUNTED, FireBands
from abz.cli.judging import training_rows, with_year_of_disturbance
from abz.cli.layout import Layout
from abz.cli.run_zones import zones_of_run
from abz.cli.storage import read_table, read_zarr, write_table, write_zarr_pieces
from abz.cli.trend_layers import BAND_ROWS
from abz.config import Config
from abz.fire import (
    BiasFit,
    bias_curves,
    bias_fits,
    bias_rows,
    burned_shares,
    correction_budget,
    fit_table,
    kept_fits,
    site_composites,
)
from abz.seeds import derive_seed
from abz.units import AREA_QUANTUM
from abz.vocabulary import MONTHS

__all__ = ["run"]

SITE_MONTH = ["site", "year", "month"]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write the folder postfire; nothing if no set lies on the atoms of the fire."""
    if not layout.fire.exists():
        return []
    fire, zones = read_zarr(layout.fire), {n: read_zarr(layout.zones(n)) for n in config.sets}
    sets = [name for name, held in zones.items() if same_atoms(held, fire)]
    return [path for name in sets[:1] for path in _of_set(config, layout, name, fire, zones[name])]


def _of_set(
    config: Config, layout: Layout, model_set: str, fire: xr.Dataset, zones: xr.Dataset
) -> list[Path]:
    """All outputs of the model set that the fire belongs to."""
    settings = config.postfire
    rows = bias_rows(_held_out(layout, model_set), settings.max_age)
    fits = bias_fits(rows, settings.least_sites)
    kept = kept_fits(fits, settings.alpha)
    found = FireBands(
        read_zarr(layout.flux(model_set)), read_zarr(layout.cube(model_set)), fire, zones.load(),
        kept, config.corrected_year, settings.max_age,
    )  # fmt: skip
    chunks = {"time": 1, "y": BAND_ROWS, "x": BAND_ROWS}
    maps = write_zarr_pieces(
        found.maps(), layout.postfire / f"{model_set}.zarr", chunks, along=("y",)
    )
    tables = {
        "burned": burned_shares(found.burned, zones_of_run(config, zones)),
        "sites": site_composites(_site_rows(layout, model_set), settings.max_age),
        "cells": found.composites.table(),
        "bias": rows,
        "fits": fit_table(fits, settings.alpha, settings.max_age),
        "curves": bias_curves(fits, settings.max_age),
        "correction": _correction(config, layout, model_set, found, kept),
    }
    return [maps] + [
        write_table(table.assign(model_set=model_set), layout.postfire / f"{name}.parquet")
        for name, table in tables.items()
    ]


def _held_out(layout: Layout, model_set: str) -> pd.DataFrame:
    """Observed and held-out predicted NEE, with the year of each row's disturbance."""
    path = layout.models(model_set, "nee") / "held_out.parquet"
    table = read_table(
        made(path, "the table of held-out predictions", "fit", model_set=model_set, flux="nee")
    )
    return with_year_of_disturbance(table, layout.sites / "site_months.parquet")


def _site_rows(layout: Layout, model_set: str) -> pd.DataFrame:
    """Screened site-months, with the NDVI of their cells in the years of the set."""
    path = made(layout.sites / "site_months.parquet", "the table of the site-months", "sites")
    training = training_rows(layout, model_set)
    if "ndvi" not in training:
        return read_table(path).assign(ndvi=np.nan)
    ndvi = training[[*SITE_MONTH, "ndvi"]].drop_duplicates(SITE_MONTH)
    return read_table(path).merge(ndvi, on=SITE_MONTH, how="left", validate="m:1")


def _correction(
    config: Config, layout: Layout, model_set: str, found: FireBands, kept: dict[int, BiasFit]
) -> pd.DataFrame:
    """Budgets of the corrected year before and after, by zone and by what counts as burned."""
    membership = zones_of_run(config, found.zones)
    annual = read_table(made(layout.budgets / "annual.parquet", "the annual budgets", "budgets"))
    keys = ["zone_set", "zone"]
    of_year = annual[
        (annual["model_set"] == model_set) & (annual["flux"] == "nee") & (annual["member"] == 0)
        & (annual["year"] == config.corrected_year)
    ]  # fmt: skip
    budget = of_year[[*keys, "tg"]].rename(columns={"tg": "budget"})
    parts = []
    for counted in COUNTED:
        burned = _over_zones(found.areas[counted], membership)
        table = correction_budget(
            burned, MONTHS, kept, samples=config.postfire.samples,
            seed=derive_seed(config.seed, model_set, "postfire"),
        )  # fmt: skip
        named = table.assign(
            zone_set=membership["zone_set"].values, zone=membership["zone"].values,
            year=config.corrected_year, counted=counted, burned_m2=burned.sum(axis=-1).max(axis=1),
        )  # fmt: skip
        parts.append(named.merge(budget, on=keys))
    whole = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return whole.assign(corrected=whole["budget"] + whole["correction"])


def _over_zones(areas: np.ndarray, membership: xr.DataArray) -> np.ndarray:
    """Burned land (zone_id, time, years_since_fire), m2, from quanta (..., atom_id)."""
    return np.moveaxis(areas @ membership.values.T, -1, 0) * AREA_QUANTUM
