"""HDF-EOS2 tiles of one MODIS product, each decoded into its window of one map.

Where a file lies is what its `StructMetadata.0` says; the tile in its name only tells files of one
date apart. `abz.readers.modis_layers` declares how each variable is stored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import dask.array
import numpy as np
import xarray as xr

from abz.errors import GridError, InputError
from abz.readers.file_names import parse_names
from abz.readers.hdfeos import (
    Extent,
    Mosaic,
    fit_tiles,
    open_hdf,
    read_extent,
    read_field,
    stated_start,
)
from abz.readers.labels import label, provenance
from abz.readers.lazy import lazy_map
from abz.readers.modis_layers import Layer, Product
from abz.readers.modis_maps import check_start, decode, steps_of

__all__ = ["read_product"]

NEAR = timedelta(days=16)
"""How far the first day in a file's metadata may lie from the one in its name."""


class _File(NamedTuple):
    """What the name of a file says."""

    path: Path
    name: str
    start: date
    tile: str


def read_product(
    product: Product,
    paths: Sequence[Path],
    years: Collection[int] | None = None,
    *,
    lazy: bool = False,
) -> xr.Dataset:
    """All files of a product, each tile decoded into its window of one array per variable.

    Parameters
    ----------
    product : Product
        What the files are.
    paths : sequence of Path
        HDF4 tiles of any dates, in any order.
    years : collection of int, optional
        The years that were asked for; a file of another year is an error.
    lazy : bool, optional
        Whether the values of a tile are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (time or year, y, x)
        The product's variables; tiles that a date lacks are missing.

    Raises
    ------
    InputError
        If a name, date, type, scale factor or value is not the product's.
    GridError
        If the tiles do not fit together.
    MissingDataError
        If a file or its dataset is not there.
    """
    files = _files(product, paths, years)
    extents = _extents(files)
    mosaic = fit_tiles(extents)
    starts = sorted({file.start for file in files})
    mapped = _Tiles(product, mosaic, extents, _by_step(files, starts))
    arrays = {layer.variable: mapped.lazy(layer) for layer in product.layers}
    if not lazy:
        arrays = {name: array.compute(scheduler="synchronous") for name, array in arrays.items()}
    attrs = {layer.variable: layer.attrs for layer in product.layers}
    source = " and ".join(sorted({file.name for file in files}))
    data = label(arrays, attrs, steps_of(product, starts), mosaic.grid, source)
    return data.assign_attrs(provenance(source, [file.path for file in files]))


@dataclass(frozen=True, eq=False)
class _Tiles:
    """Files of a product as one map."""

    product: Product
    mosaic: Mosaic
    extents: Mapping[str, Extent]
    files: Sequence[Mapping[str, _File]]

    def lazy(self, layer: Layer) -> dask.array.Array:
        """A variable (step, y, x), chunked as the files are."""
        ny, nx = self.mosaic.grid.shape
        edges = (
            {0, ny, *(end for rows, _ in self.mosaic.windows.values() for end in _ends(rows))},
            {0, nx, *(end for _, cols in self.mosaic.windows.values() for end in _ends(cols))},
        )
        rows, columns = (np.diff(sorted(side)).tolist() for side in edges)
        kind = layer.dtype if layer.is_code else "float32"
        chunks = ([1] * len(self.files), rows, columns)
        return lazy_map(partial(self.read, layer), np.dtype(kind), chunks)

    def read(self, layer: Layer, steps: slice, rows: slice, columns: slice) -> np.ndarray:
        """Values of a part of the map."""
        files = self.files[steps]
        shape = (len(files), rows.stop - rows.start, columns.stop - columns.start)
        missing = -1 if layer.is_code else np.nan
        values = np.full(shape, missing, layer.dtype if layer.is_code else np.float32)
        for place, tiles in enumerate(files):
            for tile, file in tiles.items():
                window = self.mosaic.windows[tile]
                shared = _common(rows, window[0]), _common(columns, window[1])
                if all(part.start < part.stop for part in shared):
                    down, across = _from(shared[0], rows), _from(shared[1], columns)
                    values[place, down, across] = self._decoded(layer, file, shared, window)
        return values

    def _decoded(
        self,
        layer: Layer,
        file: _File,
        part: tuple[slice, slice],
        window: tuple[slice, slice],
    ) -> np.ndarray:
        """Values of a part of the map that one file holds."""
        with open_hdf(file.path) as hdf:
            _check_extent(read_extent(hdf, file.path), self.extents[file.tile], file)
            _check_date(stated_start(hdf), file)
            field = self.product.field(file.name, layer)
            inside = _from(part[0], window[0]), _from(part[1], window[1])
            stored, attributes = read_field(hdf, field, file.path, inside)
        _check_storage(layer, stored, attributes, file.path)
        return decode(layer, stored, file.path.name)


