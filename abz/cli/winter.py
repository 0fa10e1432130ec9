"""Winter fluxes of the archive beside those of a run, in the same cells and months."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import zone_membership
from abz.cli.layout import Layout
from abz.cli.product_land import OurLand, run_bands
from abz.cli.products import years_held
from abz.compare.products import (
    Cells,
    atom_quanta,
    cells_of,
    known_in,
    land_share,
    land_shares,
    per_land,
    soil_quanta,
    winter_years,
)
from abz.grid import Grid

__all__ = ["WINTER_ENTRY", "winter_beside", "winter_held"]

WINTER_ENTRY = "winter_flux"
"""Entry of the catalog."""


def winter_held(ours: OurLand) -> bool:
    """Whether the archive holds winter fluxes."""
    return bool(years_held(ours.catalog, WINTER_ENTRY, ours.years))


def winter_beside(ours: OurLand, layout: Layout) -> tuple[pd.DataFrame, dict[str, str]]:
    """Winters of the archive and of the run.

    Parameters
    ----------
    ours : OurLand
        The run.
    layout : Layout
        Where its maps are.

    Returns
    -------
    tuple = (pandas.DataFrame, dict)
        From `abz.compare.products.winter_years`; and what the files say of themselves.

    Raises
    ------
    LedgerError
        If the flux is on another definition.
    """
    period = (ours.years[0], ours.years[-1])
    data = ours.catalog.open(WINTER_ENTRY, period=period)
    cells = cells_of(data)
    theirs = soil_quanta(data, ours.shares(cells), ours.atoms, WINTER_ENTRY)
    own = _sum(_run_quanta(ours, layout, data["soil_flux"], cells))
    table = winter_years(theirs, own, zone_membership(ours.zones), ours.model_set)
    return table, {name: str(value) for name, value in data.attrs.items()}


def _run_quanta(
    ours: OurLand, layout: Layout, flux: xr.DataArray, cells: Cells
) -> Iterator[xr.Dataset]:
    """Quanta of the run, band by band, where and when the product has a value."""
    year = flux["time"].dt.year.values
    for band in run_bands(ours, layout):
        shares = land_shares(ours.zones, band.cells, ours.common, rows=band.rows)
        pieces = []
        for one in np.unique(year).tolist():
            months = flux.isel(time=year == one)
            held = _where_known(band.of_year(one), months, cells, band.cells)
            share = land_share(held, shares)
            fluxes = {str(n): per_land(f, "land", share, shares) for n, f in held.items()}
            pieces.append(atom_quanta(fluxes, shares, ours.atoms))
        yield xr.concat(pieces, "time", data_vars="minimal")


def _where_known(own: xr.Dataset, months: xr.DataArray, cells: Cells, window: Grid) -> xr.Dataset:
    """Fluxes of the run in the months and cells that a product has."""
    known = xr.DataArray(known_in(months, cells, window), dims=("time", "y", "x"))
    chosen = own.sel(time=months["time"].values)
    return chosen.map(lambda flux: flux.where(known), keep_attrs=True)


def _sum(pieces: Iterator[xr.Dataset]) -> xr.Dataset:
    """Bands added up."""
    return reduce(lambda one, other: one + other, pieces)
