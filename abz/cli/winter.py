"""Winter fluxes of the archive beside those of a run, in the same cells and months."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import zone_membership
from abz.cli.layout import Layout
from abz.cli.product_land import Band, OurLand, run_bands
from abz.cli.products import years_held
from abz.compare.products import (
    LandShares,
    at_centres,
    atom_quanta,
    cells_of,
    land_share,
    land_shares,
    per_land,
    soil_quanta,
    winter_years,
)
from abz.vocabulary import FLUXES

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
    data = ours.catalog.open(WINTER_ENTRY, period=(ours.years[0], ours.years[-1]))
    quanta = reduce(lambda one, other: one + other, _quanta(ours, layout, data))
    theirs, own = (quanta.sel(flux=names) for names in (["soil_flux"], list(FLUXES)))
    table = winter_years(theirs, own, zone_membership(ours.zones), ours.model_set)
    return table, {name: str(value) for name, value in data.attrs.items()}


def _quanta(ours: OurLand, layout: Layout, data: xr.Dataset) -> Iterator[xr.Dataset]:
    """Quanta of the product and of the run, band by band, where and when both have a value."""
    cells, year = cells_of(data), data["time"].dt.year.values
    for band in run_bands(ours, layout):
        shares = land_shares(ours.zones, band.cells, ours.common, rows=band.rows)

        def of_year(one: int, band: Band = band, shares: LandShares = shares) -> xr.Dataset:
            soil = at_centres(data["soil_flux"].isel(time=year == one), cells, band.cells)
            own = band.of_year(one).sel(time=soil["time"])
            both = _where_both(soil, own).assign_attrs(per_area=data.attrs["per_area"])
            share = land_share(both, shares)
            fluxes = {name: per_land(both[name], "land", share, shares) for name in FLUXES}
            theirs = soil_quanta(both, shares, ours.atoms, WINTER_ENTRY)
            return xr.concat([theirs, atom_quanta(fluxes, shares, ours.atoms)], "flux",
                             data_vars="minimal")  # fmt: skip

        yield xr.concat(map(of_year, np.unique(year).tolist()), "time", data_vars="minimal")


def _where_both(soil: xr.DataArray, own: xr.Dataset) -> xr.Dataset:
    """The product and all fluxes of the run, where none is missing."""
    both = own.assign(soil_flux=soil)
    known = both.to_array().notnull().all("variable")
    return both.map(lambda flux: flux.where(known), keep_attrs=True)
