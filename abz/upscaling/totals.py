"""Totals with labels: grams per flux, member, month and atom, as whole quanta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.validation import check_variables

__all__ = ["LABELS", "label_totals"]


LABELS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "grams": (("flux", "member", "time", "atom_id"), "flux of the atom in the month", "g C"),
    "valid_area": (("time", "atom_id"), "predicted area of the atom", "m2"),
    "predicted": (("time",), "cells with a flux", "1"),
    "unpredicted": (("time",), "cells of the domain without a flux", "1"),
    "missing": (("time", "predictor"), "cells of the domain without this predictor", "1"),
    "unseen": (
        ("time", "predictor"),
        "cells of the domain with a level of this predictor to which a forest has no answer",
        "1",
    ),
    "outside_area": (
        ("flux", "time", "atom_id"),
        "predicted area with a predictor outside its training range",
        "m2",
    ),
    "outside_cells": (
        ("flux", "time", "predictor"),
        "cells with a flux and this predictor outside its training range",
        "1",
    ),
}
"""What is added up over the map: its dimensions, what it is and its unit."""

QUANTA = {"g C": GRAM_QUANTUM, "m2": AREA_QUANTUM}


def label_totals(
    sums: Mapping[str, np.ndarray],
    *,
    fluxes: Sequence[str],
    time: xr.DataArray,
    predictors: Sequence[str],
    zones: xr.Dataset,
) -> xr.Dataset:
    """Totals as a dataset that knows its units, months, members and atoms.

    Parameters
    ----------
    sums : mapping of {str: numpy.ndarray of int64}
        Those of `LABELS` that were added up, `grams` among them; masses and areas in quanta of
        `units.GRAM_QUANTUM` g and `units.AREA_QUANTUM` m2.
    fluxes, predictors : sequence of str
        Names along these dimensions.
    time : xarray.DataArray (time)
        First day of each month.
    zones : xarray.Dataset
        Carries `atom_*` along `atom_id`.

    Returns
    -------
    xarray.Dataset
        The sums, with the quantum as attribute `scale` where there is one, and the atoms'
        coordinates.
    """
    check_variables(zones, ["atom_area"], "zones")
    atoms = {name: zones[name] for name in zones.variables if str(name).startswith("atom_")}
    members = np.arange(sums["grams"].shape[1])
    coordinates: dict[str, Any] = {
        "flux": list(fluxes),
        "member": ("member", members, {"long_name": "0 central, 1… bootstrap"}),
        "time": time,
    }
    if predictors:
        coordinates["predictor"] = list(predictors)
    variables = {}
    for name, (dims, what, unit) in LABELS.items():
        if name not in sums:
            continue
        about: dict[str, Any] = {"long_name": what, "units": unit}
        if unit in QUANTA:
            quantum = QUANTA[unit]
            about = {
                "long_name": f"{what}, in whole quanta",
                "units": f"{quantum!r} {unit}",
                "scale": quantum,
            }
        variables[name] = (dims, sums[name], about)
    return xr.Dataset(variables, coords=coordinates).assign_coords(atoms)
