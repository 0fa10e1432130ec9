"""What judging one forest takes: its rows, its held-out predictions, and the map beside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.applicability import annual_means, importance_weights
from abz.cli.cells import cells_of, sample_cells, site_cells, site_environments, years_at
from abz.cli.earlier import command, made
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

__all__ = [
    "Inputs",
    "central_forest",
    "judged_rows",
    "open_inputs",
    "places_of",
    "training_rows",
    "with_year_of_disturbance",
]


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
        table = read_table(
            made(self.layout.drivers / "importance.parquet", "the importance", "drivers")
        )
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
        """Flat number of the cell of each site that has one (site,)."""
        return site_cells(self.cases.table, self.zones)

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
        """Sites and the annual means of the continuous predictors there."""
        names = [self.predictors[i] for i in self.continuous]
        means = annual_means(self._both_years[:, self.cells.size :, self.continuous])
        table = site_environments(self.cases.table, names, self.site_cells, means)
        return table.index.to_numpy(str), table.to_numpy()

    def seed(self, *words: str) -> int:
        """Seed of a purpose."""
        return derive_seed(flux_seed(self.config, self.model_set, self.flux), *words)


def open_inputs(config: Config, layout: Layout, model_set: str, flux: str) -> Inputs:
    """The forest, its training rows and its held-out predictions."""
    central, cases, held_out = judged_rows(layout, model_set, flux)
    fitted = {"model_set": model_set, "flux": flux}
    path = layout.models(model_set, flux) / "tuning.parquet"
    tuning = read_table(made(path, "the tuning", "fit", **fitted))
    mtry = int(tuning.loc[tuning["chosen"], "mtry"].iloc[0])
    known = with_year_of_disturbance(held_out, layout.sites / "site_months.parquet")
    return Inputs(config, layout, model_set, flux, cases, known, central, mtry)


def training_rows(layout: Layout, model_set: str) -> pd.DataFrame:
    """The training table of a model set.

    Raises
    ------
    MissingDataError
        If an earlier stage has not made it; the message says what to type.
    """
    stage = "climatology" if model_set == "climatology" else "sites"
    return read_table(made(layout.training(model_set), "the training table", stage))


def central_forest(layout: Layout, model_set: str, flux: str) -> tuple[FluxForest, Cases]:
    """The central forest and its training rows.

    Raises
    ------
    MissingDataError
        If an earlier stage has not made them; the message says what to type.
    """
    path = layout.models(model_set, flux) / "central.npz"
    central = load_forest(made(path, "the forest", "fit", model_set=model_set, flux=flux))
    return central, complete_cases(training_rows(layout, model_set), flux, central.predictors)


def judged_rows(
    layout: Layout, model_set: str, flux: str
) -> tuple[FluxForest, Cases, pd.DataFrame]:
    """The central forest, its training rows and, row by row, its held-out predictions.

    Raises
    ------
    MissingDataError
        If an earlier stage has not made them; the message says what to type.
    InputError
        If the predictions are of other rows.
    """
    central, cases = central_forest(layout, model_set, flux)
    path = layout.models(model_set, flux) / "held_out.parquet"
    held_out = read_table(
        made(path, "the table of held-out predictions", "fit", model_set=model_set, flux=flux)
    )
    keys = ["site", "year", "month"]
    if not held_out[keys].equals(cases.table[keys]):
        raise InputError(
            "the held-out predictions are not those of the training rows",
            rule="held_out.parquet has the complete rows of the training table, in its order",
            value=f"{len(held_out)} and {len(cases.table)} rows",
            remedy=f"fit it again: `{command('fit', {'model_set': model_set, 'flux': flux})}`",
        )
    return central, cases, held_out


def with_year_of_disturbance(held_out: pd.DataFrame, path: Path) -> pd.DataFrame:
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
    cell = cells_of(table, inputs.zones)
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
