"""Zones of one's own, from any vector file that geopandas reads or any raster of codes."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from pyogrio.errors import DataSourceError
from rasterio.errors import RasterioIOError
from shapely import is_valid_reason

from abz.errors import GridError, InputError
from abz.readers.geotiff import Bounds, read_raster
from abz.validation import check_file
from abz.vocabulary import LEFT_OUT

__all__ = ["ZoneFile", "read_zone_polygons", "read_zone_raster"]

MOST = 32_000
"""Zones of one set: their codes are int16."""
SOUTHERN_EDGE = 40.0
"""South of this latitude nothing of a raster in degrees is read."""
NO_NAMES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class ZoneFile:
    """A zone set as its file has it.

    Parameters
    ----------
    zones : tuple of str
        Names; the code of a zone is its place, counted from 1.
    source : geopandas.GeoDataFrame or xarray.DataArray (y, x)
        Polygons with their zone in `code`, in the order and CRS of the file, or int16 codes on the
        raster's own grid, −1 where it has no zone.
    """

    zones: tuple[str, ...]
    source: gpd.GeoDataFrame | xr.DataArray


def read_zone_polygons(
    path: Path,
    column: str,
    names: Mapping[int, str] = NO_NAMES,
    left_out: Collection[int] = (),
) -> ZoneFile:
    """Zones from polygons.

    Parameters
    ----------
    path : Path
        Any vector file; of several layers the first.
    column : str
        Column of text or whole numbers; polygons of one value are one zone.
    names : mapping of {int: str}, optional
        Names of whole numbers; without them a zone is called by its number.
    left_out : collection of int, optional
        Numbers that are no zone.

    Raises
    ------
    InputError
        If geopandas cannot read the file, the column is absent, has missing values or is neither
        text nor whole numbers, a number has no name though others have, names cannot be told
        apart, or a geometry is missing, invalid or no polygon.
    GridError
        If the file has no CRS.
    """
    table = _vector(path)
    if column not in table or column == table.geometry.name:
        raise InputError(
            f"{path.name} has no column {column!r}",
            rule="`column` names the zones",
            value=f"columns {', '.join(str(c) for c in table if c != table.geometry.name)}",
            remedy="choose one of these",
        )
    values = _plain(table[column], f"column {column!r} of {path.name}")
    kept = ~values.isin(list(left_out))
    table, values = table[kept], values[kept]
    zones, found = _named(values.unique(), names, path.name)
    _check_shapes(table.geometry, values, path.name)
    code = values.map({value: place for place, value in enumerate(found, 1)})
    return ZoneFile(
        zones,
        gpd.GeoDataFrame({"code": code.astype("int64")}, geometry=table.geometry, crs=table.crs),
    )


def read_zone_raster(
    path: Path, names: Mapping[int, str] = NO_NAMES, left_out: Collection[int] = ()
) -> ZoneFile:
    """Zones from the first band of a raster of whole numbers.

    Parameters
    ----------
    path : Path
        Any raster that is north up.
    names : mapping of {int: str}, optional
        Names of codes; without them a zone is called by its code.
    left_out : collection of int, optional
        Codes that are no zone, like those that the file declares as missing.

    Raises
    ------
    InputError
        If rasterio cannot read the file, values are no whole numbers, or a code has no name though
        others have.
    GridError
        If the file has no CRS, is not north up, or ends south of 40° N.
    """
    stored, grid = read_raster(path, _northern(path))
    band = stored[0]
    if band.dtype.kind not in "iu":
        raise InputError(
            f"{path.name} holds no codes",
            rule="a raster of zones is of whole numbers",
            value=band.dtype,
            remedy="store its codes as integers",
        )
    none = np.ma.getmaskarray(band) | np.isin(band.data, list(left_out))
    zones, found = _named(np.unique(band.data[~none]), names, path.name)
    place = np.searchsorted(np.array(found, dtype=band.dtype), band.data) + 1
    codes = np.where(none, -1, place).astype(np.int16)
    return ZoneFile(zones, xr.DataArray(codes, coords=grid.coords(), dims=("y", "x")))


def _vector(path: Path) -> gpd.GeoDataFrame:
    """A vector file that has polygons and says where they lie."""
    try:
        table = gpd.read_file(check_file(path, "the file of zones"), engine="pyogrio")
    except DataSourceError as error:
        raise InputError(
            f"{path.name} cannot be read as polygons",
            rule="a zone set with `column` is a vector file that geopandas reads",
            value=error,
            remedy="leave out `column` if the file is a raster",
        ) from error
    if not isinstance(table, gpd.GeoDataFrame) or table.empty:
        raise InputError(f"{path.name} holds no polygons", rule="it has one row a polygon")
    if table.crs is None:
        raise GridError(
            f"{path.name} does not say where it lies",
            rule="the file carries a coordinate reference system",
            value=None,
            remedy="a shapefile needs its .prj file; otherwise assign a CRS with ogr2ogr -a_srs",
        )
    return table


def _northern(path: Path) -> Bounds | None:
    """The part of a raster in degrees that is read; all of any other raster."""
    try:
        with rasterio.open(check_file(path, "the file of zones")) as source:
            west, south, east, north = source.bounds
            if source.crs is None or not source.crs.is_geographic:
                return None
            return west, max(south, SOUTHERN_EDGE), east, north
    except RasterioIOError as error:
        raise InputError(
            f"{path.name} cannot be read as a raster",
            rule="a zone set without `column` is a raster that rasterio reads",
            value=error,
            remedy="name the `column` of the zones if the file holds polygons",
        ) from error


def _plain(values: pd.Series, what: str) -> pd.Series:
    """A column of text or whole numbers without gaps."""
    text = values.map(lambda value: isinstance(value, str) and not value.strip())
    missing = np.flatnonzero(values.isna() | text.astype(bool))
    if missing.size:
        raise InputError(
            f"{what} has missing values",
            rule="each polygon belongs to a zone",
            value=f"{missing.size} missing, the first in row {missing[0]}",
            remedy="name these polygons, or remove them from the file",
        )
    if pd.api.types.is_integer_dtype(values):
        return values.astype("int64")
    if not values.map(lambda value: isinstance(value, str)).all():
        raise InputError(
            f"{what} cannot name zones",
            rule="it holds text or whole numbers",
            value=values.dtype,
            remedy="choose another column, or change its type",
        )
    return values.str.strip()


def _named(
    values: np.ndarray, names: Mapping[int, str], file: str
) -> tuple[tuple[str, ...], list[Hashable]]:
    """Names of the zones, and their values in the file, in the order of these."""
    found = sorted(np.asarray(values).tolist())
    if not 0 < len(found) <= MOST:
        raise InputError(
            f"{file} has no zones, or too many",
            rule=f"1 to {MOST} zones",
            value=len(found),
            remedy="check `column`, `left_out` and the missing value of the file",
        )
    nameless = [value for value in found if value not in names] if names else []
    if nameless:
        raise InputError(
            f"{file} has zones without a name",
            rule="with `names`, each code has a name or is left out",
            value=", ".join(map(str, nameless[:10])),
            remedy="name them in `names`, or list them in `left_out`",
        )
    zones = [str(names.get(value, value)) for value in found]
    _check_told_apart(zones, file)
    return tuple(zones), found


def _check_told_apart(zones: list[str], file: str) -> None:
    """Nothing, if names differ by more than case and signs, and none is that of the rest."""
    seen: dict[str, str] = {}
    for zone in zones:
        plain = re.sub(r"[\W_]+", " ", zone).strip().casefold()
        if not plain or plain == LEFT_OUT or plain in seen:
            raise InputError(
                f"{file} has zones that cannot be told apart",
                rule=f"names differ in letters or digits, and none is {LEFT_OUT!r}",
                value=" and ".join(dict.fromkeys([seen.get(plain, zone), zone])),
                remedy="rename one of them, or join them under one name",
            )
        seen[plain] = zone


def _check_shapes(shapes: gpd.GeoSeries, values: pd.Series, file: str) -> None:
    """Nothing, if all shapes are valid polygons."""
    wrong = shapes.isna() | shapes.is_empty | ~shapes.is_valid
    wrong |= ~shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    if not wrong.any():
        return
    row = wrong.idxmax()
    shape = shapes.loc[row]
    if shape is None or shape.is_empty:
        reason = "no geometry"
    else:
        reason = shape.geom_type if shape.is_valid else is_valid_reason(shape)
    raise InputError(
        f"{file} holds shapes that are no valid polygons",
        rule="polygons or multipolygons whose rings do not cross",
        value=f"{int(wrong.sum())} shapes; {values.loc[row]!r} in row {row}: {reason}",
        remedy="mend them, for example with make_valid() of geopandas",
    )
