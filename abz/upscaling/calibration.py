"""Costs of mapping, measured in some seconds on this machine.

A few forests predict windows of growing size, as a stage does, until the time is over; the largest
windows count. The same forests with one tree each tell what a tree costs from what is done besides.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
import zarr
from zarr.storage import MemoryStore

from abz.modelling import FluxForest
from abz.modelling.row_sets import TILE_ROWS
from abz.upscaling.engine import BlockFluxes, Ensemble, ZoneMaps, predict_block
from abz.upscaling.made_up import first_trees
from abz.upscaling.maps import map_storage
from abz.upscaling.packing import Packing
from abz.upscaling.plan import Cost

__all__ = ["Patch", "calibrate"]

FIRST_EDGE = 64
"""Edge of the smallest windows, cells."""


@dataclass(frozen=True, eq=False)
class Patch:
    """A place to measure on.

    Parameters
    ----------
    predictors : tuple of str (p,)
        Names.
    block : numpy.ndarray of float32 (time, y, x, p)
        Twelve months of predictors.
    zones : ZoneMaps (y, x)
        Of the same cells.
    forests : tuple of FluxForest
        The central one of a flux and two members or more.
    read_s : float, optional
        Seconds of a core that it took to read `block`.
    """

    predictors: tuple[str, ...]
    block: np.ndarray
    zones: ZoneMaps
    forests: tuple[FluxForest, ...]
    read_s: float = 0.0

    @property
    def rows(self) -> int:
        """Cell-months in the domain."""
        return int(self.zones.domain.sum()) * len(self.block)

    def predict(self, workers: int, *, one_tree: bool = False) -> BlockFluxes:
        """What the engine makes of it; the first tree of each forest, or all."""
        forests = [first_trees(f, 1) for f in self.forests] if one_tree else [*self.forests]
        ensembles = {"flux": Ensemble(forests[0], tuple(forests[1:]))}
        return predict_block(ensembles, self.block, self.predictors, self.zones, workers=workers)


@dataclass(frozen=True)
class _Times:
    """Seconds for one patch: of all its trees, of one tree a forest, and by the clock."""

    patch: Patch
    all_trees: float
    one_tree: float
    wall: float


def calibrate(
    patch: Callable[[int, int], Patch], *, edge: int, seconds: float, workers: int, packing: Packing
) -> Cost:
    """Measure what mapping costs.

    Parameters
    ----------
    patch : callable
        From the edge of a window, in cells, and the number of the measurement to a `Patch`.
    edge : int
        Edge of the windows of the job.
    seconds : float
        When to stop; one measurement is always made.
    workers : int
        Threads.
    packing : Packing
        How maps are stored.

    Returns
    -------
    Cost
    """
    end = time.perf_counter() + seconds
    first = patch(min(FIRST_EDGE, edge), 0)
    first.predict(workers, one_tree=True)  # compiles
    row_bytes = _row_bytes(first)
    sizes: dict[int, list[_Times]] = {}
    for size, times in _measurements(patch, edge, end, workers):
        sizes.setdefault(size, []).append(times)
    measured = sizes[max(sizes)]
    rows = np.array([times.patch.rows for times in measured])
    forests = np.array([len(times.patch.forests) for times in measured])
    trees = np.array([sum(f.trees for f in times.patch.forests) for times in measured])
    spent = np.array([(t.all_trees, t.one_tree, t.wall) for t in measured]).sum(axis=0)
    tree_s = float(max(spent[0] - spent[1], 0.0) / max((rows * (trees - forests)).sum(), 1))
    busy = min(workers, -(-int(rows.max()) // TILE_ROWS))
    return Cost(
        read_s=sum(times.patch.read_s for times in measured) / int(rows.sum()),
        forest_s=max(float(spent[1] / (rows * forests).sum()) - tree_s, 0.0),
        tree_s=tree_s,
        efficiency=min(float(spent[0] / (spent[2] * busy)), 1.0),
        row_bytes=row_bytes,
        map_bytes=_map_bytes(first.predict(workers), packing),
        forest_bytes=max(map(_forest_bytes, first.forests)),
    )


def _measurements(
    patch: Callable[[int, int], Patch], edge: int, end: float, workers: int
) -> Iterator[tuple[int, _Times]]:
    """Edges and times of one measurement after the other; larger ones where there is time."""
    size, number = min(FIRST_EDGE, edge), 0
    while True:
        begin = time.perf_counter()
        yield size, _times(patch(size, number), workers)
        number += 1
        took, left = time.perf_counter() - begin, end - time.perf_counter()
        if size < edge and 4 * took < left:
            size = min(2 * size, edge)
        elif took > left:
            return


def _times(patch: Patch, workers: int) -> _Times:
    """One measurement."""
    start = time.process_time()
    patch.predict(workers, one_tree=True)
    one_tree = time.process_time() - start
    start, begin = time.process_time(), time.perf_counter()
    patch.predict(workers)
    wall = time.perf_counter() - begin
    return _Times(patch, time.process_time() - start, one_tree, wall)


def _row_bytes(patch: Patch) -> float:
    """Memory that a cell-month takes while one thread predicts it, its predictors included."""
    tracemalloc.start()
    patch.predict(1, one_tree=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak + patch.block.nbytes) / patch.block[..., 0].size


def _forest_bytes(forest: FluxForest) -> int:
    """Memory of a forest's arrays."""
    return sum(
        array.nbytes
        for array in (forest.feature, forest.threshold, forest.child, forest.leaf, forest.root)
    )


def _map_bytes(result: BlockFluxes, packing: Packing) -> float:
    """Disk of a value of the maps, central, mean and SD together."""
    maps = {"central": result.central[0], "mean": result.mean[0], "sd": result.sd[0]}
    dataset = xr.Dataset({name: (("time", "y", "x"), values) for name, values in maps.items()})
    store = MemoryStore()
    storage = map_storage(dataset, result.central.shape[1:], packing)
    dataset.to_zarr(store, zarr_format=3, consolidated=False, encoding=storage)
    stored = sum(zarr.open_array(store, path=name).nbytes_stored() for name in maps)
    return stored / max(sum(int(np.isfinite(values).sum()) for values in maps.values()), 1)
