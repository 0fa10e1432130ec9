from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import GridError, InputError, MissingDataError
from abz.readers.hdfeos import Extent, fit_tiles, open_hdf, parse_extent, read_extent, read_field

METADATA = """
    XDim=219
    YDim=185
    UpperLeftPointMtrs=(670117.907295,5608858.446491)
    LowerRightMtrs=(873048.877134,5437432.741376)
    Projection=GCTP_SNSOID
    ProjParams=(6371007.181000,0,0,0,0,0,0,0,0,0,0,0,0)
"""
PATH = Path("tile.hdf")


def tile(column: int, row: int, size: int = 4, cell: float = 100.0) -> Extent:
    """A square tile whose corner lies on whole tiles of 400 m."""
    west, north = 400.0 * column, -400.0 * row
    return Extent(west, north, west + size * cell, north - size * cell, size, size)


def test_metadata_text():
    extent = parse_extent(METADATA, PATH)
    assert (extent.columns, extent.rows) == (219, 185)
    np.testing.assert_allclose(extent.cell, 926.625433, rtol=1e-8)


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("XDim=219", "no columns"),
        ("Projection=GCTP_SNSOID", "no sphere"),
        ("6371007.181000", "another sphere"),
    ],
)
def test_metadata_that_does_not_say_where(old, message):
    broken = METADATA.replace(old, "6370997.000000" if old[0] == "6" else "")
    with pytest.raises(GridError, match=message):
        parse_extent(broken, PATH)


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=8))
def test_tiles_keep_their_place(places):
    mosaic = fit_tiles({f"h{c}v{r}": tile(c, r) for c, r in places})
    covered = np.zeros(mosaic.grid.shape, int)
    for column, row in places:
        rows, columns = mosaic.windows[f"h{column}v{row}"]
        covered[rows, columns] += 1
        window = mosaic.grid.window(rows, columns)
        np.testing.assert_allclose(
            window.bounds, (tile(column, row).west, tile(column, row).south,
                            tile(column, row).east, tile(column, row).north), atol=1e-6,
        )  # fmt: skip
    assert covered.sum() == 16 * len(places)
    assert covered.max() == 1


def test_tiles_that_do_not_fit():
    here = tile(0, 0)
    with pytest.raises(GridError, match="cells of another size"):
        fit_tiles({"a": here, "b": tile(1, 0, size=8, cell=50.0)})
    with pytest.raises(GridError, match="does not fit its neighbours"):
        fit_tiles({"a": here, "b": tile(1, 0)._replace(west=430.0, east=830.0)})
    with pytest.raises(GridError, match="overlaps"):
        fit_tiles({"a": here, "b": here._replace(west=200.0, east=600.0)})


def test_file_that_is_not_hdf4(tmp_path):
    path = tmp_path / "cut.hdf"
    path.write_bytes(b"cut off")
    with pytest.raises(InputError, match=r"cut\.hdf cannot be opened"), open_hdf(path):
        pass


def test_real_files(real_data):
    folder = real_data / "samples" / "modis"
    (path,) = folder.glob("MCD64A1.*.hdf")
    with open_hdf(path) as file:
        extent = read_extent(file, path)
        assert extent.cell == pytest.approx((463.312717, 463.312717), rel=1e-8)
        with pytest.raises(MissingDataError, match=r"(?s)`NDVI`.*Burn Date"):
            read_field(file, "NDVI", path)
