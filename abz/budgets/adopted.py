"""What published maps hold, and how much of it is in the zones of a run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from abz.units import grams_to_teragrams
from abz.validation import check_variables

__all__ = ["adopted_account"]

MONTHS = 12


def adopted_account(totals: xr.Dataset) -> pd.DataFrame:
    """Mean annual flux of all cells of the published maps, and the parts in and out of the zones.

    Parameters
    ----------
    totals : xarray.Dataset
        Of a run on published maps, with `source_grams`, `source_area` (flux, time) and `partial`
        (time) beside `grams`, `valid_area` and `unpredicted`; whole quanta with `scale`.

    Returns
    -------
    pandas.DataFrame
        A row a flux: `source` (Tg C yr-1), the flux of all cells; `held`, that of the zones;
        `outside` = source − held; `source_area`, `held_area`, m2, means over the months;
        `partial` and `unpredicted`, cell-months of the whole period with some fluxes but not all,
        and of the domain without a flux.

    Raises
    ------
    MissingDataError
        If the totals are not those of published maps.

    Examples
    --------
    >>> months = xr.date_range("2001-01-01", periods=12, freq="MS")
    >>> scale = {"scale": 1e12}
    >>> totals = xr.Dataset({
    ...     "grams": (("flux", "member", "time", "atom_id"), np.full((1, 1, 12, 1), -3), scale),
    ...     "valid_area": (("time", "atom_id"), np.ones((12, 1), int), scale),
    ...     "source_grams": (("flux", "time"), np.full((1, 12), -4), scale),
    ...     "source_area": (("flux", "time"), np.full((1, 12), 2), scale),
    ...     "partial": ("time", np.ones(12, int)), "unpredicted": ("time", np.zeros(12, int)),
    ... }, {"flux": ["nee"], "time": months})
    >>> adopted_account(totals)[["source", "held", "outside", "partial"]].values.tolist()
    [[-48.0, -36.0, -12.0, 12.0]]
    """
    check_variables(totals, ["source_grams", "source_area", "partial"], "totals")
    years = totals.sizes["time"] / MONTHS
    grams = totals["grams"].sel(member=0) if "member" in totals.coords else totals["grams"][:, 0]
    sums = {"source": totals["source_grams"].sum("time"), "held": grams.sum(["time", "atom_id"])}
    scales = {"source": totals["source_grams"].attrs["scale"], "held": grams.attrs["scale"]}
    table = pd.DataFrame({"flux": totals["flux"].values.astype(str)})
    for name, quanta in sums.items():
        table[name] = grams_to_teragrams(quanta.values * scales[name] / years)
    apart = (sums["source"] * (scales["source"] / scales["held"]) - sums["held"]).values
    table["outside"] = grams_to_teragrams(apart * scales["held"] / years)
    for name, variable in (("source_area", "source_area"), ("held_area", "valid_area")):
        area = totals[variable]
        held = area.sum("atom_id") if "atom_id" in area.dims else area
        table[name] = np.broadcast_to(held.mean("time").values * area.attrs["scale"], len(table))
    for name in ("partial", "unpredicted"):
        table[name] = int(totals[name].sum())
    return table
