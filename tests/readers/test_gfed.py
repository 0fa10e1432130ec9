import numpy as np
import pytest
import xarray as xr
from netCDF4 import Dataset

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid, sinusoidal_grid
from abz.ledger import Parts
from abz.readers import gfed
from abz.readers.bands import row_bands
from abz.readers.gfed import read_gfed500m
from abz.world.products.gfed import write_gfed500m

GRID = sinusoidal_grid(2, (18, 19), (3, 4))


def write(path, *, carbon="C", burned=0.5, months=12, grid=GRID, mapped=True):
    """A yearly file in the declared schema, with one thing wrong if asked for."""
    attributes = dict(grid.coords()["spatial_ref"].attrs)
    if not mapped:
        attributes.pop("GeoTransform")
    with Dataset(path, "w") as file:
        for name, size in zip(("time", "y", "x"), (months, *grid.shape), strict=True):
            file.createDimension(name, size)
        file.createVariable("crs", "i4").setncatts(attributes)
        for name, value in ((carbon, 3.0), ("burned_fraction", burned)):
            shape = (months, *grid.shape)
            file.createVariable(name, "f4", ("time", "y", "x"))[:] = np.full(shape, value)
    return path


def test_months_follow_the_file_names(tmp_path):
    paths = [write(tmp_path / f"GFED500m_{year}.nc") for year in (2004, 2002)]
    data = read_gfed500m(paths)
    assert data["time"].dt.year.values.tolist() == [2002] * 12 + [2004] * 12
    assert data["time"].dt.day.values.max() == 1
    assert float(data["emission"].mean()) == 3.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"carbon": "DM"}, MissingDataError, r"(?s)`C`.*DM"),
        ({"burned": 50.0}, InputError, r"(?s)burned_fraction.*\[0, 1\]"),
        ({"months": 11}, InputError, "another shape"),
        ({"mapped": False}, GridError, "does not say where it lies"),
    ],
)
def test_files_that_break_the_schema(tmp_path, options, error, message):
    path = write(tmp_path / "GFED500m_2002.nc", **options)
    with pytest.raises(error, match=message):
        read_gfed500m([path])


def test_years_on_different_grids(tmp_path):
    first = write(tmp_path / "GFED500m_2002.nc")
    other = write(tmp_path / "GFED500m_2003.nc", grid=sinusoidal_grid(2, (19, 20), (3, 4)))
    with pytest.raises(GridError, match=r"GFED500m_2003\.nc lies on another grid"):
        read_gfed500m([first, other])


def test_other_product(tmp_path):
    with pytest.raises(InputError, match="not of GFED500m"):
        read_gfed500m([write(tmp_path / "GFED4.1s_2002.nc")])


def burning(years=2):
    """Whole years on a taller grid, different everywhere."""
    grid = sinusoidal_grid(4, (18, 20), (2, 4))
    time = np.arange("2002-01", f"{2002 + years}-01", dtype="datetime64[M]").astype(
        "datetime64[ns]"
    )
    rng = np.random.default_rng(3)
    shape = (time.size, *grid.shape)
    dims = ("time", "y", "x")
    data = {
        "emission": (dims, rng.random(shape, "f4")),
        "burned_fraction": (dims, rng.random(shape)),
    }
    return xr.Dataset(data, {"time": time, **grid.coords()})


@pytest.mark.parametrize("height", [1, 3, 8, 100])
def test_bands_are_the_whole(tmp_path, height):
    paths = write_gfed500m(burning(), tmp_path)
    whole = read_gfed500m(paths)
    bands = [read_gfed500m(paths, rows=band) for band in row_bands(whole.sizes["y"], height)]
    assert [band.sizes["y"] for band in bands][:-1] == [height] * (len(bands) - 1)
    for name in ("emission", "burned_fraction"):
        joined = np.concatenate([band[name].values for band in bands], axis=1)
        np.testing.assert_array_equal(joined, whole[name])
    assert Grid.of(bands[-1]).bounds[1] == Grid.of(whole).bounds[1]
    assert str(Parts.of_attrs(bands[0]["emission"].attrs)) == "fire"


@pytest.mark.parametrize("rows", [(0, 0), (3, 99), (-1, 4)])
def test_bands_beyond_the_grid(tmp_path, rows):
    with pytest.raises(InputError, match="row is not a whole number in its range"):
        read_gfed500m(write_gfed500m(burning(1), tmp_path), rows=rows)


def test_a_file_of_another_year(tmp_path):
    (path,) = write_gfed500m(burning(1), tmp_path)
    renamed = path.rename(tmp_path / "GFED500m_2010.nc")
    with pytest.raises(InputError, match=r"GFED500m_2010\.nc holds months of another year"):
        read_gfed500m([renamed])


@pytest.mark.parametrize("side", [1, 3, 512])
def test_a_lazy_map_is_the_one_in_memory(tmp_path, side, monkeypatch):
    monkeypatch.setattr(gfed, "SIDE", side)
    paths = write_gfed500m(burning(), tmp_path)
    whole, lazy = read_gfed500m(paths), read_gfed500m(paths, lazy=True)
    assert all(da.chunks is not None for da in lazy.values())
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), whole)
    band = read_gfed500m(paths, rows=(2, 7), lazy=True)["emission"][5:14, 1:4, 3:9]
    np.testing.assert_array_equal(band.compute(), whole["emission"][5:14, 3:6, 3:9])


def test_a_lazy_map_is_checked_where_it_is_read(tmp_path):
    path = write(tmp_path / "GFED500m_2002.nc")
    with Dataset(path, "a") as file:
        file["burned_fraction"][3, 0, 0] = 40.0
    data = read_gfed500m([path], lazy=True)
    assert float(data["emission"].max()) == 3.0
    with pytest.raises(InputError, match=r"(?s)burned_fraction. in GFED500m_2002\.nc.*40"):
        data["burned_fraction"].compute()
    short = write(tmp_path / "GFED500m_2003.nc", months=11)
    with pytest.raises(InputError, match="another shape"):
        read_gfed500m([short], lazy=True)
