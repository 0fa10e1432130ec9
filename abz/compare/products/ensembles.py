"""Members of a product together: mean and spread of their budgets and maps, in common years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from abz.compare.products.alignment import Aligned
from abz.errors import GridError
from abz.trends import trend
from abz.units import ANNUAL_FLUX, MONTHLY_FLUX
from abz.validation import check_columns

__all__ = ["MonthlyMean", "ensemble_maps", "ensemble_years"]

KEYS = ["product", "flux", "zone_set", "zone", "year"]


def ensemble_years(years: pd.DataFrame) -> pd.DataFrame:
    """Annual budgets of each product: plain mean over its members, and their SD.

    Parameters
    ----------
    years : pandas.DataFrame
        product, member, flux, zone_set, zone, year, `tg` (Tg C yr-1), `g_m2` (g C m-2 yr-1),
        `area_m2`, `valid_share`.

    Returns
    -------
    pandas.DataFrame
        Without member: means of the members, `tg_sd` and `g_m2_sd` (n − 1, NaN of one member), and
        `members`. A year that a member lacks is left out.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> row = {"product": "p", "flux": "nee", "zone_set": "abz", "zone": "ABZ", "year": 2001,
    ...        "area_m2": 1e12, "valid_share": 1.0}
    >>> rows = [{**row, "member": m, "tg": t, "g_m2": t} for m, t in (("a", -3.0), ("b", -5.0))]
    >>> ensemble_years(pd.DataFrame(rows))[["tg", "tg_sd", "members"]].round(3).values.tolist()
    [[-4.0, 1.414, 2.0]]
    """
    columns = ["member", "tg", "g_m2", "area_m2", "valid_share"]
    check_columns(years, [*KEYS, *columns], "budgets of products")
    known = years.dropna(subset=["tg"])
    grouped = known.groupby(KEYS, sort=False)
    table = grouped[["tg", "g_m2", "area_m2", "valid_share"]].mean()
    for name in ("tg", "g_m2"):
        table[f"{name}_sd"] = grouped[name].std()
    table["members"] = grouped["member"].nunique()
    table = table.reset_index()
    most = table.groupby(["product", "flux"])["members"].transform("max")
    return table[table["members"] == most].reset_index(drop=True)


def ensemble_maps(members: Mapping[str, Aligned], method: str, preserve_range: bool) -> xr.Dataset:
    """Mean annual NEE and its trend, of the plain mean of the members of a product.

    Parameters
    ----------
    members : mapping of {str: Aligned}
        By name; on one common map and of the same years.
    method : str
        One of `abz.trends.METHODS`.
    preserve_range : bool
        As in `abz.trends.trend`.

    Returns
    -------
    xarray.Dataset (y, x)
        `mean`, g C m-2 yr-1; `spread`, SD (n − 1) of the members' means, NaN of one member;
        `slope`, g C m-2 yr-1 per year, and `p_value` of its test; `land`, m2 of our land that has
        a value in all members and years. NaN where a member or a year has no value.

    Raises
    ------
    GridError
        If the members lie on different maps or years.
    """
    annual = {name: one.annual for name, one in members.items()}
    first = next(iter(annual.values()))
    for name, other in annual.items():
        if not (np.array_equal(other["year"], first["year"]) and other.shape == first.shape):
            raise GridError(
                f"{name} has other years or cells than the members beside it",
                rule=f"years {first['year'].values.tolist()}, {first.shape[1:]} cells",
                value=f"years {other['year'].values.tolist()}, {other.shape[1:]} cells",
                remedy="align all members of a product in their common years",
            )
    joined = xr.concat(list(annual.values()), "member", coords="minimal", compat="override")
    mean = joined.mean("member", skipna=False).assign_attrs(units=ANNUAL_FLUX)
    land = xr.concat([one.land for one in members.values()], "member", coords="minimal",
                     compat="override").min(("member", "year"))  # fmt: skip
    found = trend(mean, method, preserve_range)
    each = joined.mean("year", skipna=False)
    spread = each.std("member", ddof=1) if len(members) > 1 else each.isel(member=0) * np.nan
    layers = {
        "mean": (mean.mean("year", skipna=False), ANNUAL_FLUX, "mean annual NEE"),
        "spread": (spread, ANNUAL_FLUX, "SD of the members' mean annual NEE"),
        "slope": (found["slope"], f"{ANNUAL_FLUX} per year", "trend of annual NEE"),
        "p_value": (found["p_value"], "1", "two-sided p of the Mann-Kendall test of the trend"),
        "land": (land, "m2", "land that has a value in all members and years"),
    }
    maps = {
        name: layer.astype(np.float32).assign_attrs(units=units, long_name=words)
        for name, (layer, units, words) in layers.items()
    }
    coords = {n: first[n] for n in ("y", "x", "spatial_ref")}
    return xr.Dataset({n: layer.drop_vars(set(layer.coords) - {"y", "x", "spatial_ref"})
                       for n, layer in maps.items()}).assign_coords(coords)  # fmt: skip


@dataclass(eq=False)
class MonthlyMean:
    """Monthly fluxes of the plain mean of members, which are added one by one.

    Parameters
    ----------
    sums : mapping of {str: xarray.DataArray (time, y, x)}, optional
        Sums of the members so far.
    members : int, optional
        How many they are.

    Examples
    --------
    >>> maps = {"amount": ("flux", [6.0]), "land": ("flux", [2.0])}
    >>> mean = MonthlyMean()
    >>> mean.add(xr.Dataset(maps, {"flux": ["nee"]}))
    >>> mean.add(xr.Dataset({**maps, "amount": ("flux", [2.0])}, {"flux": ["nee"]}))
    >>> mean.fluxes["nee"].item()
    2.0
    """

    sums: dict[str, xr.DataArray] = field(default_factory=dict)
    members: int = 0

    def add(self, monthly: xr.Dataset) -> None:
        """Add a member, `Aligned.monthly`; a flux that one member lacks is none of the ensemble."""
        known = monthly["land"] > 0
        density = monthly["amount"].where(known) / monthly["land"].where(known)
        held = {str(n): density.sel(flux=n, drop=True) for n in monthly["flux"].values}
        if self.members:
            held = {n: self.sums[n] + flux for n, flux in held.items() if n in self.sums}
        self.sums, self.members = held, self.members + 1

    @property
    def fluxes(self) -> dict[str, xr.DataArray]:
        """Means (time, y, x), g C m-2 month-1 of land; NaN where a member has no value."""
        return {
            name: (total / self.members).assign_attrs(units=MONTHLY_FLUX)
            for name, total in self.sums.items()
        }
