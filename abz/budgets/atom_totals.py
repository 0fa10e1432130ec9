"""Totals of a cube that is larger than memory: one pass, block by block, to the last gram.

Quanta of blocks add up without loss, so neither the chunks of the cube nor the number of threads
can change a total.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product, starmap
from math import prod
from threading import Lock

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.grid.zonal import LARGEST_COUNT, zonal_sums
from abz.units import AREA_QUANTUM, GRAM_QUANTUM, MONTHLY_FLUX, require_units
from abz.validation import check_variables, check_whole

__all__ = ["atom_totals"]

BLOCK = 2**22
"""Values that a thread holds at a time, of arrays that are no Dask arrays."""

Window = tuple[slice, ...]


def atom_totals(flux: xr.DataArray, zones: xr.Dataset, *, workers: int = 1) -> xr.Dataset:
    """Monthly quanta of each atom, and the area that they come from.

    Parameters
    ----------
    flux : xarray.DataArray (..., y, x)
        Monthly flux, g C m-2 month-1, such as (member, time, y, x); NaN adds nothing. Each chunk of
        a Dask array is made once; one that lies in a file is read in blocks.
    zones : xarray.Dataset
        `area` (y, x), m2 of land; `atom` (y, x), −1 outside; `atom_*` along `atom_id`.
    workers : int, optional
        Threads, each with a block of its own; the result does not depend on them.

    Returns
    -------
    xarray.Dataset
        `grams` int64 (..., atom_id), quanta of `GRAM_QUANTUM` g; `valid_area` int64 (...,
        atom_id), quanta of `AREA_QUANTUM` m2 with a flux; the coordinates of the atoms.

    Raises
    ------
    MissingDataError
        If a map is missing.
    UnitsError
        If the flux is not in g C m-2 month-1.
    GridError
        If flux and zones lie on different cells.
    InputError
        If a total does not fit 64 bits.

    See Also
    --------
    abz.budgets.zone_totals : from atoms to zones.
    abz.grid.zonal_sums : the same of arrays.

    Notes
    -----
    Q_a = Σ_{p ∈ a} rint(F_p A_p / q): each cell is rounded once, and integers are added. Memory
    holds the totals and, for each thread, a chunk of a Dask array or about 2^22 values of another.

    Examples
    --------
    >>> zones = xr.Dataset(
    ...     {"area": (("y", "x"), [[1e6, 1e6]]), "atom": (("y", "x"), [[0, 1]])},
    ...     coords={"atom_area": ("atom_id", [1e6, 1e6])},
    ... )
    >>> flux = xr.DataArray([[[-3.0, 8.0]]], dims=("time", "y", "x"),
    ...                     attrs={"units": "g C m-2 month-1"})
    >>> totals = atom_totals(flux, zones)
    >>> (totals["grams"].values * GRAM_QUANTUM / 1e6).tolist()  # t C
    [[-3.0, 8.0]]
    """
    check_variables(zones, ["area", "atom"], "zones")
    require_units(flux, MONTHLY_FLUX)
    threads = check_whole(workers, "workers", minimum=1)
    cube = _on_cells_of(flux, zones["atom"])
    sums = _Sums((*cube.shape[:-2], zones.sizes["atom_id"]))

    def add(window: Window, values: np.ndarray) -> None:
        cells = dict(zip(zones["atom"].dims, window[-2:], strict=True))
        area, atom = (zones[name].isel(cells).values for name in ("area", "atom"))
        sums.add(window[:-2], *zonal_sums(values, area, atom, zones.sizes["atom_id"]))

    _in_one_pass(cube, add, threads)
    return _labelled(sums, cube, zones)


class _Sums:
    """Totals to which several threads add."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.grams, self.valid_area = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._magnitude = np.zeros(shape)
        self._lock = Lock()

    def add(self, layers: Window, grams: np.ndarray, valid_area: np.ndarray) -> None:
        """Add quanta of some layers."""
        with self._lock:
            self._magnitude[layers] += np.maximum(np.abs(grams), np.abs(valid_area))
            largest = self._magnitude[layers].max(initial=0.0)
            if not largest < LARGEST_COUNT:
                raise InputError(
                    "the total of an atom does not fit a 64-bit count of quanta",
                    rule="the sum of the blocks' absolute totals stays below 2**62 quanta",
                    value=f"{largest:g}",
                    remedy="look for undecoded fill values",
                )
            self.grams[layers] += grams
            self.valid_area[layers] += valid_area


