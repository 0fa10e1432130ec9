"""Products and the run beside the mean annual sums that were measured at sites."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from abz.grid import Grid
from abz.validation import check_columns

__all__ = ["beside_sites", "site_agreement"]


def beside_sites(site_annual: pd.DataFrame, annual: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Mean annual NEE of each site, and of the cell of each map that holds it, in the same years.

    Parameters
    ----------
    site_annual : pandas.DataFrame
        From `abz.sites.annual_sums`: site, latitude, longitude, year, nee.
    annual : mapping of {str: xarray.DataArray (year, y, x)}
        Annual NEE of each source on a common map, g C m-2 yr-1.

    Returns
    -------
    pandas.DataFrame
        source, site, latitude, longitude, years, `measured` and `mapped`, g C m-2 yr-1; sites and
        years that a map does not know are left out.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> from abz.grid import lonlat_grid
    >>> grid = lonlat_grid(1.0)
    >>> nee = xr.DataArray(np.full((1, *grid.shape), -20.0), dims=("year", "y", "x"),
    ...                    coords={"year": [2001], **grid.coords()})
    >>> sites = pd.DataFrame([{"site": "a", "latitude": 60.0, "longitude": 24.0, "year": 2001,
    ...                        "nee": -50.0}])
    >>> beside_sites(sites, {"run": nee})[["measured", "mapped"]].values.tolist()
    [[-50.0, -20.0]]
    """
    columns = ["site", "latitude", "longitude", "year", "nee"]
    rows = check_columns(site_annual, columns, "annual sums of sites")[columns].dropna()
    tables = []
    for source, layer in annual.items():
        inside = rows[rows["year"].isin(layer["year"].values)]
        place = Grid.of(layer).index(inside["longitude"].to_numpy(), inside["latitude"].to_numpy())
        year = pd.Index(layer["year"].values).get_indexer(pd.Index(inside["year"]))
        mapped = np.where(place[0] >= 0, layer.values[year, place[0], place[1]], np.nan)
        known = inside.assign(mapped=mapped).dropna(subset=["mapped"])
        means = known.groupby("site", sort=True).agg(
            latitude=("latitude", "first"), longitude=("longitude", "first"),
            years=("year", "nunique"), measured=("nee", "mean"), mapped=("mapped", "mean"),
        )  # fmt: skip
        tables.append(means.reset_index().assign(source=source))
    names = ["source", "site", "latitude", "longitude", "years", "measured", "mapped"]
    return pd.concat(tables, ignore_index=True)[names] if tables else pd.DataFrame(columns=names)


def site_agreement(sites: pd.DataFrame) -> pd.DataFrame:
    """How well each source agrees with the sites.

    Parameters
    ----------
    sites : pandas.DataFrame
        From `beside_sites`.

    Returns
    -------
    pandas.DataFrame
        source; `sites`; `measured` and `mapped`, means over them, and `bias`, mapped − measured,
        g C m-2 yr-1; `r`, correlation, NaN of fewer than four sites.
    """
    rows = []
    for source, group in sites.groupby("source", sort=False):
        measured, mapped = (group[n].to_numpy(np.float64) for n in ("measured", "mapped"))
        tell = measured.size > 3 and np.ptp(measured) > 0 and np.ptp(mapped) > 0
        r = float(np.corrcoef(measured, mapped)[0, 1]) if tell else np.nan
        rows.append(
            {
                "source": source, "sites": measured.size, "measured": measured.mean(),
                "mapped": mapped.mean(), "bias": (mapped - measured).mean(), "r": r,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "sites", "measured", "mapped", "bias", "r"])
