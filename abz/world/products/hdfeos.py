"""HDF-EOS2 grid files: one rectangle of the sinusoidal projection, deflated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pyhdf.SD import SD, SDC

from abz.errors import GridError, InputError
from abz.grid.geometry import MODIS_SPHERE_M, MODIS_TILE_M, SINUSOIDAL_CRS, Grid

__all__ = ["Field", "Sector", "core_metadata", "sectors", "struct_metadata", "write_grid_file"]

DEFLATE = 4
CORNER_TOLERANCE = 1e-6
"""Part of a tile by which an edge may miss the tile's corner through rounding."""

ADDRESS_LENGTH = 256
"""HDF4 stores the path it opens in the file; paths are brought to this length, then blanked."""

_HDF_TYPES = {
    "int8": SDC.INT8, "uint8": SDC.UINT8, "int16": SDC.INT16, "uint16": SDC.UINT16,
}  # fmt: skip


class Field(NamedTuple):
    """One dataset of a file: its name, stored values (rows, columns) and attributes."""

    name: str
    stored: np.ndarray
    attributes: Mapping[str, Any]


class Sector(NamedTuple):
    """Neighbouring columns of a grid that share a file."""

    tile: str
    columns: slice
    grid: Grid


def sectors(grid: Grid, tiles: int) -> list[Sector]:
    """A grid cut from west to east.

    Parameters
    ----------
    grid : Grid
        On the MODIS sinusoidal projection.
    tiles : int
        Number of sectors, as even as whole columns allow.

    Returns
    -------
    list of Sector
        Each named after the MODIS tile hHHvVV that holds its upper left corner.

    Raises
    ------
    GridError
        If the grid is on another projection or reaches beyond the tiles.
    InputError
        If two sectors begin in one tile.

    Examples
    --------
    >>> from abz.grid import sinusoidal_grid
    >>> [sector.tile for sector in sectors(sinusoidal_grid(4, (10, 20), (2, 4)), 2)]
    ['h10v02', 'h15v02']
    """
    if grid.crs != Grid(SINUSOIDAL_CRS, grid.transform, grid.shape).crs:
        raise GridError(
            "the grid is not sinusoidal",
            rule=f"crs is {SINUSOIDAL_CRS}",
            value=grid.crs[:60],
            remedy="make it with abz.grid.sinusoidal_grid",
        )
    edges = np.linspace(0, grid.shape[1], tiles + 1).round().astype(int)
    cut = []
    for left, right in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        columns = slice(left, right)
        part = grid.window(slice(None), columns)
        cut.append(Sector(_tile(part), columns, part))
    names = [sector.tile for sector in cut]
    if len(set(names)) < len(names):
        raise InputError(
            "two sectors begin in one tile",
            rule="each file of a date has its own tile in its name",
            value=", ".join(names),
            remedy="write fewer sectors",
        )
    return cut


def _tile(grid: Grid) -> str:
    """The MODIS tile that holds the upper left corner of a grid."""
    west, _, _, north = grid.bounds
    h = int(np.floor(18 + west / MODIS_TILE_M + CORNER_TOLERANCE))
    v = int(np.floor(9 - north / MODIS_TILE_M + CORNER_TOLERANCE))
    if not (0 <= h < 36 and 0 <= v < 18):
        raise GridError(
            "the grid begins outside the MODIS tiles",
            rule="upper left corner in h00 to h35, v00 to v17",
            value=f"h{h}, v{v}",
        )
    return f"h{h:02d}v{v:02d}"


