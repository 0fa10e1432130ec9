"""Files for benchmark programs: CF names, bounds, signs; the CMIP reader gives the fluxes back."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, UnitsError
from abz.export.benchmark import write_benchmark
from abz.grid import lonlat_grid, polar_grid

GRID = lonlat_grid(5.0)


def annual(grid=GRID, units="g C m-2 yr-1"):
    values = np.random.default_rng(0).normal(-30, 20, (3, *grid.shape))
    values[:, :3] = np.nan
    coords = {"year": [2003, 2004, 2005], **grid.coords()}
    return xr.DataArray(values, coords, ("year", "y", "x"), attrs={"units": units})


def test_sums_and_signs_come_back(tmp_path):
    nee = annual()
    path = write_benchmark({"nee": nee, "gpp": -nee}, tmp_path / "a.nc", "a title", synthetic=True)
    with xr.open_dataset(path) as file:
        assert file.attrs["title"].startswith("Synthetic Arctic, not the real one")
        assert file["nep"].attrs["units"] == "kg m-2 s-1"
        assert file["nep"].attrs["standard_name"].startswith("surface_net_downward_mass_flux")
        assert file["time"].dt.year.values.tolist() == [2003, 2004, 2005]
        assert (np.diff(file["lat"]) > 0).all() and (np.diff(file["lon"]) > 0).all()
        assert float(file["lon"].min()) >= 0
        seconds = (file["time_bnds"].diff("bnds") / np.timedelta64(1, "s")).values.reshape(-1, 1, 1)
        back = -1e3 * file["nep"].values * seconds
        np.testing.assert_allclose(file["nep"], file["gpp"])
    order = np.argsort(GRID.x % 360)
    np.testing.assert_allclose(back, nee.values[:, ::-1][:, :, order], rtol=1e-5)


def test_what_cannot_be_written(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(UnitsError):
        write_benchmark({"nee": annual(units="g C m-2 month-1")}, path, "", synthetic=True)
    with pytest.raises(GridError, match="axes of degrees"):
        write_benchmark({"nee": annual(polar_grid(1e6))}, path, "", synthetic=True)
    with pytest.raises(InputError, match="fire"):
        write_benchmark({"fire": annual()}, path, "", synthetic=True)
    assert not path.exists()
