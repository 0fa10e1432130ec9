"""Files for benchmark programs: CF names, bounds, signs; the CMIP reader gives the fluxes back."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.export.benchmark import write_benchmark
from abz.grid import lonlat_grid, polar_grid
from abz.readers.cmip6 import read_cmip6_land_fluxes

GRID = lonlat_grid(5.0)


def monthly(grid=GRID, units="g C m-2 month-1", first="2003-11", months=16):
    values = np.random.default_rng(0).normal(-30, 20, (months, *grid.shape))
    values[:, :3] = np.nan
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    coords = {"time": time, **grid.coords()}
    return xr.DataArray(values, coords, ("time", "y", "x"), attrs={"units": units})


def test_sums_and_signs_come_back(tmp_path):
    nee = monthly()
    made = {"nee": nee, "gpp": -nee, "reco": 2 * nee}
    fluxes = {name: flux.assign_attrs(nee.attrs) for name, flux in made.items()}
    path = write_benchmark(fluxes, tmp_path / "a.nc", "a title", synthetic=True)
    with xr.open_dataset(path) as file:
        assert file.attrs["title"].startswith("Synthetic Arctic, not the real one")
        assert set(file.data_vars) >= {"nee", "nep", "gpp", "reco"}
        for name in ("nee", "nep", "gpp", "reco"):
            assert file[name].attrs["units"] == "kg m-2 s-1"
            assert file[name].dims == ("time", "lat", "lon")
        assert file["nep"].attrs["standard_name"].startswith("surface_net_downward_mass_flux")
        assert (file["time"].dt.strftime("%Y-%m").values[[0, -1]] == ["2003-11", "2005-02"]).all()
        assert (np.diff(file["lat"]) > 0).all() and (np.diff(file["lon"]) > 0).all()
        assert float(file["lon"].min()) >= 0
        ends = file["time_bnds"].values
        assert (ends[1:, 0] == ends[:-1, 1]).all()
        seconds = ((ends[:, 1] - ends[:, 0]) / np.timedelta64(1, "s")).reshape(-1, 1, 1)
        back = -1e3 * file["nep"].values * seconds
        np.testing.assert_allclose(file["nep"], file["gpp"])
        np.testing.assert_allclose(file["nee"], -file["nep"])
        np.testing.assert_allclose(file["reco"], 2 * file["nee"], rtol=1e-6)
    order = np.argsort(GRID.x % 360)
    np.testing.assert_allclose(back, nee.values[:, ::-1][:, :, order], rtol=1e-5)


@settings(max_examples=10)
@given(first=st.integers(0, 600), months=st.integers(1, 30))
def test_a_reader_of_simulations_takes_it_for_one(tmp_path_factory, first, months):
    start = str(np.datetime64("1990-01") + first)
    folder = tmp_path_factory.mktemp("benchmark")
    flux = monthly(first=start, months=months) / 100 - 5.0
    flux = flux.assign_attrs(units="g C m-2 month-1")
    path = write_benchmark({"nee": flux}, folder / "a.nc", "", synthetic=True)
    last = str(np.datetime64(start) + months - 1)
    span = f"{start}-{last}".replace("-", "")
    renamed = path.rename(folder / f"nep_Lmon_ABZ_historical_r1i1p1f1_gn_{span[:6]}-{span[6:]}.nc")
    found = read_cmip6_land_fluxes([renamed])
    assert found.attrs["per_area"] == "land"
    np.testing.assert_allclose(found["nee"], flux, rtol=1e-5)


def test_what_cannot_be_written(tmp_path):
    path = tmp_path / "a.nc"
    with pytest.raises(UnitsError):
        write_benchmark({"nee": monthly(units="g C m-2 yr-1")}, path, "", synthetic=True)
    with pytest.raises(GridError, match="axes of degrees"):
        write_benchmark({"nee": monthly(polar_grid(1e6))}, path, "", synthetic=True)
    with pytest.raises(InputError, match="fire"):
        write_benchmark({"fire": monthly()}, path, "", synthetic=True)
    with pytest.raises(MissingDataError, match="none before 2004-05"):
        gap = monthly().isel(time=[0, 1, 2, 3, 4, 6])
        write_benchmark({"nee": gap}, path, "", synthetic=True)
    assert not path.exists()