def struct_metadata(grid: Grid, name: str, fields: Mapping[str, str]) -> str:
    """The text of the global attribute `StructMetadata.0`.

    Parameters
    ----------
    grid : Grid
        Rectangle of the file.
    name : str
        Name of the HDF-EOS grid.
    fields : mapping of {str: str}
        Each dataset with its NumPy type.
    """
    west, south, east, north = grid.bounds
    lines = [
        "GROUP=SwathStructure", "END_GROUP=SwathStructure", "GROUP=GridStructure",
        "\tGROUP=GRID_1", f'\t\tGridName="{name}"',
        f"\t\tXDim={grid.shape[1]}", f"\t\tYDim={grid.shape[0]}",
        f"\t\tUpperLeftPointMtrs=({west:.6f},{north:.6f})",
        f"\t\tLowerRightMtrs=({east:.6f},{south:.6f})",
        "\t\tProjection=GCTP_SNSOID",
        f"\t\tProjParams=({MODIS_SPHERE_M:.6f},0,0,0,0,0,0,0,0,0,0,0,0)",
        "\t\tSphereCode=-1", "\t\tGridOrigin=HDFE_GD_UL",
        "\t\tGROUP=Dimension", "\t\tEND_GROUP=Dimension", "\t\tGROUP=DataField",
    ]  # fmt: skip
    for number, (field, dtype) in enumerate(fields.items(), 1):
        lines += [
            f"\t\t\tOBJECT=DataField_{number}",
            f'\t\t\t\tDataFieldName="{field}"',
            f"\t\t\t\tDataType=DFNT_{dtype.upper()}",
            '\t\t\t\tDimList=("YDim","XDim")',
            f"\t\t\tEND_OBJECT=DataField_{number}",
        ]
    lines += [
        "\t\tEND_GROUP=DataField", "\t\tGROUP=MergedFields", "\t\tEND_GROUP=MergedFields",
        "\tEND_GROUP=GRID_1", "END_GROUP=GridStructure",
        "GROUP=PointStructure", "END_GROUP=PointStructure", "END", "",
    ]  # fmt: skip
    return "\n".join(lines)


def core_metadata(path: Path, start: date, stop: date) -> str:
    """The part of `CoreMetadata.0` that names a file, its first day and its last."""
    said = {
        "LOCALGRANULEID": path.name,
        "RANGEBEGINNINGDATE": start.isoformat(),
        "RANGEENDINGDATE": (stop - timedelta(days=1)).isoformat(),
    }
    lines = ["GROUP                  = INVENTORYMETADATA"]
    for name, value in said.items():
        lines += [
            f"  OBJECT                 = {name}", "    NUM_VAL              = 1",
            f'    VALUE                = "{value}"', f"  END_OBJECT             = {name}",
        ]  # fmt: skip
    return "\n".join([*lines, "END_GROUP              = INVENTORYMETADATA", "END", ""])


def write_grid_file(
    path: Path, metadata: str, grid_name: str, fields: Sequence[Field], core: str = ""
) -> Path:
    """One HDF4 file with `StructMetadata.0`, `CoreMetadata.0` and datasets (YDim, XDim)."""
    address = str(path.resolve()).rjust(ADDRESS_LENGTH, "/")
    file = SD(address, SDC.WRITE | SDC.CREATE | SDC.TRUNC)
    file.attr("HDFEOSVersion").set(SDC.CHAR8, "HDFEOS_V2.19")
    file.attr("StructMetadata.0").set(SDC.CHAR8, metadata)
    if core:
        file.attr("CoreMetadata.0").set(SDC.CHAR8, core)
    for field in fields:
        kind = _HDF_TYPES[str(field.stored.dtype)]
        dataset = file.create(field.name, kind, field.stored.shape)
        dataset.setcompress(SDC.COMP_DEFLATE, DEFLATE)
        dataset.dim(0).setname(f"YDim:{grid_name}")
        dataset.dim(1).setname(f"XDim:{grid_name}")
        for name, value in field.attributes.items():
            dataset.attr(name).set(_attribute_type(name, value, kind), value)
        dataset.set(np.ascontiguousarray(field.stored))
        dataset.endaccess()
    file.end()
    content = path.read_bytes()
    path.write_bytes(content.replace(address.encode(), path.name.rjust(len(address), "/").encode()))
    return path


def _attribute_type(name: str, value: Any, stored: int) -> int:
    """The HDF type of an attribute: ranges and fill values take that of the dataset."""
    if isinstance(value, str):
        return int(SDC.CHAR8)
    return stored if name in ("valid_range", "_FillValue") else int(SDC.FLOAT64)
