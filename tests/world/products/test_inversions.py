"""Inversions, there and back, in any unit, calendar, order of axes, direction and fill."""

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.grid import Grid, lonlat_grid
from abz.readers.inversions import read_gcb2022_inversions
from abz.world.products.inversions import GCB_LAYOUT, write_gcb2022_inversions
from abz.world.products.lonlat_fluxes import Layout

SYSTEMS = ["CAMS", "CarboScope", "CarbonTracker Europe", "NISMON-CO2", "UoE"]


def land_flux(seed=0, months=24, members=3, step=15.0, first="2001-01"):
    rng = np.random.default_rng(seed)
    grid = lonlat_grid(step, (-180.0, 30.0, 180.0, 90.0))
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    shape = (members, months, *grid.shape)
    values = np.where(rng.random(shape) < 0.2, np.nan, rng.normal(-5.0, 30.0, shape))
    coords = {"member": SYSTEMS[:members], "time": time, **grid.coords()}
    return xr.Dataset({"land_flux": (("member", "time", "y", "x"), values.astype("f4"))}, coords)


@given(
    seed=st.integers(0, 99),
    months=st.integers(1, 30),
    units=st.sampled_from(["PgC m-2 yr-1", "PgC/m2/yr", "kg C m-2 h-1", "gC m-2 day-1"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day", "proleptic_gregorian"]),
    fill=st.sampled_from([np.nan, -9999.0, 1e20]),
    order=st.sampled_from(list(itertools.permutations(("member", "time", "y", "x")))),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    time_bounds=st.booleans(),
    downward=st.booleans(),
)
def test_there_and_back(
    tmp_path_factory, seed, months, units, calendar, fill, order, south_up, from_greenwich,
    time_bounds, downward,
):  # fmt: skip
    data = land_flux(seed, months, first="2003-12")
    layout = Layout(
        units=units, names=GCB_LAYOUT.names, order=order, south_up=south_up, fill=fill,
        from_greenwich=from_greenwich, calendar=calendar, time_bounds=time_bounds,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("gcb")
    paths = write_gcb2022_inversions(data, folder, layout, downward=downward)
    found = read_gcb2022_inversions(paths)
    assert found["land_flux"].dims == ("member", "time", "y", "x")
    assert found["member"].values.tolist() == data["member"].values.tolist()
    assert (found["time"].values == data["time"].values).all()
    assert Grid.of(found) == Grid.of(data)
    np.testing.assert_allclose(found["land_flux"], data["land_flux"], rtol=2e-6)


def test_the_file_is_as_the_product(tmp_path):
    (path,) = write_gcb2022_inversions(land_flux(), tmp_path)
    with xr.open_dataset(path) as file:
        rate = file["land_flux_only_fossil_cement_adjusted"]
        assert rate.dims == ("ensemble_member", "time", "latitude", "longitude")
        assert rate.attrs["units"] == "PgC m-2 yr-1"
        assert file["latitude"][0] < file["latitude"][-1]
        # A year of rates, weighted by days, is the sum over its months.
        days = file["time"].dt.days_in_month
        mean = (rate * days).isel(time=slice(0, 12)).sum("time", skipna=False) / 365
    total = land_flux()["land_flux"].isel(time=slice(0, 12)).sum("time", skipna=False)
    np.testing.assert_allclose(mean[:, ::-1] * 1e15, total, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("adjusted", ["fossil and rivers", "prior"])
def test_other_land_fluxes(tmp_path, adjusted):
    data = land_flux()
    paths = write_gcb2022_inversions(data, tmp_path, adjusted=adjusted)
    found = read_gcb2022_inversions(paths, adjusted=adjusted)
    np.testing.assert_allclose(found["land_flux"], data["land_flux"], rtol=2e-6)
    assert found.attrs["adjusted"] == adjusted
