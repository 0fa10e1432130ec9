"""The empty flux maps that blocks are written into, with all that describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dask.array as dask_array
import numpy as np
import xarray as xr

from abz.grid.geometry import Grid
from abz.ledger import FLUX_PARTS
from abz.units import MONTHLY_FLUX
from abz.upscaling.extrapolation import NO_FLUX, flag_masks
from abz.upscaling.packing import Packing
from abz.upscaling.support import NO_LEVEL, SUPPORT, mapped_categories
from abz.vocabulary import FLUXES

__all__ = [
    "LEVEL_SUPPORT",
    "MEMBERS",
    "OUTSIDE_RANGE",
    "STATISTICS",
    "flux_variables",
    "map_storage",
    "map_template",
]

STATISTICS = {"": "central forest", "_mean": "mean of the members", "_sd": "SD of the members"}
"""Suffix of a map's name, and what the map holds."""

LEVEL_SUPPORT = "_level_support"
"""Suffix of the map that says whether a flux rests on a level of the training rows."""

OUTSIDE_RANGE = "_outside_range"
"""Suffix of the map of predictors that lie outside their range in the training rows."""

MEMBERS = "_members"
"""Suffix of the maps of each member, which are kept if asked for."""

OVER_MEMBERS = {"_mean": " realization: mean", "_sd": " realization: standard_deviation"}
"""What a map's CF cell methods say of the members."""

READ_TOGETHER = (3, 128, 128)
"""Months, rows and columns that are read together: a quarter of a year by a quarter of a tile."""


def flux_variables(fluxes: Sequence[str]) -> list[str]:
    """Names of all maps.

    Examples
    --------
    >>> flux_variables(["nee"])
    ['nee', 'nee_mean', 'nee_sd']
    """
    return [flux + suffix for flux in fluxes for suffix in STATISTICS]


def map_template(
    fluxes: Sequence[str],
    time: xr.DataArray,
    grid: Grid,
    predictors: Sequence[str] = (),
    *,
    members: int = 0,
    statistics: Mapping[str, str] = STATISTICS,
) -> xr.Dataset:
    """Flux maps full of NaN, lazily.

    Parameters
    ----------
    fluxes : sequence of str
        Names of the fluxes.
    time : xarray.DataArray (time)
        First day of each month.
    grid : Grid
        Of the maps.
    predictors : sequence of str, optional
        Of the forests; if one is no category, there is a map of those outside their range, and if
        one is a map of codes, there is a map of what each flux rests on.
    members : int, optional
        Members whose own maps are kept.
    statistics : mapping of {suffix: what it is}, optional
        Maps of each flux; those of `STATISTICS` by default.

    Returns
    -------
    xarray.Dataset (time, y, x)
        For each flux the central value, `_mean` and `_sd`, g C m-2 month-1, float32, and
        `_outside_range`, int32, as `range_flags` gives it; with a mapped category also
        `_level_support` (y, x), int8, as `window_support` gives it. With members also `_members`
        (member, time, y, x).

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> months = xr.date_range("2001-01-01", periods=12, freq="MS")
    >>> time = xr.DataArray(months, dims="time", coords={"time": months})
    >>> map_template(["nee"], time, polar_grid(1e6))["nee"].attrs["units"]
    'g C m-2 month-1'
    """
    shape = (time.size, *grid.shape)
    levels, masks = mapped_categories(predictors), flag_masks(predictors)
    # nothing of these is computed or written, and one part makes the smallest graph
    empty = dask_array.full(shape, np.float32(np.nan), dtype=np.float32, chunks=shape)
    unknown = dask_array.full(grid.shape, np.int8(NO_LEVEL), dtype=np.int8, chunks=grid.shape)
    unasked = dask_array.full(shape, np.int32(NO_FLUX), dtype=np.int32, chunks=shape)
    beside = [OUTSIDE_RANGE] * bool(masks) + [LEVEL_SUPPORT] * bool(levels)
    maps: dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]] = {}
    for flux in fluxes:
        for suffix, what in statistics.items():
            others = [tail for tail in statistics if tail] + beside
            about = _attributes(flux, suffix, what, others)
            maps[flux + suffix] = (("time", "y", "x"), empty, about)
        if masks:
            about = _range_attributes(flux, masks)
            maps[flux + OUTSIDE_RANGE] = (("time", "y", "x"), unasked, about)
        if members:
            each = dask_array.full((members, *shape), np.float32(np.nan), chunks=(1, *shape))
            about = _attributes(flux, MEMBERS, "each member", ())
            maps[flux + MEMBERS] = (("member", "time", "y", "x"), each, about)
        if levels:
            maps[flux + LEVEL_SUPPORT] = (("y", "x"), unknown, _support_attributes(flux, levels))
    numbers = {"member": np.arange(1, members + 1)} if members else {}
    return xr.Dataset(maps, coords={"time": time, **numbers, **grid.coords()})


