"""Winter fluxes, there and back, in any unit, calendar, order of axes, direction and fill."""

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import MissingDataError
from abz.grid import Grid, polar_grid
from abz.readers.winter_flux import read_winter_flux
from abz.vocabulary import SEASONS
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.winter_flux import WINTER_LAYOUT, WinterLayout, write_winter_flux

NAMES = ({"time": "time", "y": "y", "x": "x"}, {"time": "time", "y": "northing", "x": "easting"})


def soil_flux(seed=0, months=24, cell=1e6, first="2003-01"):
    rng = np.random.default_rng(seed)
    grid = polar_grid(cell)
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    shape = (months, *grid.shape)
    values = np.where(rng.random(shape) < 0.3, np.nan, rng.uniform(1.0, 30.0, shape))
    coords = {"time": time, **grid.coords()}
    return xr.Dataset({"soil_flux": (("time", "y", "x"), values.astype("f4"))}, coords)


@given(
    seed=st.integers(0, 99),
    months=st.integers(12, 30),
    units=st.sampled_from(["g C m-2 d-1", "gC/m2/day", "umol CO2 m-2 s-1", "kg C m-2 s-1"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day", "proleptic_gregorian"]),
    fill=st.sampled_from([np.nan, -9999.0, 1e20]),
    order=st.sampled_from(list(itertools.permutations(("time", "y", "x")))),
    south_up=st.booleans(),
    time_bounds=st.booleans(),
    names=st.sampled_from(NAMES),
    standard_names=st.booleans(),
)
def test_there_and_back(
    tmp_path_factory, seed, months, units, calendar, fill, order, south_up, time_bounds, names,
    standard_names,
):  # fmt: skip
    data = soil_flux(seed, months, first="2003-10")
    layout = Layout(
        units=units, names=names, order=order, south_up=south_up, fill=fill, calendar=calendar,
        epoch=WINTER_LAYOUT.epoch, time_bounds=time_bounds,
    )  # fmt: skip
    form = WinterLayout(layout, "any_name", standard_names)
    found = read_winter_flux(write_winter_flux(data, tmp_path_factory.mktemp("winter"), form))
    winter = data.isel(time=np.isin(data["time"].dt.month, SEASONS["Oct-Apr"]))
    assert found["soil_flux"].dims == ("time", "y", "x")
    assert (found["time"].values == winter["time"].values).all()
    assert Grid.of(found) == Grid.of(data)
    np.testing.assert_allclose(found["soil_flux"], winter["soil_flux"], rtol=2e-6)
    assert found.attrs["given_units"] == units
    assert found.attrs["per_area"] == "land"


def test_the_file_is_as_the_archive_describes(tmp_path):
    (path,) = write_winter_flux(soil_flux(), tmp_path)
    with xr.open_dataset(path) as file:
        assert file["soil_CO2_flux"].attrs["units"] == "g C m-2 d-1"
        assert set(file["time"].dt.month.values.tolist()) == set(SEASONS["Oct-Apr"])
        assert "crs_wkt" in file["crs"].attrs


def test_without_a_flux_there_is_nothing_to_write(tmp_path):
    with pytest.raises(MissingDataError, match="soil_flux"):
        write_winter_flux(soil_flux().rename(soil_flux="nee"), tmp_path)
