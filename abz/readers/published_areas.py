"""Small results of the authors' 8-km model, by area: annual budgets, months, environment.

Eleven areas: the whole zone, its two biomes, and eight regions that share it out. The forest is a
quantile forest of June 2023 and its numbers are not the published ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.units import CELSIUS_ZERO
from abz.validation import check_choice, check_columns, check_file, check_values
from abz.vocabulary import MONTHS, PREDICTORS

__all__ = [
    "AREAS",
    "ENVIRONMENT",
    "Layer",
    "read_published_budgets_8km",
    "read_published_environment_8km",
    "read_published_months_8km",
]

AREAS = MappingProxyType(
    {
        "full": "ABZ",
        "Boreal": "boreal",
        "Tundra": "tundra",
        "siberia_tundra": "Siberian tundra",
        "east_siberia": "East Siberia",
        "west_siberia": "West Siberia",
        "fenno": "Fennoscandia",
        "alaska": "Alaska",
        "canada_tundra": "Canadian tundra",
        "east_canada": "East Canada",
        "west_canada": "West Canada",
    }
)
"""Stored name of an area to the name used here."""

FLUX_FILES = MappingProxyType({"NEE": "nee", "GPP": "gpp", "Reco": "reco"})
_LIMITS = MappingProxyType({"nee": (-5e3, 5e3), "gpp": (0.0, 3e4), "reco": (0.0, 3e4)})
"""Tg C yr-1 that a budget of this part of the world can have."""

DECADES = MappingProxyType({1990: 1999, 2000: 2009, 2010: 2016})
"""First and last year of the bins of the months."""


@dataclass(frozen=True)
class Layer:
    """A stored series of an environmental variable, and whose years are right.

    Parameters
    ----------
    variable : str
        A key of `PREDICTORS`.
    factor, offset : float
        Stored number × factor + offset is in the predictor's unit.
    years : {"stored", "layer", "unknown"}
        Those of the table are right; those in the names of the layers are, and the table's differ;
        or none can be told.

    Examples
    --------
    >>> ENVIRONMENT["ndvi"].years
    'unknown'
    """

    variable: str
    factor: float
    years: Literal["stored", "layer", "unknown"]
    offset: float = 0.0


ENVIRONMENT = MappingProxyType(
    {
        "tmean": Layer("air_temperature", 0.01, "stored", CELSIUS_ZERO),
        "vpd": Layer("vpd", 0.01, "stored"),
        "snowcover": Layer("snow_cover", 0.01, "stored"),
        "soilmoist": Layer("soil_moisture", 0.01, "unknown"),
        "ndvi": Layer("ndvi", 1e-4, "unknown"),
        "Percent_TreeCover": Layer("tree_cover", 1.0, "layer"),
        "Percent_NonTree_Vegetation": Layer("nontree_cover", 1.0, "layer"),
        "Percent_NonVegetated": Layer("nonvegetated_cover", 1.0, "layer"),
    }
)
"""Beginning of a file's name to what it holds.

