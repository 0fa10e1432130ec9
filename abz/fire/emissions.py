"""Fire emission and burned fraction on the grid of a model set, with all mass accounted for."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.errors import GridError
from abz.grid import Grid
from abz.grid.regrid import Overlap, area_mean, conserve
from abz.grid.zonal import zonal_quanta
from abz.ledger import FLUX_PARTS
from abz.units import (
    AREA_QUANTUM,
    GRAM_QUANTUM,
    MONTHLY_FLUX,
    grams_to_teragrams,
    require_units,
)
from abz.validation import check_variables

__all__ = ["fire_on_grid"]

_GRAMS = {
    "long_name": "carbon emitted by fire in the month, in whole quanta",
    "units": f"{GRAM_QUANTUM!r} g C",
    "scale": GRAM_QUANTUM,
    **FLUX_PARTS["fire"].attrs(),
}
_BURNED_AREA = {
    "long_name": "area burned in the month, in whole quanta",
    "units": f"{AREA_QUANTUM!r} m2",
    "scale": AREA_QUANTUM,
}
BALANCE = 1e-10
"""Part of a month's mass that may be lost to rounding."""


def fire_on_grid(source: xr.Dataset, shared: Overlap, zones: xr.Dataset) -> xr.Dataset:
    """Emission, burned fraction and zone totals on the target grid.

    Parameters
    ----------
    source : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive; `burned_fraction`, 1.
    shared : Overlap
        From the source grid to the grid of the zones, m2; `whole`, if the source has a seam.
    zones : xarray.Dataset
        `atom` (y, x) and `atom_*` along `atom_id`.

    Returns
    -------
    xarray.Dataset
        `emission` (time, y, x), g C m-2 month-1; `burned_fraction` (time, y, x), 0 to 1; both
        NaN where the source does not reach. `grams` (time, atom_id) int64, quanta of
        `GRAM_QUANTUM` g; `burned_area` (time, atom_id) int64, quanta of `AREA_QUANTUM` m2.
        `source_mass`, `outside_grid_mass` (what the target grid misses) and `outside_domain_mass`
        (what is on the grid but in no atom) (time), Tg C month-1.

    Raises
    ------
    UnitsError
        If the emission is not in g C m-2 month-1.
    MissingDataError
        If a variable is missing.
    GridError
        If the masses of a month do not balance, as with shares of areas that are not areas.

    Notes
    -----
    An emission density belongs to the whole cell, water included: its mass is density × cell
    area, never × land area. So Σ grams is the mass of the source under the domain's cells, and
    source = in the atoms + outside the domain + outside the grid, each summed by itself, to 1e-10
    of the source. The burned area is kept alike, whereas the burned fraction is the mean over the
    source cells that are known: where all are, both agree but for the sampling of the areas.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> from abz.grid.regrid import overlap
    >>> grid, whole = polar_grid(1e6), ("time", "y", "x")
    >>> burning = np.ones((1, *grid.shape), np.float32)
    >>> source = xr.Dataset(
    ...     {"emission": (whole, burning, {"units": "g C m-2 month-1"}),
    ...      "burned_fraction": (whole, 0.1 * burning)},
    ...     coords=grid.coords(),
    ... )
    >>> zones = xr.Dataset(
    ...     {"atom": (("y", "x"), np.zeros(grid.shape, np.int32))},
    ...     coords={**grid.coords(), "atom_area": ("atom_id", [1e14])},
    ... )
    >>> fire = fire_on_grid(source, overlap(grid, grid), zones)
    >>> float(fire["grams"].sum()) * GRAM_QUANTUM / 1e12  # 100 million km2
    100.0
    """
    check_variables(source, ["emission", "burned_fraction"], "the fire product")
    require_units(source["emission"], MONTHLY_FLUX)
    emission = conserve(source["emission"], shared)
    burned = area_mean(source["burned_fraction"], shared).clip(max=1.0).astype(np.float32)
    atom, n_atoms = zones["atom"].values, zones.sizes["atom_id"]
    cell_area = shared.target.cell_area()
    grams = zonal_quanta(emission.values, cell_area, atom, n_atoms)
    area = conserve(source["burned_fraction"], shared).values
    burned_area = zonal_quanta(area, cell_area, atom, n_atoms, AREA_QUANTUM)
    fire = xr.Dataset(
        {
            "emission": emission.astype(np.float32).assign_attrs(
                units=MONTHLY_FLUX,
                long_name="carbon emitted by fire, per area of the whole cell",
                **FLUX_PARTS["fire"].attrs(),
            ),
            "burned_fraction": burned.assign_attrs(
                units="1", long_name="share of the cell that burned in the month"
            ),
            "grams": (("time", "atom_id"), grams, _GRAMS),
            "burned_area": (("time", "atom_id"), burned_area, _BURNED_AREA),
        }
    )
    masses = _masses(source["emission"], emission, shared, atom)
    _check_balance(masses, grams, atom.size)
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    return fire.merge(_labelled(masses)).assign_coords(atoms)


def _masses(
    source: xr.DataArray, emission: xr.DataArray, shared: Overlap, atom: np.ndarray
) -> dict[str, np.ndarray]:
    """Mass of the source, and of what does not reach the domain, each by itself, g (time)."""
    area, cells = Grid.of(source).cell_area(), shared.target.cell_area()
    density = source.values.astype(np.float64)
    missed = np.maximum(area - shared.taken, 0.0)
    aside = np.where(atom < 0, cells, 0.0)
    return {
        "source_mass": np.nansum(density * area, axis=(1, 2)),
        "outside_grid_mass": np.nansum(density * missed, axis=(1, 2)),
        "outside_domain_mass": np.nansum(emission.values * aside, axis=(1, 2)),
    }


def _check_balance(masses: dict[str, np.ndarray], grams: np.ndarray, cells: int) -> None:
    """Nothing, if the source is in the atoms or outside, to half a quantum in each cell."""
    held = grams.astype(np.float64).sum(axis=1) * GRAM_QUANTUM
    whole = masses["source_mass"]
    lost = whole - held - masses["outside_grid_mass"] - masses["outside_domain_mass"]
    rounding = 0.5 * GRAM_QUANTUM * cells
    worst = int(np.argmax(np.abs(lost)))
    if abs(lost[worst]) > BALANCE * whole[worst] + rounding:
        raise GridError(
            "the mass of a fire product does not balance",
            rule="source = in the domain + outside the domain + outside the grid",
            value=f"{lost[worst]:g} g of {whole[worst]:g} g are lost in month {worst + 1}",
            remedy="take the shared areas from abz.grid.overlap of the same two grids",
        )


def _labelled(masses: dict[str, np.ndarray]) -> xr.Dataset:
    """The masses as teragrams, with their names."""
    labels = {
        "source_mass": "fire emission in the source",
        "outside_grid_mass": "fire emission that the grid misses",
        "outside_domain_mass": "fire emission on the grid, in no atom",
    }
    return xr.Dataset(
        {
            name: ("time", grams_to_teragrams(mass),
                   {"units": "Tg C month-1", "long_name": labels[name]})
            for name, mass in masses.items()
        }
    )  # fmt: skip
