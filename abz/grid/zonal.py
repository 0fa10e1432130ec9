"""Exact sums over zones: amounts are counted in whole quanta, so no order of addition matters.

A cell's amount, density times area, is rounded once to a whole number of quanta. Integers add up
without loss, hence parts equal the whole, and neither blocks nor workers can change a total.
"""

from __future__ import annotations

from math import prod

import numpy as np

from abz.compiled import kernel
from abz.errors import InputError
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.validation import check_range, check_same_shape

__all__ = ["valid_area_quanta", "zonal_quanta"]

LARGEST_COUNT = 2.0**62
"""Half of what 64 bits hold, so that a float sum of magnitudes decides safely."""


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
    stack, cell_atom = _stack(density, area, atom, n_atoms)
    check_range(quantum, "quantum", minimum=np.finfo(float).tiny)
    per_area = np.asarray(area, np.float64).ravel() / quantum
    quanta, largest = _add_quanta(stack, per_area, cell_atom, n_atoms)
    if not largest < LARGEST_COUNT:
        raise InputError(
            "a zone total does not fit a 64-bit count of quanta",
            rule=f"the sum of absolute amounts in an atom stays below 2**62 × {quantum:g}",
            value=f"{largest * quantum:g}",
            remedy="look for infinite or undecoded values, or choose a larger quantum",
        )
    return quanta.reshape(*np.shape(density)[:-2], n_atoms)


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

    Examples
    --------
    >>> area, atom = np.full((1, 2), 8.0), np.zeros((1, 2), dtype=np.int32)
    >>> valid_area_quanta(np.array([[1.5, np.nan]]), area, atom, 1, quantum=2.0)
    array([4])
    """
    stack, cell_atom = _stack(density, area, atom, n_atoms)
    per_cell = np.rint(np.asarray(area, np.float64).ravel() / quantum)
    quanta = _add_valid(stack, per_cell, cell_atom, n_atoms)
    return quanta.reshape(*np.shape(density)[:-2], n_atoms)


def _stack(
    density: np.ndarray, area: np.ndarray, atom: np.ndarray, n_atoms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Density as floats (n, cells) and the atoms (cells,), checked against each other."""
    check_same_shape(np.empty(np.shape(density)[-2:]), area, "density and area")
    check_same_shape(area, atom, "area and atom")
    cell_atom: np.ndarray = np.ascontiguousarray(atom, np.int32).ravel()
    check_range(int(np.min(cell_atom, initial=-1)), "atom", minimum=-1)
    check_range(int(np.max(cell_atom, initial=-1)), "atom", maximum=n_atoms - 1)
    values = np.asarray(density)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    layers = prod(values.shape[:-2])
    return np.ascontiguousarray(values).reshape(layers, cell_atom.size), cell_atom


@kernel
def _add_quanta(
    stack: np.ndarray, per_area: np.ndarray, cell_atom: np.ndarray, n_atoms: int
) -> tuple[np.ndarray, float]:
    """Whole quanta (n, n_atoms), and the largest sum of absolute amounts in one of them."""
    quanta = np.zeros((stack.shape[0], n_atoms), np.int64)
    magnitude = np.zeros(n_atoms)
    largest = 0.0
    for step in range(stack.shape[0]):
        magnitude[:] = 0.0
        for cell in range(cell_atom.size):
            atom = cell_atom[cell]
            amount = np.rint(np.float64(stack[step, cell]) * per_area[cell])
            if atom >= 0 and not np.isnan(amount):
                magnitude[atom] += abs(amount)
                if magnitude[atom] < LARGEST_COUNT:
                    quanta[step, atom] += np.int64(amount)
        for atom in range(n_atoms):
            largest = max(largest, magnitude[atom])
    return quanta, largest


@kernel
def _add_valid(
    stack: np.ndarray, per_cell: np.ndarray, cell_atom: np.ndarray, n_atoms: int
) -> np.ndarray:
    """Whole quanta of area (n, n_atoms) under the values that are there."""
    quanta = np.zeros((stack.shape[0], n_atoms), np.int64)
    for step in range(stack.shape[0]):
        for cell in range(cell_atom.size):
            atom = cell_atom[cell]
            if atom >= 0 and not np.isnan(stack[step, cell]) and not np.isnan(per_cell[cell]):
                quanta[step, atom] += np.int64(per_cell[cell])
    return quanta