The filter that chose the layers missed some of the files, so that the years written beside five of
the eight series are not those of their layers. The names of the cover layers tell their years; NDVI
and soil moisture cannot be dated.
"""

_BUDGETS: Final = re.compile(r"(NEE|GPP|Reco)_gC_m2_8km_budgets\.csv")
_MONTHS: Final = re.compile(r"NEE_gC_m2_8km_monthly_mean_bins\.csv")
_MEANS: Final = re.compile(rf"({'|'.join(ENVIRONMENT)})_1990_2016_annual_means\.csv")
_COVER_LAYER: Final = re.compile(r"VCF5KYR_(\d{4})001$")


def read_published_budgets_8km(paths: Sequence[Path]) -> pd.DataFrame:
    """Annual budgets of the authors' 8-km model.

    Parameters
    ----------
    paths : sequence of Path
        `NEE_gC_m2_8km_budgets.csv` and those of GPP and Reco, any of them in any order.

    Returns
    -------
    pandas.DataFrame
        flux, area (a value of `AREAS`), year, tg (Tg C yr-1; NEE below zero is uptake, GPP and Reco
        are positive), sorted by flux, area and year. Medians of a quantile forest, of the land of
        whole cells, without fire.

    Raises
    ------
    InputError
        If a file is another one, a column is missing, an area is unknown, a year stands there twice
        or not for all areas, or a budget cannot be true.

    Examples
    --------
    >>> read_published_budgets_8km([])
    Traceback (most recent call last):
        ...
    abz.errors.InputError: no file of the authors' budgets is given
      rule:   one file or more
      got:    none
      remedy: give the files that the catalog names
    """
    tables = []
    for path in _given(paths, "the authors' budgets"):
        flux = FLUX_FILES[_named(path, _BUDGETS)[1]]
        raw = _area_years(path, "budget")
        check_values(raw["budget"].to_numpy(float), _LIMITS[flux], f"{path.name}: budget")
        tables.append(raw.rename(columns={"budget": "tg"}).assign(flux=flux))
    joined = pd.concat(tables, ignore_index=True)[["flux", "area", "year", "tg"]]
    return _sorted(joined, ["flux", "area", "year"])


def read_published_months_8km(paths: Sequence[Path]) -> pd.DataFrame:
    """Mean NEE of the months of three bins of years, from the authors' 8-km model.

    Parameters
    ----------
    paths : sequence of Path = (path,)
        `NEE_gC_m2_8km_monthly_mean_bins.csv`.

    Returns
    -------
    pandas.DataFrame
        area, first_year, last_year (of the bin), month, nee (g C m-2 month-1, below zero is uptake:
        means over cells, each counting alike), sorted by area, bin and month.

    Raises
    ------
    InputError
        If it is another file, a column is missing, an area or bin is unknown, a month is missing or
        stands there twice, or a mean cannot be true.
    """
    (path,) = _given(paths, "the authors' months")
    _named(path, _MONTHS)
    raw = check_columns(pd.read_csv(path), ["area", "mean", "year", "month"], path.name)
    for first in raw["year"].unique():
        check_choice(str(first), [str(year) for year in DECADES], f"{path.name}: first year of bin")
    table = pd.DataFrame(
        {
            "area": _areas(raw["area"], path),
            "first_year": raw["year"].astype(int),
            "last_year": raw["year"].map(DECADES).astype(int),
            "month": raw["month"].astype(int),
            "nee": 0.01 * raw["mean"].astype(float),
        }
    )
    counts = table.groupby(["area", "first_year"])["month"].agg(lambda m: sorted(m) == [*MONTHS])
    if not counts.all():
        raise _incomplete(path, "each area and bin has twelve months", counts)
    check_values(table["nee"].to_numpy(), (-300.0, 300.0), f"{path.name}: mean")
    return _sorted(table, ["area", "first_year", "month"])


def read_published_environment_8km(paths: Sequence[Path]) -> pd.DataFrame:
    """Annual means of environmental variables over the cells of the authors' 8-km model.

    Parameters
    ----------
    paths : sequence of Path
        `tmean_1990_2016_annual_means.csv` and the like, any of the keys of `ENVIRONMENT`.

    Returns
    -------
    pandas.DataFrame
        variable (a key of `PREDICTORS`), area, year, stored_year, value and units (those of the
        predictor), sorted by variable, area and stored_year. `year` is the year that the values are
        of: the stored one for temperature, VPD and snow, that of the layer's name for the covers;
        it is missing for NDVI and soil moisture, whose layers are in order but cannot be dated.

    Raises
    ------
    InputError
        If a file is another one, a column is missing, an area is unknown, a year stands there twice
        or not for all areas, a cover layer does not tell its year, or a mean cannot be true.
    """
    tables = []
    for path in _given(paths, "the authors' environment"):
        layer = ENVIRONMENT[_named(path, _MEANS)[1]]
        raw = _area_years(path, "mean")
        values = raw["mean"].to_numpy(float) * layer.factor + layer.offset
        predictor = PREDICTORS[layer.variable]
        check_values(values, predictor.valid, f"{path.name}: mean, {predictor.units}")
        tables.append(
            pd.DataFrame(
                {
                    "variable": layer.variable,
                    "area": raw["area"],
                    "year": _true_years(raw, layer, path),
                    "stored_year": raw["year"],
                    "value": values,
                    "units": predictor.units,
                }
            )
        )
    joined = pd.concat(tables, ignore_index=True).astype({"year": "Int64"})
    return _sorted(joined, ["variable", "area", "stored_year"])


def _true_years(raw: pd.DataFrame, layer: Layer, path: Path) -> pd.Series:
    """The year of the layer that each row was made from; missing where it cannot be told."""
    if layer.years == "stored":
        return raw["year"].astype("Int64")
    if layer.years == "unknown":
        return pd.Series(pd.NA, index=raw.index, dtype="Int64")
    named = raw["layer"].astype(str).str.extract(_COVER_LAYER, expand=False)
    told = named[named.notna()].astype(int)
    years = dict(zip(raw.loc[told.index, "year"], told, strict=True))
    silent = sorted(set(raw["year"]) - set(years))
    if silent:
        raise InputError(
            f"{path.name} does not tell of which year a layer is",
            rule="of each year one row is named after its layer, VCF5KYR_<year>001",
            value=f"no layer beside {', '.join(map(str, silent))}",
            remedy="take the file as the authors wrote it, with its first column",
        )
    return raw["year"].map(years).astype("Int64")


def _given(paths: Sequence[Path], what: str) -> list[Path]:
    """The paths in order, if there are any and all are there."""
    if not paths:
        raise InputError(
            f"no file of {what} is given",
            rule="one file or more",
            value="none",
            remedy="give the files that the catalog names",
        )
    return [check_file(path, what) for path in sorted(map(Path, paths))]


def _named(path: Path, pattern: re.Pattern[str]) -> re.Match[str]:
    """The parts of a file's name, if it is one of the product's."""
    match = pattern.fullmatch(path.name)
    if match is None:
        raise InputError(
            "the file is not one of the authors' results",
            rule=f"its name is like {pattern.pattern}",
            value=path.name,
            remedy="give the files that the catalog names for this entry",
        )
    return match


def _area_years(path: Path, value: str) -> pd.DataFrame:
    """Columns layer, area, year and the value: every area with the same years, each once."""
    raw = check_columns(pd.read_csv(path), ["area", value, "year"], path.name)
    table = pd.DataFrame(
        {
            "layer": raw[raw.columns[0]],
            "area": _areas(raw["area"], path),
            "year": raw["year"].astype(int),
            value: raw[value].astype(float),
        }
    )
    years = range(table["year"].min(), table["year"].max() + 1)
    whole = table.groupby("area")["year"].agg(lambda found: sorted(found) == [*years])
    if not whole.all():
        raise _incomplete(path, f"each area has every year from {years[0]} to {years[-1]}", whole)
    if not np.isfinite(table[value]).all():
        raise InputError(
            f"{path.name} lacks values",
            rule=f"every area and year has its {value}",
            value=table.loc[~np.isfinite(table[value]), ["area", "year"]].iloc[0].to_dict(),
            remedy="fetch the file again; it may be damaged",
        )
    return table


def _areas(names: pd.Series, path: Path) -> pd.Series:
    """Areas in the names used here, if all are known."""
    for name in names.unique():
        check_choice(str(name), AREAS, f"{path.name}: area")
    return names.map(AREAS)


def _incomplete(path: Path, rule: str, whole: pd.Series) -> InputError:
    """A file that lacks rows, or has some twice."""
    return InputError(
        f"{path.name} is not complete",
        rule=f"{rule}, once",
        value=f"not so: {whole[~whole].index.tolist()}",
        remedy="fetch the file again; it may be cut off",
    )


def _sorted(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows in order: areas as they are declared, all else by value."""
    places = {area: place for place, area in enumerate(AREAS.values())}
    return table.sort_values(
        keys, key=lambda c: c.map(places) if c.name == "area" else c, ignore_index=True
    )
