"""Exact sums over zones: amounts are counted in whole quanta, so no order of addition matters.

A cell's amount, density times area, is rounded once to a whole number of quanta. Integers add up
without loss, hence parts equal the whole, and neither blocks nor workers can change a total.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import prod

import numpy as np

from abz.errors import InputError
from abz.grid.layer_sums import LARGEST_COUNT, add_layers, cell_weights
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.validation import check_range, check_same_shape

__all__ = ["LARGEST_COUNT", "valid_area_quanta", "zonal_quanta", "zonal_sums"]

SLAB = 64
"""Layers that are taken, and copied where they do not lie one after the other, at a time."""


def zonal_quanta(
    density: np.ndarray,
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    quantum: float = GRAM_QUANTUM,
) -> np.ndarray:
    """Amount in each atom, in whole quanta.

    Parameters
    ----------
    density : numpy.ndarray (..., y, x)
        Amount per m2, any sign, e.g. g C m-2 month-1. NaN adds nothing.
    area : numpy.ndarray (y, x)
        Area of each cell to which the density belongs, m2. NaN adds nothing.
    atom : numpy.ndarray of int (y, x)
        Atom of each cell, 0 … n_atoms − 1; −1 where the cell belongs to none.
    n_atoms : int
        Number of atoms.
    quantum : float, optional
        Size of a quantum in units of density × m2; a power of two keeps the scaling exact.

    Returns
    -------
    numpy.ndarray of int64 (..., n_atoms)
        Multiply by `quantum` for the amount.

    Raises
    ------
    InputError
        If shapes differ, an atom stands outside its range, or a total does not fit 64 bits
        (an infinite density never does).

    Notes
    -----
    Q_a = Σ_{p ∈ a} rint(d_p A_p / q), halves to even: |Q_a q − Σ d_p A_p| ≤ q/2 per cell.

    Examples
    --------
    >>> area, atom = np.full((1, 3), 2.0), np.array([[0, 1, -1]], dtype=np.int32)
    >>> zonal_quanta(np.array([[[1.5, -0.5, 9.0]]]), area, atom, 2, quantum=0.5)
    array([[ 6, -2]])
    """
    return _sums(density, area, atom, n_atoms, quantum=quantum)[0]


def valid_area_quanta(
    density: np.ndarray,
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    quantum: float = AREA_QUANTUM,
) -> np.ndarray:
    """Area of the cells that hold a value, in whole quanta.

    Parameters
    ----------
    density : numpy.ndarray (..., y, x)
        Any field; NaN marks a cell without a value.
    area, atom, n_atoms
        As in `zonal_quanta`.
    quantum : float, optional
        Size of a quantum, m2.

    Returns
    -------
    numpy.ndarray of int64 (..., n_atoms)
        Multiply by `quantum` for m2.

    Raises
    ------
    InputError
        If shapes differ, an atom stands outside its range, or a total does not fit 64 bits.

    Examples
    --------
    >>> area, atom = np.full((1, 2), 8.0), np.zeros((1, 2), dtype=np.int32)
    >>> valid_area_quanta(np.array([[1.5, np.nan]]), area, atom, 1, quantum=2.0)
    array([4])
    """
    return _sums(density, area, atom, n_atoms, area_quantum=quantum)[1]


def zonal_sums(
    density: np.ndarray,
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    *,
    quantum: float = GRAM_QUANTUM,
    area_quantum: float = AREA_QUANTUM,
) -> tuple[np.ndarray, np.ndarray]:
    """Amount and area with a value in each atom, from one pass over the densities.

    Parameters
    ----------
    density, area, atom, n_atoms, quantum
        As in `zonal_quanta`.
    area_quantum : float, optional
        As `quantum` in `valid_area_quanta`, m2.

    Returns
    -------
    tuple of numpy.ndarray of int64 (..., n_atoms) = (amount, area)
        What `zonal_quanta` and `valid_area_quanta` give.

    Raises
    ------
    InputError
        As they do.

    Examples
    --------
    >>> area, atom = np.full((1, 2), 8.0), np.zeros((1, 2), dtype=np.int32)
    >>> zonal_sums(np.array([[1.5, np.nan]]), area, atom, 1, quantum=0.5, area_quantum=2.0)
    (array([24]), array([4]))
    """
    return _sums(density, area, atom, n_atoms, quantum=quantum, area_quantum=area_quantum)


def _sums(
    density: np.ndarray,
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    *,
    quantum: float | None = None,
    area_quantum: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts and areas (..., n_atoms); of no atom where the quantum is None."""
    check_same_shape(np.empty(np.shape(density)[-2:]), area, "density and area")
    check_same_shape(area, atom, "area and atom")
    cell_atom: np.ndarray = np.ascontiguousarray(atom, np.int32).ravel()
    check_range(int(np.min(cell_atom, initial=-1)), "atom", minimum=-1)
    check_range(int(np.max(cell_atom, initial=-1)), "atom", maximum=n_atoms - 1)
    cell_area: np.ndarray = np.ascontiguousarray(area, np.float64).ravel()
    for size in (quantum, area_quantum):
        check_range(1.0 if size is None else size, "quantum", minimum=np.finfo(float).tiny)
    cells, largest_area = cell_weights(cell_area, cell_atom, n_atoms, quantum, area_quantum)
    values, lead = np.asarray(density), np.shape(density)[:-2]
    amounts = np.zeros((prod(lead), n_atoms if quantum else 0), np.int64)
    areas = np.zeros((prod(lead), n_atoms if area_quantum else 0), np.int64)
    largest = 0.0
    for first, stack in _slabs(values, cell_atom.size):
        rows = slice(first, first + len(stack))
        largest = max(largest, add_layers(stack, cells, amounts[rows], areas[rows]))
    _check_count(largest, quantum or 1.0)
    _check_count(largest_area, area_quantum or 1.0)
    return amounts.reshape(*lead, amounts.shape[1]), areas.reshape(*lead, areas.shape[1])


def _check_count(largest: float, quantum: float) -> None:
    """Refuse totals whose absolute amounts do not fit."""
    if not largest < LARGEST_COUNT:
        raise InputError(
            "a zone total does not fit a 64-bit count of quanta",
            rule=f"the sum of absolute amounts in an atom stays below 2**62 × {quantum:g}",
            value=f"{largest * quantum:g}",
            remedy="look for infinite or undecoded values, or choose a larger quantum",
        )


def _slabs(values: np.ndarray, cells: int) -> Iterator[tuple[int, np.ndarray]]:
    """Some layers (n, cells) after the other as floats, and the place of the first of them."""
    floats = values.dtype in (np.float32, np.float64)
    layers = prod(values.shape[:-2])
    if floats and values.flags.c_contiguous:
        stack = values.reshape(layers, cells)
        for first in range(0, layers, SLAB):
            yield first, stack[first : first + SLAB]
        return
    kind = values.dtype if floats else np.dtype(np.float64)
    places = np.ndindex(values.shape[:-2])
    for first in range(0, layers, SLAB):
        parts = [values[place] for place in islice(places, SLAB)]
        yield first, np.stack(parts).astype(kind, copy=False).reshape(len(parts), cells)
