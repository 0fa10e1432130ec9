"""NOAA's CO2 record, there and back."""

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.readers.noaa_brw import read_noaa_brw
from abz.world.products.noaa_brw import write_noaa_brw


def record(values, first="1990-01"):
    time = (np.datetime64(first) + np.arange(len(values))).astype("datetime64[ns]")
    return xr.Dataset({"co2": ("time", np.array(values, float))}, {"time": time})


@given(
    values=st.lists(st.one_of(st.floats(301, 599), st.just(np.nan)), min_size=1, max_size=40),
    first=st.sampled_from(["1973-01", "2000-02", "2015-11"]),
)
def test_there_and_back(tmp_path_factory, values, first):
    data = record(values, first)
    again = read_noaa_brw(write_noaa_brw(data, tmp_path_factory.mktemp("brw")))
    assert (again["time"].values == data["time"].values).all()
    np.testing.assert_allclose(again["co2"], data["co2"], atol=0.0051)


@given(
    values=st.lists(st.one_of(st.floats(301, 599), st.just(np.nan)), min_size=2, max_size=20),
    marked=st.booleans(),
    lines=st.integers(0, 30),
    fill=st.sampled_from(["-999.99", "-999.999", "-9999"]),
    flags=st.sampled_from(["...", ".C.", "..X"]),
    names=st.sampled_from([("value", "value_unc"), ("value", "value_std_dev")]),
)
def test_both_layouts_hold_the_same(tmp_path_factory, values, marked, lines, fill, flags, names):
    """Column names with a # or without, headers of any length, and other fill values and flags."""
    (path,) = write_noaa_brw(record(values, "2001-03"), tmp_path_factory.mktemp("brw"))
    whole = read_noaa_brw([path])
    text = path.read_text().splitlines()
    size = int(text[0].split(":")[1])
    header, columns, rows = text[1 : size - 1], text[size - 1], text[size:]
    columns = columns.replace("value_std_dev", names[1]).replace("value_unc", names[1])
    extra = [f"# more : {number}" for number in range(lines)]
    first = f"# header_lines : {size + lines}"
    rows = [row.replace("-999.99 ", f"{fill} ").replace("...", flags) for row in rows]
    head = [first, *header, *extra, f"# {columns}" if marked else columns]
    path.write_text("\n".join([*head, *rows]) + "\n")
    xr.testing.assert_identical(read_noaa_brw([path]), whole)


def test_the_layout_of_2021(tmp_path, real_data):
    (path,) = write_noaa_brw(record([350.0, np.nan], "1973-01"), tmp_path / "new")
    lines = path.read_text().splitlines()
    end = int(lines[0].split(":")[1])
    (sample,) = (real_data / "samples" / "noaa_brw").glob("*v2021*.txt")
    real = sample.read_text().splitlines()
    assert lines[end - 1] == real[150]
    assert all(line.startswith("#") for line in lines[: end - 1])
    assert lines[end + 1] == real[152]
