"""Levels of categories by zone: how much land has which, and what the fluxes rest on there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.zones import zone_membership
from abz.units import AREA_QUANTUM
from abz.upscaling.support import SUPPORT
from abz.validation import check_variables

__all__ = ["levels_by_zone"]


def levels_by_zone(totals: xr.Dataset) -> pd.DataFrame:
    """Area and cells of each level in each zone, with what stands behind the fluxes there.

    Parameters
    ----------
    totals : xarray.Dataset
        Totals of a model set with `level_support`, `stand_in`, `level_area`, `level_cells` and the
        classes of its atoms.

    Returns
    -------
    pandas.DataFrame
        A row a flux, zone and level that occurs there: `flux`, `zone_set`, `zone`, `predictor`,
        `level`, `support` (`supported`, `pooled` or `unsupported`), `stand_in` (level that stands
        in, −1 where none does), `cells`, `area_m2`, `zone_share` (of the area of the zone's cells
        that have a level).

    Raises
    ------
    MissingDataError
        If the totals do not speak of levels.

    Examples
    --------
    >>> atoms = {"atom_biome": [6, 11], "atom_permafrost": [0, 1], "atom_region": [4, 1],
    ...          "atom_vegetation": [70, 33], "atom_area": [2.0, 1.0]}
    >>> totals = xr.Dataset(
    ...     {"level_support": (("flux", "level"), [[0, 1]]),
    ...      "stand_in": (("flux", "level"), [[-1, 31]]),
    ...      "level_area": (("level", "atom_id"), [[32, 0], [0, 16]]),
    ...      "level_cells": (("level", "atom_id"), [[2, 0], [0, 1]])},
    ...     coords={"flux": ["nee"], "level_predictor": ("level", ["vegetation"] * 2),
    ...             "level_code": ("level", [70, 33]),
    ...             **{name: ("atom_id", values) for name, values in atoms.items()}})
    >>> rows = levels_by_zone(totals)
    >>> rows[rows["zone"] == "ABZ"][["level", "support", "stand_in", "area_m2"]].values.tolist()
    [[70, 'supported', -1, 2.0], [33, 'pooled', 31, 1.0]]
    """
    names = ["level_support", "stand_in", "level_area", "level_cells"]
    check_variables(totals, names, "the totals")
    member = zone_membership(totals)
    area = member.values @ totals["level_area"].values.T * AREA_QUANTUM
    cells = member.values @ totals["level_cells"].values.T
    whole = np.maximum(area.sum(axis=1, keepdims=True), AREA_QUANTUM)
    zone, level = np.nonzero(cells)
    rows = pd.DataFrame(
        {
            "zone_set": member["zone_set"].values[zone],
            "zone": member["zone"].values[zone],
            "predictor": totals["level_predictor"].values[level],
            "level": totals["level_code"].values[level],
            "cells": cells[zone, level],
            "area_m2": area[zone, level],
            "zone_share": (area / whole)[zone, level],
        }
    )
    parts = []
    for number, flux in enumerate(totals["flux"].values):
        state = totals["level_support"].values[number, level]
        stand_in = totals["stand_in"].values[number, level]
        words = [SUPPORT[int(code)] for code in state]
        parts.append(rows.assign(flux=str(flux), support=words, stand_in=stand_in))
    front = ["flux", "zone_set", "zone", "predictor", "level", "support", "stand_in"]
    return pd.concat(parts, ignore_index=True)[[*front, "cells", "area_m2", "zone_share"]]
