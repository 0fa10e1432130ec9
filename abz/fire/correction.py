"""What the bias at burned sites would change in the NEE of a year: maps, budgets, their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.fire.bias_model import BiasFit
from abz.grid.zonal import zonal_quanta
from abz.seeds import derive_seed
from abz.units import AREA_QUANTUM, G_PER_TG, MONTHLY_FLUX, require_units
from abz.validation import check_range, check_same_shape, check_whole

__all__ = ["corrected_area", "correction_budget", "correction_map", "kept_fits"]

INTERVAL = (0.05, 0.95)
"""Quantiles of the draws between which a correction lies."""


def kept_fits(fits: Sequence[BiasFit], alpha: float) -> dict[int, BiasFit]:
    """The months that are corrected: slope and intercept both differ from zero.

    Parameters
    ----------
    fits : sequence of BiasFit
        Of all months.
    alpha : float
        Level of both tests.

    Returns
    -------
    dict of {month: BiasFit}
        In the order of the months; empty if there is nothing to correct by.

    Examples
    --------
    >>> kept_fits([BiasFit(7, "none", "2 of at least 3 burned sites", 2, 9, np.zeros(2),
    ...                    np.zeros((2, 2)), np.ones(2))], 0.05)
    {}
    """
    check_range(alpha, "alpha", minimum=0.0, maximum=1.0)
    return {fit.month: fit for fit in fits if fit.is_significant(alpha)}


def correction_map(
    nee: xr.DataArray, shares: np.ndarray, fits: Mapping[int, BiasFit]
) -> xr.DataArray:
    """What is added to the NEE of each cell and month.

    Parameters
    ----------
    nee : xarray.DataArray (time, y, x)
        Months of one year, g C m-2 month-1 of land.
    shares : numpy.ndarray (years_since_fire, y, x)
        Share of the land of each cell by years since its last fire in that year, 0 to 1.
    fits : mapping of {month: BiasFit}
        Months that are corrected; the others get zero.

    Returns
    -------
    xarray.DataArray (time, y, x)
        g C m-2 month-1 of land, float64; NaN where NEE is missing.

    Raises
    ------
    UnitsError
        If NEE is not in g C m-2 month-1.
    InputError
        If the shapes differ.

    Notes
    -----
    c_m = Σ_a f_a (β₀ + β₁ a), with f_a the share of the land whose last fire was a years ago: the
    bias is that of a wholly burned place [1]_.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, "Fire and disturbance".

    Examples
    --------
    >>> july = xr.DataArray([[[-30.0]]], dims=("time", "y", "x"),
    ...     coords={"time": [np.datetime64("2020-07-01", "ns")]}, attrs={"units": MONTHLY_FLUX})
    >>> fit = BiasFit(7, "", "", 9, 60, np.array([10.0, -1.0]), np.eye(2), np.zeros(2))
    >>> shares = np.array([0.0, 0.0, 0.5]).reshape(3, 1, 1)  # half burned two years ago
    >>> correction_map(july, shares, {7: fit}).item()
    4.0
    """
    require_units(nee, MONTHLY_FLUX)
    check_same_shape(np.empty(nee.shape[1:]), np.empty(shares.shape[1:]), "NEE and burned shares")
    ages, change = np.arange(shares.shape[0]), np.zeros(nee.shape)
    for place, month in enumerate(nee["time"].dt.month.values):
        if int(month) in fits:
            change[place] = np.tensordot(fits[int(month)].predict(ages), shares, axes=1)
    return nee.copy(data=np.where(np.isfinite(nee.values), change, np.nan)).assign_attrs(
        long_name="bias of NEE by years since fire, times the burned share"
    )


def corrected_area(
    nee: xr.DataArray, shares: np.ndarray, area: np.ndarray, atom: np.ndarray, n_atoms: int
) -> np.ndarray:
    """Burned land under an NEE that is there, by month, years since fire and atom.

    Parameters
    ----------
    nee : xarray.DataArray (time, y, x)
        Months of one year; only where a value is missing matters.
    shares : numpy.ndarray (years_since_fire, y, x)
        As in `correction_map`.
    area : numpy.ndarray (y, x)
        Land, m2.
    atom : numpy.ndarray of int (y, x)
        Atom of each cell, −1 outside.
    n_atoms : int
        Number of atoms.

    Returns
    -------
    numpy.ndarray of int64 (time, years_since_fire, atom_id)
        Quanta of `AREA_QUANTUM` m2.
    """
    layers = [
        zonal_quanta(
            np.where(np.isfinite(month), shares, np.nan), area, atom, n_atoms, AREA_QUANTUM
        )
        for month in nee.values
    ]
    return np.stack(layers)


def correction_budget(
    burned: np.ndarray, months: Sequence[int], fits: Mapping[int, BiasFit], *,
    samples: int, seed: int,
) -> pd.DataFrame:  # fmt: skip
    """What the correction adds to the budget of each zone, and how well it is known.

    Parameters
    ----------
    burned : numpy.ndarray (zone_id, time, years_since_fire)
        Burned land, m2, such as `corrected_area` sums up.
    months : sequence of int (time)
        Calendar months.
    fits : mapping of {month: BiasFit}
        Months that are corrected.
    samples : int
        Draws of the fixed effects.
    seed : int
        Of the draws; each month draws by itself, so that no other month changes it.

    Returns
    -------
    pandas.DataFrame (zone_id)
        `correction`, Tg C yr-1; `correction_sd`, `correction_low` and `correction_high`, SD (n − 1)
        and the 5 % and 95 % quantiles of the draws. All zero where nothing is corrected.

    Raises
    ------
    InputError
        If the number of months differs, or `samples` is below 2.

    Notes
    -----
    C = 1e-12 Σ_m Σ_a A_ma (β₀ + β₁ a)_m. The draws are of (β₀, β₁)_m from the normal distribution
    of the fixed effects, months apart. They hold neither the choice of the months nor how sites
    differ, nor the burned area.

    Examples
    --------
    >>> fit = BiasFit(7, "", "", 9, 60, np.array([10.0, -1.0]), np.diag([4.0, 0.0001]), np.zeros(2))
    >>> burned = np.zeros((1, 1, 3))
    >>> burned[0, 0, 2] = 1e12  # a million km2, two years ago
    >>> found = correction_budget(burned, [7], {7: fit}, samples=4000, seed=1)
    >>> found["correction"].item(), round(found["correction_sd"].item(), 1)
    (8.0, 2.0)
    """
    check_whole(samples, "samples", minimum=2)
    check_same_shape(np.empty(len(months)), np.empty(burned.shape[1]), "months and burned land")
    central, drawn = np.zeros(burned.shape[0]), np.zeros((burned.shape[0], samples))
    terms = np.stack([np.ones(burned.shape[2]), np.arange(burned.shape[2], dtype=np.float64)])
    for place, month in enumerate(months):
        if month in fits:
            moments = burned[:, place] @ terms.T / G_PER_TG
            rng = np.random.default_rng(derive_seed(seed, "post-fire bias", month))
            central += moments @ fits[month].coefficients
            drawn += moments @ fits[month].draw(rng, samples).T
    low, high = np.quantile(drawn, INTERVAL, axis=1)
    return pd.DataFrame(
        {
            "correction": central, "correction_sd": drawn.std(axis=1, ddof=1),
            "correction_low": low, "correction_high": high,
        }
    )  # fmt: skip
