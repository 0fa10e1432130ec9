"""What the spread of the members and the errors of held-out sites both hold."""

from __future__ import annotations

import numpy as np
import xarray as xr

from abz.budgets.transfer import TransferModel
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.validation import check_variables
from abz.vocabulary import MONTHS

__all__ = ["held_share", "sampling_share"]


def held_share(totals: xr.Dataset) -> xr.DataArray:
    """Part of each atom's land that has a flux, mean over the months.

    Parameters
    ----------
    totals : xarray.Dataset
        `valid_area` int64 (time, atom_id), quanta of `AREA_QUANTUM` m2; `atom_area`, m2.

    Returns
    -------
    xarray.DataArray (atom_id)
        0 to 1.

    Examples
    --------
    >>> area = xr.DataArray([[16], [0]], dims=("time", "atom_id"))
    >>> held_share(xr.Dataset({"valid_area": area}, {"atom_area": ("atom_id", [1.0])})).values
    array([0.5])
    """
    check_variables(totals.reset_coords(), ["valid_area", "atom_area"], "the totals")
    mean = totals["valid_area"].mean("time") * AREA_QUANTUM
    area = totals["atom_area"]
    return (mean / area.where(area > 0)).clip(0.0, 1.0).fillna(0.0)


def sampling_share(model: TransferModel, totals: xr.Dataset, flux: str) -> float:
    """Part of the variance of held-out errors that the members show already.

    Parameters
    ----------
    model : TransferModel
        Of the errors of the flux.
    totals : xarray.Dataset
        `grams` int64 (flux, member, time, atom_id) and `valid_area` (time, atom_id), in quanta;
        `atom_area`, `atom_biome`.
    flux : str
        Which flux.

    Returns
    -------
    float
        0 to 1; 0 without members, 1 where the members show all of it.

    Raises
    ------
    MissingDataError
        If a variable is missing.

    Notes
    -----
    A forest that never saw a site errs there by what its training rows happen to be, which the
    members show, and by what no resampling shows. To add both variances would count the first
    twice, so this share of the second is taken out beforehand:

        Σ_a A_a s_a² / Σ_a A_a σ_b(a)²

    over the atoms a, with s_a the SD over the members of the atom's mean annual flux per area.
    What members do not have in common within an atom is not in s_a; that much is still counted
    twice.
    """
    check_variables(totals.reset_coords(), ["grams", "valid_area", "atom_biome"], "the totals")
    area = (held_share(totals) * totals["atom_area"]).values
    members = totals["grams"].sel(flux=flux).isel(member=slice(1, None))
    if members.sizes["member"] < 2:
        return 0.0
    yearly = members.mean("time").values * (GRAM_QUANTUM * len(MONTHS))
    per_area = np.divide(yearly, area, out=np.zeros(yearly.shape), where=area > 0)
    shown = float(area @ per_area.var(axis=0, ddof=1))
    whole = float(area @ model.sds(totals["atom_biome"].values) ** 2)
    return min(1.0, shown / whole) if whole > 0 else 0.0
