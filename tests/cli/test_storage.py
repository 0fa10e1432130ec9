"""Whole files or nothing."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.storage import (
    atomic_path,
    read_json,
    read_table,
    read_zarr,
    write_json,
    write_table,
    write_zarr,
)
from abz.digest import digest
from abz.grid import Grid, polar_grid


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json({"kept": 1}, path)
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert read_json(path) == {"kept": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"x": float("nan")}, tmp_path / "a.json")
    assert not list(tmp_path.iterdir())


def test_tables_round_trip(tmp_path):
    table = pd.DataFrame({"site": ["a", "b"], "nee": [1.5, np.nan]})
    write_table(table, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.parquet"), table)


def test_zarr_round_trips_with_its_grid_and_repeats_its_bytes(tmp_path):
    grid = polar_grid(400_000)
    values = np.random.default_rng(1).random((3, *grid.shape)).astype("f4")
    dataset = xr.Dataset({"nee": (("time", "y", "x"), values)}, coords=grid.coords())
    first = write_zarr(dataset, tmp_path / "a.zarr", {"time": 2, "y": 8})
    second = write_zarr(dataset, tmp_path / "b.zarr", {"time": 2, "y": 8})
    again = read_zarr(first)
    assert Grid.of(again) == grid
    np.testing.assert_array_equal(again["nee"], values)
    assert digest(first) == digest(second)
