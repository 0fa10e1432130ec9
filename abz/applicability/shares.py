"""How much land lies outside the area of applicability, and how much of the fluxes comes from it.

Areas and grams are counted in whole quanta by atom, so tiles of any size add up to the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from abz.applicability.area import UNKNOWN
from abz.budgets.zones import zone_membership
from abz.grid.zonal import valid_area_quanta, zonal_quanta
from abz.units import AREA_QUANTUM, G_PER_TG, GRAM_QUANTUM
from abz.validation import check_same_shape
from abz.vocabulary import MONTHS

__all__ = ["area_by_state", "flux_by_state", "mean_flux_year", "shares_outside"]

OUTSIDE, INSIDE = 0, 1
STATES = (OUTSIDE, INSIDE, UNKNOWN)


def area_by_state(
    inside: np.ndarray, area: np.ndarray, atom: np.ndarray, n_atoms: int
) -> np.ndarray:
    """Area of each atom that is outside, inside and unknown, in exact counts.

    Parameters
    ----------
    inside : numpy.ndarray of int8 (..., y, x)
        1 inside, 0 outside, −1 where a predictor is missing.
    area : numpy.ndarray (y, x)
        Land area, m2.
    atom : numpy.ndarray of int (y, x)
        Atom of each cell; −1 outside the domain.
    n_atoms : int
        Number of atoms.

    Returns
    -------
    numpy.ndarray of int64 (3, ..., n_atoms)
        Quanta of `units.AREA_QUANTUM`; those of the tiles of a map add up to those of the map.

    Examples
    --------
    >>> area, atom = np.full((1, 2), 2.0 * AREA_QUANTUM), np.zeros((1, 2), np.int32)
    >>> area_by_state(np.array([[1, 0]]), area, atom, 1).ravel().tolist()
    [2, 2, 0]
    """
    marked = (np.where(inside == state, np.float32(1), np.float32(np.nan)) for state in STATES)
    return np.stack([valid_area_quanta(layer, area, atom, n_atoms) for layer in marked])


def flux_by_state(
    flux: np.ndarray, inside: np.ndarray, area: np.ndarray, atom: np.ndarray, n_atoms: int
) -> np.ndarray:
    """Flux of each atom from cells outside, inside and unknown, in exact counts.

    Parameters
    ----------
    flux : numpy.ndarray (..., y, x)
        g C m-2 month-1, NEE below zero is uptake; NaN adds nothing.
    inside : numpy.ndarray of int8 (..., y, x)
        As in `area_by_state`.
    area, atom, n_atoms
        As in `area_by_state`.

    Returns
    -------
    numpy.ndarray of int64 (3, ..., n_atoms)
        Quanta of `units.GRAM_QUANTUM` a month; those of tiles add up.

    Examples
    --------
    >>> area, atom = np.full((1, 2), 3.0 * GRAM_QUANTUM), np.zeros((1, 2), np.int32)
    >>> flux_by_state(np.array([[-2.0, 5.0]]), np.array([[1, 0]]), area, atom, 1).ravel().tolist()
    [15, -6, 0]
    """
    check_same_shape(flux, inside, "flux and inside")
    parts = (np.where(inside == state, flux, np.nan) for state in STATES)
    return np.stack([zonal_quanta(part, area, atom, n_atoms) for part in parts])


def mean_flux_year(flux: xr.DataArray, rows: slice, columns: slice) -> np.ndarray:
    """Sum of each calendar month over the years, divided by their number.

    Parameters
    ----------
    flux : xarray.DataArray (time, y, x)
        Monthly flux of whole years, g C m-2 month-1.
    rows, columns : slice
        Window of the grid.

    Returns
    -------
    numpy.ndarray (12, ny, nx)
        float64, read one year at a time. Like a mean budget it takes a missing month for nothing;
        NaN where no year has one.

    Examples
    --------
    >>> months = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    >>> flux = xr.DataArray(np.arange(24.0).reshape(24, 1, 1), dims=("time", "y", "x"),
    ...                     coords={"time": months})
    >>> mean_flux_year(flux, slice(0, 1), slice(0, 1))[:2, 0, 0].tolist()
    [6.0, 7.0]
    """
    months = flux["time"].values.astype("datetime64[M]").astype(np.int64)
    years = np.unique(months // len(MONTHS))
    window = flux.isel(y=rows, x=columns)
    total = np.zeros((len(MONTHS), *window.shape[1:]))
    known = np.zeros(total.shape, bool)
    for year in years:
        steps = np.flatnonzero(months // len(MONTHS) == year)
        part = window.isel(time=slice(int(steps[0]), int(steps[-1]) + 1)).values
        month = months[steps] % len(MONTHS)
        known[month] |= ~np.isnan(part)
        total[month] += np.nan_to_num(part.astype(np.float64))
    return np.where(known, total / max(years.size, 1), np.nan)


def shares_outside(
    quanta: np.ndarray,
    fluxes: Sequence[str],
    zones: xr.Dataset,
    grams: np.ndarray | None = None,
) -> pd.DataFrame:
    """Land outside the area of applicability and its flux, by zone and calendar month.

    Parameters
    ----------
    quanta : numpy.ndarray of int64 (3, flux, month, atom)
        From `area_by_state`.
    fluxes : sequence of str (flux,)
        Names of the fluxes.
    zones : xarray.Dataset
        Classes of the atoms: `atom_*` along `atom_id`.
    grams : numpy.ndarray of int64 (3, flux, month, atom), optional
        From `flux_by_state`, of the mean year.

    Returns
    -------
    pandas.DataFrame
        `flux`, `zone_set`, `zone`, `month`, `outside_m2`, `known_m2` (outside or inside),
        `unknown_m2` (a predictor is missing), `share_outside` = outside / known, NaN where nothing
        is known. With `grams` also `outside_tg` and `total_tg` (outside, inside or unknown),
        Tg C month-1.
    """
    member = zone_membership(zones)
    outside, inside, unknown = _zoned(quanta, member, AREA_QUANTUM)
    months = range(1, quanta.shape[2] + 1)
    names = list(zip(member["zone_set"].values, member["zone"].values, strict=True))
    keys = [(flux, *zone, month) for flux, zone, month in product(fluxes, names, months)]
    shares = pd.DataFrame(keys, columns=["flux", "zone_set", "zone", "month"]).assign(
        outside_m2=outside, known_m2=outside + inside, unknown_m2=unknown
    )
    known = shares["known_m2"].where(shares["known_m2"] > 0)
    shares = shares.assign(share_outside=shares["outside_m2"] / known)
    if grams is None:
        return shares
    tg = _zoned(grams, member, GRAM_QUANTUM) / G_PER_TG
    return shares.assign(outside_tg=tg[0], total_tg=tg.sum(axis=0))


def _zoned(quanta: np.ndarray, member: xr.DataArray, quantum: float) -> np.ndarray:
    """Amounts (3, rows of the table) from quanta (3, flux, month, atom)."""
    zoned = np.asarray(quanta @ member.values.T) * quantum
    return zoned.swapaxes(-1, -2).reshape(len(STATES), -1)
