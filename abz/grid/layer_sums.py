"""Amounts and areas of layers of a map, added up by atom in whole numbers.

Most layers go square by square, eight cells of eight layers at once (`abz.grid.squares`). A bound
from the largest density and area of each tile tells whether every amount and every total fits; a
layer for which it does not, the last cells of a layer and a few last layers go cell by cell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abz.compiled import kernel
from abz.eights import EIGHT, Eight, joined, larger, load, magnitude, nothing, spread, store
from abz.grid.squares import (
    COPIES,
    LARGEST_AMOUNT,
    add_each,
    add_one,
    all_alike,
    places,
    together,
    weigh,
)

__all__ = ["LARGEST_COUNT", "CellWeights", "add_layers", "cell_weights"]

LARGEST_COUNT = 2.0**62
"""Half of what 64 bits hold, so that a float sum of magnitudes decides safely."""
SURE_COUNT = LARGEST_COUNT / 2
"""A bound below this leaves no doubt."""
TILE = 16384
"""Cells of whole squares whose areas and atoms stay in the cache while layers pass."""
FEW = 3
"""So many layers are worth squares of eight."""


class CellWeights(NamedTuple):
    """What each cell of a map weighs.

    Parameters
    ----------
    atom : numpy.ndarray of int32 (cells,)
        Atom of each cell; −1 where it belongs to none.
    per_density : numpy.ndarray of float64 (cells,)
        Quanta of a density of one; 0 where the area is missing.
    area : numpy.ndarray of int64 (cells,)
        Whole quanta of area; 0 where it is missing.
    """

    atom: np.ndarray
    per_density: np.ndarray
    area: np.ndarray


def cell_weights(
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    quantum: float | None,
    area_quantum: float | None,
) -> tuple[CellWeights, float]:
    """Weights of cells, and the largest sum of absolute areas in an atom, in quanta.

    Parameters
    ----------
    area : numpy.ndarray of float64 (cells,)
        Area of each cell, m2.
    atom : numpy.ndarray of int32 (cells,)
        Atom of each cell; −1 where it belongs to none.
    n_atoms : int
        Number of atoms.
    quantum, area_quantum : float, optional
        Quantum of amounts and of areas; the weights of which there is none mean nothing.

    Returns
    -------
    tuple = (CellWeights, float)
        Areas are right if the sum is below `LARGEST_COUNT`.
    """
    per_density = _per_density(area, quantum) if quantum else area
    if area_quantum:
        counts, largest = _area_counts(area, atom, n_atoms, area_quantum)
        return CellWeights(atom, per_density, counts), largest
    return CellWeights(atom, per_density, per_density.view(np.int64)), 0.0


def add_layers(
    stack: np.ndarray, cells: CellWeights, amounts: np.ndarray, areas: np.ndarray
) -> float:
    """Add up layers, each over the cells of each atom.

    Parameters
    ----------
    stack : numpy.ndarray of float32 or float64 (n, cells)
        Densities, contiguous; NaN adds nothing.
    cells : CellWeights
        Of the same cells.
    amounts, areas : numpy.ndarray of int64 (n, n_atoms)
        Zeros, which become amounts and the areas of cells with a value; (n, 0) where they are not
        wanted.

    Returns
    -------
    float
        Largest sum of absolute amounts in an atom of a layer, among layers where it may reach
        `LARGEST_COUNT`; amounts are right if it is smaller.
    """
    layers, whole = len(stack), stack.shape[1] - stack.shape[1] % EIGHT
    late = layers % EIGHT
    squared = (layers - late if late < FEW else layers) if whole else 0
    largest = np.zeros(layers)
    largest[squared:] = _add_cells(stack[squared:], cells, (amounts[squared:], areas[squared:]))
    if squared:
        sums = amounts[:squared], areas[:squared]
        bound = _add_whole(stack[:squared], cells, *sums)
        rest = CellWeights(*(weight[whole:] for weight in cells))
        bound += _add_cells(np.ascontiguousarray(stack[:squared, whole:]), rest, sums)
        unsure = ~(bound < SURE_COUNT) & (amounts.size > 0)
        for one in (slice(layer, layer + 1) for layer in np.flatnonzero(unsure)):
            amounts[one] = 0
            largest[one] = _add_cells(stack[one], cells, (amounts[one], areas[one, :0]))
    return float(largest.max(initial=0.0))


def _add_whole(
    stack: np.ndarray, cells: CellWeights, amounts: np.ndarray, areas: np.ndarray
) -> np.ndarray:
    """Put in the sums over whole squares; a bound of the absolute amounts in an atom (n,)."""
    eights, rows = -(-len(stack) // EIGHT), 1 + max(amounts.shape[1], areas.shape[1])
    tables = (
        _table(eights * rows) if amounts.size else None,
        _table(eights * rows) if areas.size else None,
    )
    bound = _add_squares(stack, cells, rows, tables)
    for sums, table in zip((amounts, areas), tables, strict=True):
        if table is not None:
            by_eight = table.sum(axis=1).reshape(eights, rows, EIGHT)[:, 1:]
            sums[:] = by_eight.swapaxes(1, 2).reshape(eights * EIGHT, -1)[: len(stack)]
    return np.repeat(bound, EIGHT)[: len(stack)]


def _table(rows: int) -> np.ndarray:
    """Zeros (rows, COPIES, 8), each eight of them in one line of the cache."""
    room = np.zeros(rows * COPIES * EIGHT + EIGHT, np.int64)
    start = -room.ctypes.data // room.itemsize % EIGHT
    return room[start : start + rows * COPIES * EIGHT].reshape(rows, COPIES, EIGHT)


@kernel
def _per_density(area: np.ndarray, quantum: float) -> np.ndarray:
    """Quanta of a density of one (cells,)."""
    found = np.empty(area.size)
    for cell in range(area.size):
        amount = area[cell] / quantum
        found[cell] = 0.0 if np.isnan(amount) else amount
    return found


@kernel
def _area_counts(
    area: np.ndarray, atom: np.ndarray, n_atoms: int, quantum: float
) -> tuple[np.ndarray, float]:
    """Whole quanta of area (cells,), and the largest sum of their magnitudes in an atom."""
    counts, magnitude = np.zeros(area.size, np.int64), np.zeros(n_atoms + 1)
    for cell in range(area.size):
        amount = np.rint(area[cell] / quantum)
        if atom[cell] >= 0 and not np.isnan(amount):
            magnitude[atom[cell]] += abs(amount)
            if magnitude[atom[cell]] < LARGEST_COUNT:
                counts[cell] = np.int64(amount)
    return counts, magnitude.max()


@kernel
def _add_cells(
    stack: np.ndarray, cells: CellWeights, sums: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Cell by cell; the largest sum of absolute amounts in an atom, of each layer."""
    amounts, areas = sums
    largest, magnitude = np.zeros(stack.shape[0]), np.zeros(amounts.shape[1])
    for layer in range(stack.shape[0]):
        magnitude[:] = 0.0
        for cell in range(stack.shape[1]):
            atom, density = cells.atom[cell], np.float64(stack[layer, cell])
            if atom < 0 or np.isnan(density):
                continue
            if areas.size:
                areas[layer, atom] += cells.area[cell]
            amount = np.rint(density * cells.per_density[cell])
            if amounts.size and not np.isnan(amount):
                magnitude[atom] += abs(amount)
                if magnitude[atom] < LARGEST_COUNT:
                    amounts[layer, atom] += np.int64(amount)
        for size in magnitude:
            largest[layer] = max(largest[layer], size)
    return largest


