"""GFED4.1s, there and back."""

import h5py
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.grid import Grid, lonlat_grid
from abz.readers.gfed4 import read_gfed4
from abz.world.products.gfed4 import write_gfed4


def fires(seed=0, first=2015, years=3, step=5.0):
    grid = lonlat_grid(step, (-180.0, 30.0, 180.0, 90.0))
    rng = np.random.default_rng(seed)
    time = np.arange(f"{first}-01", f"{first + years}-01", dtype="datetime64[M]")
    emission = rng.exponential(50.0, (time.size, *grid.shape)).astype("f4")
    emission[rng.random(emission.shape) < 0.7] = 0.0
    burned = np.where(emission > 0, rng.random(emission.shape), 0.0).astype("f4")
    dims = ("time", "y", "x")
    data = {"emission": (dims, emission), "burned_fraction": (dims, burned)}
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **grid.coords()})


@given(seed=st.integers(0, 99), years=st.integers(1, 3), step=st.sampled_from([5.0, 2.5, 10.0]))
def test_fires_return_bit_for_bit(tmp_path_factory, seed, years, step):
    data = fires(seed, 2015, years, step)
    found = read_gfed4(write_gfed4(data, tmp_path_factory.mktemp("gfed"))[::-1])
    assert Grid.of(found) == Grid.of(data)
    np.testing.assert_array_equal(found["time"], data["time"])
    np.testing.assert_array_equal(found["emission"], data["emission"])
    known = data["time"].dt.year < 2017
    expected = data["burned_fraction"].where(known)
    np.testing.assert_array_equal(found["burned_fraction"], expected)


def lay_out(path, *, south_up, from_greenwich, plain, wide):
    """The file with its axes turned, in one dimension or two, and its fields in another type."""
    with h5py.File(path, "a") as file:
        lon = file["lon"][0]
        turned = lon % 360.0 if from_greenwich else lon
        columns = np.argsort(turned)
        rows = slice(None, None, -1 if south_up else 1)

        def turn(name, item):
            if isinstance(item, h5py.Dataset) and item.ndim == 2:
                fields[name] = (item[:][rows][:, columns], dict(item.attrs))

        fields = {}
        file.visititems(turn)
        fields["lon"] = (np.broadcast_to(turned[columns], fields["lon"][0].shape), {})
        for name, (values, attrs) in fields.items():
            del file[name]
            line = {"lat": values[:, 0], "lon": values[0]}.get(name) if plain else None
            made = file.create_dataset(name, data=(values if line is None else line).astype(wide))
            made.attrs.update(attrs)


@given(
    seed=st.integers(0, 99),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    plain=st.booleans(),
    wide=st.sampled_from(["f4", "f8"]),
)
def test_a_file_laid_out_otherwise_holds_the_same(
    tmp_path_factory, seed, south_up, from_greenwich, plain, wide
):
    paths = write_gfed4(fires(seed, 2016, 2), tmp_path_factory.mktemp("gfed"))
    whole = read_gfed4(paths)
    for path in paths:
        lay_out(path, south_up=south_up, from_greenwich=from_greenwich, plain=plain, wide=wide)
    xr.testing.assert_identical(read_gfed4(paths), whole)


def test_the_file_is_as_the_product(tmp_path):
    paths = write_gfed4(fires(), tmp_path / "new")
    assert [path.name for path in paths] == [
        "GFED4.1s_2015.hdf5", "GFED4.1s_2016.hdf5", "GFED4.1s_2017_beta.hdf5",
    ]  # fmt: skip
    with h5py.File(paths[0]) as file:
        assert file["lat"].shape == file["emissions/07/C"].shape == (12, 72)
        assert file["lat"][0, 0] > file["lat"][-1, 0]
        np.testing.assert_array_equal(file["emissions/07/C"], fires()["emission"][6])
    with h5py.File(paths[2]) as file:
        assert "burned_area" not in file


def test_same_data_same_bytes(tmp_path):
    first, second = (write_gfed4(fires(), tmp_path / name) for name in "ab")
    assert [a.read_bytes() for a in first] == [b.read_bytes() for b in second]


def test_years_must_be_whole(tmp_path):
    with pytest.raises(InputError, match="whole years"):
        write_gfed4(fires().isel(time=slice(0, 5)), tmp_path)
