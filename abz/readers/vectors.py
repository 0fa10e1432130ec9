"""Vector maps: ecoregions, countries and the extent of permafrost, all shapefiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from abz.errors import CategoryError, GridError, InputError
from abz.readers.axes import check_degrees
from abz.readers.intact import intact
from abz.validation import check_codes, check_columns, check_single_file

__all__ = [
    "BIOME_NAMES",
    "PERMAFROST_LETTERS",
    "read_countries",
    "read_ecoregions2017",
    "read_permafrost_map",
]

BIOME_NAMES = MappingProxyType(
    {
        1: "Tropical & Subtropical Moist Broadleaf Forests",
        2: "Tropical & Subtropical Dry Broadleaf Forests",
        3: "Tropical & Subtropical Coniferous Forests",
        4: "Temperate Broadleaf & Mixed Forests",
        5: "Temperate Conifer Forests",
        6: "Boreal Forests/Taiga",
        7: "Tropical & Subtropical Grasslands, Savannas & Shrublands",
        8: "Temperate Grasslands, Savannas & Shrublands",
        9: "Flooded Grasslands & Savannas",
        10: "Montane Grasslands & Shrublands",
        11: "Tundra",
        12: "Mediterranean Forests, Woodlands & Scrub",
        13: "Deserts & Xeric Shrublands",
        14: "Mangroves",
        99: "N/A",
    }
)
"""BIOME_NUM to BIOME_NAME; 99 is rock and ice."""

PERMAFROST_LETTERS = MappingProxyType(
    {"C": 1, "D": 2, "S": 3, "I": 4, "G": 0, "L": 0, "O": 0, "R": 0}
)
"""First letter of COMBO to extent: continuous, discontinuous, sporadic, isolated; glacier, land or
lake without permafrost, ocean and relict permafrost count as none."""


def read_ecoregions2017(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """Terrestrial ecoregions with the biome of each.

    Parameters
    ----------
    paths : sequence of Path
        `Ecoregions2017.shp` and its companions (.dbf, .shx, .prj).

    Returns
    -------
    geopandas.GeoDataFrame
        All columns of the file; BIOME_NUM int64 (6 boreal, 11 tundra); geometry in EPSG:4326.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If it is cut off or damaged.
    GridError
        If it carries no CRS, or its coordinates are no degrees.
    CategoryError
        If a biome is not one of the fourteen, or none.

    References
    ----------
    .. [1] Dinerstein et al. (2017), doi:10.1093/biosci/bix014.
    """
    table = _read(paths, "Ecoregions2017", ["BIOME_NUM"])
    biome = check_codes(table["BIOME_NUM"].to_numpy(float), list(BIOME_NAMES), "BIOME_NUM")
    west, south, east, north = table.to_crs("EPSG:4326").total_bounds
    check_degrees(np.array([west, east]), np.array([south, north]), "Ecoregions2017")
    return table.assign(BIOME_NUM=biome.astype(np.int64)).to_crs("EPSG:4326")


def read_countries(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """Countries of the world, coarse, with the code of each.

    Parameters
    ----------
    paths : sequence of Path
        A shapefile of Natural Earth countries and its companions (.dbf, .shx, .prj).

    Returns
    -------
    geopandas.GeoDataFrame
        `name`, `iso_a3` (−99 where the product gives none) and geometry in EPSG:4326.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If the file is damaged, a column is missing, or Alaska's, Canada's or Greenland's country is
        not in it.
    GridError
        If it carries no CRS, or its coordinates are no degrees.

    References
    ----------
    .. [1] Natural Earth, https://www.naturalearthdata.com.
    """
    table = _read(paths, "the countries", ["name", "iso_a3"]).to_crs("EPSG:4326")
    west, south, east, north = table.total_bounds
    check_degrees(np.array([west, east]), np.array([south, north]), "the countries")
    absent = sorted({"USA", "CAN", "GRL"} - set(table["iso_a3"]))
    if absent:
        raise InputError(
            "the countries are not those of the world",
            rule="USA, CAN and GRL are among iso_a3",
            value=f"missing {', '.join(absent)}",
            remedy="use the world map of Natural Earth",
        )
    return table[["name", "iso_a3", "geometry"]]


def read_permafrost_map(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """The circum-Arctic map of permafrost extent.

    Parameters
    ----------
    paths : sequence of Path
        `permaice.shp` and its companions (.dbf, .shx, .prj).

    Returns
    -------
    geopandas.GeoDataFrame
        `extent` int64, a code of `abz.vocabulary.PERMAFROST`, and geometry in the map's own CRS.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If it is cut off or damaged.
    GridError
        If it carries no CRS.
    CategoryError
        If the first letter of a COMBO is not declared.

    References
    ----------
    .. [1] Brown et al. (2002), version 2, doi:10.7265/skbg-kf16.
    """
    table = _read(paths, "the permafrost map", ["COMBO"])
    letters = table["COMBO"].fillna("").str.strip().str[:1].str.upper()
    extent = letters.map(dict(PERMAFROST_LETTERS))
    if extent.isna().any():
        row = int(np.flatnonzero(extent.isna())[0])
        raise CategoryError(
            "COMBO holds undeclared classes",
            rule=f"its first letter is one of {', '.join(PERMAFROST_LETTERS)}",
            value=f"{table['COMBO'].iloc[row]!r} (first in row {row})",
            remedy="declare the letter in abz.readers.vectors",
        )
    extent = pd.Series(extent, dtype="int64")
    return gpd.GeoDataFrame({"extent": extent}, geometry=table.geometry, crs=table.crs)


def _read(paths: Sequence[Path], what: str, columns: list[str]) -> gpd.GeoDataFrame:
    """A shapefile that has a CRS and the columns."""
    path = check_single_file(paths, ".shp", what)
    _check_whole(path)
    with intact(path, "a shapefile whose .shp, .dbf and .shx are whole"):
        table = gpd.read_file(path, engine="pyogrio")
    if table.crs is None:
        raise GridError(
            f"{path.name} does not say where it lies",
            rule="the shapefile has its .prj file beside it",
            value=None,
            remedy="fetch all files of the product",
        )
    check_columns(table, columns, path.name)
    return table


def _check_whole(path: Path) -> None:
    """Nothing, if a .shp is as long as it says: what reads it leaves out cut-off shapes unsaid."""
    with path.open("rb") as stream:
        stated = 2 * int.from_bytes(stream.read(28)[24:], "big")
    found = path.stat().st_size
    if found < stated:
        raise InputError(
            f"{path.name} is cut off",
            rule=f"{stated} bytes, as its header says",
            value=f"{found} bytes",
            remedy="fetch the file again",
        )
