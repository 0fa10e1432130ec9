import numpy as np
import xarray as xr

from abz.grid import Grid, polar_grid
from abz.units import MONTHLY_FLUX
from abz.upscaling.maps import map_template
from abz.vocabulary import FLUXES


def test_every_map_says_what_it_is_and_where_it_lies():
    months = xr.date_range("2001-01-01", periods=24, freq="MS")
    time = xr.DataArray(months, dims="time", coords={"time": months})
    grid = polar_grid(1e6)
    maps = map_template(list(FLUXES), time, grid, (12, 4, 4))
    assert list(maps.data_vars) == [
        flux + suffix for flux in FLUXES for suffix in ("", "_mean", "_sd")
    ]
    assert Grid.of(maps).shape == grid.shape
    for array in maps.values():
        assert array.dims == ("time", "y", "x")
        assert array.dtype == np.float32
        assert array.attrs["units"] == MONTHLY_FLUX
        assert array.attrs["long_name"]
        assert np.isnan(array.values).all()
    assert maps["nee"].attrs["ancillary_variables"] == "nee_mean nee_sd"
