"""Totals with labels: grams per flux, member, month and atom, as whole quanta."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.validation import check_variables

__all__ = ["label_totals"]


def label_totals(
    grams: np.ndarray,
    valid_area: np.ndarray,
    missing: np.ndarray,
    outside_area: np.ndarray,
    outside_cells: np.ndarray,
    *,
    fluxes: Sequence[str],
    time: xr.DataArray,
    predictors: Sequence[str],
    zones: xr.Dataset,
) -> xr.Dataset:
    """Totals as a dataset that knows its units, months, members and atoms.

    Parameters
    ----------
    grams : numpy.ndarray of int64 (flux, member, time, atom_id)
        In quanta of `units.GRAM_QUANTUM` g.
    valid_area : numpy.ndarray of int64 (time, atom_id)
        In quanta of `units.AREA_QUANTUM` m2.
    missing : numpy.ndarray of int64 (time, predictor)
        Cells of the domain in which a predictor is missing.
    outside_area : numpy.ndarray of int64 (flux, time, atom_id)
        In quanta of `units.AREA_QUANTUM` m2.
    outside_cells : numpy.ndarray of int64 (flux, time, predictor)
        Cells with a flux in which a predictor lies outside its training range.
    fluxes, predictors : sequence of str
        Names along the first and the last dimension.
    time : xarray.DataArray (time)
        First day of each month.
    zones : xarray.Dataset
        Carries `atom_*` along `atom_id`.

    Returns
    -------
    xarray.Dataset
        `grams`, `valid_area`, `missing`, `outside_area`, `outside_cells`, with the quantum of each
        as attribute `scale`, and the atoms' coordinates.
    """
    check_variables(zones, ["atom_area"], "zones")
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    coordinates = {
        "flux": list(fluxes),
        "member": ("member", np.arange(grams.shape[1]), {"long_name": "0 central, 1… bootstrap"}),
        "time": time,
        "predictor": list(predictors),
    }
    quanta = {"units": f"{GRAM_QUANTUM!r} g C", "scale": GRAM_QUANTUM}
    area = {"units": f"{AREA_QUANTUM!r} m2", "scale": AREA_QUANTUM}
    return xr.Dataset(
        {
            "grams": (
                ("flux", "member", "time", "atom_id"),
                grams,
                {"long_name": "flux of the atom in the month, in whole quanta", **quanta},
            ),
            "valid_area": (
                ("time", "atom_id"),
                valid_area,
                {"long_name": "predicted area of the atom, in whole quanta", **area},
            ),
            "missing": (
                ("time", "predictor"),
                missing,
                {"long_name": "cells of the domain without this predictor", "units": "1"},
            ),
            "outside_area": (
                ("flux", "time", "atom_id"),
                outside_area,
                {"long_name": "predicted area with a predictor outside its training range", **area},
            ),
            "outside_cells": (
                ("flux", "time", "predictor"),
                outside_cells,
                {"long_name": "cells with this predictor outside its range", "units": "1"},
            ),
        },
        coords=coordinates,
    ).assign_coords(atoms)
