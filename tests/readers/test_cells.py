"""Cells of uneven axes: what is told by bounds, and whether they are those of a grid."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import GridError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers.axes import lonlat_window
from abz.readers.cells import cell_area, cell_bounds, lies_even, read_fixed

LON, LAT = np.arange(15.0, 360.0, 30.0), np.arange(-75.0, 90.0, 30.0)


def store(path, lon=LON, lat=LAT, **variables):
    data = {name: (("lat", "lon"), values) for name, values in variables.items()}
    xr.Dataset(data, {"lat": lat, "lon": lon}).to_netcdf(path, engine="netcdf4")
    return path, lonlat_window(lon, lat, path.name)


def test_even_cells_have_the_area_of_their_grid(tmp_path):
    path, window = store(tmp_path / "a.nc")
    cells = cell_bounds(path, window)
    assert lies_even(window, cells)
    assert window.grid == lonlat_grid(30.0, (-180.0, -90.0, 180.0, 90.0))
    np.testing.assert_allclose(cell_area(cells), window.grid.cell_area(), rtol=1e-12)


def test_gaps_and_uneven_rows_are_no_grid(tmp_path):
    path, window = store(tmp_path / "a.nc", lat=np.array([-80.0, -20.0, 50.0]))
    assert not lies_even(window, cell_bounds(path, window))
    path, window = store(tmp_path / "b.nc")
    cells = cell_bounds(path, window)
    cells["y_bounds"] = cells["y_bounds"] + np.array([[-1.0, 1.0]])
    assert not lies_even(window, cells)


def test_fixed_fields_lie_on_the_same_cells(tmp_path):
    share = np.arange(72.0).reshape(6, 12)
    path, window = store(tmp_path / "sftlf.nc", sftlf=share)
    cells = cell_bounds(path, window)
    found = read_fixed(path, "sftlf", window, cells)
    np.testing.assert_allclose(found, np.roll(share[::-1], 6, axis=1) / 100)
    other, _ = store(tmp_path / "other.nc", lat=LAT + 5.0, sftlf=share)
    with pytest.raises(GridError, match=r"other\.nc lies on other cells"):
        read_fixed(other, "sftlf", window, cells)
    with pytest.raises(MissingDataError, match="areacella"):
        read_fixed(path, "areacella", window, cells)
    assert np.isnan(read_fixed(None, "sftlf", window, cells)).all()
