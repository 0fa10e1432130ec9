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
    climatological_year,
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
    site_annual_means,
    window_maps,
)
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.storage import atomic_path, read_table, read_zarr, write_table
from abz.config import Config
from abz.errors import InputError
from abz.grid import Grid
from abz.modelling import Cases, FluxForest, categorical, complete_cases, derive_seed, load_forest
from abz.vocabulary import FLUXES, predictor_names

__all__ = ["run"]

TILE_CELLS = 256
"""Edge of the tiles in which the cube is read and maps are written."""
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
        read_table(layout.training(model_set)),
        read_table(layout.drivers / "importance.parquet"),
        config.workers,
    )
    forests, areas, errors = {}, {}, []
    for flux in FLUXES:
        models = layout.models(model_set, flux)
        forests[flux] = load_forest(models / "central.npz")
        cases = complete_cases(inputs.table, flux, forests[flux].predictors)
        areas[flux] = _fit(inputs, flux, forests[flux], cases)
        held_out = read_table(models / "held_out.parquet")
        errors.append(_error_table(areas[flux], held_out, cases).assign(flux=flux))
    sites = _site_environments(inputs)
    seed = derive_seed(config.seed, model_set, "applicability")
    clusters = fit_clusters(
        _annual_means_at(inputs, _spread(inputs.domain)),
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
        write_table(_labelled(table, model_set), folder / f"{name}_{model_set}.parquet")
        for name, table in tables.items()
    ]


def _fit(inputs: Inputs, flux: str, forest: FluxForest, cases: Cases) -> Applicability:
    """The measure of one flux: folds are sites, weights are importance."""
    weights = importance_weights(
        inputs.importance, forest.predictors, model_set=inputs.model_set, flux=flux
    )
    return fit_applicability(forest.encode(cases.X), cases.sites, weights, workers=inputs.workers)


def _error_table(area: Applicability, held_out: pd.DataFrame, cases: Cases) -> pd.DataFrame:
    """Held-out error by dissimilarity."""
    keys = ["site", "year", "month"]
    if not held_out[keys].equals(cases.table[keys]):
        raise InputError(
            "the held-out predictions are not those of the training rows",
            rule="held_out.parquet has the complete rows of the training table, in its order",
            value=f"{len(held_out)} and {len(cases.table)} rows",
            remedy="fit the forests again: `abz fit`",
        )
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
    """Cells of the domain, evenly spread in raster order, few enough for the clusters."""
    cells = np.flatnonzero(domain)
    chosen = np.zeros(domain.size, bool)
    chosen[cells[:: max(1, ceil(cells.size / CLUSTERED_CELLS))]] = True
    return chosen.reshape(domain.shape)


def _annual_means_at(inputs: Inputs, wanted: np.ndarray) -> np.ndarray:
    """Annual means (n, p) of the wanted cells, in raster order."""
    numbers = np.arange(wanted.size).reshape(wanted.shape)
    found, place = [np.empty((0, len(inputs.predictors)), np.float32)], [np.empty(0, np.int64)]
    for rows, columns in Grid.of(inputs.zones).blocks(TILE_CELLS):
        here = wanted[rows, columns]
        if here.any():
            year = climatological_year(inputs.cube, rows, columns, inputs.predictors)
            found.append(annual_means(year[:, here]))
            place.append(numbers[rows, columns][here])
    return np.concatenate(found)[np.argsort(np.concatenate(place))]


def _site_environments(inputs: Inputs) -> pd.DataFrame:
    """Annual means at the sites: of their cells if these are known, else of their own rows."""
    own = site_annual_means(inputs.table, inputs.predictors)
    cells = _site_cells(inputs)
    wanted = np.zeros(inputs.domain.shape, bool)
    wanted[cells["row"], cells["column"]] = True
    means = _annual_means_at(inputs, wanted)
    number = np.cumsum(wanted.ravel()) - 1
    flat = np.ravel_multi_index((cells["row"], cells["column"]), wanted.shape)
    known = pd.DataFrame(means[number[flat]], index=cells.index, columns=list(inputs.predictors))
    return known.dropna().combine_first(own)[own.columns].loc[own.index]


def _site_cells(inputs: Inputs) -> pd.DataFrame:
    """Row and column of the cell of each site whose place is known."""
    first = inputs.table.groupby("site").first()
    if not {"row", "column"} <= set(first):
        places = first.reindex(columns=["latitude", "longitude"]).dropna()
        rows, columns = Grid.of(inputs.zones).index(
            places["longitude"].to_numpy(), places["latitude"].to_numpy()
        )
        first = places.assign(row=rows, column=columns)[rows >= 0]
    return first[["row", "column"]].astype(int)


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


def _labelled(table: pd.DataFrame, model_set: str) -> pd.DataFrame:
    """The table with its model set and flux in front."""
    front = ["model_set", *[name for name in ("flux",) if name in table]]
    labelled = table.assign(model_set=model_set)
    return labelled[[*front, *[name for name in table if name not in front]]]
