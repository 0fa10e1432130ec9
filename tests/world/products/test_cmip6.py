"""Simulations, there and back, on even and Gaussian cells, in any calendar and direction."""

import netCDF4
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.grid import Grid
from abz.readers.cmip6 import read_cmip6_land_fluxes
from abz.readers.cmip_names import Run, cmip6_runs
from abz.world.products.cmip6 import write_cmip6_land_fluxes
from abz.world.products.lonlat_fluxes import Layout


def cells(kind, columns):
    """Bounds of rows and columns: even, Gaussian, or with half cells at the poles."""
    if kind == "gaussian":
        centres = np.degrees(np.arcsin(np.polynomial.legendre.leggauss(16)[0]))[::-1]
        inner = (centres[1:] + centres[:-1]) / 2
        edges = np.concatenate([[90.0], inner, [-90.0]])
    elif kind == "poles":
        centres = np.linspace(90.0, -90.0, 13)
        edges = np.clip(np.linspace(97.5, -97.5, 14), -90.0, 90.0)
    else:
        edges = np.linspace(90.0, -90.0, 13)
        centres = (edges[1:] + edges[:-1]) / 2
    west = -180.0 + 360.0 * np.arange(columns) / columns
    return {
        "y": centres,
        "x": west + 180.0 / columns,
        "y_bounds": (("y", "edge"), np.stack([edges[:-1], edges[1:]], axis=1)),
        "x_bounds": (("x", "edge"), np.stack([west, west + 360.0 / columns], axis=1)),
    }


def simulation(seed=0, months=24, kind="even", columns=24, first="2001-01"):
    rng = np.random.default_rng(seed)
    coords = cells(kind, columns)
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    shape = (months, coords["y"].size, coords["x"].size)
    sea = rng.random(shape[1:]) < 0.3
    fields = {
        name: np.where(sea, np.nan, rng.uniform(0.0, top, shape)).astype("f4")
        for name, top in (("gpp", 300.0), ("ra", 100.0), ("rh", 100.0))
    }
    fields["nee"] = fields["ra"] + fields["rh"] - fields["gpp"]
    data = {name: (("time", "y", "x"), values) for name, values in fields.items()}
    data["land_fraction"] = (("y", "x"), rng.random(shape[1:]))
    data["cell_area"] = (("y", "x"), rng.uniform(1e9, 1e10, shape[1:]))
    return xr.Dataset(data, {**coords, "time": time})


@given(
    seed=st.integers(0, 99),
    months=st.integers(1, 40),
    kind=st.sampled_from(["even", "gaussian", "poles"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day", "proleptic_gregorian"]),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    order=st.permutations(("time", "y", "x")),
    fill=st.sampled_from([1e20, -9e33, -999.0]),
    time_bounds=st.booleans(),
    units=st.sampled_from(["kg m-2 s-1", "kg C m-2 s-1"]),
    years=st.integers(1, 3),
    stored=st.sampled_from([("gpp", "ra", "rh"), ("nep",), ("gpp", "ra", "rh", "nep")]),
)
def test_there_and_back(
    tmp_path_factory, seed, months, kind, calendar, south_up, from_greenwich, order, fill,
    time_bounds, units, years, stored,
):  # fmt: skip
    data = simulation(seed, months, kind, first="2003-11")
    layout = Layout(
        units=units, south_up=south_up, from_greenwich=from_greenwich, order=tuple(order),
        fill=fill, calendar=calendar, time_bounds=time_bounds, epoch="days since 1850-01-01",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("cmip")
    paths = write_cmip6_land_fluxes(data, folder, layout, variables=stored, years_a_file=years)
    found = read_cmip6_land_fluxes(paths[::-1])
    assert (found["time"].values == data["time"].values).all()
    np.testing.assert_allclose(found["y"], data["y"], atol=1e-9)
    np.testing.assert_allclose(found["x"], data["x"], atol=1e-9)
    np.testing.assert_allclose(found["y_bounds"], data["y_bounds"], atol=1e-9)
    np.testing.assert_allclose(found["x_bounds"], data["x_bounds"], atol=1e-9)
    np.testing.assert_allclose(found["nee"], data["nee"], atol=1e-3)
    np.testing.assert_allclose(found["land_fraction"], data["land_fraction"], rtol=1e-6)
    np.testing.assert_allclose(found["cell_area"], data["cell_area"], rtol=1e-6)
    if "gpp" in stored:
        for name in ("gpp", "ra", "rh"):
            np.testing.assert_allclose(found[name], data[name], rtol=1e-6)
        np.testing.assert_allclose(found["reco"], data["ra"] + data["rh"], rtol=1e-6)
    assert ("spatial_ref" in found.coords) == (kind != "gaussian")
    assert found.attrs["calendar"] == calendar
    if kind != "gaussian":
        assert Grid.of(found).shape == found["nee"].shape[1:]


def test_rates_are_those_of_the_calendar(tmp_path):
    data = simulation(months=12, first="2004-01")
    for calendar, days in {"360_day": 30, "noleap": 28, "standard": 29}.items():
        layout = Layout("kg m-2 s-1", calendar=calendar, fill=1e20)
        folder = tmp_path / calendar
        path = write_cmip6_land_fluxes(data, folder, layout, variables=["gpp"])[0]
        with netCDF4.Dataset(path) as file:
            rate = file["gpp"][1]
            assert file["time"].calendar == calendar
        expected = data["gpp"].values[1] / (days * 86400 * 1000)
        np.testing.assert_allclose(rate.filled(np.nan), expected, rtol=1e-6)


def test_files_are_named_as_the_archive_does(tmp_path):
    run = Run("A-B1-2", "ssp245", "r10i1p1f2", "gr1")
    paths = write_cmip6_land_fluxes(simulation(), tmp_path, run=run, years_a_file=1)
    assert paths[0].name == "gpp_Lmon_A-B1-2_ssp245_r10i1p1f2_gr1_200101-200112.nc"
    assert paths[-1].name == "areacella_fx_A-B1-2_ssp245_r10i1p1f2_gr1.nc"
    assert cmip6_runs(paths) == [run]
    assert read_cmip6_land_fluxes(paths).attrs["source_id"] == "A-B1-2"


@pytest.mark.parametrize("kind", ["even", "gaussian", "poles"])
def test_cells_without_bounds_lie_midway(tmp_path, kind):
    data = simulation(kind=kind).drop_vars(["y_bounds", "x_bounds", "cell_area", "land_fraction"])
    found = read_cmip6_land_fluxes(write_cmip6_land_fluxes(data, tmp_path))
    edges = found["y_bounds"].values
    np.testing.assert_allclose(edges[1:, 0], edges[:-1, 1])
    assert np.abs(edges).max() <= 90.0
    width = float(found["x_bounds"][0, 1] - found["x_bounds"][0, 0])
    assert width == pytest.approx(15.0)
    assert np.isnan(found["land_fraction"]).all()
    if kind != "gaussian":
        assert float(found["cell_area"].sum()) == pytest.approx(510.0656e12, rel=1e-6)
