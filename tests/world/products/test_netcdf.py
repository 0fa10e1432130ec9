"""Packing, and files written number by number."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abz.errors import InputError
from abz.world.products.netcdf import Packing, Variable, write_netcdf, years_of

FIELDS = hnp.arrays(
    np.float32,
    hnp.array_shapes(max_dims=3),
    elements=st.one_of(st.floats(-1000, 1000, width=32), st.just(np.nan)),
)


@given(values=FIELDS, fill=st.sampled_from([-32768, -32767, 32767]))
def test_packing_spans_the_values_and_keeps_off_the_fill(values, fill):
    packing = Packing.spanning(values, fill)
    stored = packing.pack(values)
    assert (stored == fill).tolist() == np.isnan(values).tolist()
    again = np.where(stored == fill, np.nan, stored * packing.scale + packing.offset)
    np.testing.assert_allclose(again, values, rtol=0, atol=0.5001 * packing.scale)


@pytest.mark.parametrize("value", [400.0, -327.68])
def test_values_beyond_16_bits_are_refused(value):
    with pytest.raises(InputError, match="values do not fit the packing"):
        Packing(0.01, 0.0, -32768).pack(np.array([value, np.nan]))


def test_xarray_undoes_the_packing(tmp_path):
    packing = Packing(0.1, 5.0, -999)
    values = np.array([5.0, np.nan, 12.3])
    variable = Variable(("t",), packing.pack(values), packing.attributes, packing.fill)
    path = write_netcdf(tmp_path / "new" / "a.nc", {"v": variable}, "title")
    with xr.open_dataset(path) as file:
        np.testing.assert_allclose(file["v"], values)
        assert file.attrs["title"] == "title"


def test_same_data_same_bytes(tmp_path):
    variable = Variable(("t",), np.arange(5.0))
    first = write_netcdf(tmp_path / "a.nc", {"v": variable}, "x").read_bytes()
    assert write_netcdf(tmp_path / "b.nc", {"v": variable}, "x").read_bytes() == first


def test_years_are_split_in_order():
    time = np.array(["2002-03-01", "2001-12-01", "2002-01-01"], "datetime64[ns]")
    data = xr.Dataset({"a": ("time", [3.0, 1.0, 2.0])}, {"time": time})
    parts = {year: part["a"].values.tolist() for year, part in years_of(data, ["a"])}
    assert parts == {2001: [1.0], 2002: [2.0, 3.0]}
