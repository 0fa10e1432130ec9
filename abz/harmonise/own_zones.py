"""Zones of one's own on a grid, from polygons or a raster of codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.sparse import csr_array

from abz.grid import POLAR_CRS, Grid, WindowWeights
from abz.harmonise.land_cover import coded_windows
from abz.harmonise.overlaps import overlapping_zones, refuse_overlaps
from abz.harmonise.polygons import on_plane, polygon_votes
from abz.validation import check_choice

if TYPE_CHECKING:
    from abz.readers.zone_files import ZoneFile

__all__ = ["ZoneMap", "place_zones", "raster_votes"]


@dataclass(frozen=True, eq=False)
class ZoneMap:
    """A zone set on a grid.

    Parameters
    ----------
    zones : tuple of str
        Names; the code of a zone is its place, counted from 1.
    classes : numpy.ndarray of int16 (y, x)
        The zone that covers most of a cell, −1 where none reaches.
    share : numpy.ndarray (y, x)
        Share of the cell that zones cover together, 0 to 1.
    overlap_m2 : float
        Area that polygons of two zones claim at once.
    """

    zones: tuple[str, ...]
    classes: np.ndarray
    share: np.ndarray
    overlap_m2: float = 0.0

    def on_land(self, land: np.ndarray) -> np.ndarray:
        """Classes (y, x) of the cells of which zones cover at least half of the land, else −1.

        Parameters
        ----------
        land : numpy.ndarray (y, x)
            Share of land, 0 to 1.

        Notes
        -----
        Half of the land, and not of the cell: polygons end at the coast. Any smaller part would
        widen zones along all their edges.
        """
        held = self.share >= 0.5 * land
        return np.where(held, self.classes, -1).astype(np.int16)


def place_zones(source: ZoneFile, target: Grid, name: str, overlap: str = "refuse") -> ZoneMap:
    """Bring a zone set to a grid.

    Parameters
    ----------
    source : ZoneFile
        As its file has it.
    target : Grid
        Cells to fill.
    name : str
        Of the zone set.
    overlap : str, optional
        "refuse" polygons of two zones that overlap by more than `overlaps.SLIVER`, or let the
        "later" row win.

    Returns
    -------
    ZoneMap

    Raises
    ------
    InputError
        If zones overlap and that is refused.

    Notes
    -----
    Polygons take a cell by the majority of 4 × 4 points, rasters by the majority of area.
    """
    check_choice(overlap, ("refuse", "later"), "overlap")
    if isinstance(source.source, xr.DataArray):
        classes = np.full(target.shape, -1, np.int16)
        share = np.zeros(target.shape, np.float32)
        for window, weights, codes in coded_windows(source.source, target):
            classes[window], share[window] = raster_votes(codes, weights)
        return ZoneMap(source.zones, classes, share)
    found = overlapping_zones(on_plane(source.source, POLAR_CRS), "code")
    if overlap == "refuse":
        refuse_overlaps(found, source.zones, name)
    votes = polygon_votes(source.source, "code", target, range(1, len(source.zones) + 1))
    return ZoneMap(source.zones, *votes, overlap_m2=float(found["shared_m2"].sum()))


def raster_votes(codes: np.ndarray, weights: WindowWeights) -> tuple[np.ndarray, np.ndarray]:
    """The class that covers most of each cell, and the share of the cell under any class.

    Parameters
    ----------
    codes : numpy.ndarray of int (n,)
        Classes from 1 of the raster's cells that weigh in, −1 where there is none.
    weights : WindowWeights
        Areas from the raster's grid to a window of the target.

    Returns
    -------
    tuple of numpy.ndarray (y, x) = (classes, share)
        int16, −1 where no class reaches, ties go to the smaller code; float32, 0 to 1.

    Notes
    -----
    Areas are summed by class in sparse matrices, so memory does not grow with the number of
    classes, as it does in `abz.grid.majority`.

    Examples
    --------
    >>> from abz.grid import polar_grid, window_areas
    >>> weights = window_areas(polar_grid(1e6), polar_grid(2e6), (slice(2, 3), slice(2, 3)))
    >>> classes, share = raster_votes(np.full(weights.cells.size, 7), weights)
    >>> classes.item(), share.item()
    (7, 1.0)
    """
    flat = codes.astype(np.int64)
    there = np.flatnonzero(flat >= 0)
    shape = (flat.size, int(flat.max(initial=0)) + 1)
    kinds = csr_array((np.ones(there.size), (there, flat[there])), shape=shape)
    area = csr_array(weights.matrix @ kinds)
    area.sort_indices()
    cell = np.repeat(np.arange(area.shape[0]), np.diff(area.indptr))
    most = np.zeros(area.shape[0])
    np.maximum.at(most, cell, area.data)
    # Equal areas may differ in their last bit; the first code that reaches the top wins.
    top = np.flatnonzero((area.data > 0) & (area.data >= most[cell] * (1 - 1e-9)))
    winner, first = np.unique(cell[top], return_index=True)
    classes = np.full(area.shape[0], -1, np.int16)
    classes[winner] = area.indices[top[first]]
    covered = np.asarray(area.sum(axis=1)).reshape(weights.target.shape)
    share = np.minimum(covered / weights.target.cell_area(), 1.0).astype(np.float32)
    return classes.reshape(weights.target.shape), share
