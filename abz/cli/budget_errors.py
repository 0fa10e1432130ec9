"""What the stage `budgets` needs to say what each ± holds, opened and put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import (
    MINIMUM_PLACES,
    BudgetErrors,
    FireError,
    TransferModel,
    annual_emissions,
    budget_errors,
    closed_budgets,
    fire_covariance,
    fit_transfer,
    flux_correlation,
    held_share,
    land_blocks,
    sampling_share,
    site_errors,
    transfer_covariance,
    uncertainty_table,
)
from abz.cli.layout import Layout
from abz.cli.storage import read_table, read_zarr
from abz.config import Config
from abz.units import G_PER_TG
from abz.vocabulary import FLUXES

__all__ = ["ERROR_TABLES", "Budgeted", "error_tables"]

ERROR_TABLES = (
    "uncertainty", "covariance", "transfer", "correlogram", "reconciliation",
    "reconciliation_covariance",
)  # fmt: skip
"""Tables of budgets/ that speak of uncertainty; those without a row are not written."""

MODELLED = {flux: flux for flux in FLUXES} | {"nee_fire": "nee"}
"""Whose transfer error a flux carries; fire alone carries none."""
BURNING = ("fire", "nee_fire")


@dataclass(frozen=True, eq=False)
class Budgeted:
    """Budgets of one model set, and what they were made from."""

    model_set: str
    annual: pd.DataFrame
    totals: xr.Dataset
    membership: xr.DataArray
    fire: xr.Dataset | None


@dataclass(frozen=True, eq=False)
class Transferred:
    """Transfer error of one flux: its model, the share the members show, and what is left."""

    model: TransferModel
    sampling_share: float
    covariance: np.ndarray


def error_tables(config: Config, layout: Layout, made: Budgeted) -> dict[str, pd.DataFrame]:
    """Tables of one model set by the names of `ERROR_TABLES`.

    Parameters
    ----------
    config, layout
        Of the run.
    made : Budgeted
        Budgets of the set.

    Returns
    -------
    dict of {str: pandas.DataFrame}
        With `model_set`, and `flux` where it is of one, in front. Without the validation of a
        flux, or with too few sites, there is no transfer error, and no total holds one.
    """
    errors = _site_errors(layout, made.model_set)
    transfer = _transfer(config, layout, made, errors)
    by_flux = {
        str(flux): _of_flux(config, made, rows, transfer)
        for flux, rows in made.annual.groupby("flux", sort=False)
    }
    tables = {
        "uncertainty": {flux: uncertainty_table(found) for flux, found in by_flux.items()},
        "covariance": {flux: found.covariances() for flux, found in by_flux.items()},
        "transfer": {flux: _model_row(found) for flux, found in transfer.items()},
        "correlogram": {flux: found.model.correlogram.bins for flux, found in transfer.items()},
    }
    joined = {
        name: pd.concat([t.assign(flux=flux) for flux, t in parts.items()], ignore_index=True)
        for name, parts in tables.items()
        if parts
    }
    joined["uncertainty"] = joined["uncertainty"].merge(_biases(made, transfer), how="left")
    joined |= _closed(config, by_flux, errors)
    return {name: _first(table.assign(model_set=made.model_set)) for name, table in joined.items()}


def _site_errors(layout: Layout, model_set: str) -> dict[str, pd.DataFrame]:
    """Errors of the sites by flux, of the fluxes that were judged."""
    paths = {flux: layout.validation(model_set, flux) / "held_out.parquet" for flux in FLUXES}
    return {flux: site_errors(_placed(path)) for flux, path in paths.items() if path.is_file()}


def _placed(path: Path) -> pd.DataFrame:
    """Held-out rows; places and biomes that the sites do not report are missing."""
    table = read_table(path)
    absent = {name: np.nan for name in ("longitude", "latitude", "biome") if name not in table}
    return table.assign(**absent)


def _transfer(
    config: Config, layout: Layout, made: Budgeted, errors: dict[str, pd.DataFrame]
) -> dict[str, Transferred]:
    """Transfer error of the fluxes with enough sites."""
    enough = {flux: table for flux, table in errors.items() if len(table) >= MINIMUM_PLACES}
    if not enough:
        return {}
    zones, chosen = read_zarr(layout.zones(made.model_set)), config.budgets
    blocks = land_blocks(zones, 1000.0 * chosen.transfer.block_km)
    biome, held = made.totals["atom_biome"].values, held_share(made.totals).values
    found = {}
    for flux, table in enough.items():
        model = fit_transfer(table, length_km=chosen.transfer.length_km)
        counted = "sampling" in chosen.uncertainty
        share = sampling_share(model, made.totals, flux) if counted else 0.0
        covariance = transfer_covariance(model, blocks, made.membership, biome, held)
        found[flux] = Transferred(model, share, (1.0 - share) * covariance)
    return found


def _of_flux(
    config: Config, made: Budgeted, rows: pd.DataFrame, transfer: dict[str, Transferred]
) -> BudgetErrors:
    """All components of one flux."""
    flux, years, others = str(rows["flux"].iloc[0]), np.unique(rows["year"].to_numpy()), {}
    if MODELLED.get(flux) in transfer:
        known = transfer[MODELLED[flux]]
        factors = [known.model.period_factor(n) for n in (len(years), *np.ones(len(years), int))]
        others["transfer"] = np.multiply.outer(factors, known.covariance)
    if flux in BURNING and made.fire is not None:
        others["fire"] = _fire(config, made, made.fire, years)
    return budget_errors(rows, others, config.budgets.uncertainty)


def _fire(config: Config, made: Budgeted, fire: xr.Dataset, years: np.ndarray) -> np.ndarray:
    """Covariance (1 + year, zone, zone) of the error of fire."""
    error = FireError(**config.budgets.fire.model_dump())
    emissions = annual_emissions(fire).sel(year=years).values
    held, region = made.membership.values, made.totals["atom_region"].values
    periods = [emissions / len(years), *(emissions[[i]] for i in range(len(years)))]
    return np.array([fire_covariance(part, held, region, error) for part in periods])


def _biases(made: Budgeted, transfer: dict[str, Transferred]) -> pd.DataFrame:
    """Mean held-out error of each flux on the land of each zone: a bias, which no SD holds."""
    land = held_share(made.totals) * made.totals["atom_area"] / G_PER_TG
    area = made.membership.values @ land.values
    zones = {name: made.membership[name].values for name in ("zone_set", "zone")}
    parts = [
        pd.DataFrame({"flux": flux, **zones, "held_out_bias": area * transfer[source].model.mean})
        for flux, source in MODELLED.items()
        if source in transfer
    ]
    columns = ["flux", *zones, "held_out_bias"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _model_row(found: Transferred) -> pd.DataFrame:
    """A transfer model as one row; spreads of biomes as columns."""
    model, correlogram = found.model, found.model.correlogram
    row: dict[str, Any] = {
        "sites": len(model.sites), "mean_error": model.mean, "mean_error_sd": model.mean_sd,
        **{f"spread_{name}": sd for name, sd in model.spread.items()},
        "share": correlogram.share, "length_km": correlogram.length_km,
        "nugget_km": correlogram.nugget_km, "reach_km": correlogram.reach_km,
        "at_limit": correlogram.at_limit, "yearly_ratio": model.yearly_ratio,
        "sd_factor": model.sd_factor, "sampling_share": found.sampling_share,
    }  # fmt: skip
    return pd.DataFrame([row])


def _closed(
    config: Config, by_flux: dict[str, BudgetErrors], errors: dict[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Budgets before and after reconciliation, if it is switched on.

    Published maps come without the errors by which it weighs.
    """
    if config.budgets.reconcile == "none" or config.kind == "published_maps":
        return {}
    alike = np.eye(len(FLUXES))
    if set(errors) == set(FLUXES):
        found = flux_correlation({flux: errors[flux] for flux in FLUXES}).to_numpy()
        alike = found if np.isfinite(found).all() else alike
    three = {flux: by_flux[flux] for flux in FLUXES}
    budgets, covariances = closed_budgets(three, alike, config.budgets.reconcile)
    return {
        "reconciliation": budgets.assign(scope=config.budgets.reconcile),
        "reconciliation_covariance": covariances,
    }


def _first(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the model set, and the flux where it has one, in front."""
    front = [name for name in ("model_set", "flux") if name in table]
    return table[[*front, *[name for name in table if name not in front]]]
