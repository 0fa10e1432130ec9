"""GFED5, there and back, in any direction, calendar, packing and order of axes."""

import netCDF4
import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.grid import Grid, lonlat_grid
from abz.readers.gfed5 import read_gfed5
from abz.world.products.gfed5 import write_gfed5
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Packing


def fires(seed=0, first=2002, years=2, step=5.0):
    grid = lonlat_grid(step, (-180.0, 30.0, 180.0, 90.0))
    rng = np.random.default_rng(seed)
    time = np.arange(f"{first}-01", f"{first + years}-01", dtype="datetime64[M]")
    emission = np.minimum(rng.exponential(50.0, (time.size, *grid.shape)), 600.0).astype("f4")
    emission[rng.random(emission.shape) < 0.7] = 0.0
    emission[rng.random(emission.shape) < 0.1] = np.nan
    coords = {"time": time.astype("datetime64[ns]"), **grid.coords()}
    return xr.Dataset({"emission": (("time", "y", "x"), emission)}, coords)


@given(
    seed=st.integers(0, 99),
    years=st.integers(1, 3),
    units=st.sampled_from(["g C m-2 month-1", "gC/m2/month", "kg C m-2 s-1"]),
    packed=st.booleans(),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    order=st.permutations(("time", "y", "x")),
    fill=st.sampled_from([-9999.0, np.nan, 1e30]),
)
def test_there_and_back(
    tmp_path_factory, seed, years, units, packed, calendar, south_up, from_greenwich, order, fill
):
    data = fires(seed, years=years)
    packing = Packing(0.02, 300.0, -32768) if packed and units.startswith("g") else None
    packing = packing and Packing(3.3 * packing.scale, 3.3 * packing.offset, packing.fill)
    layout = Layout(
        units, order=tuple(order), south_up=south_up, from_greenwich=from_greenwich,
        calendar=calendar, fill=fill, packing=packing, epoch="days since 1997-01-01",
    )  # fmt: skip
    paths = write_gfed5(data, tmp_path_factory.mktemp("gfed5"), layout)
    found = read_gfed5(paths[::-1])
    assert Grid.of(found) == Grid.of(data)
    assert (found["time"].values == data["time"].values).all()
    atol = 0.0 if packing is None else 0.51 * packing.scale
    np.testing.assert_allclose(found["emission"], data["emission"], rtol=1e-5, atol=atol)


def test_the_file_is_as_the_product(tmp_path):
    paths = write_gfed5(fires(), tmp_path)
    assert [path.name for path in paths] == [
        "GFED5_Beta_monthly_2002.nc", "GFED5_Beta_monthly_2003.nc",
    ]  # fmt: skip
    with netCDF4.Dataset(paths[0]) as file:
        assert file["C"].dimensions == ("time", "lat", "lon")
        assert file["CO2"].units == "g CO2 m-2 month-1"
        assert len(file["time"]) == 12