def _on_cells_of(flux: xr.DataArray, atom: xr.DataArray) -> xr.DataArray:
    """The flux with the cells as its last dimensions, if they are those of the atoms."""
    cells = atom.dims
    alike = set(cells) <= set(flux.dims) and all(
        flux.sizes[dim] == atom.sizes[dim] and np.array_equal(flux[dim].values, atom[dim].values)
        for dim in cells
    )
    if not alike:
        raise GridError(
            "flux and zones lie on different cells",
            rule=f"the flux has dimensions {cells} with the coordinates of the zones",
            value=f"flux {dict(flux.sizes)}, zones {dict(atom.sizes)}",
            remedy="bring the flux to the grid of the zones, or open the zones of its model set",
        )
    return flux.transpose(..., *cells)


def _in_one_pass(
    cube: xr.DataArray, add: Callable[[Window, np.ndarray], None], threads: int
) -> None:
    """Give every block of a cube to a function once, with the window in which it lies.

    Dask makes its chunks in its own threads, and each is gone before the thread makes the next.
    """
    sides = [_slices(lengths) for lengths in _chunks(cube)]
    if cube.chunks:

        def put(values: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
            add(tuple(side[place] for side, place in zip(sides, block_id, strict=True)), values)
            return np.ones((1,) * values.ndim, bool)

        single = tuple((1,) * len(side) for side in sides)
        done = cube.data.map_blocks(put, chunks=single, dtype=bool, meta=np.empty(0, bool))
        done.compute(scheduler="threads", num_workers=threads)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda window: add(window, cube[window].values), product(*sides)):
            pass


def _slices(lengths: tuple[int, ...]) -> list[slice]:
    """Parts of a dimension that have these lengths, one after the other."""
    return list(starmap(slice, pairwise(np.cumsum([0, *lengths]).tolist())))


def _chunks(cube: xr.DataArray) -> list[tuple[int, ...]]:
    """Lengths of the blocks along each dimension.

    Those of Dask; of other arrays as many chunks of the file, or rows and layers, as fit a block,
    along the layers first: what a cell weighs is then found once for many.
    """
    if cube.chunks:
        return list(cube.chunks)
    stored = cube.encoding.get("preferred_chunks", {})
    alone = [1] * (cube.ndim - 2) + [max(1, BLOCK // max(1, cube.shape[-1])), cube.shape[-1]]
    sides = [
        max(1, min(size, stored.get(dim, side)))
        for dim, size, side in zip(cube.dims, cube.shape, alone, strict=True)
    ]
    for place in (*reversed(range(cube.ndim - 2)), cube.ndim - 1, cube.ndim - 2):
        together = max(1, BLOCK // prod(sides)) * sides[place]
        sides[place] = max(1, min(cube.shape[place], together))
    return [
        (side,) * (size // side) + ((size % side,) if size % side else ())
        for size, side in zip(cube.shape, sides, strict=True)
    ]


def _labelled(sums: _Sums, cube: xr.DataArray, zones: xr.Dataset) -> xr.Dataset:
    """Totals with what they are, and the coordinates of layers and atoms."""
    dims = (*cube.dims[:-2], "atom_id")
    cells = set(cube.dims[-2:])
    layers = {name: held for name, held in cube.coords.items() if not cells & set(held.dims)}
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    grams = {
        "long_name": "flux of the atom in the month, in whole quanta",
        "units": f"{GRAM_QUANTUM!r} g C",
        "scale": GRAM_QUANTUM,
    }
    area = {
        "long_name": "area of the atom with a flux, in whole quanta",
        "units": f"{AREA_QUANTUM!r} m2",
        "scale": AREA_QUANTUM,
    }
    totals = xr.Dataset(
        {"grams": (dims, sums.grams, grams), "valid_area": (dims, sums.valid_area, area)},
        coords=layers,
    )
    return totals.assign_coords(atoms)
