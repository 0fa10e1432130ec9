"""Winter soil fluxes beside the run: respiration, less what plants take up, is NEE.

A soil under snow breathes and takes up nothing. So its flux is held against Reco as it stands, and
against NEE once the uptake that the run has in the same months and cells is taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import seasonal_budgets, zone_totals
from abz.compare.products.alignment import atom_quanta, land_share, per_land
from abz.compare.products.cells import Cells
from abz.compare.products.land import LandShares
from abz.errors import LedgerError
from abz.grid import Grid
from abz.ledger import FLUX_PARTS, Parts, Period, Place, Row, compare, redefine
from abz.validation import check_columns, check_variables
from abz.vocabulary import FLUXES, SEASONS

__all__ = [
    "WINTER_SEASONS",
    "at_centres",
    "soil_quanta",
    "winter_rows",
    "winter_summary",
    "winter_years",
]

WINTER_SEASONS = ("Oct-Apr", "Oct-Apr, one winter")
"""The same months in a calendar year, and as one stretch that belongs to the year it ends in."""
SOIL, SOIL_NEE = "soil_flux", "soil_nee"
"""The flux as it is given, and NEE that is made of it."""
ZONE = ["zone_set", "zone"]
KEY = ["season", *ZONE, "year"]


def soil_quanta(
    data: xr.Dataset, shares: LandShares, atoms: Mapping[str, xr.DataArray], name: str
) -> xr.Dataset:
    """Winter soil fluxes added up over our atoms.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `soil_flux`, g C m-2 month-1, positive from the soil to the air, with the parts it holds;
        `attrs["per_area"]`, "land" or "cell".
    shares : LandShares
        Our land in its cells.
    atoms : mapping of {str: xarray.DataArray (atom_id)}
        Coordinates of our atoms.
    name : str
        The product, for messages.

    Returns
    -------
    xarray.Dataset (flux, member, time, atom_id)
        `grams` and `valid_area`, as `Aligned.totals`.

    Raises
    ------
    LedgerError
        Naming the product, if it holds anything but respiration.
    MissingDataError
        If there is no soil_flux.
    UnitsError
        If it is not in g C m-2 month-1.
    """
    check_variables(data, [SOIL], name)
    held = Parts.of_attrs(data[SOIL].attrs)
    if held != FLUX_PARTS["reco"]:
        raise LedgerError(
            f"{name} is on another definition: {held}",
            rule=f"a winter soil flux holds {FLUX_PARTS['reco']} and nothing else",
            value=held,
            remedy="take another variable of the product, or state its parts where it is read",
        )
    flux = per_land(data[SOIL], str(data.attrs["per_area"]), land_share(data, shares), shares)
    return atom_quanta({SOIL: flux}, shares, atoms)


def at_centres(flux: xr.DataArray, cells: Cells, window: Grid) -> xr.DataArray:
    """A product on the cells of a map, each from the cell of the product that holds its centre.

    Parameters
    ----------
    flux : xarray.DataArray (time, y, x)
        The product per area of land; NaN where missing.
    cells : Grid or UnevenCells
        Its cells.
    window : Grid
        Cells of the map, much smaller than those of the product.

    Returns
    -------
    xarray.DataArray (time, y, x)
        With the attributes of the product; NaN where it is missing or does not reach.
    """
    lon, lat = window.lonlat()
    row, column = cells.index(np.nan_to_num(lon), np.nan_to_num(lat, nan=-90.0))
    stored = flux.transpose("time", "y", "x").values
    values = np.where((row >= 0) & np.isfinite(lat), stored[:, row, column], np.nan)
    coords = {"time": flux["time"].values, **window.coords()}
    return xr.DataArray(values, coords, ("time", "y", "x"), attrs=flux.attrs)


def winter_years(
    theirs: xr.Dataset, ours: xr.Dataset, membership: xr.DataArray, model_set: str
) -> pd.DataFrame:
    """Winters of the soil flux and of the run beside each other.

    Parameters
    ----------
    theirs : xarray.Dataset
        From `soil_quanta`.
    ours : xarray.Dataset
        The same of nee, gpp and reco of the run; both in the cells and months that both have.
    membership : xarray.DataArray (zone_id, atom_id)
        From `zone_membership`.
    model_set : str
        The set of the run.

    Returns
    -------
    pandas.DataFrame
        season (of `WINTER_SEASONS`), zone_set, zone, year; `valid_share` of the zone that has a
        value; of `soil_flux`, `soil_nee` (soil flux − GPP of the run), `nee`, `gpp` and `reco` the
        columns `{flux}_tg` (Tg C a winter) and `{flux}_g_m2` (g C m-2 of the land with a value).
    """
    tables = [seasonal_budgets(zone_totals(one, membership), model_set) for one in (theirs, ours)]
    table = pd.concat(tables, ignore_index=True)
    table = table[table["season"].isin(WINTER_SEASONS)]
    wide = table.pivot(index=KEY, columns="flux", values=["tg", "g_m2"])
    wide.columns = pd.Index(["_".join(reversed(pair)) for pair in wide.columns.to_list()])
    for value in ("tg", "g_m2"):
        wide[f"{SOIL_NEE}_{value}"] = wide[f"{SOIL}_{value}"] - wide[f"gpp_{value}"]
    share = table[table["flux"] == SOIL].set_index(KEY)["valid_share"]
    names = [f"{flux}_{value}" for flux in (SOIL, SOIL_NEE, *FLUXES) for value in ("tg", "g_m2")]
    return wide[names].join(share).dropna().reset_index().astype({"year": np.int64})


def winter_rows(years: pd.DataFrame, model_set: str, zone: tuple[str, str]) -> list[Row]:
    """The steps of the soil flux in the ledger: as it is given, the uptake of the run, its NEE.

    Parameters
    ----------
    years : pandas.DataFrame
        From `winter_years`.
    model_set : str
        Set whose land, where theirs has a value, is the mask.
    zone : tuple of str = (zone set, zone)
        The zone.

    Returns
    -------
    list of Row
        Means over the years, October to April of each; the last is NEE of the run. Empty if the
        zone has no such winter.

    Raises
    ------
    LedgerError
        If NEE that is made of the soil flux and NEE of the run are not on one definition.
    """
    table = years[(years["season"] == WINTER_SEASONS[0]) & (years["zone_set"] == zone[0])]
    table = table[table["zone"] == zone[1]]
    if table.empty:
        return []
    period = Period(int(table["year"].min()), int(table["year"].max()), SEASONS["Oct-Apr"])
    place = Place.of(*zone, f"{model_set} set, where winter_flux has a value")

    def row(name: str, flux: str, parts: Parts, sign: float = 1.0) -> Row:
        return Row(name, np.array(sign * table[f"{flux}_tg"].mean()), parts, place, period)

    given = row("winter_flux", SOIL, FLUX_PARTS["reco"])
    uptake = row("GPP of the run", "gpp", FLUX_PARTS["gpp"], sign=-1.0)
    made = redefine(given, FLUX_PARTS["nee"], [uptake], "winter_flux less GPP of the run")
    own = row("run, in these winters", "nee", FLUX_PARTS["nee"])
    compare(made, own)
    return [given, uptake, made, own]


def winter_summary(years: pd.DataFrame) -> pd.DataFrame:
    """Means over the winters, and in how many of them theirs is higher.

    Parameters
    ----------
    years : pandas.DataFrame
        From `winter_years`.

    Returns
    -------
    pandas.DataFrame
        season, zone_set, zone; first_year, last_year, n_years; means of the columns of `years`;
        `higher`, winters in which `soil_nee` is above `nee`, and `given_higher`, in which the flux
        as it is given is; `years_r`, correlation between the years, NaN of fewer than four.

    Raises
    ------
    InputError
        If a column is missing.
    """
    check_columns(years, [*KEY, f"{SOIL}_g_m2", f"{SOIL_NEE}_g_m2", "nee_g_m2"], "winters")
    return pd.DataFrame(_summaries(years))


def _summaries(years: pd.DataFrame) -> Iterator[dict[str, object]]:
    """A row for each season and zone."""
    means = [name for name in years if name not in KEY]
    for key, group in years.groupby(["season", *ZONE], sort=False):
        made, own = group[f"{SOIL_NEE}_g_m2"], group["nee_g_m2"]
        tell = len(group) > 3 and np.ptp(made) > 0 and np.ptp(own) > 0
        yield {
            **dict(zip(["season", *ZONE], key, strict=True)),
            "first_year": group["year"].min(), "last_year": group["year"].max(),
            "n_years": len(group), **group[means].mean(),
            "higher": int((made > own).sum()),
            "given_higher": int((group[f"{SOIL}_g_m2"] > own).sum()),
            "years_r": float(np.corrcoef(made, own)[0, 1]) if tell else np.nan,
        }  # fmt: skip
