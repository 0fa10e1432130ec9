"""Trends at single sites that were measured for many years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.trends.series import trend_series
from abz.trends.significance import q_values
from abz.validation import check_columns, check_whole
from abz.vocabulary import FLUXES

__all__ = ["site_trends"]

COLUMNS = [
    "site", "latitude", "longitude", "biome", "flux", "first_year", "last_year", "n", "method",
    "slope", "lower", "upper", "p_value", "q_value",
]  # fmt: skip


def site_trends(
    annual: pd.DataFrame, more_than: int = 7, method: str = "zhang", preserve_range: bool = False
) -> pd.DataFrame:
    """Trend of the annual sums of each site with a long record.

    Parameters
    ----------
    annual : pandas.DataFrame
        site, latitude, longitude, biome, year, nee, gpp, reco (g C m-2 yr-1), one row for each
        complete year, as `abz.sites.annual_sums` makes them.
    more_than : int, optional
        A flux of a site is tested if it has more complete years than these; missing years between
        them keep their place.
    method : str, optional
        A key of `METHODS`.
    preserve_range : bool, optional
        As in `trend_series`.

    Returns
    -------
    pandas.DataFrame
        site, latitude, longitude, biome, flux, first_year, last_year, n (complete years), method,
        slope, lower, upper (g C m-2 yr-1 per yr), p_value, and q_value over the sites of a flux;
        sorted by flux and site. Empty where no record is long enough.

    Raises
    ------
    InputError
        If a column is missing or the method is unknown.

    Examples
    --------
    >>> annual = pd.DataFrame({"site": "FI-Hyy", "latitude": 61.8, "longitude": 24.3,
    ...     "biome": "boreal", "year": range(2000, 2010), "nee": range(-200, -300, -10),
    ...     "gpp": np.nan, "reco": np.nan})
    >>> site_trends(annual)[["flux", "n", "slope"]].values.tolist()
    [['nee', 10, -10.0]]
    """
    place = ["latitude", "longitude", "biome"]
    check_columns(annual, ["site", *place, "year", *FLUXES], "the annual table")
    check_whole(more_than, "more_than", minimum=1)
    rows = []
    for flux in FLUXES:
        known = annual.dropna(subset=[flux]).sort_values("year")
        for site, years in known.groupby("site", sort=True):
            if len(years) > more_than:
                found = trend_series(
                    years[[flux]].to_numpy(np.float64).T, years["year"].to_numpy(), method,
                    preserve_range=preserve_range,
                )  # fmt: skip
                ends = {"first_year": years["year"].iloc[0], "last_year": years["year"].iloc[-1]}
                test = {k: getattr(found, k)[0] for k in ("slope", "lower", "upper", "p_value")}
                about = {"site": site, **years[place].iloc[0], "flux": flux}
                rows.append({**about, **ends, "n": len(years), "method": method, **test})
    table = pd.DataFrame(rows, columns=COLUMNS)
    for flux in table["flux"].unique():
        of_flux = (table["flux"] == flux).to_numpy()
        table.loc[of_flux, "q_value"] = q_values(table.loc[of_flux, "p_value"].to_numpy(float))
    return table
