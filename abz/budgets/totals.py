"""From the quanta of atoms to tidy tables of budgets: zones, months, seasons, years, members.

Sums stay integers until the last step, so the parts of a zone add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import InputError
from abz.units import AREA_QUANTUM, G_PER_TG, GRAM_QUANTUM
from abz.validation import check_variables
from abz.vocabulary import MONTHS, SEASONS

__all__ = [
    "annual_budgets",
    "coverage",
    "fire_totals",
    "monthly_budgets",
    "seasonal_budgets",
    "zone_totals",
]

LARGEST_COUNT = 2.0**62
KEYS = ["model_set", "flux", "zone_set", "zone"]
VALUES = ["member", "tg", "g_m2"]


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
        `grams` int64 (flux, member, time, zone_id); `known` bool (time, zone_id), false where no
        cell of the zone has a value; `valid_share` (time, zone_id), share of the zone's area with
        a value.

    Raises
    ------
    MissingDataError
        If a variable is missing.
    InputError
        If a zone's total does not fit 64 bits.
    """
    check_variables(totals, ["grams", "valid_area"], "the totals")
    valid = _over_zones(totals["valid_area"], membership)
    share = (valid * AREA_QUANTUM / membership["area_m2"]).clip(max=1.0)
    return xr.Dataset(
        {
            "grams": _over_zones(totals["grams"], membership),
            "known": valid > 0,
            "valid_share": share.assign_attrs(units="1", long_name="share of area with a value"),
        }
    )


def fire_totals(
    zones: xr.Dataset, fire: xr.Dataset, membership: xr.DataArray
) -> tuple[xr.Dataset, xr.Dataset]:
    """Monthly quanta of fire, and of NEE + fire, of each zone.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals`, with the flux `nee`.
    fire : xarray.Dataset
        `grams` int64 (time, atom_id) on the same atoms.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.

    Returns
    -------
    tuple of xarray.Dataset = (fire, nee_fire)
        As `zone_totals` gives them: fire with member 0 alone, NEE + fire with all members of NEE,
        in the months that both have. The members differ by NEE only.
    """
    burning = _over_zones(fire["grams"], membership)
    labels = {"flux": ["fire"], "member": [0]}
    alone = xr.Dataset(
        {
            "grams": burning.expand_dims(labels, (0, 1)),
            "known": xr.ones_like(burning, bool),
            "valid_share": xr.ones_like(burning, float),
        }
    )
    common = np.intersect1d(zones["time"], burning["time"])
    net = zones.sel(flux=["nee"], time=common).assign_coords(flux=["nee_fire"])
    net["grams"] = net["grams"] + burning.sel(time=common)
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
        below zero is uptake), g_m2 (g C m-2 month-1 of land). NaN where no cell has a value.
    """
    table = _tidy(zones, "time", model_set)
    table["year"], table["month"] = table["time"].dt.year, table["time"].dt.month
    return table[[*KEYS, "year", "month", *VALUES]]


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
        model_set, flux, zone_set, zone, year, member (0 is central), tg (Tg C yr-1), g_m2
        (g C m-2 yr-1 of land), area_m2. NaN where a month has no value.

    Notes
    -----
    B = 1e-12 Σ_p A_p Σ_m F_mp [1]_; per area, B · 1e12 / Σ_p A_p.

    References
    ----------
    .. [1] Virkkala et al. (2025), Methods, "Spatial upscaling of fluxes".
    """
    table = _tidy(_sum_months(zones, MONTHS), "year", model_set)
    return table[[*KEYS, "year", *VALUES, "area_m2"]]


def seasonal_budgets(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """Budget of each season of `vocabulary.SEASONS` within the calendar year.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals` or `fire_totals`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        As `annual_budgets`, with `season`. DJF is January, February and December of one year, so
        that the four seasons, like JJA and non-summer, make up the year.
    """
    parts = []
    for season, months in SEASONS.items():
        part = _tidy(_sum_months(zones, months), "year", model_set)
        parts.append(part.assign(season=season))
    return pd.concat(parts, ignore_index=True)[[*KEYS, "year", "season", *VALUES, "area_m2"]]


def coverage(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """How much of each zone has a value.

    Parameters
    ----------
    zones : xarray.Dataset
        From `zone_totals`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        model_set, zone_set, zone, year, valid_share: share of the area with a value, mean over
        the months, 0 to 1. Budgets hold the fluxes of this share only.
    """
    share = zones["valid_share"].groupby("time.year").mean()
    table = share.to_dataframe().reset_index().assign(model_set=model_set)
    return table[["model_set", "zone_set", "zone", "year", "valid_share"]]


def _sum_months(zones: xr.Dataset, months: Sequence[int]) -> xr.Dataset:
    """Sums (year) over some months, in the years that have them all."""
    year, month = zones["time"].dt.year.values, zones["time"].dt.month.values
    chosen = {int(y): np.flatnonzero((year == y) & np.isin(month, months)) for y in np.unique(year)}
    chosen = {y: steps for y, steps in chosen.items() if steps.size == len(months)}
    grams, known = zones["grams"], zones["known"]
    _check_count(np.abs(grams.values.astype(np.float64)).max(initial=0.0) * len(months))
    axis = grams.get_axis_num("time")
    sums = np.zeros((*grams.shape[:axis], len(chosen), *grams.shape[axis + 1 :]), np.int64)
    all_known = np.zeros((len(chosen), known.shape[1]), bool)
    for place, steps in enumerate(chosen.values()):
        sums[..., place, :] = grams.values[..., steps, :].sum(axis=axis)
        all_known[place] = known.values[steps].all(axis=0)
    dims = tuple("year" if dim == "time" else dim for dim in grams.dims)
    summed = xr.Dataset({"grams": (dims, sums), "known": (("year", "zone_id"), all_known)})
    others = {name: c for name, c in zones.coords.items() if "time" not in c.dims}
    return summed.assign_coords(others).assign_coords(year=list(chosen))


def _tidy(zones: xr.Dataset, period: str, model_set: str) -> pd.DataFrame:
    """One row per flux, zone, period and member."""
    grams = zones["grams"].where(zones["known"]) * GRAM_QUANTUM
    both = xr.Dataset({"tg": grams / G_PER_TG, "g_m2": grams / zones["area_m2"]})
    ordered = both.transpose("flux", "zone_id", period, "member")
    return ordered.to_dataframe().reset_index().assign(model_set=model_set)
