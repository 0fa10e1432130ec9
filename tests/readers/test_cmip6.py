"""Simulations: a real file, several models, periods, and files that do not fit together."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError, UnitsError
from abz.grid import lonlat_grid
from abz.ledger import Parts
from abz.readers.cmip6 import read_cmip6_land_fluxes
from abz.readers.cmip_names import Run, cmip6_runs
from abz.readers.orientation import is_mostly_land
from abz.world.products.cmip6 import write_cmip6_land_fluxes

GRID = lonlat_grid(5.0, (-180.0, -90.0, 180.0, 90.0))


def simulation(first="2001-01", months=36, level=1.0):
    """Land that takes up carbon from April to September."""
    time = (np.datetime64(first) + np.arange(months)).astype("datetime64[ns]")
    month = time.astype("datetime64[M]").astype(int) % 12
    summer = np.where((month >= 3) & (month <= 8), 80.0, 0.0)[:, None, None]
    land = np.where(is_mostly_land(GRID.x, GRID.y), level, np.nan)
    fields = {
        "gpp": summer * land,
        "ra": (10.0 + summer / 4) * land,
        "rh": (20.0 + 0 * summer) * land,
    }
    fields["nee"] = fields["ra"] + fields["rh"] - fields["gpp"]
    dims = ("time", "y", "x")
    coords = {"time": time, "y": GRID.y, "x": GRID.x}
    return xr.Dataset({name: (dims, values) for name, values in fields.items()}, coords)


def hadgem(real_data):
    return sorted((real_data / "samples" / "cmip").glob("rh_Lmon_HadGEM2-ES_*.nc"))


def test_real_files_of_a_360_day_calendar(real_data):
    paths = hadgem(real_data)
    assert cmip6_runs(paths) == [Run("HadGEM2-ES", "historical", "r1i1p1", "")]
    data = read_cmip6_land_fluxes(paths)
    assert data.sizes["time"] == 1200
    assert str(data["time"].values[0])[:7] == "1859-12"
    assert str(data["time"].values[-1])[:7] == "1959-11"
    assert data.attrs["calendar"] == "360_day"
    assert data.attrs["per_area"] == "land"
    with netCDF4.Dataset(paths[0]) as file:
        rate = file["rh"][:].filled(np.nan)
        assert file["lat"][:].tolist() == [-90.0, 35.0]
        assert file["lon"][:].tolist() == [0.0, 187.5]
    expected = rate[:, ::-1, ::-1] * (1000 * 86400 * 30)
    np.testing.assert_allclose(data["rh"][:300], expected, rtol=1e-6)
    assert data["y"].values.tolist() == [35.0, -90.0]
    assert data["x"].values.tolist() == [-172.5, 0.0]
    np.testing.assert_allclose(data["y_bounds"], [[35.625, 34.375], [-89.375, -90.0]])
    np.testing.assert_allclose(data["x_bounds"], [[-173.4375, -171.5625], [-0.9375, 0.9375]])
    assert "spatial_ref" not in data.coords  # these few cells leave gaps
    assert "parts" not in data["rh"].attrs


def test_a_period_of_real_files(real_data):
    paths = hadgem(real_data)
    whole = read_cmip6_land_fluxes(paths)
    part = read_cmip6_land_fluxes(paths, period=(1884, 1885))
    assert part.sizes["time"] == 24
    assert part.attrs["files"] == ", ".join(path.name for path in paths[:2])
    xr.testing.assert_identical(part["rh"], whole["rh"].sel(time=slice("1884", "1885")))
    with pytest.raises(MissingDataError, match="whole period"):
        read_cmip6_land_fluxes(paths, period=(1859, 1860))
    with pytest.raises(MissingDataError, match="whole period"):
        read_cmip6_land_fluxes(paths, period=(2001, 2014))


def test_a_real_file_of_another_table_is_refused(real_data):
    (path,) = (real_data / "samples" / "cmip").glob("tas_*.nc")
    with pytest.raises(InputError, match=r"(?s)not of the land fluxes of CMIP.*tas_Amon"):
        read_cmip6_land_fluxes([path])


def test_what_it_holds_is_stated(tmp_path):
    data = read_cmip6_land_fluxes(write_cmip6_land_fluxes(simulation(), tmp_path))
    assert {name: str(Parts.of_attrs(data[name].attrs)) for name in ("nee", "gpp", "reco")} == {
        "nee": "NEE", "gpp": "GPP", "reco": "Reco",
    }  # fmt: skip
    july = data["nee"].sel(time="2001-07-01")
    assert float(july.max()) == pytest.approx(-30.0, rel=1e-5)
    assert data["nee"].attrs["units"] == "g C m-2 month-1"


def test_one_of_several_models(tmp_path):
    runs = [Run(model, "historical", "r1i1p1f1", "gn") for model in ("A", "B")]
    paths = [
        path
        for run, level in zip(runs, (1.0, 2.0), strict=True)
        for path in write_cmip6_land_fluxes(simulation(level=level), tmp_path, run=run)
    ]
    with pytest.raises(InputError, match=r"(?s)several simulations.*A historical.*B historical"):
        read_cmip6_land_fluxes(paths)
    with pytest.raises(MissingDataError, match="no such simulation"):
        read_cmip6_land_fluxes(paths, model="C")
    found = read_cmip6_land_fluxes(paths, model="B")
    assert float(found["gpp"].max()) == pytest.approx(160.0)
    assert "_B_" in found.attrs["files"]
    assert "_A_" not in found.attrs["files"]


def test_a_box(tmp_path):
    paths = write_cmip6_land_fluxes(simulation(), tmp_path)
    whole = read_cmip6_land_fluxes(paths)
    part = read_cmip6_land_fluxes(paths, bounds=(-100.0, 40.0, 40.0, 90.0))
    same = whole.sel(y=slice(90, 40), x=slice(-100, 40))
    for name in ("nee", "cell_area", "y_bounds", "x_bounds"):
        np.testing.assert_array_equal(part[name], same[name])


def drop_month(path, step):
    with xr.open_dataset(path, decode_cf=False) as file:
        cut = file.isel(time=np.delete(np.arange(file.sizes["time"]), step)).load()
    cut.to_netcdf(path)


def test_missing_months_are_named(tmp_path):
    paths = write_cmip6_land_fluxes(simulation(), tmp_path)
    drop_month(paths[0], -1)
    with pytest.raises(MissingDataError, match=r"gpp and ra of SYN-ESM1 .* differ in time"):
        read_cmip6_land_fluxes(paths)
    drop_month(paths[0], 7)
    with pytest.raises(MissingDataError, match=r"(?s)gpp .*lacks months.*missing 2001-08"):
        read_cmip6_land_fluxes(paths)


def test_other_cells_are_refused(tmp_path):
    paths = write_cmip6_land_fluxes(simulation(), tmp_path)
    cut = simulation().isel(y=slice(0, 30))
    write_cmip6_land_fluxes(cut, tmp_path, variables=["ra"])
    with pytest.raises(GridError, match=r"gpp and ra of SYN-ESM1 .* differ in y"):
        read_cmip6_land_fluxes(paths)


def edit(path, name, **attributes):
    with netCDF4.Dataset(path, "a") as file:
        for attribute, value in attributes.items():
            if value is None:
                file[name].delncattr(attribute)
            else:
                file[name].setncattr(attribute, value)


def test_a_missing_or_wrong_unit_is_refused(tmp_path):
    paths = write_cmip6_land_fluxes(simulation(), tmp_path)
    edit(paths[0], "gpp", units="kg m-2")
    with pytest.raises(UnitsError, match="not one of a carbon flux"):
        read_cmip6_land_fluxes(paths)
    edit(paths[0], "gpp", units=None)
    with pytest.raises(UnitsError, match="gpp does not state its unit"):
        read_cmip6_land_fluxes(paths)
    edit(paths[0], "gpp", units="g C m-2 d-1")
    with pytest.raises(InputError, match=r"gpp of SYN-ESM1 .* cannot be true"):
        read_cmip6_land_fluxes(paths)


def test_a_wrong_sign_is_refused(tmp_path):
    data = simulation()
    paths = write_cmip6_land_fluxes(data.assign(gpp=-data["gpp"]), tmp_path)
    with pytest.raises(InputError, match=r"(?s)gpp .*opposite sign.*gpp is positive"):
        read_cmip6_land_fluxes(paths)
    paths = write_cmip6_land_fluxes(
        data.assign(nee=-data["nee"]), tmp_path / "b", variables=["nep"]
    )
    with pytest.raises(InputError, match=r"(?s)nee .*opposite sign.*takes up carbon in July"):
        read_cmip6_land_fluxes(paths)


def test_fluxes_per_land_and_per_cell_do_not_mix(tmp_path):
    paths = write_cmip6_land_fluxes(simulation(), tmp_path)
    of_rh = next(path for path in paths if path.name.startswith("rh_"))
    with netCDF4.Dataset(of_rh, "a") as file:
        file["rh"].cell_methods = "area: time: mean"
    with pytest.raises(InputError, match="gpp and ra and rh count per different areas"):
        read_cmip6_land_fluxes(paths)
    assert read_cmip6_land_fluxes([of_rh]).attrs["per_area"] == "cell"


def test_a_map_upside_down_is_refused(tmp_path):
    data = simulation().map(lambda field: field.copy(data=field.values[:, ::-1]))
    with pytest.raises(GridError, match=r"gpp of gpp_Lmon_.*lies upside down"):
        read_cmip6_land_fluxes(write_cmip6_land_fluxes(data, tmp_path))


def test_a_land_share_that_is_no_percentage_is_refused(tmp_path):
    area = np.full(GRID.shape, 3e4)
    data = simulation().assign(land_fraction=(("y", "x"), area))
    with pytest.raises(InputError, match=r"sftlf in sftlf_fx_.*out of range"):
        read_cmip6_land_fluxes(write_cmip6_land_fluxes(data, tmp_path))


def test_the_cells_are_whole(tmp_path):
    data = read_cmip6_land_fluxes(write_cmip6_land_fluxes(simulation(), tmp_path))
    np.testing.assert_allclose(data["cell_area"], GRID.cell_area(), rtol=1e-9)
