"""Exports of Earth Engine: what is not as the collection stores it is refused by name."""

import numpy as np
import pytest

from abz.errors import GridError, InputError, MissingDataError
from abz.grid import lonlat_grid
from abz.readers.orientation import is_mostly_land
from abz.readers.terraclimate_ee import read_terraclimate_ee
from abz.world.products.geotiff import write_raster

GRID = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
STORED = {"srad": 1500, "vpd": 50, "tmmn": -100, "tmmx": 20}


def export(
    folder, name="200101.tif", *, nodata=-32768, kind="int16", flip=False, grid=GRID, **bands
):
    land = is_mostly_land(grid.x, grid.y)
    stored = {**STORED, **bands}
    values = [np.where(land, value, -32768) for value in stored.values() if value is not None]
    names = [band for band, value in stored.items() if value is not None]
    array = np.array(values).astype(kind)[:, :: -1 if flip else 1]
    return write_raster(folder / name, array, grid, nodata, names=names)


def test_scales_are_those_of_the_collection(tmp_path):
    data = read_terraclimate_ee([export(tmp_path)])
    assert float(data["srad"].max()) == pytest.approx(150.0)
    assert float(data["vpd"].max()) == pytest.approx(0.5)
    assert float(data["air_temperature"].max()) == pytest.approx(273.15 - 4.0)
    assert data["srad"].isnull().any()
    assert data.attrs["source"] == "TerraClimate, copy of Earth Engine"


def test_a_box(tmp_path):
    path = export(tmp_path)
    part = read_terraclimate_ee([path], bounds=(-20.0, 50.0, 40.0, 70.0))
    assert part["srad"].shape == (1, 10, 30)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"vpd": None}, InputError, r"200101\.tif is not as Earth Engine stores"),
        ({"kind": "float32"}, InputError, r"(?s)not as Earth Engine.*srad: float32"),
        ({"nodata": None}, InputError, "does not say which number is missing"),
        ({"srad": 15000}, InputError, "srad holds values that cannot be true"),
        ({"tmmn": 2700, "tmmx": 2800}, InputError, "air_temperature holds values"),
        ({"flip": True}, GridError, r"srad of 200101\.tif lies upside down"),
        ({"name": "srad_2001_1.tif"}, InputError, "not of TerraClimate on Earth Engine"),
        ({"name": "200113.tif"}, InputError, "not of TerraClimate on Earth Engine"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        read_terraclimate_ee([export(tmp_path, **options)])


def test_months_and_grids(tmp_path):
    january, march = export(tmp_path), export(tmp_path, "200103.tif")
    with pytest.raises(MissingDataError, match=r"(?s)lacks months.*missing 2001-02"):
        read_terraclimate_ee([january, march])
    (tmp_path / "b").mkdir()
    twin = export(tmp_path / "b")
    with pytest.raises(InputError, match="a month occurs twice"):
        read_terraclimate_ee([january, twin])
    finer = export(tmp_path, "200102.tif", grid=lonlat_grid(1.0, (-180.0, 40.0, 180.0, 90.0)))
    with pytest.raises(GridError, match=r"200102\.tif lies on another grid"):
        read_terraclimate_ee([january, finer])
