"""How much has burned: once, in each year, and of the land of each zone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.grid.zonal import zonal_quanta
from abz.units import AREA_QUANTUM
from abz.vocabulary import MONTHS

__all__ = ["burned_land", "burned_once", "burned_shares", "burned_years", "share_of_land"]


def burned_once(burned_fraction: xr.DataArray) -> xr.DataArray:
    """Share of each cell that has burned over all months.

    Parameters
    ----------
    burned_fraction : xarray.DataArray (time, y, x)
        Share of the cell that burned in the month, 0 to 1; NaN is missing.

    Returns
    -------
    xarray.DataArray (y, x)
        0 to 1; NaN where no month is known.

    Notes
    -----
    min(1, Σ_m b_m): ground that burned twice counts twice, up to the whole cell.

    Examples
    --------
    >>> months = xr.DataArray([[[0.5, 0.1]], [[0.75, 0.0]]], dims=("time", "y", "x"))
    >>> burned_once(months).values
    array([[1. , 0.1]])
    """
    total = burned_fraction.sum("time", min_count=1).clip(max=1.0)
    return total.assign_attrs(units="1", long_name="share of the cell that burned at least once")


def burned_years(burned_fraction: xr.DataArray) -> xr.DataArray:
    """Share of each cell that burned in each whole year.

    Parameters
    ----------
    burned_fraction : xarray.DataArray (time, y, x)
        Share of the cell that burned in the month, 0 to 1; NaN is missing.

    Returns
    -------
    xarray.DataArray (year, y, x)
        0 to 1, float64; NaN where no month is known. A year without all twelve months is left out.

    Examples
    --------
    >>> months = xr.date_range("2004-01-01", periods=18, freq="MS")
    >>> burned = xr.DataArray(np.full((18, 1, 1), 0.05), dims=("time", "y", "x"),
    ...                       coords={"time": months})
    >>> burned_years(burned).to_series().round(3).to_dict()
    {(2004, 0, 0): 0.6}
    """
    year = burned_fraction["time"].dt.year.values
    whole = [int(y) for y in np.unique(year) if (year == y).sum() == len(MONTHS)]
    layers = [
        burned_once(burned_fraction.isel(time=np.flatnonzero(year == y)).astype(np.float64))
        for y in whole
    ]
    if not layers:
        empty = burned_fraction.isel(time=[]).rename(time="year").astype(np.float64)
        return empty.assign_coords(year=np.array([], np.int64))
    joined = xr.concat(layers, pd.Index(whole, name="year"), coords="minimal", compat="override")
    return joined.assign_attrs(units="1", long_name="share of the cell that burned in the year")


def share_of_land(burned: xr.DataArray, land_fraction: xr.DataArray) -> xr.DataArray:
    """Share of the land of each cell that burned.

    Parameters
    ----------
    burned : xarray.DataArray (..., y, x)
        Share of the whole cell that burned, 0 to 1.
    land_fraction : xarray.DataArray (y, x)
        Share of land, 0 to 1.

    Returns
    -------
    xarray.DataArray (..., y, x)
        min(1, b / l), as only land burns; zero where nothing is known to have burned or there is
        no land.

    Examples
    --------
    >>> burned = xr.DataArray([[0.1, 0.6, np.nan]], dims=("y", "x"))
    >>> share_of_land(burned, xr.DataArray([[0.5, 0.5, 1.0]], dims=("y", "x"))).values
    array([[0.2, 1. , 0. ]])
    """
    land = land_fraction.values
    safe = np.where(land > 0, land, 1.0)
    share = np.where(land > 0, np.minimum(np.nan_to_num(burned.values) / safe, 1.0), 0.0)
    return burned.copy(data=share).assign_attrs(
        units="1", long_name="share of the land of the cell that burned"
    )


def burned_land(burned: xr.DataArray, zones: xr.Dataset, n_atoms: int) -> np.ndarray:
    """Land of each atom that burned.

    Parameters
    ----------
    burned : xarray.DataArray (y, x)
        Share of the whole cell that burned, such as `burned_once` gives it.
    zones : xarray.Dataset (y, x)
        `area` (m2 of land), `land_fraction`, `atom`; of the whole map or of some rows.
    n_atoms : int
        Number of atoms.

    Returns
    -------
    numpy.ndarray of int64 (atom_id)
        Quanta of `AREA_QUANTUM` m2; those of parts of a map add up to those of the map.
    """
    share = share_of_land(burned, zones["land_fraction"]).values
    area, atom = zones["area"].values, zones["atom"].values
    return zonal_quanta(share, area, atom, n_atoms, AREA_QUANTUM)


def burned_shares(burned: np.ndarray, membership: xr.DataArray) -> pd.DataFrame:
    """Share of the land of each zone that burned.

    Parameters
    ----------
    burned : numpy.ndarray of int64 (atom_id)
        From `burned_land`.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, burned_m2, area_m2, and burned_share = burned_m2 / area_m2, 0 to 1.

    Examples
    --------
    >>> membership = xr.DataArray([[1, 1]], dims=("zone_id", "atom_id"), coords={
    ...     "zone_set": ("zone_id", ["abz"]), "zone": ("zone_id", ["ABZ"]),
    ...     "area_m2": ("zone_id", [100.0])})
    >>> burned_shares(np.array([64, 48]), membership)["burned_share"].item()
    0.07
    """
    area = membership["area_m2"].values
    held = (membership.values @ burned) * AREA_QUANTUM
    return pd.DataFrame(
        {
            "zone_set": membership["zone_set"].values, "zone": membership["zone"].values,
            "burned_m2": held, "area_m2": area,
            "burned_share": np.divide(held, area, out=np.full(area.shape, np.nan), where=area > 0),
        }
    )  # fmt: skip
