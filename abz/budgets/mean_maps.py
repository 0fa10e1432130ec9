"""Budgets of maps of a mean year, where the single years are not known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.arithmetic import is_source, share_of
from abz.grid.zonal import valid_area_quanta, zonal_quanta
from abz.units import AREA_QUANTUM, GRAM_QUANTUM, grams_to_teragrams
from abz.validation import check_columns

__all__ = ["MEAN_FLUXES", "add_mean_rows", "mean_map_budgets", "mean_map_quanta"]

MEAN_FLUXES = ("nee", "nee_fire", "fire")
"""Fluxes of mean maps; fire is what NEE + fire has more than NEE."""


def mean_map_quanta(
    maps: Mapping[str, np.ndarray],
    area: np.ndarray,
    atom: np.ndarray,
    n_atoms: int,
    neutral_band: float = 0.0,
) -> np.ndarray:
    """Mass, area and source area of each map in each atom; parts of a map add up exactly.

    Parameters
    ----------
    maps : mapping of {str: numpy.ndarray (y, x)}
        Mean annual fluxes, g C m-2 yr-1; NaN where there is none.
    area : numpy.ndarray (y, x)
        Land, m2.
    atom : numpy.ndarray of int (y, x)
        Atom of each cell, −1 outside the domain.
    n_atoms : int
        Number of atoms.
    neutral_band : float, optional
        A source emits more than this, g C m-2 yr-1.

    Returns
    -------
    numpy.ndarray of int64 (map, 3, atom_id)
        Quanta of `units.GRAM_QUANTUM` g C yr-1, and of `units.AREA_QUANTUM` m2 with a value and
        where it is a source.

    Examples
    --------
    >>> area, atom = np.full((1, 2), 8.0), np.zeros((1, 2), np.int32)
    >>> found = mean_map_quanta({"nee": np.array([[-3.0, 1.0]])}, area, atom, 1)
    >>> (found[0, :, 0] * [GRAM_QUANTUM, AREA_QUANTUM, AREA_QUANTUM]).tolist()
    [-16.0, 16.0, 8.0]
    """
    layers = []
    for values in maps.values():
        sources = np.where(is_source(values, neutral_band), values, np.nan)
        areas = valid_area_quanta(np.stack([values, sources]), area, atom, n_atoms)
        layers.append(np.stack([zonal_quanta(values, area, atom, n_atoms), *areas]))
    return np.array(layers)


def mean_map_budgets(
    quanta: np.ndarray, fluxes: list[str], membership: xr.DataArray, years: range
) -> pd.DataFrame:
    """Budget, flux per area and share of source area of each zone.

    Parameters
    ----------
    quanta : numpy.ndarray of int64 (map, 3, atom_id)
        From `mean_map_quanta`, of the whole map.
    fluxes : list of str
        Names of the maps.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.
    years : range
        Years that the maps are means of.

    Returns
    -------
    pandas.DataFrame
        flux, zone_set, zone, `budget` (Tg C yr-1), `per_area` (g C m-2 yr-1), `area_m2` of the
        zone, `valid_share` of it with a value, `source_area_share`, `first_year`, `last_year`.

    Examples
    --------
    >>> places = {"zone_set": ("zone_id", ["abz"]), "zone": ("zone_id", ["ABZ"]),
    ...           "area_m2": ("zone_id", [4e12])}
    >>> membership = xr.DataArray([[1]], dims=("zone_id", "atom_id"), coords=places)
    >>> quanta = np.array([[[int(-6e12 / GRAM_QUANTUM)], [int(3e12 / AREA_QUANTUM)], [0]]])
    >>> table = mean_map_budgets(quanta, ["nee"], membership, range(2002, 2021))
    >>> table[["budget", "per_area", "valid_share", "source_area_share"]].values.tolist()
    [[-6.0, -2.0, 0.75, 0.0]]
    """
    zones = {name: membership[name].values for name in ("zone_set", "zone", "area_m2")}
    parts = []
    for flux, (mass, held, source) in zip(fluxes, quanta @ membership.values.T, strict=True):
        grams, land = mass * GRAM_QUANTUM, held * AREA_QUANTUM
        with np.errstate(invalid="ignore", divide="ignore"):
            table = pd.DataFrame(
                {
                    "flux": flux, **zones, "budget": grams_to_teragrams(grams),
                    "per_area": grams / land, "valid_share": land / zones["area_m2"],
                    "source_area_share": share_of(source, held),
                }
            )  # fmt: skip
        parts.append(table[land > 0])
    made = pd.concat(parts, ignore_index=True)
    return made.assign(first_year=years[0], last_year=years[-1])


def add_mean_rows(table: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """Table 1 with the fluxes that only a mean map knows.

    Parameters
    ----------
    table : pandas.DataFrame
        From `table1`.
    means : pandas.DataFrame
        From `mean_map_budgets`, with `model_set`.

    Returns
    -------
    pandas.DataFrame
        The table, and a row for each zone and flux of `means` that it lacks; what no mean map
        tells, as spreads, is missing. `same_years_nee` is the budget of the map of NEE.

    Raises
    ------
    InputError
        If a column is missing.
    """
    keys = ["model_set", "zone_set", "zone"]
    check_columns(means, [*keys, "flux", "budget"], "budgets of mean maps")
    rows = means[~means["flux"].isin(table["flux"].unique())]
    nee = means.loc[means["flux"] == "nee", [*keys, "budget"]]
    rows = rows.merge(nee.rename(columns={"budget": "same_years_nee"}), how="left", on=keys)
    rows["same_years_nee"] = rows["same_years_nee"].where(rows["flux"] == "nee_fire")
    if rows.empty:
        return table
    return pd.concat([table, rows.reindex(columns=table.columns)], ignore_index=True)
