import shutil
from datetime import date, timedelta

import numpy as np
import pytest
import xarray as xr
from pyhdf.SD import SD

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import Grid, sinusoidal_grid
from abz.readers import modis_tiles
from abz.readers.hdfeos import open_hdf, stated_start
from abz.readers.modis import (
    read_mcd64a1,
    read_mod11a2,
    read_mod13a1,
    read_mod13a2,
    read_mod44b,
)
from abz.readers.modis_layers import composite_calendar
from abz.world.products.hdfeos import Field, core_metadata, struct_metadata, write_grid_file
from abz.world.products.modis import write_mcd64a1, write_mod13a1

GRID = sinusoidal_grid(2, (18, 20), (3, 4))
NAME = "MOD11A2.A2001009.h18v03.006.2001017000000.hdf"
ATTRIBUTES = {"valid_range": [7500, 65535], "_FillValue": 0, "scale_factor": 0.02}


def write_lst(path, stored, grid=GRID, field="LST_Day_1km", **attributes):
    text = struct_metadata(grid, "MODIS_Grid_8Day_1km_LST", {field: str(stored.dtype)})
    fields = [Field(field, stored, ATTRIBUTES | attributes)]
    return write_grid_file(path, text, "MODIS_Grid_8Day_1km_LST", fields)


def counts(value, grid=GRID, dtype="uint16"):
    return np.full(grid.shape, value, dtype)


def sample(real_data, pattern):
    (path,) = (real_data / "samples" / "modis").glob(pattern)
    return path


def raw(path, field):
    file = SD(str(path))
    values = file.select(field).get()
    file.end()
    return values


def test_real_mod11b2_multiplies(real_data):
    path = sample(real_data, "MOD11B2.*.hdf")
    data = read_mod11a2([path], years=[2017])
    stored = raw(path, "LST_Day_6km")
    lst = data["lst"].values[0]
    np.testing.assert_array_equal(np.isnan(lst), stored == 0)
    np.testing.assert_allclose(lst[stored > 0], stored[stored > 0] * 0.02, rtol=1e-6)
    assert 240 < np.nanmin(lst) < np.nanmax(lst) < 300
    assert str(data["time"].values[0])[:10] == "2017-01-01"
    assert data["days"].item() == 8
    longitude, latitude = Grid.of(data).lonlat()
    assert 40 < np.nanmin(latitude) < np.nanmax(latitude) < 50
    assert data.attrs["source"] == "MOD11B2"
    assert longitude[0, 0] == pytest.approx(-62.2, abs=0.1)


def test_real_mod13a2_divides(real_data):
    path = sample(real_data, "MOD13A2.*.hdf")
    data = read_mod13a1([path])
    stored = raw(path, "1 km 16 days NDVI")
    ndvi = data["ndvi"].values[0]
    np.testing.assert_allclose(ndvi, np.where(stored == -3000, np.nan, stored / 1e4), rtol=1e-6)
    assert 0.3 < np.nanmean(ndvi) < 0.9
    reliability = raw(path, "1 km 16 days pixel reliability")
    np.testing.assert_array_equal(data["reliability"].values[0], reliability)
    assert data["reliability"].dtype == np.int8
    assert str(data["time"].values[0])[:10] == "2016-05-24"
    assert data["days"].item() == 16
    assert Grid.of(data).transform.a == pytest.approx(926.625433, rel=1e-8)


def test_wrong_product(real_data):
    path = sample(real_data, "MOD13A2.*.hdf")
    with pytest.raises(InputError, match=r"(?s)not of MOD11A2 or MOD11B2.*MOD13A2\.A2016145"):
        read_mod11a2([path])
    with pytest.raises(InputError, match="not of MOD44B"):
        read_mod44b([path])


def test_other_year(tmp_path):
    path = write_lst(tmp_path / NAME, counts(14000))
    with pytest.raises(InputError, match=r"(?s)another year.*\[2002\]"):
        read_mod11a2([path], years=[2002])


def test_missing_dataset(tmp_path):
    path = write_lst(tmp_path / NAME, counts(14000), field="LST_Night_1km")
    with pytest.raises(MissingDataError, match=r"(?s)`LST_Day_1km`.*LST_Night_1km"):
        read_mod11a2([path])


@pytest.mark.parametrize(
    ("stored", "attributes"),
    [
        (counts(14000, dtype="int16"), {"valid_range": [7500, 32767]}),
        (counts(14000), {"scale_factor": 1.0}),
        (counts(14000), {"_FillValue": 65535}),
    ],
)
def test_other_storage(tmp_path, stored, attributes):
    path = write_lst(tmp_path / NAME, stored, **attributes)
    with pytest.raises(InputError, match="stored in another way than declared"):
        read_mod11a2([path])


