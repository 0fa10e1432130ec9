"""The same file laid out otherwise: other axes, directions, longitudes, packing and fill values."""

import numpy as np
import pytest
import xarray as xr


def lay_out(
    path, order, *, south_up=False, from_greenwich=False, raw=False, calendar=None, encoding=None
):
    """Rewrite a NetCDF in longitude and latitude by xarray alone.

    `order` names the axes as time, y and x; `raw` keeps stored numbers as they are; `encoding` maps
    a variable to how xarray packs it.
    """
    names = {"y": ("latitude", "lat"), "x": ("longitude", "lon"), "time": ("valid_time", "time")}
    with xr.open_dataset(path, decode_times=False, mask_and_scale=not raw) as file:
        data = file.load()
    axes = {axis: next(n for n in found if n in data.dims) for axis, found in names.items()}
    lon = data[axes["x"]].values.astype(float)
    turned = lon % 360.0 if from_greenwich else (lon + 180.0) % 360.0 - 180.0
    data = data.assign_coords({axes["x"]: turned}).sortby(axes["x"])
    data = data.sortby(axes["y"], ascending=south_up)
    data = data.transpose(*(axes[axis] for axis in order), missing_dims="ignore")
    kept = {n: v.encoding.get("_FillValue") for n, v in data.variables.items()}
    data = data.drop_encoding()
    if calendar is not None:
        data[axes["time"]].attrs["calendar"] = calendar
    fills = {n: {"_FillValue": kept[n]} for n in data.variables if raw or n in data.coords}
    path.unlink()
    data.to_netcdf(path, engine="netcdf4", encoding=fills | (encoding or {}))
    return path


@pytest.fixture(scope="session")
def relaid():
    return lay_out


def packing(low, high, fill):
    """How xarray packs values from low to high into int16 apart from a fill value."""
    scale, offset = (high - low) / 65000, (high + low) / 2
    return {
        "dtype": "i2",
        "scale_factor": scale,
        "add_offset": offset,
        "_FillValue": np.int16(fill),
    }


@pytest.fixture(scope="session")
def packed():
    return packing
