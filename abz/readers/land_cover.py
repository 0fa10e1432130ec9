"""Land cover of the boreal zone (ESA CCI) and of the tundra (CAVM), and their legends.

The legends turn each map's classes into the vegetation types of the study. The study's own GIS
edits ("crop", "mixed", "broadleaf evergreen" and "water" fixes) are undocumented; where a class
needed one, the choice made here is stated beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from abz.readers.geotiff import Bounds, grid_of_file, lazy_codes, read_codes, thinned_values
from abz.readers.netcdf_codes import netcdf_codes, thinned_codes
from abz.readers.orientation import FINEST, check_orientation, check_polar_orientation
from abz.validation import check_codes, check_single_file
from abz.vocabulary import VEGETATION_MERGES

__all__ = [
    "CAVM_LEGEND",
    "LAND_COVER_MAPS",
    "LCCS_LEGEND",
    "LandCoverMap",
    "cavm_to_vegetation",
    "is_land",
    "lccs_to_vegetation",
    "read_cavm",
    "read_esa_cci_lc",
]

NONE = -1
"""No vegetation type: water, ice, missing, or bare ground outside the tundra."""

BOREAL_MOSAIC, BROADLEAF, EVERGREEN, LARCH, MIXED, SPARSE, WETLAND = 30, 60, 70, 80, 90, 120, 160

LCCS_LEGEND: Mapping[int, int] = MappingProxyType(
    {
        **dict.fromkeys((10, 11, 12, 20, 30, 40), BOREAL_MOSAIC),  # cropland: a choice
        50: BOREAL_MOSAIC,  # broadleaf evergreen does not grow here: a choice
        **dict.fromkeys((60, 61, 62), BROADLEAF),
        **dict.fromkeys((70, 71, 72), EVERGREEN),
        **dict.fromkeys((80, 81, 82), LARCH),
        90: MIXED,
        **dict.fromkeys((100, 110), BOREAL_MOSAIC),
        **dict.fromkeys((120, 121, 122, 130, 140), SPARSE),  # shrub, grass, lichen: a choice
        **dict.fromkeys((150, 151, 152, 153), SPARSE),
        **dict.fromkeys((160, 170, 180), WETLAND),
        190: NONE,  # urban
        **dict.fromkeys((200, 201, 202), NONE),  # bare: a choice; the tundra's comes from the CAVM
        210: NONE,  # water
        220: NONE,  # permanent snow and ice
        0: NONE,  # no data
    }
)
"""LCCS class of ESA CCI land cover to vegetation type of the study, before its merges."""

CAVM_LEGEND: Mapping[int, int] = MappingProxyType(
    {
        **dict.fromkeys((1, 2, 3, 4, 5), 1),
        **dict.fromkeys((21, 22, 23, 24), 21),
        **dict.fromkeys((31, 32), 31),  # prostrate dwarf shrubs
        **dict.fromkeys((33, 34), 33),  # erect dwarf and low shrubs
        **dict.fromkeys((41, 42, 43), 41),
        **dict.fromkeys((91, 92, 93), NONE),  # fresh water, saline water, glacier
        99: NONE,  # outside the Arctic
        127: NONE,  # no data
    }
)
"""CAVM grid_code to vegetation type of the study, before its merges."""

NOT_LAND = (NONE, 0, 210, 220)
WATERS = (92, 210)
"""Saline water of the CAVM, water of the LCCS: no other legend has these codes."""


@dataclass(frozen=True)
class LandCoverMap:
    """How a product stores its classes.

    Parameters
    ----------
    file : str
        Name of the product's file; `{year}` where it has one.
    variable : str
        Canonical name.
    long_name : str
        What it is.
    nodata : int
        Stored class that means missing.
    legend : mapping of {int: int}
        All classes, and the vegetation type of each.

    Examples
    --------
    >>> LAND_COVER_MAPS["cavm"].variable
    'grid_code'
    """

    file: str
    variable: str
    long_name: str
    nodata: int
    legend: Mapping[int, int]


LAND_COVER_MAPS = MappingProxyType(
    {
        "esa_cci_lc": LandCoverMap(
            "ESACCI-LC-L4-LCCS-Map-300m-P1Y-{year}-v2.0.7.tif",
            "lccs_class",
            "land cover class of the LCCS",
            0,
            LCCS_LEGEND,
        ),
        "cavm": LandCoverMap(
            "raster_cavm_v1.tif",
            "grid_code",
            "class of the circumpolar Arctic vegetation map",
            127,
            CAVM_LEGEND,
        ),
    }
)
"""Entry of the catalog to its storage."""


def read_esa_cci_lc(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """ESA CCI land cover of one year, as its own classes.

    Parameters
    ----------
    paths : sequence of Path
        `ESACCI-LC-L4-LCCS-Map-300m-P1Y-{year}-v2.0.7.tif`, or `.nc` as the Climate Data Store has
        it; the study uses one static map.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, degrees; the whole map does not fit in memory.
    lazy : bool, optional
        Whether parts of the whole map are read when they are asked for. Their classes are
        checked when they become types of vegetation.

    Returns
    -------
    xarray.Dataset (y, x)
        lccs_class, int16; −1 where missing.

    Raises
    ------
    MissingDataError
        If the file is missing.
    CategoryError
        If a code is not in `LCCS_LEGEND`.
    GridError
        If the map lies upside down.

    References
    ----------
    .. [1] ESA Land Cover CCI, Product User Guide v2, https://maps.elie.ucl.ac.be/CCI/.
    """
    return _read("esa_cci_lc", paths, bounds, lazy=lazy)


def read_cavm(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """The circumpolar Arctic vegetation map, as its own classes.

    Parameters
    ----------
    paths : sequence of Path
        `raster_cavm_v1.tif`, on a polar equal-area grid.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, m on the map's own projection.
    lazy : bool, optional
        Whether parts of the whole map are read when they are asked for. Their classes are
        checked when they become types of vegetation.

    Returns
    -------
    xarray.Dataset (y, x)
        grid_code, int16; −1 where missing.

    Raises
    ------
    MissingDataError
        If the file is missing.
    CategoryError
        If a code is not in `CAVM_LEGEND`.

    References
    ----------
    .. [1] Raynolds et al. (2019), doi:10.1016/j.rse.2019.111297.
    """
    return _read("cavm", paths, bounds, lazy=lazy)


def lccs_to_vegetation(codes: Any) -> np.ndarray:
    """Vegetation type of the study for each LCCS class.

    Parameters
    ----------
    codes : array_like of int
        LCCS classes, any shape; −1 where missing.

    Returns
    -------
    numpy.ndarray
        int16 codes of `abz.vocabulary.VEGETATION`, same shape; −1 for water, ice, urban, bare
        and missing.

    Raises
    ------
    CategoryError
        If a code is not in `LCCS_LEGEND`.

    Notes
    -----
    Forests and wetlands follow the study. Choices made here, because the study's edits are
    undocumented: cropland and broadleaf evergreen join the boreal mosaic; shrubland, grassland
    and lichens join the sparse boreal vegetation; bare ground has no type outside the tundra,
    where the type comes from the CAVM. Mixed forest joins the mosaic, as in the study.

    Examples
    --------
    >>> lccs_to_vegetation([71, 90, 210, -1]).tolist()
    [70, 30, -1, -1]
    """
    return _look_up(codes, LCCS_LEGEND, "lccs_class")


def cavm_to_vegetation(codes: Any) -> np.ndarray:
    """Vegetation type of the study for each CAVM class.

    Parameters
    ----------
    codes : array_like of int
        CAVM grid codes, any shape; −1 where missing.

    Returns
    -------
    numpy.ndarray
        int16 codes of `abz.vocabulary.VEGETATION`, same shape; −1 for water, glacier, land
        outside the Arctic and missing.

    Raises
    ------
    CategoryError
        If a code is not in `CAVM_LEGEND`.

    Notes
    -----
    The study's merges are applied: barrens join the prostrate-shrub tundra, tundra wetlands the
    wetlands. That prostrate shrubs are classes 31 and 32, and erect shrubs 33 and 34, follows
    the names of the map's classes.

    Examples
    --------
    >>> cavm_to_vegetation([3, 22, 34, 42, 91]).tolist()
    [31, 21, 33, 160, -1]
    """
    return _look_up(codes, CAVM_LEGEND, "grid_code")


def is_land(codes: Any) -> np.ndarray:
    """Whether each LCCS class is land: neither water, nor permanent ice, nor missing.

    Parameters
    ----------
    codes : array_like of int
        LCCS classes, any shape; −1 where missing.

    Returns
    -------
    numpy.ndarray of bool
        Same shape.

    Raises
    ------
    CategoryError
        If a code is not in `LCCS_LEGEND`.

    Examples
    --------
    >>> is_land([71, 200, 210, 220, -1]).tolist()
    [True, True, False, False, False]
    """
    known = check_codes(codes, [NONE, *LCCS_LEGEND], "lccs_class")
    return ~np.isin(known, NOT_LAND)


def _read(entry: str, paths: Sequence[Path], bounds: Bounds | None, *, lazy: bool) -> xr.Dataset:
    """The classes of an entry, checked against its legend unless they are lazy."""
    storage = LAND_COVER_MAPS[entry]
    kind = ".nc" if any(Path(path).suffix == ".nc" for path in paths) else ".tif"
    path = check_single_file(paths, kind, entry)
    lazily = lazy and bounds is None
    if kind == ".nc":
        stored = netcdf_codes(path, storage.variable, bounds, lazy=lazily)
    else:
        stored = lazy_codes(path) if lazily else read_codes(path, bounds)
    codes = stored.where(stored != storage.nodata, NONE).astype(np.int16)
    if not lazily:
        _positions(codes.values, storage.legend, storage.variable)
    _check_coasts(_thinned(path, storage) if lazily else codes, storage, path)
    attributes = {"units": "1", "long_name": storage.long_name}
    return codes.rename(storage.variable).assign_attrs(attributes).to_dataset()


def _thinned(path: Path, storage: LandCoverMap) -> xr.DataArray:
    """Codes of some rows and columns of a map that does not fit in memory."""
    if path.suffix == ".nc":
        return thinned_codes(path, storage.variable, FINEST)
    return thinned_values(path, FINEST)


def _check_coasts(codes: xr.DataArray, storage: LandCoverMap, path: Path) -> None:
    """Nothing, unless a whole map lies another way than it says."""
    where = f"{storage.variable} of {path.name}"
    empty = (NONE, storage.nodata, *WATERS)
    held = np.isfinite(codes.values) & ~np.isin(codes.values, empty)
    if path.suffix == ".nc" or grid_of_file(path).is_lonlat:
        check_orientation(held, codes["x"].values, codes["y"].values, where)
    else:
        check_polar_orientation(held, grid_of_file(path), where)


def _look_up(codes: Any, legend: Mapping[int, int], name: str) -> np.ndarray:
    """The merged vegetation type of each code."""
    types = [VEGETATION_MERGES.get(legend[code], legend[code]) for code in sorted(legend)]
    return np.array([NONE, *types], dtype=np.int16)[_positions(codes, legend, name)]


def _positions(codes: Any, legend: Mapping[int, int], name: str) -> np.ndarray:
    """Where each code stands in the sorted legend, counted from 1; 0 for missing."""
    known = [NONE, *sorted(legend)]
    values = check_codes(codes, known, name)
    return np.searchsorted(known, values)
