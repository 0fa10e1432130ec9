"""Fire emission and burned fraction on the grid of a model set, with all mass accounted for."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.grid import Grid
from abz.grid.regrid import Overlap, area_mean, conserve
from abz.grid.zonal import zonal_quanta
from abz.units import GRAM_QUANTUM, MONTHLY_FLUX, grams_to_teragrams, require_units
from abz.validation import check_variables

__all__ = ["fire_on_grid"]

_GRAMS = {
    "long_name": "carbon emitted by fire in the month, in whole quanta",
    "units": f"{GRAM_QUANTUM!r} g C",
    "scale": GRAM_QUANTUM,
}


def fire_on_grid(source: xr.Dataset, shared: Overlap, zones: xr.Dataset) -> xr.Dataset:
    """Emission, burned fraction and zone totals on the target grid.

    Parameters
    ----------
    source : xarray.Dataset (time, y, x)
        `emission`, g C m-2 month-1 of the whole cell, positive; `burned_fraction`, 1.
    shared : Overlap
        From the source grid to the grid of the zones, m2.
    zones : xarray.Dataset
        `atom` (y, x) and `atom_*` along `atom_id`.

    Returns
    -------
    xarray.Dataset
        `emission` (time, y, x), g C m-2 month-1; `burned_fraction` (time, y, x), 0 to 1; both
        NaN where the source does not reach. `grams` (time, atom_id) int64, quanta of
        `GRAM_QUANTUM` g. `source_mass`, `outside_grid_mass` (what the target grid misses) and
        `outside_domain_mass` (what is on the grid but in no atom) (time), Tg C month-1.

    Raises
    ------
    UnitsError
        If the emission is not in g C m-2 month-1.
    MissingDataError
        If a variable is missing.

    Notes
    -----
    An emission density belongs to the whole cell, water included: its mass is density × cell
    area, never × land area. So Σ grams is the mass of the source under the domain's cells.

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
    emission = conserve(source["emission"], shared).astype(np.float32)
    burned = area_mean(source["burned_fraction"], shared).clip(max=1.0).astype(np.float32)
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    n_atoms = zones.sizes["atom_id"]
    cell_area = shared.target.cell_area()
    grams = zonal_quanta(emission.values, cell_area, zones["atom"].values, n_atoms)
    fire = xr.Dataset(
        {
            "emission": emission.assign_attrs(
                units=MONTHLY_FLUX, long_name="carbon emitted by fire, per area of the whole cell"
            ),
            "burned_fraction": burned.assign_attrs(
                units="1", long_name="share of the cell that burned in the month"
            ),
            "grams": (("time", "atom_id"), grams, _GRAMS),
        }
    )
    balance = _mass_balance(source["emission"], emission, grams)
    return fire.merge(balance).assign_coords(atoms)


def _mass_balance(source: xr.DataArray, emission: xr.DataArray, grams: np.ndarray) -> xr.Dataset:
    """Mass of the source, and of what does not reach the domain, Tg C month-1 (time)."""
    of_source, on_grid = (
        np.nansum(da.values * Grid.of(da).cell_area(), axis=(1, 2)) for da in (source, emission)
    )
    in_domain = grams.astype(np.float64).sum(axis=1) * GRAM_QUANTUM
    parts = {
        "source_mass": (of_source, "fire emission in the source"),
        "outside_grid_mass": (of_source - on_grid, "fire emission that the grid misses"),
        "outside_domain_mass": (on_grid - in_domain, "fire emission on the grid, in no atom"),
    }
    return xr.Dataset(
        {
            name: ("time", grams_to_teragrams(mass), {"units": "Tg C month-1", "long_name": label})
            for name, (mass, label) in parts.items()
        }
    )
