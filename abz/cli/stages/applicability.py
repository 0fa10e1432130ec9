"""Map where the forests of one model set apply, tile by tile; add up what lies outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
import zarr

from abz.applicability import (
    Applicability,
    Judges,
    annual_means,
    applicability_template,
    area_by_state,
    cluster_table,
    error_model,
    fit_applicability,
    fit_clusters,
    flux_by_state,
    importance_weights,
    levels_by_zone,
    mean_flux_year,
    rank_weights,
    shares_outside,
    window_maps,
)
from abz.cli.cells import TILE_CELLS, site_cells, site_environments, years_at
from abz.cli.earlier import made
from abz.cli.judging import judged_rows, training_rows
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import atomic_path, read_table, read_zarr, write_table
from abz.cli.tables import labelled
from abz.config import Config
from abz.grid import Grid
from abz.modelling import Cases, FluxForest, categorical, derive_seed
from abz.vocabulary import FLUXES, predictor_names

__all__ = ["run"]

CLUSTERED_CELLS = 20_000
"""About how many cells the clusters are fitted to; all cells are assigned."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the stage reads of a model set."""

    model_set: str
    cube: xr.Dataset
    zones: xr.Dataset
    flux: xr.Dataset
    totals: xr.Dataset
    table: pd.DataFrame
    importance: pd.DataFrame
    workers: int

    @property
    def predictors(self) -> tuple[str, ...]:
        """Predictors that have an annual mean."""
        names = predictor_names(self.model_set)
        return tuple(name for name in names if name not in categorical(names))

    @property
    def domain(self) -> np.ndarray:
        """Cells that belong to the study (y, x)."""
        return np.asarray(self.zones["domain"].values == 1)


def run(config: Config, layout: Layout, *, model_set: str) -> list[Path]:
    """Write applicability/SET.zarr and the tables of errors, shares, levels, clusters and sites."""
    folder = layout.applicability
    inputs = Inputs(
        model_set,
        read_zarr(layout.cube(model_set)),
        read_zarr(layout.zones(model_set)).load(),
        read_zarr(layout.flux(model_set)),
        read_zarr(layout.totals(model_set)),
        training_rows(layout, model_set),
        read_table(made(layout.drivers / "importance.parquet", "the importance", "drivers")),
        config.workers,
    )
    forests, areas, errors = {}, {}, []
    for flux in FLUXES:
        forests[flux], cases, held_out = judged_rows(layout, model_set, flux)
        areas[flux] = _fit(inputs, flux, forests[flux], cases)
        errors.append(_error_table(areas[flux], held_out).assign(flux=flux))
    cells = site_cells(inputs.table, inputs.zones)
    means = _annual_means(inputs, cells.to_numpy())
    sites = site_environments(inputs.table, inputs.predictors, cells, means)
    seed = derive_seed(config.seed, model_set, "applicability")
    clusters = fit_clusters(
        _annual_means(inputs, _spread(inputs.domain)),
        rank_weights(inputs.importance, inputs.predictors, model_set=model_set),
        seed=seed,
    )
    judges = Judges(forests, areas, inputs.predictors, sites.to_numpy(), clusters)
    path, areas_out, grams_out = _write_maps(inputs, judges, folder / f"{model_set}.zarr")
    tables = {
        "error": pd.concat(errors, ignore_index=True),
        "shares": shares_outside(areas_out, list(FLUXES), inputs.zones, grams_out),
        "clusters": _cluster_table(inputs, judges, sites, path),
        "sites": _site_table(inputs, judges, sites),
    }
    if "level_support" in inputs.totals:
        tables["levels"] = levels_by_zone(inputs.totals)
    return [path] + [
        write_table(labelled(table, model_set), folder / f"{name}_{model_set}.parquet")
        for name, table in tables.items()
    ]


def _fit(inputs: Inputs, flux: str, forest: FluxForest, cases: Cases) -> Applicability:
    """The measure of one flux: folds are sites, weights are importance."""
    weights = importance_weights(
        inputs.importance, forest.predictors, model_set=inputs.model_set, flux=flux
    )
    return fit_applicability(forest.encode(cases.X), cases.sites, weights, workers=inputs.workers)


