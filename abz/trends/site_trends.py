"""Trends at single sites that were measured for many years, and what so many years can tell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.trends.series import trend_series
from abz.trends.significance import q_values
from abz.trends.size_power import SERIES
from abz.trends.trend_limits import trend_limits
from abz.validation import check_columns, check_whole
from abz.vocabulary import FLUXES

__all__ = ["site_trend_limits", "site_trends"]

PLACE = ["latitude", "longitude", "biome"]
COLUMNS = [
    "site", *PLACE, "flux", "first_year", "last_year", "n", "method", "slope", "lower", "upper",
    "p_value", "q_value",
]  # fmt: skip
LIMITS = ["autocorrelation", "sd", "rho", "size", "detectable"]


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
        If a column is missing, a site has a year twice, or the method is unknown.

    Examples
    --------
    >>> annual = pd.DataFrame({"site": "FI-Hyy", "latitude": 61.8, "longitude": 24.3,
    ...     "biome": "boreal", "year": range(2000, 2010), "nee": range(-200, -300, -10),
    ...     "gpp": np.nan, "reco": np.nan})
    >>> site_trends(annual)[["flux", "n", "slope"]].values.tolist()
    [['nee', 10, -10.0]]
    """
    rows = []
    for flux, site, years in _long_records(annual, more_than):
        found = trend_series(*_series(years, flux), method, preserve_range=preserve_range)
        ends = {"first_year": years["year"].iloc[0], "last_year": years["year"].iloc[-1]}
        test = {k: getattr(found, k)[0] for k in ("slope", "lower", "upper", "p_value")}
        about = {"site": site, **years[PLACE].iloc[0], "flux": flux}
        rows.append({**about, **ends, "n": len(years), "method": method, **test})
    table = pd.DataFrame(rows, columns=COLUMNS)
    for flux in table["flux"].unique():
        of_flux = (table["flux"] == flux).to_numpy()
        table.loc[of_flux, "q_value"] = q_values(table.loc[of_flux, "p_value"].to_numpy(float))
    return table


def site_trend_limits(
    annual: pd.DataFrame, more_than: int = 7, method: str = "zhang", preserve_range: bool = False,
    *, alpha: float = 0.05, n_series: int = SERIES,
) -> pd.DataFrame:  # fmt: skip
    """Measured size of the test, and the smallest slope it finds, at each site with a long record.

    Parameters
    ----------
    annual, more_than, method, preserve_range
        As in `site_trends`.
    alpha : float, optional
        Nominal level.
    n_series : int, optional
        Made series for each number of years and autocorrelation.

    Returns
    -------
    pandas.DataFrame
        site and flux in the order of `site_trends`, and of `trend_limits` autocorrelation, sd
        (g C m-2 yr-1), rho, size (0 to 1) and detectable (g C m-2 yr-1 per yr), found in 80 of 100
        cases.

    Raises
    ------
    InputError
        As in `site_trends`.

    Examples
    --------
    >>> annual = pd.DataFrame({"site": "FI-Hyy", "latitude": 61.8, "longitude": 24.3,
    ...     "biome": "boreal", "year": range(2000, 2010), "nee": [-200, -240, -180, -230, -210] * 2,
    ...     "gpp": np.nan, "reco": np.nan})
    >>> bool(site_trend_limits(annual, method="none", n_series=200)["detectable"].item() > 3)
    True
    """
    rows = []
    for flux, site, years in _long_records(annual, more_than):
        found = trend_limits(
            *_series(years, flux), method, preserve_range=preserve_range, alpha=alpha,
            n_series=n_series,
        )  # fmt: skip
        rows.append({"site": site, "flux": flux, **found[LIMITS].iloc[0]})
    return pd.DataFrame(rows, columns=["site", "flux", *LIMITS])


def _long_records(annual: pd.DataFrame, more_than: int) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Flux, site and complete years, in their order, of each record that is long enough."""
    check_columns(annual, ["site", *PLACE, "year", *FLUXES], "the annual table")
    check_whole(more_than, "more_than", minimum=1)
    twice = annual[annual.duplicated(["site", "year"])]
    if len(twice):
        raise InputError(
            "a site has a year twice",
            rule="one row for each site and complete year",
            value=f"{twice['site'].iloc[0]} in {twice['year'].iloc[0]}",
            remedy="keep one, or mean over them",
        )
    for flux in FLUXES:
        known = annual.dropna(subset=[flux]).sort_values("year")
        for site, years in known.groupby("site", sort=True):
            if len(years) > more_than:
                yield flux, str(site), years


def _series(years: pd.DataFrame, flux: str) -> tuple[np.ndarray, np.ndarray]:
    """Sums (1, year) of a flux, and their years."""
    return years[[flux]].to_numpy(np.float64).T, years["year"].to_numpy()
