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
SITE = ("longitude", "latitude", "sd")
CHUNK = 512
"""Blocks whose distances to all others are held at a time."""


@dataclass(frozen=True)
class TransferModel:
    """Errors of annual sums at places without a site.

    Parameters
    ----------
    sites : pandas.DataFrame (site)
        longitude, latitude (degrees) and `sd` of the error at each site, g C m-2 yr-1.
    mean : float
        Mean error over the sites, predicted − observed, g C m-2 yr-1.
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

    sites: pd.DataFrame
    mean: float
    spread: Mapping[str, float]
    correlogram: Correlogram
    yearly_ratio: float
    sd_factor: float

    @property
    def mean_sd(self) -> float:
        """SD of the mean over the sites, g C m-2 yr-1."""
        lon, lat, sd = (self.sites[name].to_numpy(np.float64) for name in SITE)
        alike = self.correlogram.correlation(great_circle(lon, lat, lon, lat))
        np.fill_diagonal(alike, 1.0)
        return float(np.sqrt(sd @ alike @ sd) / max(1, sd.size))

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
    >>> round(model.mean), round(model.mean_sd), round(model.spread["boreal"])
    (10, 12, 77)
    """
    columns = ["longitude", "latitude", "biome", "error", "years", "yearly_squares"]
    check_columns(errors, columns, "errors of sites")
    spread, correlogram = _fit(errors, length_km)
    sd = [spread.get(name, spread[EVERYWHERE]) for name in errors["biome"]]
    yearly = yearly_variance(errors) / spread[EVERYWHERE] ** 2
    return TransferModel(
        sites=errors[["longitude", "latitude"]].assign(sd=sd),
        mean=float(errors["error"].mean()),
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
        patch = sum(share * length**2 for share, length, _ in _parts(found))
        sizes.append(spread[EVERYWHERE] * np.sqrt(patch))
    return float(np.exp(np.sqrt((groups - 1) * np.log(sizes).var())))


def _parts(correlogram: Correlogram) -> list[tuple[float, float, bool]]:
    """Share of the variance and length of each part of the errors, and whether sites show it."""
    parts = [
        (correlogram.share, correlogram.length_km, True),
        (1.0 - correlogram.share, correlogram.nugget_km, False),
    ]
    return [part for part in parts if part[0] > 0]


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
    What a zone errs by is known from the sites as their mean error times its land A_z, give or
    take the departure of the zone from that. V is the covariance of the departures [1]_,

        V_zw = K_zw − A_w c_z − A_z c_w + A_z A_w mean_sd²
        K_zw = Σ_k share_k Σ_i Σ_j a_zi a_wj exp(−d_ij / length_k)
        c_z = share Σ_i Σ_s a_zi σ_s exp(−d_is / length) / n

    with a_zi = Σ_b σ_b A_zib, A_zib the land with a flux in block i, zone z and biome b, and n
    sites s. K is how alike land errs that lies together; it holds two parts k, the correlated one
    and the nugget. c tells that sites stand for the land around them, so that many sites in a
    zone make it surer. The last term is what too few sites leave open about all land at once.

    Of the nugget it is known only that it reaches less far than sites can tell: in K it has that
    length, the longest it can have, though part of it is the towers' own noise. A length far
    below the edge e of the blocks, 2π length² < e², is a matter inside of each: there K is
    Σ_i a_zi a_wi 2π length² / e², with 2π length² the land over which an error holds and e² over
    it the number of independent patches of a block, and c is left out.

    References
    ----------
    .. [1] Journel & Huijbregts (1978), Mining Geostatistics, section II.B (estimation variance).

    Examples
    --------
    Blocks near each other err alike, and so do sites that know little:

    >>> from abz.budgets.correlogram import Correlogram
    >>> sites = pd.DataFrame({"longitude": [100.0], "latitude": [60.0], "sd": [30.0]})
    >>> model = TransferModel(sites, 0.0, {"all": 50.0},
    ...     Correlogram(1.0, 2e3, 1.0, 50.0, 4e3, pd.DataFrame()), 0.0, 1.5)
    >>> blocks = xr.Dataset({"area": (("block", "atom_id"), [[1e12, 0.0], [0.0, 1e12]]),
    ...     "longitude": ("block", [10.0, 12.0]), "latitude": ("block", [60.0, 60.0])},
    ...     attrs={"edge_km": 1000.0})
    >>> each = xr.DataArray(np.eye(2), dims=("zone_id", "atom_id"))
    >>> biomes, held = np.array([6, 6]), np.array([1.0, 1.0])
    >>> np.sqrt(transfer_covariance(model, blocks, each, biomes, held)).round(1)
    array([[55.7, 54.4],
           [54.4, 55.6]])
    """
    land = (membership.values * held) @ blocks["area"].values.sum(axis=0) / G_PER_TG
    spread = membership.values * (held * model.sds(biome))
    grams = spread @ blocks["area"].values.T / G_PER_TG
    places = unit_vectors(blocks["longitude"].values, blocks["latitude"].values)
    lon, lat, sd = (model.sites[name].to_numpy(np.float64) for name in SITE)
    towers, weight = unit_vectors(lon, lat), sd / max(1, sd.size)
    found = model.mean_sd**2 * np.outer(land, land)
    for share, length, shown in _parts(model.correlogram):
        patch = 2 * np.pi * length**2 / float(blocks.attrs["edge_km"]) ** 2
        if patch < 1:
            found += share * patch * grams @ grams.T
            continue
        found += share * _kernel_sum(grams, places, grams, places, length)
        if shown:
            shared = share * _kernel_sum(grams, places, weight[None], towers, length)
            found -= shared @ land[None] + land[:, None] @ shared.T
    return (found + found.T) / 2


def _kernel_sum(
    left: np.ndarray, here: np.ndarray, right: np.ndarray, there: np.ndarray, length_km: float
) -> np.ndarray:
    """Sums (m, n) over all pairs of places of amounts (m, p) and (n, q), less by distance."""
    found = np.zeros((left.shape[0], right.shape[0]))
    for start in range(0, len(here), CHUNK):
        chord = np.sqrt(np.maximum(2.0 - 2.0 * here[start : start + CHUNK] @ there.T, 0.0))
        found += left[:, start : start + CHUNK] @ np.exp(-arc(chord) / length_km) @ right.T
    return found
