from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhdf.SD import SD

from abz.errors import GridError, InputError
from abz.grid import lonlat_grid, sinusoidal_grid
from abz.readers.hdfeos import parse_extent
from abz.world.products.hdfeos import Field, sectors, struct_metadata, write_grid_file


@given(st.integers(1, 6), st.integers(1, 36))
def test_sectors_cut_the_grid_without_gap_or_overlap(cells, tiles):
    grid = sinusoidal_grid(cells, (0, 36), (0, 2))
    cut = sectors(grid, tiles)
    assert len(cut) == tiles
    assert cut[0].columns.start == 0
    assert cut[-1].columns.stop == grid.shape[1]
    for west, east in pairwise(cut):
        assert west.columns.stop == east.columns.start
        assert west.grid.bounds[2] == pytest.approx(east.grid.bounds[0], abs=1e-6)


def test_sectors_that_cannot_be_named():
    with pytest.raises(InputError, match=r"(?s)two sectors begin in one tile.*fewer"):
        sectors(sinusoidal_grid(4, (18, 19), (3, 4)), 2)
    with pytest.raises(GridError, match="not sinusoidal"):
        sectors(lonlat_grid(5), 2)


def test_metadata_is_read_as_written(tmp_path):
    grid = sinusoidal_grid(12, (10, 12), (2, 4))
    extent = parse_extent(struct_metadata(grid, "G", {"A": "uint8"}), tmp_path)
    west, south, east, north = grid.bounds
    assert extent[:4] == pytest.approx((west, north, east, south), abs=1e-6)
    assert extent[4:] == (24, 24)


def test_file_has_the_names_of_hdf_eos_and_no_trace_of_its_folder(tmp_path):
    grid = sinusoidal_grid(3, (18, 19), (3, 4))
    text = struct_metadata(grid, "GRID", {"A": "uint8"})
    stored = np.arange(9, dtype=np.uint8).reshape(3, 3)
    contents = []
    for folder in ("one", "another_folder"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "file.hdf"
        write_grid_file(path, text, "GRID", [Field("A", stored, {"_FillValue": 253})])
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    file = SD(str(path))
    dims, shape, _, _ = file.datasets()["A"]
    assert dims == ("YDim:GRID", "XDim:GRID")
    assert shape == (3, 3)
    np.testing.assert_array_equal(file.select("A").get(), stored)
    file.end()
