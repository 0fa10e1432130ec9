"""Trends of annual sums at sites: from the public site-months, beside the authors' list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from abz.sites.annual import annual_sums
from abz.trends import trend_series
from abz.validation import check_columns
from abz.vocabulary import FLUXES

__all__ = ["SAME", "site_slopes"]

SAME = 1e-9
"""g C m-2 yr-1 per yr by which two slopes of the same annual sums may differ."""


def site_slopes(rows: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Theil–Sen slopes of the sites that the authors list, from the public site-months.

    Parameters
    ----------
    rows : pandas.DataFrame
        Site-months with site_name, year, month, nee, gpp, reco (g C m-2 month-1).
    published : pandas.DataFrame
        site_name, nee, gpp, reco (slopes, g C m-2 yr-1 per yr), from
        `read_published_site_trends`.

    Returns
    -------
    pandas.DataFrame
        site_name, flux; years, first_year, last_year (complete years of the public rows); slope,
        p_value (of the rows as they are), published (g C m-2 yr-1 per yr), same, whether both
        slopes agree to `SAME`. Slope and p are missing where there are fewer than four years; so
        is a site of which no public row bears the name.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    Public rows hold the months of the 1-km models only, from 2000 on, after their own screening;
    the list was made from the whole data base. Where both hold the same years the slopes agree.
    """
    keys = ["site_name", "year", "month"]
    check_columns(rows, [*keys, *FLUXES], "the site-months")
    check_columns(published, ["site_name", *FLUXES], "the authors' trends at sites")
    named = rows[rows["site_name"].isin(published["site_name"])]
    site_months = named[[*keys, *FLUXES]].rename(columns={"site_name": "site"})
    nowhere = site_months.assign(latitude=np.nan, longitude=np.nan, biome="", country="")
    annual = annual_sums(nowhere).set_index("site")
    made = []
    for theirs in published.to_dict("records"):
        name = theirs["site_name"]
        own = annual.loc[[name]] if name in annual.index else annual.iloc[:0]
        for flux in FLUXES:
            found = _slope(own[["year", flux]].dropna())
            same = abs(found["slope"] - theirs[flux]) <= SAME
            made.append(
                {"site_name": name, "flux": flux, **found, "published": theirs[flux], "same": same}
            )
    return pd.DataFrame(made).astype({"first_year": "Int64", "last_year": "Int64"})


def _slope(series: pd.DataFrame) -> dict[str, float | int | None]:
    """Years and slope of one series of annual sums."""
    years, values = (series[name].to_numpy() for name in series)
    about = {
        "years": years.size,
        "first_year": int(years[0]) if years.size else None,
        "last_year": int(years[-1]) if years.size else None,
    }
    if not years.size:
        return {**about, "slope": np.nan, "p_value": np.nan}
    found = trend_series(values[None].astype(float), years, "none")
    return {**about, "slope": float(found.slope[0]), "p_value": float(found.p_value[0])}
