"""The areas of the authors' 8-km budgets: sums of areas, and whether parts make up the whole."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.validation import check_columns
from abz.vocabulary import FLUXES

__all__ = ["AREAS_OF_CONTINENTS", "PARTITIONS", "area_closure", "flux_gaps", "with_continents"]

AREAS_OF_CONTINENTS = MappingProxyType(
    {
        "Eurasia": ("Siberian tundra", "East Siberia", "West Siberia", "Fennoscandia"),
        "North America": ("Alaska", "Canadian tundra", "East Canada", "West Canada"),
    }
)
"""Continent to the areas that make it up."""

PARTITIONS = MappingProxyType(
    {
        "biomes": ("boreal", "tundra"),
        "regions": tuple(area for areas in AREAS_OF_CONTINENTS.values() for area in areas),
    }
)
"""Ways to share out the whole zone."""

WHOLE = "ABZ"


def with_continents(budgets: pd.DataFrame) -> pd.DataFrame:
    """Budgets with those of the two continents, as sums of their areas.

    Parameters
    ----------
    budgets : pandas.DataFrame
        flux, area, year, tg (Tg C yr-1), as from `read_published_budgets_8km`.

    Returns
    -------
    pandas.DataFrame
        The same with `Eurasia` and `North America` behind; Fennoscandia counts as Eurasia.

    Raises
    ------
    InputError
        If a column or an area is missing.
    """
    wide = _by_area(budgets)
    sums = [
        wide[list(areas)].sum(axis=1).rename("tg").reset_index().assign(area=continent)
        for continent, areas in AREAS_OF_CONTINENTS.items()
    ]
    columns = ["flux", "area", "year", "tg"]
    return pd.concat([budgets[columns], *(table[columns] for table in sums)], ignore_index=True)


def area_closure(budgets: pd.DataFrame) -> pd.DataFrame:
    """The whole zone less the sum of its parts.

    Parameters
    ----------
    budgets : pandas.DataFrame
        As in `with_continents`.

    Returns
    -------
    pandas.DataFrame
        flux, parts (a key of `PARTITIONS`), mean, largest (of |difference|, over the years, both
        Tg C yr-1), year (of the largest).

    Raises
    ------
    InputError
        If a column or an area is missing.
    """
    wide = _by_area(budgets)
    rows = []
    for parts, areas in PARTITIONS.items():
        left = wide[WHOLE] - wide[list(areas)].sum(axis=1)
        for flux, over_years in left.groupby(level="flux"):
            years = over_years.index.get_level_values("year").to_numpy()
            size = over_years.abs().to_numpy()
            row = {"flux": flux, "parts": parts, "mean": over_years.mean()}
            rows.append({**row, "largest": size.max(), "year": int(years[size.argmax()])})
    return _in_order(pd.DataFrame(rows))


def flux_gaps(budgets: pd.DataFrame) -> pd.DataFrame:
    """Reco − GPP less NEE of each area: what three separate models disagree on.

    Parameters
    ----------
    budgets : pandas.DataFrame
        As in `with_continents`, of all three fluxes; areas of any name.

    Returns
    -------
    pandas.DataFrame
        area, years (their number), nee, reco_gpp, gap = reco_gpp − nee (means over the years), and
        gap_sd between years (n − 1), Tg C yr-1.

    Raises
    ------
    InputError
        If a column or a flux is missing.

    Examples
    --------
    >>> budgets = pd.DataFrame({"flux": ["nee", "gpp", "reco"], "area": "ABZ", "year": 2001,
    ...                         "tg": [-210.0, 9078.0, 8845.0]})
    >>> flux_gaps(budgets)[["reco_gpp", "gap"]].values.tolist()
    [[-233.0, -23.0]]
    """
    check_columns(budgets, ["flux", "area", "year", "tg"], "the authors' budgets")
    wide = budgets.pivot(index=["area", "year"], columns="flux", values="tg")
    check_columns(wide, FLUXES, "fluxes of the authors' budgets")
    each = pd.DataFrame({"nee": wide["nee"], "reco_gpp": wide["reco"] - wide["gpp"]})
    each["gap"] = each["reco_gpp"] - each["nee"]
    areas = each.groupby(level="area", sort=False)
    table = areas.mean().assign(gap_sd=areas["gap"].std(), years=areas.size())
    order = budgets["area"].drop_duplicates()
    columns = ["area", "years", "nee", "reco_gpp", "gap", "gap_sd"]
    return table.reindex(order).rename_axis("area").reset_index()[columns]


def _by_area(budgets: pd.DataFrame) -> pd.DataFrame:
    """Budgets (flux and year × area), if all areas are there."""
    check_columns(budgets, ["flux", "area", "year", "tg"], "the authors' budgets")
    wide = budgets.pivot(index=["flux", "year"], columns="area", values="tg")
    wanted = [WHOLE, *(area for areas in PARTITIONS.values() for area in areas)]
    check_columns(wide, wanted, "areas of the authors' budgets")
    if not np.isfinite(wide[wanted].to_numpy()).all():
        raise InputError(
            "budgets of some areas and years are missing",
            rule="each area has every year of every flux",
            value=wide.index[wide[wanted].isna().any(axis=1)].tolist(),
            remedy="take the table from read_published_budgets_8km",
        )
    return wide


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by flux in the order of the study."""
    places = {flux: place for place, flux in enumerate(FLUXES)}
    return table.sort_values("flux", key=lambda c: c.map(places), kind="stable", ignore_index=True)
