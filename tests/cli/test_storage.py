"""Whole files or nothing."""

import os

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.storage import (
    atomic_path,
    read_json,
    read_table,
    read_zarr,
    remove_abandoned,
    write_json,
    write_table,
    write_zarr,
    write_zarr_pieces,
)
from abz.digest import digest
from abz.errors import MissingDataError
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


def test_pieces_make_the_same_dataset_as_the_whole(tmp_path):
    grid = polar_grid(2e6)
    rng = np.random.default_rng(0)
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    whole = xr.Dataset(
        {
            "soc": (("y", "x"), rng.random(grid.shape)),
            "lst": (("time", "y", "x"), rng.random((24, *grid.shape)), {"units": "K"}),
            "cover": (("year", "y", "x"), rng.random((2, *grid.shape))),
        },
        coords={"time": time, "year": [2001, 2002], **grid.coords()},
    )
    years = [
        whole[["lst", "cover"]].isel(time=slice(12 * n, 12 * n + 12), year=[n]) for n in (0, 1)
    ]
    pieces = [whole[["soc"]].drop_vars(["time", "year"], errors="ignore"), *years]
    chunks = {"time": 12, "year": 1}
    path = write_zarr_pieces(pieces, tmp_path / "a.zarr", chunks, along=("time", "year"))
    found = read_zarr(path)
    xr.testing.assert_identical(found.load(), whole)
    assert found["lst"].encoding["chunks"] == (12, *grid.shape)
    again = write_zarr_pieces(pieces, tmp_path / "b.zarr", chunks, along=("time", "year"))
    assert digest(path) == digest(again)


def test_what_a_dead_process_left_is_removed_and_nothing_else(tmp_path):
    gone = tmp_path / "cube" / ".fine.zarr.999999999.partial.zarr"
    gone.mkdir(parents=True)
    (gone / "a").touch()
    busy = tmp_path / f".b.json.{os.getpid()}.partial.json"
    for path in (busy, tmp_path / "cube" / "kept"):
        path.touch()
    remove_abandoned(tmp_path)
    assert not gone.exists() and busy.exists() and (tmp_path / "cube" / "kept").exists()


def test_a_dataset_that_is_not_there_or_damaged_is_named(tmp_path):
    with pytest.raises(MissingDataError, match="not there, or damaged"):
        read_zarr(tmp_path / "a.zarr")
    (tmp_path / "b.zarr").mkdir()
    with pytest.raises(MissingDataError, match=r"b\.zarr"):
        read_zarr(tmp_path / "b.zarr")
