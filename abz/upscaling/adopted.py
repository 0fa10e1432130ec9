"""Flux maps made elsewhere, taken as those of a run: maps and totals of a block, none predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from abz.grid.zonal import valid_area_quanta, zonal_quanta
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling.engine import ZoneMaps
from abz.validation import check_same_shape

__all__ = ["ADOPTED", "AdoptedFluxes", "adopt_block"]

ADOPTED: Mapping[str, tuple[tuple[str, ...], str, str, float]] = {
    "source_grams": (
        ("flux", "time"), "flux of all cells of the source, in or out of the domain",
        "g C", GRAM_QUANTUM,
    ),
    "source_area": (
        ("flux", "time"), "area of all cells of the source with a flux", "m2", AREA_QUANTUM
    ),
    "partial": (("time",), "cells with some of the fluxes, but not all", "1", 1.0),
}  # fmt: skip
"""What the source of adopted maps held: dimensions, what it is, unit and quantum."""


@dataclass(frozen=True, eq=False)
class AdoptedFluxes:
    """Maps and totals of a block.

    Parameters
    ----------
    central : numpy.ndarray of float32 (flux, time, y, x)
        g C m-2 month-1; NaN outside the domain and where a flux is missing.
    grams : numpy.ndarray of int64 (flux, 1, time, atom_id)
        Quanta of `units.GRAM_QUANTUM` g C.
    valid_area : numpy.ndarray of int64 (time, atom_id)
        Quanta of `units.AREA_QUANTUM` m2.
    predicted, unpredicted : numpy.ndarray of int64 (time,)
        Cells of the domain with all fluxes, and the others.
    source_grams, source_area : numpy.ndarray of int64 (flux, time)
        Flux and area of all cells of the source, in the same quanta.
    partial : numpy.ndarray of int64 (time,)
        Cells with some of the fluxes, but not all.
    """

    central: np.ndarray
    grams: np.ndarray
    valid_area: np.ndarray
    predicted: np.ndarray
    unpredicted: np.ndarray
    source_grams: np.ndarray
    source_area: np.ndarray
    partial: np.ndarray


def adopt_block(fluxes: np.ndarray, zones: ZoneMaps, cell_area: np.ndarray) -> AdoptedFluxes:
    """Maps and totals of fluxes that are given.

    Parameters
    ----------
    fluxes : numpy.ndarray of float32 (flux, time, y, x)
        g C m-2 month-1; NaN where there is no value.
    zones : ZoneMaps (y, x)
        Domain, area and atoms of the block.
    cell_area : numpy.ndarray (y, x)
        Area of the whole cells, m2.

    Returns
    -------
    AdoptedFluxes

    Raises
    ------
    InputError
        If shapes differ.

    Notes
    -----
    A cell and month counts where all fluxes have a value, so that the fluxes of a zone are those of
    one area. What the source holds beyond is `source_grams` less the sum of `grams`, exactly.

    Examples
    --------
    >>> fluxes = np.array([[[[1.0, 2.0, 4.0]]], [[[5.0, np.nan, 7.0]]]], np.float32)
    >>> zones = ZoneMaps(np.array([[True, True, False]]), np.ones((1, 3)),
    ...                  np.array([[0, 0, -1]], np.int32), 1)
    >>> found = adopt_block(fluxes, zones, np.ones((1, 3)))
    >>> (found.grams * GRAM_QUANTUM).ravel().tolist(), (found.source_grams * GRAM_QUANTUM).tolist()
    ([1.0, 5.0], [[7.0], [12.0]])
    >>> found.predicted.tolist(), found.unpredicted.tolist(), found.partial.tolist()
    ([1], [1], [1])
    """
    check_same_shape(fluxes[0, 0], zones.domain, "fluxes and zones")
    known = np.isfinite(fluxes)
    every = known.all(axis=0)
    held = every & zones.domain
    central = np.where(held, fluxes, np.float32(np.nan))
    whole = np.zeros(zones.domain.shape, np.int32)
    valid = valid_area_quanta(central[0], zones.area, zones.atom, zones.n_atoms)
    return AdoptedFluxes(
        central=central,
        grams=zonal_quanta(central, zones.area, zones.atom, zones.n_atoms)[:, None],
        valid_area=valid,
        predicted=held.sum(axis=(1, 2)),
        unpredicted=(zones.domain & ~every).sum(axis=(1, 2)),
        source_grams=zonal_quanta(fluxes, cell_area, whole, 1)[..., 0],
        source_area=valid_area_quanta(fluxes, cell_area, whole, 1)[..., 0],
        partial=(known.any(axis=0) & ~every).sum(axis=(1, 2)),
    )
