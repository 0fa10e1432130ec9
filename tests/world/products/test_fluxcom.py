"""Upscaled fluxes, there and back, packed or not, in any unit, direction and calendar."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, MissingDataError
from abz.grid import Grid, lonlat_grid
from abz.readers.fluxcom import read_fluxcom, read_fluxcom_x_base
from abz.units import parse_flux_unit
from abz.world.products.fluxcom import write_fluxcom, write_fluxcom_x_base
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.netcdf import Packing

SPANS = {"nee": (-90.0, 70.0), "gpp": (0.0, 300.0), "reco": (0.0, 200.0)}


def fluxes(seed=0, months=14, step=5.0, first="2001-12"):
    grid = lonlat_grid(step, (-180.0, 40.0, 180.0, 90.0))
    rng = np.random.default_rng(seed)
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    shape = (months, *grid.shape)
    data = {
        name: (
            ("time", "y", "x"),
            np.where(rng.random(shape) < 0.3, np.nan, rng.uniform(*span, shape)).astype("f4"),
        )
        for name, span in SPANS.items()
    }
    share = (("y", "x"), rng.random(grid.shape))
    return xr.Dataset({**data, "land_fraction": share}, {"time": time, **grid.coords()})


@given(
    seed=st.integers(0, 99),
    months=st.integers(1, 15),
    step=st.sampled_from([5.0, 2.5]),
    product=st.sampled_from([(write_fluxcom, read_fluxcom),
                             (write_fluxcom_x_base, read_fluxcom_x_base)]),
    units=st.sampled_from(["gC m-2 d-1", "umol m-2 s-1", "g C m-2 month-1", "kg C m-2 s-1"]),
    packed=st.booleans(),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    order=st.permutations(("time", "y", "x")),
    fill=st.sampled_from([-9999.0, np.nan, 1e30]),
)  # fmt: skip
def test_there_and_back(
    tmp_path_factory, seed, months, step, product, units, packed, calendar, south_up,
    from_greenwich, order, fill,
):  # fmt: skip
    data = fluxes(seed, months, step)
    write, read = product
    grams = parse_flux_unit(units)
    smallest = float(grams.per_month(np.array([28]), np.array([365]))[0])
    packing = Packing(390.0 / smallest / 64000, 105.0 / smallest, -32768) if packed else None
    layout = Layout(
        units, order=tuple(order), south_up=south_up, from_greenwich=from_greenwich,
        calendar=calendar, fill=fill, packing=packing, epoch="days since 1582-10-15",
    )  # fmt: skip
    paths = write(data, tmp_path_factory.mktemp("fluxcom"), layout)
    found = read(paths[::-1])
    assert Grid.of(found) == Grid.of(data)
    assert (found["time"].values == data["time"].values).all()
    assert {"nee", "gpp"} <= set(found)
    step_of_packing = 0.0 if packing is None else 1.2 * 390.0 / 64000
    for name in {"nee", "gpp", "reco"} & set(found):
        np.testing.assert_allclose(found[name], data[name], rtol=1e-5, atol=step_of_packing)
    np.testing.assert_allclose(found["land_fraction"], data["land_fraction"], rtol=1e-6)


def test_files_are_named_as_the_products_are(tmp_path):
    data = fluxes(months=2)
    assert [path.name for path in write_fluxcom_x_base(data, tmp_path)] == [
        f"{name}_{year}_050_monthly.nc" for name in ("NEE", "GPP") for year in (2001, 2002)
    ]
    names = [path.name for path in write_fluxcom(data[["reco"]], tmp_path)]
    assert names[0] == "TER.RS_METEO.FP-ALL.MLM-ALL.METEO-ALL.72_10.monthly.2001.nc"


def test_rates_a_day(tmp_path):
    data = fluxes(months=1)
    path = write_fluxcom_x_base(data, tmp_path)[0]
    with xr.open_dataset(path) as file:
        assert file["NEE"].dims == ("time", "lat", "lon")
        np.testing.assert_allclose(file["NEE"].values * 31, data["nee"].values, rtol=1e-6)


def test_nothing_to_write(tmp_path):
    with pytest.raises(MissingDataError, match="lacks variables"):
        write_fluxcom_x_base(fluxes()[["reco"]], tmp_path)
    layout = Layout("gC m-2 d-1", packing=Packing(1e-6, 0.0, -32768))
    with pytest.raises(InputError, match="do not fit the packing"):
        write_fluxcom_x_base(fluxes(), tmp_path, layout)