def map_storage(
    template: xr.Dataset, together: tuple[int, int, int], packing: Packing
) -> dict[str, dict[str, Any]]:
    """How Zarr stores each map: what is one file, what is read at once, in which numbers.

    Parameters
    ----------
    template : xarray.Dataset
        What `map_template` returns.
    together : tuple of int = (time, y, x)
        Cells that are written together: one file, a shard of the array.
    packing : Packing
        Of the fluxes; maps of codes and flags stay as they are.

    Returns
    -------
    dict of {name: dict}
        Encoding for `xarray.Dataset.to_zarr`.

    Notes
    -----
    A map of one month reads a quarter of each file, and so does the time series of one cell. A
    side that is no whole number of chunks, as at a map smaller than a tile, is one chunk.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> months = xr.date_range("2001-01-01", periods=24, freq="MS")
    >>> time = xr.DataArray(months, dims="time", coords={"time": months})
    >>> template = map_template(["nee"], time, polar_grid(4e4))
    >>> map_storage(template, (12, 213, 256), Packing())["nee_sd"]
    {'chunks': (3, 213, 128), 'shards': (12, 213, 256)}
    """
    sides = zip(together, READ_TOGETHER, strict=True)
    chunks = tuple(size if size % part else part for size, part in sides)
    numbers: dict[str, Any] = {}
    if packing.step is not None:
        numbers = {"dtype": packing.dtype, "fill_value": packing.missing, **packing.attributes}
    return {
        str(name): _storage(array, chunks, together, numbers) for name, array in template.items()
    }


def _storage(
    array: xr.DataArray,
    chunks: tuple[int, ...],
    together: tuple[int, ...],
    numbers: Mapping[str, Any],
) -> dict[str, Any]:
    """How one map is stored: a member's map is a file of its own."""
    if "time" not in array.dims:
        return {"chunks": together[1:]}
    alone = (1,) * (array.ndim - len(together))
    kind = numbers if array.dtype.kind == "f" else {"fill_value": NO_FLUX}
    return {"chunks": alone + chunks, "shards": alone + together, **kind}


def _attributes(flux: str, suffix: str, what: str, others: Sequence[str]) -> dict[str, Any]:
    """What one map says of itself, and of the maps beside it."""
    attributes = {
        "units": MONTHLY_FLUX,
        "long_name": f"{FLUXES[flux]}; {what}",
        "cell_methods": f"time: sum area: mean where land{OVER_MEMBERS.get(suffix, '')}",
        "grid_mapping": "spatial_ref",
    }
    if not suffix:
        attributes |= FLUX_PARTS[flux].attrs()
        if others:
            attributes["ancillary_variables"] = " ".join(flux + tail for tail in others)
    return attributes


def _range_attributes(flux: str, masks: Mapping[str, int]) -> dict[str, Any]:
    """What the map of predictors outside their range says of itself."""
    return {
        "units": "1",
        "long_name": f"predictors outside their range in the training rows of {flux}",
        "flag_masks": [*masks.values(), NO_FLUX],
        "flag_meanings": " ".join([*masks, "no_flux"]),
        "comment": "sum of flags, 0 where all predictors lie inside",
        "grid_mapping": "spatial_ref",
    }


def _support_attributes(flux: str, levels: Sequence[str]) -> dict[str, Any]:
    """What the map of supporting levels says of itself."""
    return {
        "units": "1",
        "long_name": f"whether training rows of {flux} hold the level of {', '.join(levels)}",
        "flag_values": list(SUPPORT),
        "flag_meanings": " ".join(SUPPORT.values()),
        "comment": "pooled: the nearest seen level of its kin stands in; unsupported: no flux",
        "grid_mapping": "spatial_ref",
    }
