"""From the quanta of atoms to tidy tables of budgets: zones, months, seasons, years, members.

Sums of grams stay integers until the last step, so the parts of a zone add up to it exactly. A cell
without a flux is in no sum: totals state the share of the area that they hold, and fluxes per area
are means over that share.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets.arithmetic import flux_per_area, net_with_fire
from abz.errors import InputError
from abz.grid.zonal import LARGEST_COUNT
from abz.ledger import FLUX_PARTS, Parts
from abz.units import AREA_QUANTUM, G_PER_TG, GRAM_QUANTUM
from abz.validation import check_variables
from abz.vocabulary import MONTHS, SEASONS, WINTERS

__all__ = [
    "annual_budgets",
    "fire_totals",
    "monthly_budgets",
    "seasonal_budgets",
    "zone_totals",
]

KEYS = ["model_set", "flux", "zone_set", "zone"]
VALUES = ["tg", "g_m2", "area_m2", "valid_share"]


def zone_totals(totals: xr.Dataset, membership: xr.DataArray) -> xr.Dataset:
    """Monthly quanta of each zone.

    Parameters
    ----------
    totals : xarray.Dataset
        `grams` int64 (flux, member, time, atom_id), quanta of `GRAM_QUANTUM` g; `valid_area`
        int64 (time, atom_id), quanta of `AREA_QUANTUM` m2.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.

    Returns
    -------
    xarray.Dataset
        `grams` int64 (flux, member, time, zone_id), quanta of `GRAM_QUANTUM` g; `g_m2` (flux,
        member, time, zone_id), g C m-2 month-1, mean over the area with a value, NaN where there
        is none; `valid_share` (time, zone_id), share of the zone's area with a value, 0 to 1.

    Raises
    ------
    MissingDataError
        If a variable is missing.
    InputError
        If a zone's total does not fit 64 bits.
    """
    check_variables(totals, ["grams", "valid_area"], "the totals")
    grams = _over_zones(totals["grams"], membership)
    valid = _over_zones(totals["valid_area"], membership) * AREA_QUANTUM
    share = (valid / membership["area_m2"]).clip(max=1.0)
    per_area = flux_per_area(grams * GRAM_QUANTUM, valid.where(valid > 0))
    return xr.Dataset({"grams": grams, "g_m2": per_area, "valid_share": share})


def fire_totals(
    zones: xr.Dataset, fire: xr.Dataset, membership: xr.DataArray
) -> tuple[xr.Dataset, xr.Dataset]:
    """Monthly quanta of fire, and of NEE + fire, of each zone.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals`, with the flux `nee`.
    fire : xarray.Dataset
        `grams` int64 (time, atom_id) on the same atoms; its attributes say which parts of the
        carbon balance it holds.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.

    Returns
    -------
    tuple of xarray.Dataset = (fire, nee_fire)
        As `zone_totals` gives them: fire with member 0 alone, NEE + fire with all members of NEE,
        in the months that both have. The members differ by NEE only.

    Raises
    ------
    LedgerError
        If the fire does not say which parts it holds, or holds a part of NEE.

    Notes
    -----
    Fire is known everywhere: no emission means no fire. So its flux per area is a mean over the
    whole zone, that of NEE one over the area with a value, and NEE + fire is the sum of the two,
    per area and in grams; its `valid_share` is that of NEE.
    """
    held = Parts.of_attrs(fire["grams"].attrs)
    FLUX_PARTS["nee"].joined(held, ("the NEE", f"the fire ({held})"))
    burning = _over_zones(fire["grams"], membership)
    per_area = flux_per_area(burning * GRAM_QUANTUM, membership["area_m2"])
    labels = {"flux": ["fire"], "member": [0]}
    alone = xr.Dataset(
        {
            "grams": burning.expand_dims(labels, (0, 1)),
            "g_m2": per_area.expand_dims(labels, (0, 1)),
            "valid_share": xr.ones_like(per_area),
        }
    )
    common = np.intersect1d(zones["time"], burning["time"])
    net = zones.sel(flux=["nee"], time=common).assign_coords(flux=["nee_fire"])
    net["grams"] = net_with_fire(net["grams"], burning.sel(time=common))
    net["g_m2"] = net_with_fire(net["g_m2"], per_area.sel(time=common))
    return alone, net


def _over_zones(quanta: xr.DataArray, membership: xr.DataArray) -> xr.DataArray:
    """Integer sums (..., zone_id) of quanta (..., atom_id) over the atoms of each zone."""
    values = np.asarray(quanta.values, np.int64)
    _check_count(np.abs(values.astype(np.float64)).sum(axis=-1))
    sums = values @ membership.values.T
    dims = (*quanta.dims[:-1], "zone_id")
    coords = {name: quanta[name] for name in quanta.dims[:-1]}
    zones = {name: membership[name] for name in ("zone_set", "zone", "area_m2")}
    return xr.DataArray(sums, dims=dims, coords={**coords, **zones})


def _check_count(magnitude: np.ndarray) -> None:
    """Nothing, if sums of this magnitude fit 64 bits."""
    largest = float(np.max(magnitude, initial=0.0))
    if not largest < LARGEST_COUNT:
        raise InputError(
            "a zone total does not fit a 64-bit count of quanta",
            rule=f"the sum of absolute amounts stays below 2**62 × {GRAM_QUANTUM:g} g",
            value=f"{largest * GRAM_QUANTUM:g} g",
            remedy="look for infinite or undecoded fluxes",
        )


def monthly_budgets(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """Budget of each month.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals` or `fire_totals`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, year, month, member (0 is central), tg (Tg C month-1; NEE
        below zero is uptake; of the cells with a value), g_m2 (g C m-2 month-1, mean over the land
        with a value), area_m2 (land of the zone), valid_share (share of it with a value, 0 to 1).
        tg and g_m2 are NaN where no cell has a value.
    """
    table = _tidy(zones, "time", model_set)
    table["year"], table["month"] = table["time"].dt.year, table["time"].dt.month
    return table[[*KEYS, "year", "month", "member", *VALUES]]


def annual_budgets(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """Budget of each calendar year with twelve months.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals` or `fire_totals`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        model_set, flux, zone_set, zone, year, member (0 is central), tg (Tg C yr-1, of the cells
        with a value), g_m2 (g C m-2 yr-1, mean over the land with a value), area_m2 (land of the
        zone), valid_share (mean over the months, 0 to 1). tg and g_m2 are NaN where a month has
        no value.

    Notes
    -----
    B = 1e-12 Σ_m Σ_{p ∈ V_m} A_p F_mp [1]_, with V_m the cells that have a value in month m; per
    area, Σ_m (Σ_{p ∈ V_m} A_p F_mp) / (Σ_{p ∈ V_m} A_p). Hence B = per area · area only where
    valid_share is 1.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, "Spatial upscaling of fluxes".
    """
    table = _tidy(_sum_months(zones, MONTHS), "year", model_set)
    return table[[*KEYS, "year", "member", *VALUES]]


def seasonal_budgets(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """Budget of each season of `vocabulary.SEASONS` and `vocabulary.WINTERS`.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals` or `fire_totals`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        As `annual_budgets`, with `season`. Seasons lie within the calendar year: DJF is January,
        February and December of one year, so that the four seasons, like JJA and non-summer, and
        May-Sep and Oct-Apr, make up the year. A winter is a stretch without a break, belongs to
        the year in which it ends, and is left out where its first months are not there.
    """
    parts = []
    for season, months in (SEASONS | WINTERS).items():
        part = _tidy(_sum_months(zones, months), "year", model_set)
        parts.append(part.assign(season=season))
    return pd.concat(parts, ignore_index=True)[[*KEYS, "year", "season", "member", *VALUES]]


def _sum_months(zones: xr.Dataset, months: Sequence[int]) -> xr.Dataset:
    """Sums (year) over some months, counted from January, in the years that have them all."""
    year, month = zones["time"].dt.year.values, zones["time"].dt.month.values
    since = {int(y): 12 * (year - y) + month for y in np.unique(year)}
    chosen = {y: np.flatnonzero(np.isin(count, months)) for y, count in since.items()}
    chosen = {y: steps for y, steps in chosen.items() if steps.size == len(months)}
    _check_count(np.abs(zones["grams"].values.astype(np.float64)).max(initial=0.0) * len(months))
    steps = np.array(list(chosen.values()), np.int64).reshape(-1, len(months))
    of_year = zones.isel(time=xr.DataArray(steps, dims=("year", "month")))
    summed = xr.Dataset(
        {
            "grams": of_year["grams"].sum("month"),
            "g_m2": of_year["g_m2"].sum("month", skipna=False),
            "valid_share": of_year["valid_share"].mean("month"),
        }
    )
    return summed.assign_coords(year=list(chosen))


def _tidy(zones: xr.Dataset, period: str, model_set: str) -> pd.DataFrame:
    """One row per flux, zone, period and member."""
    budget = zones["grams"].where(zones["g_m2"].notnull()) * GRAM_QUANTUM / G_PER_TG
    values = xr.Dataset({"tg": budget, "g_m2": zones["g_m2"], "valid_share": zones["valid_share"]})
    table = values.to_dataframe(dim_order=["flux", "zone_id", period, "member"])
    return table.reset_index().assign(model_set=model_set)
