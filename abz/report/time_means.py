"""Means over time of monthly maps, block by block, so that the size of a map sets no limit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from abz.fire import burned_once
from abz.grid import Grid
from abz.report.results import Results
from abz.units import ANNUAL_FLUX
from abz.vocabulary import FLUXES

__all__ = ["annual_maps", "burned_over_time", "mean_over_time", "monthly_spread"]

BLOCK_CELLS = 512


def mean_over_time(layer: xr.DataArray, spatial_ref: xr.DataArray) -> xr.DataArray:
    """Mean of the known months of every cell.

    Parameters
    ----------
    layer : xarray.DataArray (time, y, x)
        Monthly maps; NaN is missing.
    spatial_ref : xarray.DataArray ()
        Grid mapping of the dataset that holds them.

    Returns
    -------
    xarray.DataArray (y, x)
        float64, with the grid's coordinates; NaN where no month is known.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> grid = polar_grid(2.0e6)
    >>> months = xr.DataArray(np.ones((3, *grid.shape)), dims=("time", "y", "x"),
    ...                       coords={k: v for k, v in grid.coords().items()})
    >>> float(mean_over_time(months, months["spatial_ref"])[0, 0])
    1.0
    """
    return _block_by_block(layer, spatial_ref, _mean)


def burned_over_time(layer: xr.DataArray, spatial_ref: xr.DataArray) -> xr.DataArray:
    """Share of every cell that has burned over all months.

    Parameters
    ----------
    layer : xarray.DataArray (time, y, x)
        Burned fraction of each month, 0 to 1; NaN is missing.
    spatial_ref : xarray.DataArray ()
        Grid mapping of the dataset that holds them.

    Returns
    -------
    xarray.DataArray (y, x)
        See `abz.fire.burned_once`, with the grid's coordinates.
    """
    return _block_by_block(layer, spatial_ref, lambda block: burned_once(block).values)


def _block_by_block(
    layer: xr.DataArray, spatial_ref: xr.DataArray, over_time: Callable[[xr.DataArray], np.ndarray]
) -> xr.DataArray:
    """What a function makes of each block's months (y, x), put together."""
    grid = Grid.of(layer.assign_coords(spatial_ref=spatial_ref))
    made = np.full(grid.shape, np.nan)
    for rows, columns in grid.blocks(BLOCK_CELLS):
        made[rows, columns] = over_time(layer.isel(y=rows, x=columns).load())
    return xr.DataArray(made, dims=("y", "x"), coords=grid.coords(), attrs=layer.attrs)


def _mean(block: xr.DataArray) -> np.ndarray:
    """Mean (y, x) of the known months."""
    values = block.values.astype(float)
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def annual_maps(results: Results, model_set: str) -> xr.Dataset:
    """Mean annual fluxes of a model set, with their trends where the run tested them.

    Parameters
    ----------
    results : Results
        What the run holds.
    model_set : str
        One of its sets.

    Returns
    -------
    xarray.Dataset (flux, y, x)
        The set's trends, or only `mean`, g C m-2 yr-1: 12 times the mean month.
    """
    if model_set in results.trends:
        return results.trends[model_set]
    monthly = results.flux[model_set]
    fluxes = [flux for flux in FLUXES if flux in monthly]
    means = [12 * mean_over_time(monthly[flux], monthly["spatial_ref"]) for flux in fluxes]
    mean = xr.concat(means, xr.DataArray(fluxes, dims="flux", name="flux"), combine_attrs="drop")
    mean.attrs = {"units": ANNUAL_FLUX, "long_name": "mean annual flux"}
    return xr.Dataset({"mean": mean.assign_coords(Grid.of(means[0]).coords())})


def monthly_spread(results: Results, model_set: str) -> xr.DataArray | None:
    """SD of monthly NEE over the bootstrap members, mean of all months (y, x); None if unknown."""
    monthly = results.flux.get(model_set)
    if monthly is None or "nee_sd" not in monthly:
        return None
    return mean_over_time(monthly["nee_sd"], monthly["spatial_ref"])