def test_unscaled_kelvin(tmp_path):
    path = write_lst(tmp_path / NAME, counts(280))
    with pytest.raises(InputError, match=r"(?s)stored lst in MOD11A2.*\[7500, 65535\].*280"):
        read_mod11a2([path])


def test_day_on_which_no_composite_begins(tmp_path):
    path = write_lst(tmp_path / NAME.replace("A2001009", "A2001010"), counts(14000))
    with pytest.raises(InputError, match="no composite of MOD11A2 begins"):
        read_mod11a2([path])


def test_two_productions_of_one_tile(tmp_path):
    first = write_lst(tmp_path / NAME, counts(14000))
    second = tmp_path / NAME.replace("2001017000000", "2015017000000")
    shutil.copy(first, second)
    with pytest.raises(InputError, match="same tile and date"):
        read_mod11a2([first, second])


def test_tile_that_moves(tmp_path):
    first = write_lst(tmp_path / NAME, counts(14000))
    part = GRID.window(slice(0, 1), slice(0, 4))
    other = tmp_path / NAME.replace("A2001009", "A2001017")
    write_lst(other, counts(14000, part), grid=part)
    with pytest.raises(GridError, match="does not lie where tile h18v03 lies"):
        read_mod11a2([first, other])


def test_siblings_do_not_mix(real_data, tmp_path):
    path = write_lst(tmp_path / NAME, counts(14000))
    with pytest.raises(GridError, match="cells of another size"):
        read_mod11a2([sample(real_data, "MOD11B2.*.hdf"), path])


def test_a_date_that_lacks_a_tile_is_missing_there(tmp_path):
    west, east = GRID.window(slice(None), slice(0, 2)), GRID.window(slice(None), slice(2, 4))
    paths = [
        write_lst(tmp_path / NAME, counts(14000, west), grid=west),
        write_lst(tmp_path / NAME.replace("h18", "h19"), counts(14500, east), grid=east),
        write_lst(tmp_path / NAME.replace("A2001009", "A2001361"), counts(15000, west), grid=west),
    ]
    data = read_mod11a2(paths[::-1])
    expected = np.array([[280.0, 280.0, 290.0, 290.0], [300.0, 300.0, np.nan, np.nan]], "f4")
    np.testing.assert_allclose(data["lst"].values[:, 0], expected)
    assert data["days"].values.tolist() == [8, 5]
    assert isinstance(data, xr.Dataset)


def test_real_mod13a2_is_an_entry_of_its_own(real_data):
    path = sample(real_data, "MOD13A2.*.hdf")
    xr.testing.assert_identical(read_mod13a2([path]), read_mod13a1([path]))


def test_real_mcd64a1_tells_days_of_burning(real_data):
    path = sample(real_data, "MCD64A1.*.hdf")
    data = read_mcd64a1([path], years=[2001])
    stored = raw(path, "Burn Date")
    np.testing.assert_array_equal(data["burn_day"].values[0], np.maximum(stored, -1))
    assert data["burn_day"].dtype == np.int16
    burned = data["burned_fraction"].values[0]
    np.testing.assert_array_equal(np.isnan(burned), stored < 0)
    assert np.nansum(burned) == (stored > 0).sum() == 2242
    assert str(data["time"].values[0])[:10] == "2001-08-01"
    longitude, latitude = Grid.of(data).lonlat()
    assert np.nanmax(latitude) == pytest.approx(50.0, abs=0.01)
    assert np.nanmin(latitude) == pytest.approx(40.0, abs=0.01)
    assert -160 < np.nanmin(longitude) < np.nanmax(longitude) < -117
    assert data.attrs["files"] == path.name


def test_days_of_another_month_are_refused(real_data, tmp_path):
    path = sample(real_data, "MCD64A1.*.hdf")
    moved = tmp_path / path.name.replace("A2001213", "A2001182")
    shutil.copy(path, moved)
    with pytest.raises(InputError, match=r"(?s)another month.*days of 2001-07 are 182 to 212"):
        read_mcd64a1([moved])
    moved = moved.rename(tmp_path / path.name.replace("A2001213", "A2001214"))
    with pytest.raises(InputError, match="no month of MCD64A1 begins on this day"):
        read_mcd64a1([moved])


