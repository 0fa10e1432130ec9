"""Shapefiles of ecoregions and permafrost, with the products' own fields."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from abz.readers.vectors import BIOME_NAMES, PERMAFROST_LETTERS
from abz.validation import check_codes, check_columns
from abz.vocabulary import PERMAFROST

__all__ = ["write_ecoregions2017", "write_permafrost_map"]

WRITTEN_ON = "2017-04-05"
"""Date in the header of the tables, fixed so that the same data give the same bytes."""

EXTENT_LETTERS = {0: "l", **{code: letter for letter, code in PERMAFROST_LETTERS.items() if code}}


def write_ecoregions2017(data: gpd.GeoDataFrame, folder: Path) -> list[Path]:
    """Write `Ecoregions2017.shp` and its companions.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        BIOME_NUM and polygons; ECO_NAME, ECO_ID and REALM are written where they are there.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        All files, sorted.

    Raises
    ------
    CategoryError
        If a biome is unknown.
    """
    check_columns(data, ["BIOME_NUM", "geometry"], "ecoregions")
    biome = check_codes(data["BIOME_NUM"], list(BIOME_NAMES), "BIOME_NUM")
    kept = data[[name for name in ("ECO_NAME", "ECO_ID", "REALM", "geometry") if name in data]]
    table = kept.assign(
        BIOME_NUM=biome.astype(float),
        BIOME_NAME=[BIOME_NAMES[int(code)] for code in biome],
        LICENSE="CC-BY 4.0",
    )
    return _write(table.to_crs("EPSG:4326"), Path(folder) / "Ecoregions2017.shp")


def write_permafrost_map(data: gpd.GeoDataFrame, folder: Path) -> list[Path]:
    """Write `permaice.shp` and its companions.

    Parameters
    ----------
    data : geopandas.GeoDataFrame
        `extent`, a code of `abz.vocabulary.PERMAFROST`, and polygons in any CRS.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        All files, sorted.

    Raises
    ------
    CategoryError
        If an extent is unknown.

    Notes
    -----
    COMBO begins with the letter of the extent; ground ice and overburden are set to "hf", high
    and thick, and nothing reads them. Extent 0 is written as land, "l".
    """
    check_columns(data, ["extent", "geometry"], "permafrost")
    extent = [int(code) for code in check_codes(data["extent"], list(PERMAFROST), "extent")]
    letters = [EXTENT_LETTERS[code] for code in extent]
    table = data[["geometry"]].assign(
        NUM_CODE=[float(code) for code in extent],
        COMBO=[f"{letter}hf" if letter.isupper() else letter for letter in letters],
        EXTENT=[letter if letter.isupper() else "" for letter in letters],
    )
    return _write(table, Path(folder) / "permaice.shp")


def _write(table: gpd.GeoDataFrame, path: Path) -> list[Path]:
    """A shapefile of polygons with a latin-1 table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_file(
        path,
        engine="pyogrio",
        driver="ESRI Shapefile",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        encoding="ISO-8859-1",
        layer_options={"DBF_DATE_LAST_UPDATE": WRITTEN_ON},
    )
    return sorted(path.parent.glob(f"{path.stem}.*"))
