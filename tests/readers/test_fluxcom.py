"""Upscaled fluxes: which files go together, and which are refused by name."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import lonlat_grid
from abz.ledger import Parts
from abz.readers.fluxcom import read_fluxcom, read_fluxcom_x_base
from abz.readers.orientation import is_mostly_land
from abz.world.products.fluxcom import write_fluxcom, write_fluxcom_x_base


def fluxes(step=2.0, sign=1.0):
    """Two years of land that takes up carbon in summer."""
    grid = lonlat_grid(step, (-180.0, 40.0, 180.0, 90.0))
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    month = np.arange(24) % 12
    summer = np.where((month >= 3) & (month <= 8), 80.0, 1.0)[:, None, None]
    land = np.where(is_mostly_land(grid.x, grid.y), 1.0, np.nan)
    fields = {"nee": sign * (25.0 - summer) * land, "gpp": summer * land}
    fields["reco"] = 25.0 * np.ones_like(summer) * land
    dims = ("time", "y", "x")
    data = {name: (dims, values) for name, values in fields.items()}
    return xr.Dataset(data, {"time": time, **grid.coords()})


def test_what_it_holds_is_stated(tmp_path):
    data = read_fluxcom(write_fluxcom(fluxes(), tmp_path))
    for name, parts in {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}.items():
        assert str(Parts.of_attrs(data[name].attrs)) == parts
        assert data[name].attrs["units"] == "g C m-2 month-1"
    assert data.attrs["per_area"] == "land"
    assert data.attrs["source"] == "FLUXCOM RS+METEO"
    assert "land_fraction" not in data


def test_a_box_is_read_alone(tmp_path):
    paths = write_fluxcom_x_base(fluxes(), tmp_path)
    whole = read_fluxcom_x_base(paths)
    part = read_fluxcom_x_base(paths, bounds=(-30.0, 50.0, 60.0, 80.0))
    same = whole.sel(y=slice(80, 50), x=slice(-30, 60))
    np.testing.assert_array_equal(part["nee"], same["nee"])


def test_one_flux_alone(tmp_path):
    paths = [path for path in write_fluxcom_x_base(fluxes(), tmp_path) if "NEE" in path.name]
    assert set(read_fluxcom_x_base(paths)) == {"nee"}


def test_two_resolutions_do_not_mix(tmp_path):
    paths = write_fluxcom_x_base(fluxes(), tmp_path)
    finer = write_fluxcom_x_base(fluxes(step=1.0), tmp_path, step="005")
    with pytest.raises(GridError, match="lie on different grids"):
        read_fluxcom_x_base([finer[0], paths[1], *paths[2:]])
    with pytest.raises(GridError, match="GPP and NEE of FLUXCOM-X-BASE lie on diff"):
        read_fluxcom_x_base([*finer[:2], *paths[2:]])


def test_a_missing_year_of_one_flux_is_named(tmp_path):
    paths = write_fluxcom_x_base(fluxes(), tmp_path)
    with pytest.raises(MissingDataError, match=r"(?s)different months.*2002-01"):
        read_fluxcom_x_base(paths[:3])


def test_a_file_of_another_year_or_product(tmp_path):
    paths = write_fluxcom_x_base(fluxes(), tmp_path)
    other = paths[0].rename(tmp_path / "NEE_2010_050_monthly.nc")
    with pytest.raises(InputError, match="holds months of another year"):
        read_fluxcom_x_base([other])
    with pytest.raises(InputError, match="not of FLUXCOM"):
        read_fluxcom(paths[1:])


def edit(path, **attributes):
    with netCDF4.Dataset(path, "a") as file:
        file["NEE"].setncatts(attributes)


def test_units(tmp_path):
    paths = write_fluxcom_x_base(fluxes()[["nee"]], tmp_path)
    whole = read_fluxcom_x_base(paths)
    for path in paths:
        edit(path, units="")
    np.testing.assert_array_equal(read_fluxcom_x_base(paths)["nee"], whole["nee"])
    edit(paths[0], units="K")
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_fluxcom_x_base(paths[:1])
    edit(paths[0], units="umol m-2 d-1")
    with pytest.raises(InputError, match="nee of FLUXCOM-X-BASE holds values that cannot"):
        read_fluxcom_x_base(paths[:1])


def test_signs_and_maps_that_are_wrong(tmp_path):
    paths = write_fluxcom_x_base(fluxes(sign=-1.0), tmp_path)
    with pytest.raises(InputError, match="nee of FLUXCOM-X-BASE has the opposite sign"):
        read_fluxcom_x_base(paths)
    flipped = fluxes().map(lambda field: field.copy(data=field.values[:, ::-1]))
    with pytest.raises(GridError, match=r"GPP of GPP_2001_050_monthly\.nc lies upside down"):
        read_fluxcom_x_base(write_fluxcom_x_base(flipped, tmp_path))