def _ends(part: slice) -> tuple[int, int]:
    """Start and stop of a run."""
    return part.start, part.stop


def _common(first: slice, second: slice) -> slice:
    """What two runs share; it stops before it starts if they share nothing."""
    return slice(max(first.start, second.start), min(first.stop, second.stop))


def _from(part: slice, whole: slice) -> slice:
    """A run counted from the start of another."""
    return slice(part.start - whole.start, part.stop - whole.start)


def _by_step(files: Sequence[_File], starts: Sequence[date]) -> list[dict[str, _File]]:
    """Files of each date by their tile."""
    found: dict[date, dict[str, _File]] = {start: {} for start in starts}
    for file in files:
        found[file.start][file.tile] = file
    return list(found.values())


def _files(product: Product, paths: Sequence[Path], years: Collection[int] | None) -> list[_File]:
    """The files with what their names say, in order of date and tile."""
    siblings = "|".join(product.resolutions)
    pattern = re.compile(
        rf"(?P<name>{siblings})\.A(?P<year>\d{{4}})(?P<day>\d{{3}})\.(?P<tile>h\d\dv\d\d)"
        r"\.\d{3}\.\d{13}\.hdf"
    )
    example = f"{product.name}.A2001049.h18v03.006.2015111182500.hdf"
    files = []
    for path, part in parse_names(paths, pattern, " or ".join(product.resolutions), example, years):
        start = date(int(part["year"]), 1, 1) + timedelta(days=int(part["day"]) - 1)
        check_start(product, start, path.name)
        files.append(_File(path, part["name"], start, part["tile"]))
    _check_single(files)
    return sorted(files, key=lambda file: (file.start, file.tile))


def _check_single(files: Sequence[_File]) -> None:
    """Refuse two files for one tile and date."""
    seen: dict[tuple[date, str], Path] = {}
    for file in files:
        other = seen.setdefault((file.start, file.tile), file.path)
        if other != file.path:
            raise InputError(
                "two files are for the same tile and date",
                rule="one file for each tile and date",
                value=f"{other.name} and {file.path.name}",
                remedy="keep the one that the catalog pins",
            )


def _extents(files: Sequence[_File]) -> dict[str, Extent]:
    """The extent of each tile, from its first file."""
    extents = {}
    for file in files:
        if file.tile not in extents:
            with open_hdf(file.path) as hdf:
                extents[file.tile] = read_extent(hdf, file.path)
    return extents


def _check_extent(found: Extent, expected: Extent, file: _File) -> None:
    """Refuse a file that lies elsewhere than the first file of its tile."""
    if found != expected:
        raise GridError(
            f"{file.path.name} does not lie where tile {file.tile} lies on other dates",
            rule=f"{expected}",
            value=f"{found}",
            remedy="read files cut to different windows in separate calls",
        )


def _check_date(stated: date | None, file: _File) -> None:
    """Refuse a file whose own metadata say that it is of another time than its name."""
    if stated is not None and abs(stated - file.start) > NEAR:
        raise InputError(
            f"{file.path.name} is of another date than its name says",
            rule=f"it begins within {NEAR.days} days of {file.start}",
            value=f"RANGEBEGINNINGDATE is {stated}",
            remedy="fetch the file again, or give it its true name",
        )


def _check_storage(
    layer: Layer, stored: np.ndarray, attributes: Mapping[str, Any], path: Path
) -> None:
    """Refuse a type, scale factor or fill value other than the declared."""
    found = (
        str(stored.dtype),
        attributes.get("scale_factor", 1.0) if layer.scale_factor else layer.scale_factor,
        attributes.get("_FillValue", layer.fill),
    )
    declared = (layer.dtype, layer.scale_factor, layer.fill)
    if found != declared:
        raise InputError(
            f"{layer.variable} in {path.name} is stored in another way than declared",
            rule="type, scale_factor, _FillValue are {}, {}, {}".format(*declared),
            value="{}, {}, {}".format(*found),
            remedy="use the file of the archive, not a rescaled copy",
        )
