"""What judging one forest takes: its rows, its held-out predictions, and the map beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.applicability import annual_means, importance_weights, site_annual_means
from abz.cli.cells import sample_cells, years_at
from abz.cli.forests import flux_seed
from abz.cli.layout import Layout
from abz.cli.storage import read_table, read_zarr
from abz.config import Config
from abz.errors import InputError
from abz.grid import Grid
from abz.modelling import (
    Cases,
    FluxForest,
    Places,
    Space,
    categorical,
    complete_cases,
    derive_seed,
    feature_space,
    geographic_space,
    load_forest,
)
from abz.sites import locate_sites
from abz.sites.training import MAX_CELLS

__all__ = ["Inputs", "open_inputs", "places_of"]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the stage reads of one forest."""

    config: Config
    layout: Layout
    model_set: str
    flux: str
    cases: Cases
    held_out: pd.DataFrame
    central: FluxForest
    mtry: int

    @property
    def predictors(self) -> tuple[str, ...]:
        """Predictors of the central forest."""
        return self.central.predictors

    @property
    def continuous(self) -> list[int]:
        """Columns of the predictors that have an annual mean."""
        names = categorical(self.predictors)
        return [i for i, name in enumerate(self.predictors) if name not in names]

    @cached_property
    def weights(self) -> np.ndarray:
        """Importance of each predictor."""
        table = read_table(self.layout.drivers / "importance.parquet")
        return importance_weights(table, self.predictors, model_set=self.model_set, flux=self.flux)

    @cached_property
    def zones(self) -> xr.Dataset:
        """Zones of the map."""
        return read_zarr(self.layout.zones(self.model_set)).load()

    @cached_property
    def cells(self) -> np.ndarray:
        """Flat numbers of the cells that stand for the map."""
        return sample_cells(self.zones)

    @cached_property
    def site_cells(self) -> pd.Series:
        """Flat number of the cell of each site (site,); empty if the rows do not tell it."""
        if not {"row", "column"} <= set(self.cases.table):
            return pd.Series(dtype=np.int64)
        first = self.cases.table.groupby("site", sort=True)[["row", "column"]].first()
        shape = self.zones["domain"].shape
        return pd.Series(np.ravel_multi_index(first.to_numpy(np.int64).T, shape), first.index)

    @cached_property
    def _both_years(self) -> np.ndarray:
        """Climatological years of the sampled cells and of the sites' cells, read in one go."""
        cube = read_zarr(self.layout.cube(self.model_set))
        cells = np.concatenate([self.cells, self.site_cells.to_numpy(np.int64)])
        return years_at(cube, self.zones, cells, self.predictors)

    @property
    def years(self) -> np.ndarray:
        """Climatological year (12, n, p) of the cells that stand for the map."""
        return self._both_years[:, : self.cells.size]

    def site_means(self) -> tuple[np.ndarray, np.ndarray]:
        """Sites and the annual means of their cells, or else of their own rows."""
        if self.site_cells.empty:
            names = [self.predictors[i] for i in self.continuous]
            table = site_annual_means(self.cases.table, names)
            return table.index.to_numpy(str), table.to_numpy()
        means = annual_means(self._both_years[:, self.cells.size :, self.continuous])
        return self.site_cells.index.to_numpy(str), means

    def seed(self, *words: str) -> int:
        """Seed of a purpose."""
        return derive_seed(flux_seed(self.config, self.model_set, self.flux), *words)


def open_inputs(config: Config, layout: Layout, model_set: str, flux: str) -> Inputs:
    """The forest, its training rows and its held-out predictions."""
    models = layout.models(model_set, flux)
    central, held_out = load_forest(models / "central.npz"), read_table(models / "held_out.parquet")
    cases = complete_cases(read_table(layout.training(model_set)), flux, central.predictors)
    keys = ["site", "year", "month"]
    if not held_out[keys].equals(cases.table[keys]):
        raise InputError(
            "the held-out predictions are not those of the training rows",
            rule="held_out.parquet has the complete rows of the training table, in its order",
            value=f"{len(held_out)} and {len(cases.table)} rows",
            remedy="fit the forests again: `abz fit`",
        )
    tuning = read_table(models / "tuning.parquet")
    mtry = int(tuning.loc[tuning["chosen"], "mtry"].iloc[0])
    known = _with_year_of_disturbance(held_out, layout.sites / "site_months.parquet")
    return Inputs(config, layout, model_set, flux, cases, known, central, mtry)


def _with_year_of_disturbance(held_out: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The year of each row's disturbance, from the screened site-months where it is missing."""
    if "disturbance_year" in held_out or not path.is_file():
        return held_out
    keys = ["site", "year", "month"]
    years = read_table(path)[[*keys, "disturbance_year"]].drop_duplicates(keys)
    return held_out.merge(years, on=keys, how="left", validate="m:1")


def places_of(inputs: Inputs) -> Places:
    """Where and when the rows were measured, beside the cells of the map."""
    table = inputs.cases.table
    unknown = pd.Series(np.nan, table.index)
    lon, lat = (table.get(name, unknown).to_numpy(np.float64) for name in ("longitude", "latitude"))
    cell = _cells_of(table, inputs.zones)
    region = np.full(len(table), -1)
    inside = (cell >= 0).all(axis=1)
    if "region" in inputs.zones:
        region[inside] = inputs.zones["region"].values[tuple(cell[inside].T)]
    return Places(
        sites=inputs.cases.sites,
        year=table["year"].to_numpy(np.int64),
        lon=lon,
        lat=lat,
        cell=cell,
        region=region,
        geography=_geography(inputs, lon, lat),
        features=_features(inputs),
    )


def _cells_of(table: pd.DataFrame, zones: xr.Dataset) -> np.ndarray:
    """Row and column of each row's cell (n, 2); −1 where it has none."""
    if {"row", "column"} <= set(table):
        return table[["row", "column"]].to_numpy(np.int64)
    found = np.full((len(table), 2), -1)
    if {"latitude", "longitude"} <= set(table):
        known = table[["latitude", "longitude"]].notna().all(axis=1).to_numpy()
        if known.any():
            places = locate_sites(table.loc[known], zones["domain"], MAX_CELLS)
            found[known] = places[["row", "column"]].to_numpy(np.int64)
    return found


def _geography(inputs: Inputs, lon: np.ndarray, lat: np.ndarray) -> Space | None:
    """Sites and cells of the map on the ground."""
    known = np.isfinite(lon) & np.isfinite(lat)
    sites = inputs.cases.sites[known]
    if np.unique(sites).size < 2:
        return None
    of_cells = (axis.ravel()[inputs.cells] for axis in Grid.of(inputs.zones).lonlat())
    return geographic_space(sites, lon[known], lat[known], *of_cells)


def _features(inputs: Inputs) -> Space | None:
    """Sites and cells of the map among the annual means of the predictors."""
    sites, means = inputs.site_means()
    cells = annual_means(inputs.years[..., inputs.continuous])
    known, filled = ~np.isnan(means).any(axis=1), ~np.isnan(cells).any(axis=1)
    if known.sum() < 2 or not filled.any():
        return None
    importance = inputs.weights[inputs.continuous]
    return feature_space(sites[known], means[known], cells[filled], importance=importance)
