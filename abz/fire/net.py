"""NEE plus fire: what ecosystems and fires together exchange with the air."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.ledger import Parts
from abz.units import require_units

__all__ = ["nee_plus_fire"]


def nee_plus_fire(
    nee: xr.DataArray, emission: xr.DataArray, land_fraction: xr.DataArray
) -> xr.DataArray:
    """NEE + fire emission per area of land.

    Parameters
    ----------
    nee : xarray.DataArray (time or year, y, x)
        NEE per area of land; below zero is uptake. Its attributes say which parts it holds.
    emission : xarray.DataArray (time or year, y, x)
        Fire emission per area of the whole cell, positive, in the units of `nee`; it says so too.
    land_fraction : xarray.DataArray (y, x)
        Share of land, 0 to 1.

    Returns
    -------
    xarray.DataArray (time or year, y, x)
        Per area of land, in the months or years that both have and in the units of `nee`. NaN
        where either is missing or there is no land.

    Raises
    ------
    UnitsError
        If the units differ.
    LedgerError
        If either does not say which parts it holds, or the NEE holds fire already.

    Notes
    -----
    N + E / l: times the area of land, this is the mass of NEE plus the mass of the fire [1]_. The
    uncertainty is that of NEE alone.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, "NEE + fire".

    Examples
    --------
    >>> def year(value, part):
    ...     return xr.DataArray(
    ...         [[[value]]], dims=("year", "y", "x"), coords={"year": [2012]},
    ...         attrs={"units": "g C m-2 yr-1", "parts": part},
    ...     )
    >>> land = xr.DataArray([[0.5]], dims=("y", "x"))
    >>> net = nee_plus_fire(year(-30.0, "nee"), year(4.0, "fire"), land)
    >>> net.item(), net.attrs["parts"]
    (-22.0, 'gpp reco fire')
    """
    require_units(emission, nee.attrs.get("units", ""))
    both = Parts.of_attrs(nee.attrs), Parts.of_attrs(emission.attrs)
    parts = both[0].joined(both[1], (f"the NEE ({both[0]})", f"the emission ({both[1]})"))
    along = str(nee.dims[0])
    common = np.intersect1d(nee[along], emission[along])
    known, burning = nee.sel({along: common}), emission.sel({along: common})
    per_land = burning.values / land_fraction.where(land_fraction > 0).values
    return known.copy(data=known.values + per_land.astype(known.dtype)).assign_attrs(
        long_name="net ecosystem exchange plus fire emission", **parts.attrs()
    )
