"""NEE modelled directly beside Reco − GPP: maps of the gap, and budgets with their spread.

Each flux has forests of its own, fitted to rows of its own. Nothing makes them close, so the gap
between the two answers for NEE is what the three models disagree on.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import annual_budgets, monthly_budgets
from abz.errors import InputError
from abz.trends import annual_sums
from abz.units import ANNUAL_FLUX
from abz.validation import check_variables
from abz.vocabulary import FLUXES

__all__ = ["CLOSURE", "closure_budgets", "closure_maps", "closure_totals"]

CLOSURE = MappingProxyType(
    {
        "nee": "NEE modelled directly",
        "reco_gpp": "Reco − GPP",
        "gap": "NEE modelled directly − (Reco − GPP)",
    }
)
"""What is held beside each other; NEE below zero is uptake, and so is Reco − GPP."""

KEYS = ["model_set", "flux", "zone_set", "zone"]
COLUMNS = [
    *KEYS, "period", "year", "month", "tg", "tg_sd", "tg_members", "g_m2", "g_m2_sd", "area_m2",
    "valid_share",
]  # fmt: skip


def closure_maps(monthly: xr.Dataset) -> xr.Dataset:
    """Mean annual NEE, Reco − GPP and their gap in each cell.

    Parameters
    ----------
    monthly : xarray.Dataset
        `nee`, `gpp`, `reco` (time, y, x), g C m-2 month-1. One year is read at a time.

    Returns
    -------
    xarray.Dataset (y, x)
        `nee`, `reco_gpp` and `gap` = nee − reco_gpp, float32, g C m-2 yr-1: means over the years in
        which no month of no flux is missing, NaN where there is none; `years`, their number.

    Raises
    ------
    MissingDataError
        If a flux is missing.
    UnitsError
        If a flux is not in g C m-2 month-1.

    Examples
    --------
    >>> months = xr.date_range("2001-01-01", periods=12, freq="MS")
    >>> def flux(value):
    ...     return xr.DataArray(
    ...         np.full((12, 1, 1), value), dims=("time", "y", "x"), coords={"time": months},
    ...         attrs={"units": "g C m-2 month-1"},
    ...     )
    >>> maps = closure_maps(xr.Dataset({"nee": flux(-2.0), "gpp": flux(9.0), "reco": flux(8.0)}))
    >>> maps["reco_gpp"].item(), maps["gap"].item()
    (-12.0, -12.0)
    """
    check_variables(monthly, list(FLUXES), "the monthly fluxes")
    year = monthly["time"].dt.year.values
    place = monthly["nee"].isel(time=0, drop=True)
    direct, indirect = np.zeros(place.shape), np.zeros(place.shape)
    count = np.zeros(place.shape, np.int16)
    for whole in np.unique(year):
        steps = np.flatnonzero(year == whole)
        sums = {name: annual_sums(monthly[name].isel(time=steps)).values for name in FLUXES}
        # A year that lacks a month has no sums, and this loop no turn.
        for nee, gpp, reco in zip(sums["nee"], sums["gpp"], sums["reco"], strict=True):
            known = np.isfinite(nee) & np.isfinite(gpp) & np.isfinite(reco)
            direct += np.where(known, nee, 0.0)
            indirect += np.where(known, reco - gpp, 0.0)
            count += known
    parts = {"nee": direct, "reco_gpp": indirect, "gap": direct - indirect}
    maps = {}
    for name, values in parts.items():
        mean = np.divide(values, count, out=np.full(count.shape, np.nan), where=count > 0)
        attrs = {"units": ANNUAL_FLUX, "long_name": f"mean annual {CLOSURE[name]}"}
        maps[name] = (place.dims, mean.astype(np.float32), attrs)
    label = {"units": "1", "long_name": "years in which no month of no flux is missing"}
    return xr.Dataset({**maps, "years": (place.dims, count, label)}, coords=place.coords)


def closure_totals(zones: xr.Dataset) -> xr.Dataset:
    """Monthly quanta of NEE, Reco − GPP and their gap in each zone, member by member.

    Parameters
    ----------
    zones : xarray.Dataset
        From `abz.budgets.zone_totals`, with the fluxes `nee`, `gpp` and `reco`.

    Returns
    -------
    xarray.Dataset
        As `zone_totals` gives them, with the fluxes `nee`, `reco_gpp` and `gap`.

    Raises
    ------
    InputError
        If a flux is missing.

    Notes
    -----
    All fluxes have a value in the same cells and months, so their quanta are compared as they are,
    and the gap of a zone is the sum of those of its parts, to the last quantum.

    Member b of one flux is held against member b of the others. Each flux draws its resamples by
    itself, so that pairing is one of many alike, and errors that a tower hands to all its fluxes
    are not drawn together. In the mean of all pairings the variance of Reco − GPP is the sum of
    the variances of Reco and of GPP, and that of the gap the sum of all three; with few members
    one pairing lies somewhere about it.
    """
    missing = set(FLUXES) - set(zones["flux"].values.tolist())
    if missing:
        raise InputError(
            "the totals lack fluxes",
            rule=f"they hold {', '.join(FLUXES)}",
            value=f"missing {', '.join(sorted(missing))}",
            remedy="upscale all fluxes of the model set",
        )
    nee, gpp, reco = (zones[["grams", "g_m2"]].sel(flux=name, drop=True) for name in FLUXES)
    indirect = reco - gpp
    parts = {"nee": nee, "reco_gpp": indirect, "gap": nee - indirect}
    stacked = xr.concat(list(parts.values()), pd.Index(list(parts), name="flux"))
    return stacked.assign(valid_share=zones["valid_share"])


def closure_budgets(zones: xr.Dataset, model_set: str) -> pd.DataFrame:
    """Budgets of NEE, Reco − GPP and their gap: by year, by month of the calendar, and the mean.

    Parameters
    ----------
    zones : xarray.Dataset
        From `abz.budgets.zone_totals`, with the fluxes `nee`, `gpp` and `reco`.
    model_set : str
        Name for the first column.

    Returns
    -------
    pandas.DataFrame
        model_set, `flux` (of `CLOSURE`), zone_set, zone; `period`: "year" (with `year`), "month"
        (with `month`, mean over the years) or "mean" (over the years); `tg`, Tg C yr-1 or
        month-1, of the central forests; `tg_sd` and `tg_members`, SD and mean over the bootstrap
        members, paired as in `closure_totals`; `g_m2` and `g_m2_sd`, per area with a value;
        `area_m2` and `valid_share` of the zone. Of the years with twelve months; NaN where a
        month has no value, or no members are there.

    Raises
    ------
    InputError
        If a flux is missing.

    Notes
    -----
    SD with n − 1. The SD of a mean over years is that of the members' means, so it holds what
    the years of a member have in common.
    """
    closed = closure_totals(zones)
    annual = annual_budgets(closed, model_set)
    monthly = monthly_budgets(closed, model_set)
    monthly = monthly[monthly["year"].isin(annual["year"].unique())]
    parts = {
        "mean": _over_members(annual, []),
        "year": _over_members(annual, ["year"]),
        "month": _over_members(monthly, ["month"]),
    }
    labelled = [part.assign(period=period) for period, part in parts.items()]
    table = pd.concat(labelled, ignore_index=True)
    return table.astype({"year": "Int64", "month": "Int64"})[COLUMNS]


def _over_members(table: pd.DataFrame, periods: list[str]) -> pd.DataFrame:
    """Central values, and mean and SD over the members, of means over all but these periods."""
    keys = [*KEYS, *periods]
    means = table.groupby([*keys, "member"], sort=False)[["tg", "g_m2", "area_m2", "valid_share"]]
    rows = means.mean().reset_index()
    central = rows[rows["member"] == 0].drop(columns="member")
    members = rows[rows["member"] > 0].groupby(keys, sort=False)
    spread = members.agg(
        tg_sd=("tg", "std"), tg_members=("tg", "mean"), g_m2_sd=("g_m2", "std")
    ).reset_index()
    return central.merge(spread, on=keys, how="left")
