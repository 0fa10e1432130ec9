"""A synthetic map with zones, and the engines that add up its layers over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter, zoom

from abz.grid import zonal_quanta, zonal_sums
from abz.units import GRAM_QUANTUM

BROAD, FINE = 30, 20
"""Classes that change over 100 cells, as biomes by region and permafrost, and classes of
vegetation, which change from cell to cell."""
ATOMS = BROAD * FINE
SEA = 0.3
"""Share of the map outside the domain."""
MISSING = 0.02
"""Share of the land without a flux."""

Engine = Callable[["Case"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Case:
    """Fluxes (time, y, x) in single precision, g m-2; land areas (y, x), m2; atoms (y, x)."""

    flux: np.ndarray
    area: np.ndarray
    atom: np.ndarray

    def layers(self, number: int) -> Case:
        """The first layers."""
        return Case(self.flux[:number], self.area, self.atom)

    def rows(self, number: int) -> Case:
        """The first rows of the map."""
        return Case(self.flux[:, :number], self.area[:number], self.atom[:number])

    def turned(self) -> Case:
        """The same cells, the last first."""
        turned = (np.ascontiguousarray(a[..., ::-1, ::-1]) for a in (self.flux, self.area))
        return Case(*turned, np.ascontiguousarray(self.atom[::-1, ::-1]))


def classes(rng: np.random.Generator, edge: int, smooth: int, number: int) -> np.ndarray:
    """Classes (edge, edge) of like extent, of a field that changes over so many cells."""
    coarse = rng.normal(size=(edge // smooth + 3,) * 2)
    field = zoom(coarse, smooth, order=1)[:edge, :edge]
    if smooth < 10:
        field = gaussian_filter(rng.normal(size=(edge, edge)), smooth)
    return np.searchsorted(np.quantile(field, np.arange(1, number) / number), field)


def zone_maps(edge: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Land areas, m2 (NaN at sea), and atoms (−1 at sea) of a map of 1-km cells."""
    rng = np.random.default_rng(seed)
    broad, fine = classes(rng, edge, 100, BROAD), classes(rng, edge, 2, FINE)
    sea = classes(rng, edge, 100, 100) < 100 * SEA
    atom = np.where(sea, -1, broad * FINE + fine).astype(np.int32)
    return np.where(sea, np.nan, rng.uniform(5e5, 1e6, atom.shape)), atom


def made_up(layers: int, edge: int, seed: int = 0) -> Case:
    """Noise over the land, with cells that have no flux."""
    area, atom = zone_maps(edge, seed)
    rng = np.random.default_rng(seed + 1)
    none = (atom < 0) | (rng.random(atom.shape) < MISSING)
    flux = rng.normal(-5, 40, (layers, edge, edge)).astype(np.float32)
    flux[:, none] = np.nan
    return Case(flux, area, atom)


def labelled(case: Case) -> tuple[xr.DataArray, xr.DataArray]:
    """Amounts and atoms as labelled arrays."""
    area, atom = (xr.DataArray(a, dims=("y", "x")) for a in (case.area, case.atom))
    return xr.DataArray(case.flux, dims=("time", "y", "x")) * area, atom.rename("atom")


def by_abz(case: Case) -> np.ndarray:
    """Ours, amounts alone."""
    return zonal_quanta(case.flux, case.area, case.atom, ATOMS) * GRAM_QUANTUM


def by_abz_with_area(case: Case) -> np.ndarray:
    """Ours, amounts and the areas that they come from."""
    return zonal_sums(case.flux, case.area, case.atom, ATOMS)[0] * GRAM_QUANTUM


def by_groupby(case: Case) -> np.ndarray:
    """Plain xarray."""
    amount, atom = labelled(case)
    with xr.set_options(use_flox=False):
        sums = amount.groupby(atom).sum()
    return sums.reindex(atom=np.arange(ATOMS), fill_value=0.0).transpose("time", "atom").values


def by_flox(case: Case) -> np.ndarray:
    """flox, told which groups there are, with the engine that is fastest here."""
    from flox.xarray import xarray_reduce

    amount, atom = labelled(case)
    groups = np.arange(ATOMS)
    sums = xarray_reduce(
        amount, atom, func="nansum", expected_groups=groups, fill_value=0.0, engine="numpy"
    )
    return sums.transpose("time", "atom").values


def by_bincount(case: Case) -> np.ndarray:
    """NumPy, layer after layer."""
    place = case.atom.ravel() + 1
    return np.stack(
        [
            np.bincount(place, np.nan_to_num(layer * case.area).ravel(), ATOMS + 1)[1:]
            for layer in case.flux
        ]
    )


def engines() -> dict[str, Engine]:
    """All that are installed."""
    found = {"abz": by_abz, "abz with area": by_abz_with_area, "bincount": by_bincount}
    if find_spec("flox") is not None:
        found["flox"] = by_flox
    return {**found, "xarray groupby": by_groupby}


def exact_sums(case: Case) -> np.ndarray:
    """Amounts of the first layer as fractions (atoms,)."""
    sums = np.array([Fraction(0)] * ATOMS)
    flux = case.flux[0].astype(np.float64)
    for cell in zip(*np.nonzero(~np.isnan(flux * case.area) & (case.atom >= 0)), strict=True):
        sums[case.atom[cell]] += Fraction(flux[cell]) * Fraction(case.area[cell])
    return sums
