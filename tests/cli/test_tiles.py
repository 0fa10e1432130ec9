"""Blocks of a store: each made once, in whatever order, and lost ones again."""

from dataclasses import dataclass

import dask.array
import numpy as np
import pytest
import xarray as xr
import zarr

from abz.cli.blocks import Ledger
from abz.cli.inputs import recorded_inputs
from abz.cli.tiles import Report, Tile, arrays_of, chunk_files, finish, make_ready

STORED = {"time": 2, "y": 4, "x": 4}
TILES = [Tile(slice(r, r + 4), slice(c, c + 4), 1 + r) for r in (0, 4) for c in (0, 4)]


def template():
    empty = dask.array.full((4, 8, 8), np.float32(np.nan), chunks=(4, 8, 8))
    return xr.Dataset({"a": (("time", "y", "x"), empty), "b": (("y", "x"), empty[0])})


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "map.tiles", tmp_path / "map.zarr", "inputs")
    make_ready(made, template(), STORED)
    return made


@dataclass
class Work:
    """Fills a tile with its first column, and counts how often."""

    ledger: Ledger
    done: list

    def __call__(self, tile):
        self.done.append(tile.name)
        with self.ledger.writing(tile.name):
            files = chunk_files(self.ledger.store, tile.window)
            for name in "ab":
                array = zarr.open_array(self.ledger.store / name, mode="r+", zarr_format=3)
                array[..., tile.rows, tile.columns] = tile.columns.start
            inputs = {"cavm": {"version": "1", "files": {tile.name: "0f"}}}
            sums = {"cells": np.array(tile.domain_cells)}
            return Report(tile.name, sums, self.ledger.digests(files), inputs)


def test_each_block_is_made_once_and_lost_ones_again(ledger):
    work = Work(ledger, [])
    finish(ledger, work, TILES[:3], workers=1, label="test")
    finish(ledger, work, TILES, workers=1, label="test", amount=lambda tile: tile.domain_cells)
    assert work.done == [tile.name for tile in TILES]
    (ledger.store / "a" / "c" / "0" / "1" / "1").unlink()
    finish(ledger, work, TILES, workers=1, label="test")
    assert work.done[4:] == [TILES[3].name]
    with xr.open_zarr(ledger.store, consolidated=False) as found:
        assert (found["a"].values == np.repeat([0, 4], 4)).all()


def test_what_blocks_leave_is_found_again_with_what_they_opened(ledger):
    finish(ledger, Work(ledger, []), TILES, workers=1, label="test")
    with recorded_inputs() as inputs:
        arrays = list(arrays_of(ledger, TILES))
    assert [set(found) for found in arrays] == [{"cells"}] * 4
    assert sum(int(found["cells"]) for found in arrays) == 1 + 1 + 5 + 5
    assert set(inputs["cavm"]["files"]) == {tile.name for tile in TILES}


def test_a_store_that_stands_ready_keeps_its_tiles(ledger):
    finish(ledger, Work(ledger, []), TILES[:1], workers=1, label="test")
    make_ready(ledger, template(), STORED)
    assert ledger.is_finished(TILES[0].name)
    other = Ledger(ledger.folder, ledger.store, "other inputs")
    make_ready(other, template(), STORED)
    assert not other.is_finished(TILES[0].name)
    with xr.open_zarr(ledger.store, consolidated=False) as found:
        assert found["a"].isnull().all()


def test_no_two_tiles_share_a_file(ledger):
    files = [set(chunk_files(ledger.store, tile.window)) for tile in TILES]
    assert [len(some) for some in files] == [3] * 4
    assert len(set.union(*files)) == 12


def test_what_follows_a_block_comes_once_for_each_also_for_those_finished_earlier(ledger):
    work, seen = Work(ledger, []), []

    def after(tile):
        assert ledger.is_finished(tile.name)
        seen.append(tile.name)

    finish(ledger, work, TILES[:2], workers=1, label="test", after=after)
    assert seen == [tile.name for tile in TILES[:2]]
    seen.clear()
    finish(ledger, work, TILES, workers=1, label="test", after=after)
    assert seen == [tile.name for tile in TILES]
    assert work.done == [tile.name for tile in TILES]
