"""Costs of mapping, measured in some seconds on this machine.

A few forests predict windows of growing size and store their maps, as a stage does, until the time
is over; the largest windows count. The same forests with one tree each tell what a tree costs from
what is done besides.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xarray as xr
import zarr

from abz.digest import sha256_tree, tree_bytes
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
    """Seconds of a core for one patch: all its trees, one tree a forest, its maps; by the clock."""

    patch: Patch
    all_trees: float
    one_tree: float
    store: float
    wall: float
    map_bytes: int
    map_values: int


def calibrate(
    patch: Callable[[int, int], Patch], *, edge: int, seconds: float, workers: int, packing: Packing
) -> Cost:
    """Measure what mapping costs.

    Parameters
    ----------
    patch : callable
        From the edge of a window, in cells, and the number of the measurement to a `Patch`.
    edge : int
        Edge of the windows of the job, or of its map where that is smaller.
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
    _stored(first.predict(workers, one_tree=True), packing)  # compiles
    row_bytes = _row_bytes(first)
    sizes: dict[int, list[_Times]] = {}
    for size, times in _measurements(patch, edge, end, workers, packing):
        sizes.setdefault(size, []).append(times)
    largest = max(sizes)
    measured = sizes[largest]
    rows = np.array([times.patch.rows for times in measured])
    forests = np.array([len(times.patch.forests) for times in measured])
    trees = np.array([sum(f.trees for f in times.patch.forests) for times in measured])
    spent = sum(times.all_trees for times in measured)
    one_tree = sum(times.one_tree for times in measured)
    store = sum(times.store for times in measured)
    read = sum(times.patch.read_s for times in measured)
    values = max(sum(times.map_values for times in measured), 1)
    tree_s = max(spent - one_tree, 0.0) / max(int((rows * (trees - forests)).sum()), 1)
    tiles = workers if largest == edge else -(-int(rows.max()) // TILE_ROWS)
    wall = read + sum(times.wall for times in measured)
    return Cost(
        read_s=read / int(rows.sum()),
        forest_s=max(one_tree / int((rows * forests).sum()) - tree_s, 0.0),
        tree_s=tree_s,
        write_s=store / values,
        efficiency=min((read + spent + store) / (wall * min(workers, tiles)), 1.0),
        row_bytes=row_bytes,
        map_bytes=sum(times.map_bytes for times in measured) / values,
        forest_bytes=max(map(_forest_bytes, first.forests)),
    )


def _measurements(
    patch: Callable[[int, int], Patch], edge: int, end: float, workers: int, packing: Packing
) -> Iterator[tuple[int, _Times]]:
    """Edges and times of one measurement after the other; larger ones where there is time."""
    size, number = min(FIRST_EDGE, edge), 0
    while True:
        begin = time.perf_counter()
        yield size, _times(patch(size, number), workers, packing)
        number += 1
        took, left = time.perf_counter() - begin, end - time.perf_counter()
        if size < edge and 4 * took < left:
            size = min(2 * size, edge)
        elif took > left:
            return


def _times(patch: Patch, workers: int, packing: Packing) -> _Times:
    """One measurement."""
    start = time.process_time()
    patch.predict(workers, one_tree=True)
    predicted = time.process_time()
    begin = time.perf_counter()
    result = patch.predict(workers)
    store_s, map_bytes = _stored(result, packing)
    wall = time.perf_counter() - begin
    values = sum(int(np.isfinite(each).sum()) for each in (result.central, result.mean, result.sd))
    return _Times(
        patch=patch,
        all_trees=time.process_time() - predicted - store_s,
        one_tree=predicted - start,
        store=store_s,
        wall=wall,
        map_bytes=map_bytes,
        map_values=values,
    )


def _stored(result: BlockFluxes, packing: Packing) -> tuple[float, int]:
    """Seconds of a core to store the maps of a block, as a stage does, and their bytes."""
    maps = {
        name: packing.pack(getattr(result, name)[0], name) for name in ("central", "mean", "sd")
    } | {"outside": result.outside[0]}
    template = xr.Dataset({name: (("time", "y", "x"), getattr(result, name)[0]) for name in maps})
    storage = map_storage(template, result.central.shape[1:], packing)
    with TemporaryDirectory() as folder:
        for name, values in maps.items():
            zarr.create_array(
                Path(folder) / name, shape=values.shape, dtype=values.dtype,
                chunks=storage[name]["chunks"], shards=storage[name]["shards"],
                fill_value=storage[name].get("fill_value", packing.missing),
            )  # fmt: skip
        described = tree_bytes(Path(folder))
        start = time.process_time()
        for name, values in maps.items():
            array = zarr.open_array(Path(folder) / name, mode="r+", zarr_format=3)
            array[:] = values
            sha256_tree(Path(folder) / name)
        return time.process_time() - start, tree_bytes(Path(folder)) - described


def _row_bytes(patch: Patch) -> float:
    """Memory that a cell-month of the domain takes while one thread predicts it.

    Its predictors are included, and what a cell takes wherever it lies.
    """
    nowhere = replace(patch.zones, domain=np.zeros_like(patch.zones.domain))
    empty, whole = (_peak(each) for each in (replace(patch, zones=nowhere), patch))
    per_cell = (empty + patch.block.nbytes) / patch.block[..., 0].size
    return per_cell + max(whole - empty, 0) / max(patch.rows, 1)


def _peak(patch: Patch) -> int:
    """Most memory in use while one thread predicts a patch."""
    tracemalloc.start()
    patch.predict(1, one_tree=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _forest_bytes(forest: FluxForest) -> int:
    """Memory of a forest's arrays."""
    return sum(
        array.nbytes
        for array in (forest.feature, forest.threshold, forest.child, forest.leaf, forest.root)
    )
