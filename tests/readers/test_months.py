"""Months of one file and their joining."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, InputError
from abz.readers import months
from abz.readers.axes import Window
from abz.readers.months import join_months, read_months


def month(text, x=(0.0, 1.0)):
    return xr.Dataset(
        {"a": (("time", "x"), [[1.0, 2.0]])},
        {"time": np.array([text], "datetime64[ns]"), "x": list(x)},
    )


def test_months_come_in_order():
    joined = join_months([month("2003-01-01"), month("2001-01-01"), month("2002-01-01")])
    assert joined["time"].dt.year.values.tolist() == [2001, 2002, 2003]


def test_a_month_twice_is_refused():
    with pytest.raises(InputError, match="2001-01"):
        join_months([month("2001-01-01"), month("2001-01-01")])


def test_different_grids_are_refused():
    with pytest.raises(GridError, match="different grids"):
        join_months([month("2001-01-01"), month("2002-01-01", x=(0.0, 2.0))])


def test_nothing_to_join_is_refused():
    with pytest.raises(InputError, match="no files"):
        join_months([])


def stored(path, dims=("time", "latitude", "longitude"), **encoding):
    """One year of a field a = 100 · month + latitude + longitude / 1000."""
    time = np.arange("2001-01", "2002-01", dtype="datetime64[M]").astype("datetime64[ns]")
    axes = {"time": time, "latitude": np.arange(50.5, 60), "longitude": np.arange(0.5, 20)}
    month = xr.DataArray(np.arange(1, 13), dims="time")
    field = 100 * month + xr.DataArray(axes["latitude"], dims="latitude")
    field = field + xr.DataArray(axes["longitude"], dims="longitude") / 1000
    whole = xr.Dataset({"a": field.transpose(*dims).assign_attrs(units="K")}, axes, {"title": "t"})
    whole.to_netcdf(path, engine="netcdf4", encoding={"a": encoding})
    return path


@pytest.mark.parametrize(
    "dims", [("time", "latitude", "longitude"), ("longitude", "latitude", "time")]
)
def test_any_order_of_axes_and_a_box(tmp_path, dims):
    path = stored(tmp_path / "a.nc", dims)
    found = read_months(path, ["a"], (5.0, 53.0, 9.0, 58.0))
    assert found["a"].dims == ("time", "y", "x")
    assert found["y"].values.tolist() == [57.5, 56.5, 55.5, 54.5, 53.5]
    assert found["x"].values.tolist() == [5.5, 6.5, 7.5, 8.5]
    expected = 100 * found["time"].dt.month + found["y"] + found["x"] / 1000
    np.testing.assert_allclose(found["a"], expected, rtol=1e-6)
    assert found["a"].attrs["units"] == "K"
    assert found.attrs["title"] == "t"
    assert found["days"].values.sum() == 365


def test_whole_numbers_need_a_scale(tmp_path):
    path = stored(tmp_path / "a.nc", dtype="int16", scale_factor=0.1, _FillValue=-1)
    np.testing.assert_allclose(read_months(path, ["a"])["a"][0, 0, 0], 159.5, rtol=1e-6)
    path = stored(tmp_path / "a.nc", dtype="int16", _FillValue=-1)
    with pytest.raises(InputError, match=r"a of a\.nc is stored as whole numbers"):
        read_months(path, ["a"])


@pytest.mark.parametrize(
    "dims", [("time", "latitude", "longitude"), ("longitude", "latitude", "time")]
)
@pytest.mark.parametrize("box", [None, (5.0, 53.0, 9.0, 58.0)])
def test_lazy_fields_are_those_in_memory(tmp_path, monkeypatch, dims, box):
    monkeypatch.setattr(months, "SIDE", 3)
    packing = {"dtype": "int16", "scale_factor": 0.05, "_FillValue": -1}
    path = stored(tmp_path / "a.nc", dims, **packing)
    lazy, eager = (read_months(path, ["a"], box, lazy=way) for way in (True, False))
    assert lazy["a"].chunks is not None
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), eager)
    part = {"time": slice(2, 4), "y": slice(1, 4), "x": slice(1, 3)}
    xr.testing.assert_identical(lazy.isel(part).compute(), eager.isel(part))


def test_lazy_fields_across_the_seam_are_those_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(months, "SIDE", 50)
    path = tmp_path / "a.nc"
    with xr.open_dataset(stored(tmp_path / "b.nc")) as whole:
        east = np.arange(0.0, 360.0, 2)
        wide = whole.isel(longitude=np.arange(east.size) % 20).assign_coords(longitude=east)
        wide.to_netcdf(path, engine="netcdf4")
    lazy, eager = (read_months(path, ["a"], lazy=way) for way in (True, False))
    assert eager["x"].values[0] == -180.0
    xr.testing.assert_identical(lazy.compute(scheduler="synchronous"), eager)


def test_only_the_squares_that_are_needed_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(months, "SIDE", 4)
    data = read_months(stored(tmp_path / "a.nc"), ["a"], lazy=True)
    read, window = [], Window.read

    def noted(self, field, *part):
        read.append([(side.start, side.stop) for side in part])
        return window(self, field, *part)

    monkeypatch.setattr(Window, "read", noted)
    data["a"][3, 5, 9:13].compute()
    assert sorted(read) == [[(0, 12), (4, 8), (8, 12)], [(0, 12), (4, 8), (12, 16)]]


def test_a_lazy_field_without_a_scale_is_refused_at_once(tmp_path):
    path = stored(tmp_path / "a.nc", dtype="int16", _FillValue=-1)
    with pytest.raises(InputError, match=r"a of a\.nc is stored as whole numbers"):
        read_months(path, ["a"], lazy=True)
