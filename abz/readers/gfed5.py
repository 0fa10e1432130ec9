"""Fire emissions of GFED5 (beta), monthly: 0.25 degrees from 2002, 1 degree before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from abz.ledger import FLUX_PARTS
from abz.readers.calendars import check_no_gap, check_year
from abz.readers.file_names import parse_names
from abz.readers.fluxes import canonical_flux, monthly
from abz.readers.geotiff import Bounds
from abz.readers.labels import provenance
from abz.readers.months import join_months, read_months
from abz.units import MONTHLY_FLUX

__all__ = ["read_gfed5"]

_NAME = re.compile(r"GFED5_Beta_monthly_(?P<year>\d{4})\.nc")


def read_gfed5(paths: Sequence[Path], *, bounds: Bounds | None = None) -> xr.Dataset:
    """Fire emission, GFED5.

    Parameters
    ----------
    paths : sequence of Path
        `GFED5_Beta_monthly_{year}.nc`, of one resolution.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees.

    Returns
    -------
    xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive, from the variable `C`: `CO2` in
        these files counts the mass of CO2, and not all carbon burns to CO2.

    Raises
    ------
    InputError
        If a name or a value is not the product's, a file is of another year, or a month occurs
        twice.
    MissingDataError
        If a file, the variable or a month is missing.
    UnitsError
        If the emission states another unit than a carbon flux.
    GridError
        If files lie on different grids, as those before 2002 and after.

    References
    ----------
    .. [1] Chen et al. (2023), GFED5 burned area, doi:10.5194/essd-15-5227-2023.
    """
    parts = []
    for path, part in parse_names(paths, _NAME, "GFED5", "GFED5_Beta_monthly_2002.nc"):
        months = read_months(path, ["C"], bounds)
        check_year(months["time"].values, int(part["year"]), path.name, whole=True)
        parts.append(months)
    joined = join_months(parts)
    check_no_gap(joined["time"].values, "GFED5")
    carbon = monthly(joined["C"], MONTHLY_FLUX)
    emission = canonical_flux(carbon, "emission", FLUX_PARTS["fire"], "GFED5")
    about = provenance("GFED5 beta", paths, joined.attrs)
    return emission.to_dataset().assign_attrs(about, per_area="cell")
