"""Where the land is a source: the share of area whose mean annual NEE lies above zero."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.budgets.arithmetic import is_source, share_of
from abz.grid.zonal import valid_area_quanta
from abz.units import ANNUAL_FLUX, require_units

__all__ = ["source_area_share"]


def source_area_share(
    mean_nee: xr.DataArray,
    zones: xr.Dataset,
    membership: xr.DataArray,
    neutral_band: float = 0.0,
) -> np.ndarray:
    """Share of each zone that is a net source.

    Parameters
    ----------
    mean_nee : xarray.DataArray (y, x)
        Mean annual NEE, g C m-2 yr-1; NaN is left out.
    zones : xarray.Dataset
        `area` (y, x), m2 of land; `atom` (y, x).
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.
    neutral_band : float, optional
        A source emits more than this, g C m-2 yr-1.

    Returns
    -------
    numpy.ndarray (zone_id,)
        Source area / area with a value, 0 to 1; NaN where there is none.

    Raises
    ------
    UnitsError
        If the flux is not in g C m-2 yr-1.

    Examples
    --------
    >>> nee = xr.DataArray([[-5.0, 2.0]], dims=("y", "x"), attrs={"units": "g C m-2 yr-1"})
    >>> zones = xr.Dataset({"area": (("y", "x"), [[3e6, 1e6]]), "atom": (("y", "x"), [[0, 0]])})
    >>> source_area_share(nee, zones, xr.DataArray([[1]], dims=("zone_id", "atom_id")))
    array([0.25])
    """
    require_units(mean_nee, ANNUAL_FLUX)
    n_atoms = membership.sizes["atom_id"]
    area, atom = zones["area"].values, zones["atom"].values
    nee = mean_nee.values
    sources = np.where(is_source(nee, neutral_band), nee, np.nan)
    held = valid_area_quanta(np.stack([sources, nee]), area, atom, n_atoms) @ membership.values.T
    with np.errstate(invalid="ignore"):
        return np.asarray(share_of(*held))
