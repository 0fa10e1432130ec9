"""MODIS as AppEEARS delivers it, there and back, in any projection, order and direction."""

import itertools

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from netCDF4 import Dataset

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid, sinusoidal_grid
from abz.readers.modis import read_mcd64a1, read_mod11a2, read_mod13a1, read_mod44b
from abz.readers.modis_layers import composite_calendar
from abz.world.products.modis_areas import AreaLayout, write_modis_area

GRIDS = {
    "sinusoidal": sinusoidal_grid(3, (16, 18), (2, 4)),
    "degrees": lonlat_grid(0.5, (-4.0, 60.0, 6.0, 63.0)),
}
READERS = {
    "MOD11A2": read_mod11a2, "MOD13A1": read_mod13a1, "MOD13A2": read_mod13a1,
    "MOD44B": read_mod44b, "MCD64A1": read_mcd64a1,
}  # fmt: skip
PRECISION = {"lst": 0.0101, "ndvi": 0.5e-4 + 1e-7}


def content(name, grid, seed):
    """Canonical data of a product, with gaps."""
    rng = np.random.default_rng(seed)
    shape = (2, *grid.shape)
    gaps = rng.random(shape) < 0.3
    dims = ("year", "y", "x") if name == "MOD44B" else ("time", "y", "x")
    if name == "MOD44B":
        steps = {"year": [2003, 2004]}
        kinds = ("tree_cover", "nontree_cover", "nonvegetated_cover")
        arrays = {kind: np.where(gaps, np.nan, rng.integers(0, 101, shape)) for kind in kinds}
    elif name == "MCD64A1":
        steps = {"time": np.array(["2004-03-01", "2004-04-01"], "datetime64[ns]")}
        day = rng.choice([0, 61], shape) + 31 * (np.arange(2) > 0)[:, None, None]
        arrays = {"burn_day": np.where(gaps, -1, np.where(day % 31 == 0, 0, day)).astype(np.int16)}
    else:
        starts = composite_calendar([2004], 8 if name == "MOD11A2" else 16)[0][-2:]
        steps = {"time": starts.astype("datetime64[ns]")}
        code = np.where(gaps, -1, rng.integers(0, 4, shape)).astype(np.int8)
        arrays = {
            "lst": np.where(gaps, np.nan, rng.uniform(200, 330, shape)),
            "ndvi": np.where(gaps, np.nan, rng.uniform(-0.2, 1, shape)),
            "reliability": code,
        }
        arrays = {"lst": arrays["lst"]} if name == "MOD11A2" else arrays | {"lst": None}
        arrays = {kind: array for kind, array in arrays.items() if array is not None}
    return xr.Dataset({n: (dims, a) for n, a in arrays.items()}, {**steps, **grid.coords()})


@given(
    name=st.sampled_from(sorted(READERS)),
    place=st.sampled_from(sorted(GRIDS)),
    seed=st.integers(0, 99),
    lazy=st.booleans(),
    layout=st.builds(
        AreaLayout,
        kind=st.sampled_from(["tif", "nc"]),
        hours=st.booleans(),
        scaled=st.booleans(),
        order=st.sampled_from(list(itertools.permutations(("time", "y", "x")))),
        south_up=st.booleans(),
        east_first=st.booleans(),
        calendar=st.sampled_from(["julian", "standard", "proleptic_gregorian"]),
    ),
)
def test_there_and_back(tmp_path_factory, name, place, seed, lazy, layout):
    grid = GRIDS[place]
    data = content(name, grid, seed)
    paths = write_modis_area(data, tmp_path_factory.mktemp("area"), name, layout)
    options = {} if name == "MCD64A1" else {"lazy": lazy}
    found = READERS[name](paths[::-1], **options)
    np.testing.assert_allclose(Grid.of(found).bounds, grid.bounds, atol=1e-6)
    for variable, array in data.items():
        np.testing.assert_array_equal(found[array.dims[0]], data[array.dims[0]])
        atol = PRECISION.get(variable, 0.0)
        np.testing.assert_allclose(found[variable], array, rtol=0, atol=atol)
    assert found.attrs["files"].split(", ") == sorted(path.name for path in paths)


def test_files_are_named_and_stored_as_they_are_delivered(tmp_path):
    data = content("MOD13A1", GRIDS["degrees"], 0)
    paths = write_modis_area(data, tmp_path / "t", "MOD13A1", AreaLayout(hours=True))
    assert [path.name for path in paths[1:3]] == [
        "MOD13A1.061__500m_16_days_NDVI_doy2004353000000_aid0001.tif",
        "MOD13A1.061__500m_16_days_pixel_reliability_doy2004337000000_aid0001.tif",
    ]
    with rasterio.open(paths[1]) as file:
        assert (file.dtypes[0], file.nodata) == ("int16", -3000)
    (path,) = write_modis_area(data, tmp_path / "n", "MOD13A1", AreaLayout("nc"))
    assert path.name == "MOD13A1.061_500m_aid0001.nc"
    with Dataset(path) as file:
        assert file["_500m_16_days_NDVI"].dimensions == ("time", "lat", "lon")
        assert file["_500m_16_days_NDVI"].scale_factor == 1e-4


def test_an_unknown_product(tmp_path):
    with pytest.raises(InputError, match="did you mean 'MOD13A1'"):
        write_modis_area(content("MOD13A1", GRIDS["degrees"], 0), tmp_path, "MOD13A1x")