Tables = tuple[np.ndarray | None, np.ndarray | None]
"""Amounts and areas (eights × rows, COPIES, 8); the first row of each eight is the atom −1."""


@kernel
def _add_squares(stack: np.ndarray, cells: CellWeights, rows: int, tables: Tables) -> np.ndarray:
    """Square by square; what no sum of absolute amounts in an atom exceeds, for each eight layers.

    Infinite where an amount may be too large for a square.
    """
    layers, length = stack.shape
    whole = length - length % EIGHT
    bound, starts = np.zeros((layers + EIGHT - 1) // EIGHT), np.empty(EIGHT, np.int64)
    for first in range(0, whole, TILE):
        stop = min(first + TILE, whole)
        widest = _largest_size(cells.per_density[first:stop].reshape(-1, EIGHT))
        for eight in range(bound.size):
            for lane in range(EIGHT):
                starts[lane] = min(eight * EIGHT + lane, layers - 1) * length
            place = (first, stop, 1 + eight * rows)
            amount = widest * _add_tile(stack, starts, cells, place, tables)
            bound[eight] += (stop - first) * amount if amount < LARGEST_AMOUNT else np.inf
    return bound


@kernel
def _add_tile(
    stack: np.ndarray,
    starts: np.ndarray,
    cells: CellWeights,
    place: tuple[int, int, int],
    tables: Tables,
) -> float:
    """Squares from a first cell to a last one; their largest density. Atom 0 stands in `row`.

    Squares of one atom that follow each other are added to the table together.
    """
    first, stop, row = place
    amounts, areas = tables
    weights = (cells.per_density, cells.area)
    sizes, run, run_amounts, run_areas = spread(0.0), np.int64(-1), nothing(), nothing()
    for cell in range(first, stop, EIGHT):
        alike = all_alike(cells.atom, cell)
        if alike and cells.atom[cell] != run:
            add_one(amounts, row + run, run_amounts)
            add_one(areas, row + run, run_areas)
            run, run_amounts, run_areas = np.int64(cells.atom[cell]), nothing(), nothing()
        if alike and run < 0:
            continue
        held_amounts, held_areas, found = weigh(stack, starts, cell, weights)
        sizes = larger(found, sizes)
        if alike:
            run_amounts = joined(run_amounts, together(held_amounts))
            run_areas = joined(run_areas, together(held_areas))
        else:
            where = places(cells.atom, cell, row)
            add_each(amounts, where, held_amounts)
            add_each(areas, where, held_areas)
    add_one(amounts, row + run, run_amounts)
    add_one(areas, row + run, run_areas)
    return _largest_lane(sizes)


@kernel
def _largest_size(values: np.ndarray) -> float:
    """Largest size of the values (n, 8)."""
    sizes = spread(0.0)
    for row in range(values.shape[0]):
        sizes = larger(magnitude(load(values, row)), sizes)
    return _largest_lane(sizes)


@kernel
def _largest_lane(sizes: Eight) -> float:
    """Largest of eight numbers."""
    lanes = np.empty((1, EIGHT))
    store(lanes, 0, sizes)
    return lanes.max()
