"""Error of carrying forests from sites to land: measured at held-out sites, spread over zones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.correlogram import Correlogram, fit_correlogram
from abz.budgets.site_errors import yearly_variance
from abz.errors import InputError
from abz.modelling.distances import arc, great_circle, unit_vectors
from abz.units import G_PER_TG
from abz.validation import check_columns
from abz.vocabulary import BIOMES

__all__ = ["EVERYWHERE", "TransferModel", "fit_transfer", "transfer_covariance"]

EVERYWHERE = "all"
"""Key of the spread over all sites, which serves biomes with too few of their own."""

BIOME_SITES = 10
"""Sites that a biome needs for a spread of its own."""

JACKKNIFE_GROUPS = 20
CHUNK = 512
"""Blocks whose distances to all others are held at a time."""


@dataclass(frozen=True)
class TransferModel:
    """Errors of annual sums at places without a site.

    Parameters
    ----------
    sites : int
        Sites behind it.
    mean, mean_sd : float
        Mean error over the sites, predicted − observed, and its SD, g C m-2 yr-1.
    spread : mapping of {str: float}
        SD of the errors about that mean, by biome, and over all sites under `EVERYWHERE`.
    correlogram : Correlogram
        Of the errors, each divided by the spread of its biome.
    yearly_ratio : float
        Variance of the error of a single year about that of its site, over the variance between
        sites; NaN if no site has two whole years.
    sd_factor : float
        Factor to which the SD of what falls off with distance is known for a large zone, from
        leaving sites out; NaN if too few are left.
    """

    sites: int
    mean: float
    mean_sd: float
    spread: Mapping[str, float]
    correlogram: Correlogram
    yearly_ratio: float
    sd_factor: float

    def sds(self, biome: np.ndarray) -> np.ndarray:
        """SD of the error at a place, by code of its biome, g C m-2 yr-1."""
        names = [BIOMES.get(int(code), EVERYWHERE) for code in biome]
        return np.array([self.spread.get(name, self.spread[EVERYWHERE]) for name in names])

    def period_factor(self, years: int) -> float:
        """Variance of the error of a mean over years, relative to that common to all years.

        Notes
        -----
        1 + yearly_ratio / years: departures of single years are taken as independent between
        years, with the shares and lengths of the errors that sites keep.
        """
        ratio = self.yearly_ratio if math.isfinite(self.yearly_ratio) else 0.0
        return 1.0 + ratio / years


def fit_transfer(errors: pd.DataFrame, *, length_km: float | None = None) -> TransferModel:
    """The model of the errors of some sites.

    Parameters
    ----------
    errors : pandas.DataFrame
        From `site_errors`.
    length_km : float, optional
        Correlation length to take as given in place of the fitted one.

    Returns
    -------
    TransferModel

    Raises
    ------
    InputError
        If a column is missing, or there are too few sites for a correlogram.

    Notes
    -----
    ε_s = μ + σ_b(s) (u_s + η_s): u a field with the exponential correlation of the correlogram, η
    what no other site shares: noise of the tower, its own surroundings, and whatever reaches less
    far than to the nearest sites. `sd_factor` is exp of the jackknife SD [1]_ of
    ln(σ √(share length² + (1 − share) nugget_km²)), to which the SD of a zone much wider than the
    length is proportional.

    References
    ----------
    .. [1] Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 11.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> errors = pd.DataFrame({"site": range(40), "longitude": rng.uniform(0, 60, 40),
    ...     "latitude": rng.uniform(55, 70, 40), "biome": "boreal", "years": 1,
    ...     "error": rng.normal(10, 80, 40), "yearly_squares": 0.0})
    >>> model = fit_transfer(errors)
    >>> model.sites, round(model.spread["boreal"]), model.period_factor(20)
    (40, 77, 1.0)
    """
    columns = ["longitude", "latitude", "biome", "error", "years", "yearly_squares"]
    check_columns(errors, columns, "errors of sites")
    spread, correlogram = _fit(errors, length_km)
    between = np.array([spread.get(name, spread[EVERYWHERE]) for name in errors["biome"]])
    yearly = yearly_variance(errors) / spread[EVERYWHERE] ** 2
    return TransferModel(
        sites=len(errors),
        mean=float(errors["error"].mean()),
        mean_sd=_mean_sd(errors, between, correlogram),
        spread=MappingProxyType(spread),
        correlogram=correlogram,
        yearly_ratio=yearly,
        sd_factor=_sd_factor(errors, length_km),
    )


def _fit(errors: pd.DataFrame, length_km: float | None) -> tuple[dict[str, float], Correlogram]:
    """Spread by biome, and the correlogram of the errors divided by it."""
    departures = errors["error"] - errors["error"].mean()
    raw = {EVERYWHERE: float(np.sqrt((departures**2).mean()))}
    for biome, own in departures.groupby(errors["biome"]):
        if len(own) >= BIOME_SITES and np.ptp(own) > 0:
            raw[str(biome)] = float(np.sqrt((own**2).mean()))
    scale = errors["biome"].map(lambda name: raw.get(name, raw[EVERYWHERE]))
    lon, lat = (errors[name].to_numpy(np.float64) for name in ("longitude", "latitude"))
    scaled = np.divide(departures, scale, out=np.zeros(len(errors)), where=scale > 0)
    found = fit_correlogram(lon, lat, scaled, length_km=length_km)
    growth = float(np.sqrt(found.variance / (scaled - scaled.mean()).var()))
    return {name: sd * growth for name, sd in raw.items()}, found


def _mean_sd(errors: pd.DataFrame, spread: np.ndarray, correlogram: Correlogram) -> float:
    """SD of the mean over the sites."""
    lon, lat = (errors[name].to_numpy(np.float64) for name in ("longitude", "latitude"))
    alike = correlogram.correlation(great_circle(lon, lat, lon, lat))
    np.fill_diagonal(alike, 1.0)
    return float(np.sqrt(spread @ alike @ spread) / len(errors))


def _sd_factor(errors: pd.DataFrame, length_km: float | None) -> float:
    """Factor of the jackknife over groups of sites."""
    groups = min(len(errors), JACKKNIFE_GROUPS)
    sizes = []
    for group in range(groups):
        kept = errors[np.arange(len(errors)) % groups != group]
        try:
            spread, found = _fit(kept, length_km)
        except InputError:  # too few sites without this group
            return float("nan")
        patch = sum(share * length**2 for share, length in _parts(found))
        sizes.append(spread[EVERYWHERE] * np.sqrt(patch))
    return float(np.exp(np.sqrt((groups - 1) * np.log(sizes).var())))


def _parts(correlogram: Correlogram) -> list[tuple[float, float]]:
    """Share of the variance and length of each part of the errors."""
    parts = [
        (correlogram.share, correlogram.length_km),
        (1.0 - correlogram.share, correlogram.nugget_km),
    ]
    return [(share, length) for share, length in parts if share > 0]


def transfer_covariance(
    model: TransferModel,
    blocks: xr.Dataset,
    membership: xr.DataArray,
    biome: np.ndarray,
    held: np.ndarray,
) -> np.ndarray:
    """Covariance between zones of the transfer error that all years have in common.

    Parameters
    ----------
    model : TransferModel
        From `fit_transfer`.
    blocks : xarray.Dataset (block, atom_id)
        From `land_blocks`.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.
    biome : numpy.ndarray of int (atom,)
        Biome of each atom.
    held : numpy.ndarray (atom,)
        Part of each atom's land that budgets hold, 0 to 1.

    Returns
    -------
    numpy.ndarray (zone_id, zone_id)
        Tg2 C yr-2; symmetric, no eigenvalue below zero but for rounding, and of a union of zones
        the sum over its parts.

    Notes
    -----
    Sites say how large the mean error over a zone may be, about a mean error that they themselves
    know to ± mean_sd only:

        V_zw = Σ_k share_k Σ_i Σ_j a_zi a_wj exp(−d_ij / length_k) + A_z A_w mean_sd²

    a_zi = Σ_b σ_b A_zib, with A_zib the land with a flux in block i, zone z and biome b [1]_, and
    A_z that of the zone; k runs over the correlated part and the nugget. The mean error itself is
    not in V: it is a bias, which `mean` states. V is the variance of the zone's error less the
    mean of the sites, but for a term that tells that sites lie in the zone, which would make it
    smaller. Of the nugget it is known only that it reaches less far than sites can tell: it is
    given that length, the longest it can have, though part of it is the towers' own noise. A
    length far below the edge e of the blocks, 2π length² < e², is a matter inside of each: there
    the sum is Σ_i a_zi a_wi 2π length² / e², with 2π length² the land over which an error holds
    and e² over it the number of independent patches of a block.

    References
    ----------
    .. [1] Cressie (1993), Statistics for Spatial Data, section 3.4 (variance of a block mean).

    Examples
    --------
    Two blocks side by side err alike, so that SDs add up:

    >>> from abz.budgets.correlogram import Correlogram
    >>> model = TransferModel(60, 0.0, 0.0, {"all": 50.0},
    ...     Correlogram(1.0, 1e6, 1.0, 50.0, 4e3, pd.DataFrame()), 0.0, 1.5)
    >>> blocks = xr.Dataset({"area": (("block", "atom_id"), [[1e12, 0.0], [0.0, 1e12]]),
    ...     "longitude": ("block", [10.0, 12.0]), "latitude": ("block", [60.0, 60.0])},
    ...     attrs={"edge_km": 1000.0})
    >>> each = xr.DataArray(np.eye(2), dims=("zone_id", "atom_id"))
    >>> biomes, held = np.array([6, 6]), np.array([1.0, 1.0])
    >>> np.sqrt(transfer_covariance(model, blocks, each, biomes, held)).round(1)
    array([[50., 50.],
           [50., 50.]])
    """
    land = (membership.values * held) @ blocks["area"].values.sum(axis=0) / G_PER_TG
    spread = membership.values * (held * model.sds(biome))
    grams = spread @ blocks["area"].values.T / G_PER_TG
    places = unit_vectors(blocks["longitude"].values, blocks["latitude"].values)
    edge = float(blocks.attrs["edge_km"])
    found = model.mean_sd**2 * np.outer(land, land)
    for share, length in _parts(model.correlogram):
        patch = 2 * np.pi * length**2 / edge**2
        if patch < 1:
            found += share * patch * grams @ grams.T
        else:
            found += share * _double_sum(grams, places, length)
    return (found + found.T) / 2


def _double_sum(grams: np.ndarray, places: np.ndarray, length_km: float) -> np.ndarray:
    """Sum (zone, zone) over all pairs of blocks, of grams (zone, block) at places (block, 3)."""
    found = np.zeros((grams.shape[0], grams.shape[0]))
    for start in range(0, len(places), CHUNK):
        chord = np.sqrt(np.maximum(2.0 - 2.0 * places[start : start + CHUNK] @ places.T, 0.0))
        found += grams[:, start : start + CHUNK] @ np.exp(-arc(chord) / length_km) @ grams.T
    return found
