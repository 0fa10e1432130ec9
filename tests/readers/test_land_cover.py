"""Land cover: legends of both maps against the vocabulary."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abz.errors import CategoryError, GridError
from abz.grid import lonlat_grid
from abz.readers import geotiff
from abz.readers.land_cover import (
    CAVM_LEGEND,
    LAND_COVER_MAPS,
    LCCS_LEGEND,
    cavm_to_vegetation,
    is_land,
    lccs_to_vegetation,
    read_cavm,
    read_esa_cci_lc,
)
from abz.readers.orientation import is_mostly_land
from abz.vocabulary import VEGETATION
from abz.world.products.geotiff import write_raster

GRID = lonlat_grid(10.0, (0.0, 50.0, 30.0, 60.0))
LOOK_UPS = [(lccs_to_vegetation, LCCS_LEGEND), (cavm_to_vegetation, CAVM_LEGEND)]


@pytest.mark.parametrize(("look_up", "legend"), LOOK_UPS)
def test_all_classes_lead_to_declared_types(look_up, legend):
    types = look_up([-1, *legend])
    assert types.dtype == np.int16
    assert set(types.tolist()) <= {-1, *VEGETATION}
    assert types[0] == -1


def test_both_maps_together_give_all_types():
    found = {*lccs_to_vegetation(list(LCCS_LEGEND)), *cavm_to_vegetation(list(CAVM_LEGEND))}
    assert found - {-1} == set(VEGETATION)


@given(
    codes=hnp.arrays(
        np.int16, hnp.array_shapes(max_dims=3), elements=st.sampled_from([-1, *LCCS_LEGEND])
    )
)
def test_look_up_is_cell_by_cell(codes):
    types = lccs_to_vegetation(codes)
    assert types.shape == codes.shape
    for code, kind in zip(codes.ravel(), types.ravel(), strict=True):
        assert kind == lccs_to_vegetation(int(code))
    assert not is_land(codes)[np.isin(codes, [-1, 0, 210, 220])].any()


def test_what_has_a_type_is_land():
    codes = np.array(list(LCCS_LEGEND))
    assert is_land(codes)[lccs_to_vegetation(codes) > 0].all()


@pytest.mark.parametrize(
    ("code", "expected"),
    [(10, 30), (50, 30), (61, 60), (72, 70), (82, 80), (90, 30), (122, 120), (153, 120),
     (170, 160), (190, -1), (201, -1), (210, -1), (220, -1), (0, -1)],
)  # fmt: skip
def test_lccs_classes(code, expected):
    assert lccs_to_vegetation(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [(1, 31), (5, 31), (21, 21), (24, 21), (31, 31), (32, 31), (33, 33), (34, 33), (41, 160),
     (43, 160), (91, -1), (92, -1), (93, -1), (99, -1)],
)  # fmt: skip
def test_cavm_classes(code, expected):
    assert cavm_to_vegetation(code) == expected


@pytest.mark.parametrize("function", [lccs_to_vegetation, cavm_to_vegetation, is_land])
def test_an_undeclared_code_is_named_with_its_place(function):
    with pytest.raises(CategoryError, match=r"77 \(first at \(1, 0\)\)"):
        function([[-1, -1], [77, -1]])


@pytest.mark.parametrize(("entry", "read"), [("esa_cci_lc", read_esa_cci_lc), ("cavm", read_cavm)])
def test_missing_classes_become_minus_one(tmp_path, entry, read):
    storage = LAND_COVER_MAPS[entry]
    known = max(code for code, kind in storage.legend.items() if kind > 0)
    stored = np.array([[[known, storage.nodata, known]]], np.uint8)
    data = read([write_raster(tmp_path / "a.tif", stored, GRID, None)])[storage.variable]
    assert data.dtype == np.int16
    assert data.values.tolist() == [[known, -1, known]]
    assert data.attrs["units"] == "1"


def test_an_undeclared_class_in_a_file_is_refused(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.array([[[70, 71, 73]]], np.uint8), GRID, None)
    with pytest.raises(CategoryError, match=r"lccs_class.*\n.*\n.*73 \(first at \(0, 2\)\)"):
        read_esa_cci_lc([path])


def test_a_map_upside_down_is_refused(tmp_path):
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    codes = np.where(is_mostly_land(grid.x, grid.y), 70, 210).astype("uint8")
    read_esa_cci_lc([write_raster(tmp_path / "good.tif", codes[None], grid, None)])
    bad = write_raster(tmp_path / "bad.tif", codes[None, ::-1], grid, None)
    with pytest.raises(GridError, match=r"lccs_class of bad\.tif lies upside down"):
        read_esa_cci_lc([bad])


@pytest.mark.parametrize(("entry", "read"), [("esa_cci_lc", read_esa_cci_lc), ("cavm", read_cavm)])
def test_lazy_classes_are_those_in_memory(tmp_path, monkeypatch, entry, read):
    monkeypatch.setattr(geotiff, "SIDE", 4)
    legend = sorted(LAND_COVER_MAPS[entry].legend)
    grid = lonlat_grid(1.0, (0.0, 50.0, 20.0, 60.0))
    stored = np.random.default_rng(2).choice(legend, (1, *grid.shape)).astype(np.uint8)
    path = write_raster(tmp_path / "a.tif", stored, grid, None)
    lazy, eager = read([path], lazy=True), read([path])
    name = LAND_COVER_MAPS[entry].variable
    assert lazy[name].chunks is not None and lazy[name].dtype == np.int16
    xr.testing.assert_identical(lazy.compute(), eager)
    box = (3.0, 52.0, 9.0, 57.0)
    xr.testing.assert_identical(read([path], box, lazy=True), read([path], box))


def test_an_undeclared_class_of_a_lazy_map_is_refused_when_it_becomes_a_type(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.array([[[70, 71, 73]]], np.uint8), GRID, None)
    codes = read_esa_cci_lc([path], lazy=True)["lccs_class"]
    assert lccs_to_vegetation(codes[:, :2].values).tolist() == [[70, 70]]
    with pytest.raises(CategoryError, match="73"):
        lccs_to_vegetation(codes.values)


def test_a_lazy_map_upside_down_is_refused_at_once(tmp_path):
    grid = lonlat_grid(2.0, (-180.0, 40.0, 180.0, 90.0))
    codes = np.where(is_mostly_land(grid.x, grid.y), 70, 210).astype("uint8")
    bad = write_raster(tmp_path / "bad.tif", codes[None, ::-1], grid, None)
    with pytest.raises(GridError, match=r"lccs_class of bad\.tif lies upside down"):
        read_esa_cci_lc([bad], lazy=True)
