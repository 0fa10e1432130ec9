"""Bands follow the pieces of the file."""

import numpy as np
import pytest
from netCDF4 import Dataset

from abz.errors import InputError
from abz.readers.bands import ROWS, row_bands, stored_rows


@pytest.mark.parametrize(("pieces", "rows"), [((1, 8, 5), 8), (None, ROWS)])
def test_rows_as_stored(tmp_path, pieces, rows):
    path = tmp_path / "a.nc"
    with Dataset(path, "w") as file:
        for name, size in (("t", 2), ("y", 20), ("x", 10)):
            file.createDimension(name, size)
        how = {"chunksizes": pieces} if pieces else {"contiguous": True}
        file.createVariable("C", "f4", ("t", "y", "x"), **how)[:] = np.zeros((2, 20, 10))
    assert stored_rows(path, "C") == rows


@pytest.mark.parametrize(("ny", "height"), [(1, 1), (7, 3), (9, 3), (3, 10)])
def test_bands_cover_each_row_once(ny, height):
    rows = [row for first, stop in row_bands(ny, height) for row in range(first, stop)]
    assert rows == list(range(ny))


def test_a_band_has_rows():
    with pytest.raises(InputError, match="height"):
        list(row_bands(5, 0))
