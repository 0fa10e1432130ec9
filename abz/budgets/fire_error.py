"""Error of fire emissions: a stated share of them, with stated correlations in space and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from abz.units import G_PER_TG, GRAM_QUANTUM
from abz.validation import check_range, check_same_shape
from abz.vocabulary import MONTHS

__all__ = ["FireError", "annual_emissions", "fire_covariance"]


@dataclass(frozen=True)
class FireError:
    """How wrong emissions may be, and how alike they are wrong.

    Parameters
    ----------
    two_sigma : float, optional
        Twice the SD of an emission, relative to it.
    within_regions, between_regions : float, optional
        Correlation of the errors of two atoms of one region, and of two regions, 0 to 1; the
        second is at most the first.
    between_months, between_years : float, optional
        Correlation of the errors of different months, and of different years, 0 to 1.

    Raises
    ------
    InputError
        If a value is out of its range.

    Notes
    -----
    None of this is measured here: emissions come without an error. Half of the variance common to
    all regions stands for one model of fuel and combustion, the rest for what is burned and where.

    Examples
    --------
    >>> FireError().two_sigma
    0.5
    """

    two_sigma: float = 0.5
    within_regions: float = 1.0
    between_regions: float = 0.5
    between_months: float = 1.0
    between_years: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values that no error can have."""
        check_range(self.two_sigma, "two_sigma", minimum=0)
        for name in ("within_regions", "between_months", "between_years"):
            check_range(getattr(self, name), name, minimum=0, maximum=1)
        check_range(self.between_regions, "between_regions", minimum=0, maximum=self.within_regions)


def annual_emissions(fire: xr.Dataset) -> xr.DataArray:
    """Emissions by calendar year and month, of the years with twelve months.

    Parameters
    ----------
    fire : xarray.Dataset
        `grams` int64 (time, atom_id), quanta of `GRAM_QUANTUM` g.

    Returns
    -------
    xarray.DataArray (year, month, atom_id)
        Tg C month-1.

    Examples
    --------
    >>> months = xr.date_range("2002-01-01", periods=12, freq="MS")
    >>> grams = xr.DataArray(np.full((12, 1), 2**44), dims=("time", "atom_id"))
    >>> annual_emissions(xr.Dataset({"grams": grams}, {"time": months})).sum().round(2).item()
    13.19
    """
    year, month = (getattr(fire["time"].dt, name).values for name in ("year", "month"))
    whole = [y for y in np.unique(year) if np.array_equal(np.sort(month[year == y]), MONTHS)]
    grams = fire["grams"].values * (GRAM_QUANTUM / G_PER_TG)
    shape = (len(whole), len(MONTHS), grams.shape[1])
    chosen = np.isin(year, whole)
    order = np.lexsort((month[chosen], year[chosen]))
    return xr.DataArray(
        grams[chosen][order].reshape(shape),
        dims=("year", "month", "atom_id"),
        coords={"year": whole, "month": list(MONTHS)},
    )


def fire_covariance(
    emissions: np.ndarray, held: np.ndarray, region: np.ndarray, error: FireError
) -> np.ndarray:
    """Covariance between zones of the error of fire added up over years and months.

    Parameters
    ----------
    emissions : numpy.ndarray (year, month, atom)
        Tg C; divide by the number of years first for that of a mean over them.
    held : numpy.ndarray (zone, atom)
        1 where the zone holds the atom.
    region : numpy.ndarray of int (atom,)
        Region of each atom.
    error : FireError
        Sizes and correlations.

    Returns
    -------
    numpy.ndarray (zone, zone)
        Tg2 C; symmetric, no eigenvalue below zero but for rounding.

    Raises
    ------
    InputError
        If the atoms differ.

    Notes
    -----
    Emissions E with errors s E δ, s = two_sigma / 2, and for δ of unit variance

        corr(δ_ary, δ_a'r'y') = ρ_space ρ_month ρ_year,

    where each factor is 1 between equal months or years and the stated correlation between others;
    ρ_space is 1 for one atom, `within_regions` for atoms of one region, `between_regions` for
    others. A correlation ρ between all is √ρ of one common error and √(1 − ρ) of one's own, so
    the covariance is F Fᵀ with F the emissions added up over what each such error is common to.

    Examples
    --------
    >>> one_month = np.array([[[100.0, 100.0]]])
    >>> zones, regions = np.array([[1, 0], [0, 1], [1, 1]]), np.array([1, 2])
    >>> covariance = fire_covariance(one_month, zones, regions, FireError())
    >>> np.sqrt(np.diag(covariance)).round(1).tolist()
    [25.0, 25.0, 43.3]
    """
    check_same_shape(emissions[0, 0], region, "emissions and regions")
    check_same_shape(held[0], region, "zones and regions")
    over_months = _with_common(emissions, 1, error.between_months)
    over_time = _with_common(over_months, 0, error.between_years)
    of_atoms = over_time.reshape(-1, region.size)
    within, between = error.within_regions, error.between_regions
    each = held[:, None, :] * of_atoms
    of_regions = np.stack(
        [each[..., region == code].sum(axis=-1) for code in np.unique(region)], axis=-1
    )
    factors = [np.sqrt(between) * each.sum(axis=-1, keepdims=True)]
    if within > between:
        factors.append(np.sqrt(within - between) * of_regions)
    if within < 1:
        factors.append(np.sqrt(1 - within) * each)
    stacked = np.concatenate(factors, axis=-1).reshape(held.shape[0], -1)
    return np.asarray((error.two_sigma / 2) ** 2 * stacked @ stacked.T)


def _with_common(values: np.ndarray, axis: int, correlation: float) -> np.ndarray:
    """Sums that one common error scales, and parts that have an error of their own."""
    common = np.sqrt(correlation) * values.sum(axis=axis, keepdims=True)
    if correlation == 1:
        return np.asarray(common)
    return np.concatenate([common, np.sqrt(1 - correlation) * values], axis=axis)
