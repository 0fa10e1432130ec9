"""The maps that people take away: cloud-optimised GeoTIFF and CF NetCDF."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster

from abz.grid import Grid
from abz.units import ANNUAL_FLUX

__all__ = ["write_geotiff", "write_geotiffs", "write_netcdf"]

_LAYERS: Mapping[str, tuple[str, str, str]] = {
    "mean": ("mean", "mean annual {flux}", ANNUAL_FLUX),
    "trend": ("slope", "trend of annual {flux}", f"{ANNUAL_FLUX} yr-1"),
    "trend_p": ("p_value", "p-value of the trend of annual {flux}", "1"),
}


def write_geotiff(layer: xr.DataArray, path: Path, tags: Mapping[str, str]) -> Path:
    """Write one map as a cloud-optimised GeoTIFF.

    Parameters
    ----------
    layer : xarray.DataArray (y, x)
        float, with the coordinates of its grid and `units`; NaN is missing.
    path : Path
        File that ends in .tif.
    tags : mapping of {str: str}
        Metadata of the file, such as its title and whether the data are synthetic.

    Returns
    -------
    Path
        `path`; its bytes depend only on the arguments and on GDAL.
    """
    grid = Grid.of(layer)
    profile = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "nodata": np.nan,
        "height": grid.shape[0], "width": grid.shape[1],
        "crs": grid.crs, "transform": grid.transform,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(layer.values.astype("float32"), 1)
            raster.update_tags(**tags, units=str(layer.attrs.get("units", "1")))
            raster.set_band_description(1, str(layer.attrs.get("long_name", layer.name or "")))
            raster.set_band_unit(1, str(layer.attrs.get("units", "1")))
        with memory.open() as raster:
            copy_raster(
                raster, path, driver="COG", compress="DEFLATE", predictor="YES", blocksize=256,
                overview_resampling="average", num_threads="1",
            )  # fmt: skip
    return path


def write_geotiffs(
    trends: xr.Dataset, spread: xr.DataArray | None, model_set: str, folder: Path, synthetic: bool
) -> list[Path]:
    """Means, trends and the uncertainty of a model set, one GeoTIFF each.

    Parameters
    ----------
    trends : xarray.Dataset (flux, y, x)
        `mean` and, where they are known, `slope` and `p_value` of annual fluxes.
    spread : xarray.DataArray (y, x), optional
        SD of monthly NEE over the members, mean of all months, g C m-2 month-1.
    model_set : str
        Name of the set; part of the files' names.
    folder : Path
        Where the files go.
    synthetic : bool
        Whether the data are synthetic; written into every file.

    Returns
    -------
    list of Path
        `{flux}_{mean|trend|trend_p}_{set}.tif` and `nee_sd_{set}.tif`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    origin = {"data": "synthetic" if synthetic else "real", "model_set": model_set}
    paths = []
    for flux in map(str, trends["flux"].values):
        for name, (variable, title, units) in _LAYERS.items():
            if variable not in trends:
                continue
            layer = trends[variable].sel(flux=flux).assign_coords(spatial_ref=trends["spatial_ref"])
            layer.attrs = {"units": units, "long_name": title.format(flux=flux)}
            path = folder / f"{flux}_{name}_{model_set}.tif"
            paths.append(write_geotiff(layer, path, {**origin, "title": layer.attrs["long_name"]}))
    if spread is not None:
        title = "SD of monthly NEE over the bootstrap members, mean of all months"
        layer = spread.assign_attrs(long_name=title)
        paths.append(
            write_geotiff(layer, folder / f"nee_sd_{model_set}.tif", {**origin, "title": title})
        )
    return paths


def write_netcdf(trends: xr.Dataset, title: str, path: Path, synthetic: bool) -> Path:
    """Annual means and trends of all fluxes as CF NetCDF with its grid mapping.

    Parameters
    ----------
    trends : xarray.Dataset (flux, y, x)
        `mean`, `slope`, `lower`, `upper`, `p_value` and whatever else the trends hold.
    title : str
        Global attribute.
    path : Path
        File that ends in .nc.
    synthetic : bool
        Whether the data are synthetic.

    Returns
    -------
    Path
        `path`; neither a time of creation nor the version of a library is stored in it, and the
        bytes are the same in every process.

    Notes
    -----
    NetCDF-4 is HDF5 with dimension scales. The file is written through h5py, object by object:
    NetCDF libraries add their versions and lay out attributes in an order that varies.

    References
    ----------
    .. [1] CF Metadata Conventions 1.8, §5.6, grid mappings.
    """
    layers = {
        f"{flux}_{name}": trends[name].sel(flux=flux)
        for flux in map(str, trends["flux"].values)
        for name in sorted(map(str, trends.data_vars))
        if trends[name].dims == ("flux", "y", "x")
    }
    with h5py.File(path, "w") as file:
        _describe(
            file,
            {
                "Conventions": "CF-1.8",
                "title": title,
                "data": "synthetic" if synthetic else "real",
                "comment": "NEE below zero is uptake by the land; GPP and Reco are positive.",
            },
        )
        for name, coordinate in Grid.of(trends).coords().items():
            stored = file.create_dataset(name, data=coordinate.values)
            _describe(stored, coordinate.attrs)
            if coordinate.dims:
                stored.make_scale(name)
        for name, layer in layers.items():
            _store_layer(file, name, layer)
    return path


def _store_layer(file: h5py.File, name: str, layer: xr.DataArray) -> None:
    """One compressed map with its dimensions, units and grid mapping."""
    stored = file.create_dataset(
        name, data=layer.values.astype("float32"), chunks=True, compression="gzip", shuffle=True,
        fillvalue=np.float32(np.nan),
    )  # fmt: skip
    for place, dim in enumerate(("y", "x")):
        stored.dims[place].attach_scale(file[dim])
    flux, _, _ = name.partition("_")
    long_name = layer.attrs.get("long_name", name)
    about = {"units": layer.attrs.get("units", "1"), "long_name": f"{long_name}: {flux}"}
    _describe(stored, {**about, "_FillValue": np.float32(np.nan), "grid_mapping": "spatial_ref"})


def _describe(target: h5py.HLObject, attributes: Mapping[str, Any]) -> None:
    """Attributes in the order given; text of fixed length, so that no heap is needed."""
    for name, value in attributes.items():
        if isinstance(value, str):
            text = value.encode()
            target.attrs.create(name, text, dtype=h5py.string_dtype("utf-8", max(1, len(text))))
        else:
            target.attrs.create(name, value)
