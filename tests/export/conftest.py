"""Maps as upscaling leaves them, on a small grid with a planted land fraction."""

import resource
from contextlib import contextmanager

import numpy as np
import pytest
import xarray as xr

from abz.cli.storage import read_zarr
from abz.export import file_attributes, flux_year
from abz.grid import polar_grid
from abz.upscaling import NO_FLUX, Packing, map_storage, map_template

MEMBERS = 7


@pytest.fixture(scope="session")
def planted():
    """A function that makes two years of fluxes, missing at sea, and their land fraction."""

    def make(cell_m, fluxes=("nee", "gpp")):
        grid = polar_grid(cell_m)
        months = xr.date_range("2001-01-01", periods=24, freq="MS")
        time = xr.DataArray(months, dims="time", coords={"time": months})
        maps = map_template(fluxes, time, grid, ["month", "lst", "vegetation", "ndvi"])
        maps = maps.load().copy(deep=True)  # they share one array of nothing
        rng = np.random.default_rng(0)
        x, y = np.meshgrid(grid.x, grid.y)
        sea = np.hypot(x, y) > 3.5e6
        season = np.sin(2 * np.pi * np.arange(24) / 12)[:, None, None]
        for flux in fluxes:
            values = 60 * season * np.cos(x / 2e6) + rng.normal(size=maps[flux].shape)
            kinds = {"": values, "_mean": values + 0.5, "_sd": np.abs(values) / 9}
            for suffix, kind in kinds.items():
                maps[flux + suffix].values[:] = np.where(sea, np.nan, kind)
            maps[f"{flux}_level_support"].values[:] = np.where(sea, -1, 0)
            flags = rng.integers(0, 4, maps[flux].shape)
            maps[f"{flux}_outside_range"].values[:] = np.where(sea, NO_FLUX, flags)
        fraction = np.where(x > 0, 0.25, 1.0).astype(np.float32)
        return maps, xr.DataArray(fraction, dims=("y", "x"), coords=grid.coords())

    return make


@pytest.fixture(scope="session", params=[None, 0.02], ids=["float32", "int16"])
def stored(request, planted, tmp_path_factory):
    """Maps in the store of a run, in both precisions, and their land fraction."""
    maps, fraction = planted(4e5)
    path = tmp_path_factory.mktemp("maps") / "fine.zarr"
    storage = map_storage(maps, (12, *maps["nee"].shape[1:]), Packing(request.param))
    maps.to_zarr(path, zarr_format=3, consolidated=False, encoding=storage)
    return read_zarr(path), fraction


@pytest.fixture(scope="session", params=["land", "cell"])
def year(request, stored):
    """NEE in 2002, per area of land and of the cell."""
    maps, fraction = stored
    return flux_year(maps, "nee", 2002, MEMBERS, fraction if request.param == "cell" else None)


@pytest.fixture
def about(year):
    """What files say of their origin."""
    return file_attributes(
        run="small", model_set="fine", per=year.per, synthetic=True, version="0", maps_sha256="0f"
    )


@pytest.fixture
def full_disk():
    """A context in which a file takes so many bytes and no more, as on a disk that is full."""

    @contextmanager
    def limit(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limit
