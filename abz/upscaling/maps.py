"""The empty flux maps that blocks are written into, with all that describes them."""

from __future__ import annotations

from collections.abc import Sequence

import dask.array as dask_array
import numpy as np
import xarray as xr

from abz.grid.geometry import Grid
from abz.units import MONTHLY_FLUX
from abz.vocabulary import FLUXES

__all__ = ["STATISTICS", "flux_variables", "map_template"]

STATISTICS = {"": "central forest", "_mean": "mean of the members", "_sd": "SD of the members"}
"""Suffix of a map's name, and what the map holds."""

STANDARD_NAMES = {"gpp": "gross_primary_productivity_of_biomass_expressed_as_carbon"}
"""CF names, where one exists with our sign."""


def flux_variables(fluxes: Sequence[str]) -> list[str]:
    """Names of all maps.

    Examples
    --------
    >>> flux_variables(["nee"])
    ['nee', 'nee_mean', 'nee_sd']
    """
    return [flux + suffix for flux in fluxes for suffix in STATISTICS]


def map_template(
    fluxes: Sequence[str], time: xr.DataArray, grid: Grid, chunks: tuple[int, int, int]
) -> xr.Dataset:
    """Flux maps full of NaN, lazily.

    Parameters
    ----------
    fluxes : sequence of str
        Names of the fluxes.
    time : xarray.DataArray (time)
        First day of each month.
    grid : Grid
        Of the maps.
    chunks : tuple of int = (time, y, x)
        Cells that are stored together.

    Returns
    -------
    xarray.Dataset (time, y, x)
        For each flux the central value, `_mean` and `_sd`, g C m-2 month-1, float32.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> months = xr.date_range("2001-01-01", periods=12, freq="MS")
    >>> time = xr.DataArray(months, dims="time", coords={"time": months})
    >>> map_template(["nee"], time, polar_grid(1e6), (12, 8, 8))["nee"].attrs["units"]
    'g C m-2 month-1'
    """
    shape = (time.size, *grid.shape)
    empty = dask_array.full(shape, np.float32(np.nan), dtype=np.float32, chunks=chunks)
    maps = {
        flux + suffix: (("time", "y", "x"), empty, _attributes(flux, suffix))
        for flux in fluxes
        for suffix in STATISTICS
    }
    return xr.Dataset(maps, coords={"time": time, **grid.coords()})


def _attributes(flux: str, suffix: str) -> dict[str, str]:
    """What one map says of itself."""
    attributes = {
        "units": MONTHLY_FLUX,
        "long_name": f"{FLUXES[flux]}; {STATISTICS[suffix]}",
        "cell_methods": "time: sum area: mean (land part of the cell)",
        "grid_mapping": "spatial_ref",
    }
    if not suffix:
        attributes["ancillary_variables"] = f"{flux}_mean {flux}_sd"
        if flux in STANDARD_NAMES:
            attributes["standard_name"] = STANDARD_NAMES[flux]
    return attributes