def _error_table(area: Applicability, held_out: pd.DataFrame) -> pd.DataFrame:
    """Held-out error by dissimilarity."""
    residual = (held_out["predicted"] - held_out["observed"]).to_numpy(np.float64)
    model = error_model(area.dissimilarity, residual)
    return pd.DataFrame(
        {
            "bin": np.arange(1, model.rows.size + 1),
            "dissimilarity": model.dissimilarity,
            "rows": model.rows,
            "rmse": model.observed,
            "rmse_fitted": model.fitted,
            "widening": model.widening(model.dissimilarity),
            "pooled_rmse": model.pooled,
            "unpredicted": model.unpredicted,
            "threshold": area.threshold,
            "mean_distance": area.mean_distance,
        }
    )


def _spread(domain: np.ndarray) -> np.ndarray:
    """Flat numbers of cells of the domain, evenly spread, few enough for the clusters."""
    cells = np.flatnonzero(domain)
    return cells[:: max(1, ceil(cells.size / CLUSTERED_CELLS))]


def _annual_means(inputs: Inputs, cells: np.ndarray) -> np.ndarray:
    """Annual means (n, p) of cells, by their flat numbers."""
    return annual_means(years_at(inputs.cube, inputs.zones, cells, inputs.predictors))


def _write_maps(inputs: Inputs, judges: Judges, path: Path) -> tuple[Path, np.ndarray, np.ndarray]:
    """Write all maps; count the area of each state per atom, and the flux that comes from it."""
    grid, domain = Grid.of(inputs.zones), inputs.domain
    area, atom = inputs.zones["area"].values, inputs.zones["atom"].values
    atoms = inputs.zones.sizes["atom_id"]
    quanta: list[np.ndarray] = []
    grams: list[np.ndarray] = []
    with atomic_path(path) as temporary:
        _write_template(applicability_template(judges, grid, TILE_CELLS), temporary)
        group = zarr.open_group(temporary, mode="r+", use_consolidated=False)
        for tile in track(list(grid.blocks(TILE_CELLS)), f"applicability {inputs.model_set}"):
            maps = window_maps(inputs.cube, *tile, domain[tile], judges, workers=inputs.workers)
            for name, values in maps.items():
                _put(group, name, values, tile)
            where = (area[tile], atom[tile], atoms)
            flux = np.stack([mean_flux_year(inputs.flux[name], *tile) for name in judges.areas])
            quanta.append(area_by_state(maps["inside"], *where))
            grams.append(flux_by_state(flux, maps["inside"], *where))
    return path, np.sum(quanta, axis=0), np.sum(grams, axis=0)


def _write_template(template: xr.Dataset, path: Path) -> None:
    """Make the maps without a value."""
    chunks = {name: {"chunks": da.data.chunksize} for name, da in template.items() if da.chunks}
    template.drop_encoding().to_zarr(
        path, zarr_format=3, consolidated=False, compute=False, encoding=chunks
    )


def _put(group: zarr.Group, name: str, values: np.ndarray, tile: Sequence[slice]) -> None:
    """Write a tile of one map."""
    array = group[name]
    array[(..., *tile)] = values  # type: ignore[index]


def _cluster_table(inputs: Inputs, judges: Judges, sites: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Extent, sites and mean environment of each cluster."""
    table = cluster_table(
        read_zarr(path)["cluster"].values,
        inputs.zones["area"].values,
        judges.clusters.assign(sites.to_numpy()),
        _site_months(inputs, sites).to_numpy(),
    )
    centres = judges.clusters.space.restore(judges.clusters.centres)
    environment = pd.DataFrame(centres, columns=list(inputs.predictors))
    merged = table.merge(environment, left_on="cluster", right_index=True, how="left")
    quality = judges.clusters.silhouette.get(len(centres), np.nan)
    return merged.assign(silhouette=quality)


def _site_table(inputs: Inputs, judges: Judges, sites: pd.DataFrame) -> pd.DataFrame:
    """Where each site stands, its months, its cluster and its annual means."""
    places = [name for name in ("latitude", "longitude") if name in inputs.table]
    known = inputs.table.groupby("site")[places].first().reindex(sites.index)
    known = known.assign(
        site_months=_site_months(inputs, sites),
        cluster=judges.clusters.assign(sites.to_numpy()),
    )
    return known.join(sites).reset_index()


def _site_months(inputs: Inputs, sites: pd.DataFrame) -> pd.Series:
    """Rows of each site in the training table."""
    return inputs.table.groupby("site").size().reindex(sites.index)
