"""The published maps of mean and trend beside the published months: agreement, and their budgets.

Fire is published as a mean year alone; where no fire product is there, Table 1 has it from here.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from pyproj import CRS

from abz.budgets import mean_map_budgets, mean_map_quanta, same_atoms
from abz.catalog import Catalog
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.run_zones import zones_of_run
from abz.cli.storage import read_zarr, write_table
from abz.cli.trend_layers import bands
from abz.compare import MapAgreement
from abz.config import Config, Trends
from abz.errors import GridError, InputError
from abz.fire import nee_plus_fire
from abz.grid import Grid
from abz.trends import annual_sums, flux_trends

__all__ = ["run"]

PRODUCTS = ("ornl_2377_means", "ornl_2377_trends")
"""Entries of the catalog; a run does without those of which nothing is there."""
LAYERS = {"nee": "mean", "nee_fire": "mean", "nee_trend": "slope", "nee_fire_trend": "slope"}
"""Map of the product, and what of the annual sums it holds."""
GRID_TOLERANCE = 1e-3
"""Part of a cell by which the edges of two maps of one grid may differ."""


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write mean_maps/agreement.parquet and mean_maps/budgets.parquet; nothing without the maps.

    Maps of the trend alone have no budgets.
    """
    shutil.rmtree(layout.mean_maps, ignore_errors=True)  # maps that are gone leave nothing behind
    catalog = open_catalog(config)
    entries = _entries(config, catalog)
    if not entries:
        return []
    zones = read_zarr(layout.zones(model_set))
    grid, n_atoms = Grid.of(zones), zones.sizes["atom_id"]
    fire = read_zarr(layout.fire) if layout.fire.exists() else None
    fire = fire if fire is not None and same_atoms(zones, fire) else None
    flux = read_zarr(layout.flux(model_set))
    found: dict[str, MapAgreement] = {}
    quanta: dict[str, np.ndarray] = {}
    years = range(0)
    for _, rows in bands(grid, "mean maps"):
        window = grid.window(rows, slice(None))
        theirs = xr.merge(
            [_on(catalog.open(name, bounds=_inner(window)), window) for name in entries],
            combine_attrs="override", compat="override", join="override",
        )  # fmt: skip
        years = _period(theirs)
        part = zones[["area", "atom", "land_fraction"]].isel(y=rows).load()
        inside = part["atom"].values >= 0
        annual = _annual(flux["nee"].isel(y=rows), fire, part, rows, years)
        ours = _layers(annual, theirs, config.trends)
        for name, values in ours.items():
            agreement = found.setdefault(name, MapAgreement())
            agreement.add(values, np.where(inside, theirs[name].values, np.nan))
        held = (part["area"].values, part["atom"].values, n_atoms, config.budgets.neutral_band)
        for name, values in _means(theirs).items():
            quanta[name] = quanta.get(name, 0) + mean_map_quanta({name: values}, *held)[0]
    layers = pd.DataFrame([{"layer": name, **one.row()} for name, one in found.items()])
    layers = layers.assign(model_set=model_set, first_year=years[0], last_year=years[-1],
                           method=config.trends.method)  # fmt: skip
    written = [write_table(layers, layout.mean_maps / "agreement.parquet")]
    if quanta:
        membership = zones_of_run(config, zones)
        budgets = mean_map_budgets(np.array([*quanta.values()]), list(quanta), membership, years)
        budgets = budgets.assign(model_set=model_set)
        written.append(write_table(budgets, layout.mean_maps / "budgets.parquet"))
    return written


def _entries(config: Config, catalog: Catalog) -> list[str]:
    """Products of which something is there; what they lack is named."""
    held = set(catalog.names())
    found = [
        name for name in PRODUCTS if name in held and any((config.archive / name).glob("*.tif"))
    ]
    for name in found:
        catalog.files(name)
    return found


def _inner(window: Grid) -> tuple[float, float, float, float]:
    """A box that touches the cells of a window, and no others."""
    west, south, east, north = window.bounds
    width, height = window.transform.a / 2, -window.transform.e / 2
    return west + width, south + height, east - width, north - height


def _on(maps: xr.Dataset, window: Grid) -> xr.Dataset:
    """The maps, if they lie on the cells of the window."""
    found = Grid.of(maps)
    near = GRID_TOLERANCE * window.transform.a
    same = CRS(found.crs) == CRS(window.crs) and found.shape == window.shape
    if not same or not np.allclose(found.bounds, window.bounds, rtol=0, atol=near):
        raise GridError(
            "the published mean maps lie on another grid than the published months",
            rule=f"rows in {window.bounds}",
            value=found.bounds,
            remedy="take both from one version of the product",
        )
    return maps


def _period(maps: xr.Dataset) -> range:
    """Years of the maps, which they share."""
    periods = {str(layer.attrs["period"]) for layer in maps.values()}
    if len(periods) > 1:
        raise InputError(
            "the published mean maps are of different periods",
            rule="all of the same years",
            value=", ".join(sorted(periods)),
            remedy="keep the maps of one period in the folder",
        )
    first, last = periods.pop().split("-")
    return range(int(first), int(last) + 1)


def _annual(
    nee: xr.DataArray, fire: xr.Dataset | None, zones: xr.Dataset, rows: slice, years: range
) -> dict[str, xr.DataArray]:
    """Annual NEE, and NEE + fire where fire is known, in some years."""
    annual = annual_sums(nee)
    annual = annual.sel(year=np.intersect1d(annual["year"].values, years))
    if annual.sizes["year"] < len(years):
        raise InputError(
            "the published months do not cover the years of the published mean maps",
            rule=f"months of all of {years[0]}-{years[-1]}",
            value=f"{annual.sizes['year']} of these years",
            remedy="let [sets.fine] cover them",
        )
    found = {"nee": annual}
    if fire is not None:
        burning = annual_sums(fire["emission"].isel(y=rows))
        both = nee_plus_fire(annual, burning, zones["land_fraction"])
        if both.sizes["year"] == len(years):
            found["nee_fire"] = both
    return found


def _layers(
    annual: Mapping[str, xr.DataArray], theirs: xr.Dataset, settings: Trends
) -> dict[str, np.ndarray]:
    """Our map (y, x) of each published one that can be made."""
    made = flux_trends(annual, settings.method, settings.preserve_range)
    return {
        name: made[what].sel(flux=name.removesuffix("_trend")).values
        for name, what in LAYERS.items()
        if name in theirs and name.removesuffix("_trend") in annual
    }


def _means(theirs: xr.Dataset) -> dict[str, np.ndarray]:
    """Mean maps (y, x), with the fire that lies between two of them."""
    maps = {name: theirs[name].values for name in ("nee", "nee_fire") if name in theirs}
    if len(maps) == 2:
        maps["fire"] = maps["nee_fire"] - maps["nee"]
    return maps