def test_a_month_of_another_year_is_refused(tmp_path):
    time = np.array(["2003-07-01"], "datetime64[ns]")
    day = (("time", "y", "x"), np.zeros((1, *GRID.shape), np.int16))
    paths = write_mcd64a1(xr.Dataset({"burn_day": day}, {"time": time, **GRID.coords()}), tmp_path)
    with pytest.raises(InputError, match=r"(?s)MCD64A1 is of another year.*A2003182"):
        read_mcd64a1(paths, years=[2004])


def test_real_files_say_when_they_begin(real_data):
    with open_hdf(sample(real_data, "MOD11B2.*.hdf")) as file:
        assert stated_start(file) == date(2017, 1, 1)
    with open_hdf(sample(real_data, "MOD13A2.*.hdf")) as file:  # cut out, its core metadata lost
        assert stated_start(file) is None


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(("stated", "passes"), [((2001, 1, 9), True), ((2000, 1, 9), False)])
def test_a_tile_that_says_it_is_of_another_year(tmp_path, stated, passes, lazy):
    path = tmp_path / NAME
    start = date(*stated)
    text = struct_metadata(GRID, "MODIS_Grid_8Day_1km_LST", {"LST_Day_1km": "uint16"})
    fields = [Field("LST_Day_1km", counts(13000), ATTRIBUTES)]
    core = core_metadata(path, start, start + timedelta(days=8))
    write_grid_file(path, text, "MODIS_Grid_8Day_1km_LST", fields, core)
    if passes:
        assert read_mod11a2([path], lazy=lazy)["lst"].values.max() == pytest.approx(260.0)
        return
    with pytest.raises(InputError, match=rf"(?s){NAME} is of another date.*2000-01-09"):
        read_mod11a2([path], lazy=lazy)["lst"].compute(scheduler="synchronous")


def sector_files(folder, years=(2001,)):
    """Two sectors of ten dates of NDVI with gaps."""
    grid = sinusoidal_grid(6, (18, 20), (3, 4))
    starts = composite_calendar(years, 16)[0][:10]
    rng = np.random.default_rng(4)
    shape = (len(starts), *grid.shape)
    ndvi = np.where(rng.random(shape) < 0.2, np.nan, rng.uniform(-0.2, 1, shape)).astype("f4")
    code = np.where(np.isnan(ndvi), -1, rng.integers(0, 4, shape)).astype("i1")
    dims = ("time", "y", "x")
    data = xr.Dataset(
        {"ndvi": (dims, ndvi), "reliability": (dims, code)},
        {"time": starts.astype("datetime64[ns]"), **grid.coords()},
    )
    return write_mod13a1(data, folder, tiles=2)


def test_lazy_tiles_are_those_in_memory(tmp_path):
    paths = sector_files(tmp_path)[:-1]  # the last date lacks a tile
    lazy, eager = (read_mod13a1(paths, lazy=way) for way in (True, False))
    assert all(da.chunks is not None for da in lazy.values())
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), eager)
    part = {"time": slice(3, 8), "y": slice(1, 4), "x": slice(4, 9)}
    xr.testing.assert_identical(lazy.isel(part).compute(), eager.isel(part))


def test_lazy_tiles_are_opened_where_and_when_they_are_needed(tmp_path, monkeypatch):
    paths = sector_files(tmp_path)
    data = read_mod13a1(paths, lazy=True)
    opened = []

    def noted(path):
        opened.append(path.name)
        return open_hdf(path)

    monkeypatch.setattr(modis_tiles, "open_hdf", noted)
    data["ndvi"][2:4, :, :3].compute()
    west = [path.name for path in paths if ".h18" in path.name]
    assert sorted(opened) == west[2:4]


def test_a_wrong_value_of_a_lazy_tile_is_refused_when_it_is_read(tmp_path):
    good = write_lst(tmp_path / NAME, counts(14000))
    bad = write_lst(tmp_path / NAME.replace("A2001009", "A2001017"), counts(280))
    data = read_mod11a2([good, bad], lazy=True)
    assert float(data["lst"][0].max()) == pytest.approx(280.0)
    with pytest.raises(InputError, match=r"(?s)stored lst in MOD11A2\.A2001017.*280"):
        data["lst"][1].compute()


def test_a_lazy_tile_that_moves_is_refused_when_it_is_read(tmp_path):
    first = write_lst(tmp_path / NAME, counts(14000))
    part = GRID.window(slice(0, 1), slice(0, 4))
    other = tmp_path / NAME.replace("A2001009", "A2001017")
    write_lst(other, counts(14000, part), grid=part)
    data = read_mod11a2([first, other], lazy=True)
    with pytest.raises(GridError, match="does not lie where tile h18v03 lies"):
        data["lst"][1].compute()
