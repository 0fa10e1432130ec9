"""Land cover maps, there and back."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from netCDF4 import Dataset

from abz.errors import CategoryError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.readers.land_cover import LAND_COVER_MAPS, read_cavm, read_esa_cci_lc
from abz.world.products.land_cover import write_cavm, write_esa_cci_lc

MAPS = {
    "esa_cci_lc": (write_esa_cci_lc, read_esa_cci_lc, lonlat_grid(10.0)),
    "cavm": (write_cavm, read_cavm, polar_grid(1_000_000)),
}


@pytest.mark.parametrize("entry", MAPS)
@given(drawn=st.data())
def test_there_and_back(tmp_path_factory, entry, drawn):
    write, read, grid = MAPS[entry]
    storage = LAND_COVER_MAPS[entry]
    known = st.sampled_from(sorted({-1, *storage.legend} - {storage.nodata}))
    codes = drawn.draw(hnp.arrays(np.int16, grid.shape, elements=known, fill=known))
    data = xr.Dataset({storage.variable: (("y", "x"), codes)}, grid.coords())
    again = read(write(data, tmp_path_factory.mktemp("cover")))
    assert (again[storage.variable].values == codes).all()
    np.testing.assert_allclose(Grid.of(again).lonlat(), grid.lonlat(), atol=1e-9)


@given(
    drawn=st.data(),
    dated=st.booleans(),
    signed=st.booleans(),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    box=st.sampled_from([None, (-100.0, 45.0, 60.0, 90.0)]),
    lazy=st.booleans(),
)
def test_a_map_in_netcdf_holds_the_same(
    tmp_path_factory, drawn, dated, signed, south_up, from_greenwich, box, lazy
):
    """As the Climate Data Store has it, with unsigned bytes or what stands for them."""
    write, read, grid = MAPS["esa_cci_lc"]
    known = st.sampled_from(sorted({-1, *LAND_COVER_MAPS["esa_cci_lc"].legend} - {0}))
    codes = drawn.draw(hnp.arrays(np.int16, grid.shape, elements=known, fill=known))
    data = xr.Dataset({"lccs_class": (("y", "x"), codes)}, grid.coords())
    folder = tmp_path_factory.mktemp("cover")
    whole = read(write(data, folder), box)
    x = grid.x % 360.0 if from_greenwich else grid.x
    columns, rows = np.argsort(x), slice(None, None, -1 if south_up else 1)
    stored = np.where(codes < 0, 0, codes).astype(np.uint8)[rows][:, columns]
    dims = ("time", "lat", "lon") if dated else ("lat", "lon")
    path = folder / "ESACCI-LC-L4-LCCS-Map-300m-P1Y-2015-v2.0.7cds.nc"
    with Dataset(path, "w") as file:
        for name, size in zip(("time", "lat", "lon"), (1, *grid.shape), strict=True):
            file.createDimension(name, size)
        file.createVariable("lat", "f8", ("lat",))[:] = grid.y[rows]
        file.createVariable("lon", "f8", ("lon",))[:] = x[columns]
        kind = "i1" if signed else "u1"
        variable = file.createVariable("lccs_class", kind, dims)
        variable[:] = stored.view(kind)[None] if dated else stored.view(kind)
    again = read([path], box, lazy=lazy).compute(scheduler="synchronous")
    xr.testing.assert_identical(again.drop_vars(["x", "y"]), whole.drop_vars(["x", "y"]))
    np.testing.assert_allclose(Grid.of(again).bounds, Grid.of(whole).bounds, atol=1e-9)


def test_names_and_nodata(tmp_path):
    grid = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))
    cover = xr.Dataset({"lccs_class": (("y", "x"), [[220, -1]])}, grid.coords())
    (path,) = write_esa_cci_lc(cover, tmp_path / "new", year=2010)
    assert path.name == "ESACCI-LC-L4-LCCS-Map-300m-P1Y-2010-v2.0.7.tif"
    with rasterio.open(path) as file:
        assert file.read(1).tolist() == [[220, 0]]
        assert file.nodata is None
    tundra = xr.Dataset({"grid_code": (("y", "x"), [[99, -1]])}, grid.coords())
    with rasterio.open(*write_cavm(tundra, tmp_path)) as file:
        assert file.read(1).tolist() == [[99, 127]]
        assert file.nodata == 127


def test_an_undeclared_class_is_refused(tmp_path):
    grid = lonlat_grid(10.0, (0.0, 50.0, 20.0, 60.0))
    data = xr.Dataset({"grid_code": (("y", "x"), [[1, 70]])}, grid.coords())
    with pytest.raises(CategoryError, match=r"grid_code[\s\S]*70"):
        write_cavm(data, tmp_path)
