"""Winter soil fluxes: what is found by its metadata, and what is refused by name."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import polar_grid
from abz.ledger import Parts
from abz.readers.winter_flux import read_winter_flux
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.winter_flux import WinterLayout, write_winter_flux


def soil_flux(sign=1.0, first="2003-01", months=24):
    grid = polar_grid(1e6)
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    values = sign * np.random.default_rng(0).uniform(1.0, 12.0, (months, *grid.shape))
    coords = {"time": time, **grid.coords()}
    return xr.Dataset({"soil_flux": (("time", "y", "x"), values)}, coords)


@pytest.fixture
def path(tmp_path):
    return write_winter_flux(soil_flux(), tmp_path)[0]


def test_it_says_that_it_is_respiration(path):
    data = read_winter_flux([path])
    assert str(Parts.of_attrs(data["soil_flux"].attrs)) == "Reco"
    assert data["soil_flux"].attrs["units"] == "g C m-2 month-1"
    assert data.attrs["source"] == "ORNL DAAC 1683"
    assert data.attrs["given_sign"] == "release from the soil is positive"


def test_a_period_is_read_alone(path):
    found = read_winter_flux([path], period=(2004, 2004))
    assert set(found["time"].dt.year.values.tolist()) == {2004}
    with pytest.raises(MissingDataError, match="none of the months"):
        read_winter_flux([path], period=(2010, 2011))


def test_files_of_years_are_joined(tmp_path, path):
    later = write_winter_flux(soil_flux(first="2005-01", months=12), tmp_path)
    found = read_winter_flux([*later, path])
    assert found["time"].dt.year.values.tolist() == [2003] * 7 + [2004] * 7 + [2005] * 7
    with pytest.raises(InputError, match="occurs twice"):
        read_winter_flux([path, path])


def test_scenarios_are_passed_over(tmp_path, path):
    scenario = path.with_name("winter_RCP45.nc")
    scenario.write_bytes(b"no NetCDF")
    assert read_winter_flux([path, scenario]).attrs["files"] == path.name
    with pytest.raises(MissingDataError, match="of the past"):
        read_winter_flux([scenario])


def test_another_flux_has_to_be_named(path):
    with netCDF4.Dataset(path, "a") as file:
        source = file["soil_CO2_flux"]
        other = file.createVariable("uncertainty", "f4", source.dimensions)
        other.setncatts({"units": "g C m-2 d-1", "grid_mapping": "crs"})
        other[...] = 50.0
    with pytest.raises(InputError, match=r"(?s)not one winter flux.*uncertainty"):
        read_winter_flux([path])
    assert read_winter_flux([path], variable="soil_CO2_flux")["soil_flux"].max() < 12.1
    with pytest.raises(InputError, match="not one winter flux"):
        read_winter_flux([path], variable="elsewhere")


def test_the_opposite_sign_is_refused(tmp_path):
    paths = write_winter_flux(soil_flux(sign=-1.0), tmp_path)
    with pytest.raises(InputError, match="opposite sign"):
        read_winter_flux(paths)


def test_a_file_without_place_or_unit_is_refused(tmp_path, path):
    with netCDF4.Dataset(path, "a") as file:
        file["soil_CO2_flux"].delncattr("grid_mapping")
    with pytest.raises(GridError, match="does not say where it lies"):
        read_winter_flux([path])
    with netCDF4.Dataset(path, "a") as file:
        file["soil_CO2_flux"].units = "1"
    with pytest.raises(InputError, match="not one winter flux"):
        read_winter_flux([path])
    names = {"time": "time", "y": "row", "x": "column"}
    form = WinterLayout(Layout("g C m-2 d-1", names), standard_names=False)
    bare = write_winter_flux(soil_flux(), tmp_path / "bare", form)
    with pytest.raises(GridError, match="has no axis y"):
        read_winter_flux(bare)
