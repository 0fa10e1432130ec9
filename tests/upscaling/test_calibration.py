"""Costs, measured on a clock that the test turns."""

import time
from dataclasses import replace

import numpy as np
import pytest

from abz.upscaling import ZoneMaps, calibration
from abz.upscaling.calibration import Patch, calibrate
from abz.upscaling.made_up import made_up_block, made_up_forest
from abz.upscaling.packing import Packing

NAMES = ("month", "lst", "soc")
TREE_S, FOREST_S, READ_S = 1e-5, 1e-4, 1e-3


@pytest.fixture
def patch():
    forests = tuple(made_up_forest(NAMES, trees=4 + k, mtry=1, seed=k) for k in range(3))

    def make(edge, number):
        block = made_up_block(NAMES, edge, smooth=True, seed=number)
        domain = np.zeros((edge, edge), bool)
        domain[: edge // 2] = True
        zones = ZoneMaps(domain, np.ones(domain.shape), np.where(domain, 0, -1).astype("i4"), 1)
        rows = domain.sum() * 12
        return Patch(NAMES, block, zones, forests, read_s=READ_S * rows)

    return make


@pytest.fixture
def clock(monkeypatch):
    """Time passes only by prediction, at a known rate, on three threads that get half a core."""
    passed = {"cpu": 0.0, "wall": 0.0}
    predict = Patch.predict

    def timed(self, workers, *, one_tree=False):
        trees = 3 if one_tree else sum(forest.trees for forest in self.forests)
        spent = self.rows * (3 * FOREST_S + trees * TREE_S)
        passed["cpu"] += spent
        passed["wall"] += spent / 1.5
        return predict(self, workers, one_tree=one_tree)

    monkeypatch.setattr(Patch, "predict", timed)
    monkeypatch.setattr(time, "process_time", lambda: passed["cpu"])
    monkeypatch.setattr(time, "perf_counter", lambda: passed["wall"])
    monkeypatch.setattr(calibration, "TILE_ROWS", 100)
    return passed


def test_the_rates_are_found(patch, clock):
    cost = calibrate(patch, edge=16, seconds=0.0, workers=3, packing=Packing())
    assert cost.tree_s == pytest.approx(TREE_S)
    assert cost.forest_s == pytest.approx(FOREST_S)
    assert cost.read_s == pytest.approx(READ_S)
    trees = 4 + 5 + 6
    predicted = 3 * FOREST_S + trees * TREE_S
    assert cost.efficiency == pytest.approx((READ_S + predicted) / (READ_S + predicted / 1.5) / 3)
    assert cost.write_s == 0
    assert cost.forest_bytes == max(
        sum(getattr(f, name).nbytes for name in ("feature", "threshold", "child", "leaf", "root"))
        for f in patch(8, 0).forests
    )


def test_storing_takes_time_by_the_value(patch, clock, monkeypatch):
    def stored(result, packing):
        spent = 2e-3 * np.isfinite([result.central, result.mean, result.sd]).sum()
        clock["cpu"] += spent
        clock["wall"] += spent
        return spent, 7

    monkeypatch.setattr(calibration, "_stored", stored)
    cost = calibrate(patch, edge=16, seconds=0.0, workers=3, packing=Packing())
    assert cost.write_s == pytest.approx(2e-3)
    assert cost.tree_s == pytest.approx(TREE_S)
    assert cost.forest_s == pytest.approx(FOREST_S)


@pytest.mark.parametrize(("edge", "busy"), [(64, 8), (96, 3)])
def test_threads_that_a_window_of_the_job_would_leave_idle_count(
    patch, clock, monkeypatch, edge, busy
):
    """A window as large as the job's has work for three of eight threads; a smaller one says no."""
    monkeypatch.setattr(calibration, "TILE_ROWS", 64 * 32 * 12 // 3)
    cost = calibrate(
        lambda size, number: replace(patch(size, number), read_s=0.0),
        edge=edge, seconds=0.0, workers=8, packing=Packing(),
    )  # fmt: skip
    assert cost.efficiency == pytest.approx(1.5 / busy)


def test_windows_grow_while_there_is_time(patch, clock):
    asked = []

    def watched(edge, number):
        asked.append(edge)
        return patch(edge, number)

    calibrate(watched, edge=96, seconds=100.0, workers=3, packing=Packing())
    assert asked[:3] == [64, 64, 96]
    assert set(asked[3:]) <= {96}
    asked.clear()
    calibrate(watched, edge=96, seconds=0.0, workers=3, packing=Packing())
    assert asked == [64, 64]


def test_packed_maps_take_less_disk(patch):
    whole, packed = (
        calibrate(patch, edge=64, seconds=0.0, workers=1, packing=Packing(step))
        for step in (None, 0.01)
    )
    assert 0 < packed.map_bytes < whole.map_bytes < 5


def test_memory_holds_at_least_the_arrays_of_a_window(patch):
    """A cell-month has its predictors and three maps, wherever the domain is thin, too."""
    cost = calibrate(patch, edge=64, seconds=0.0, workers=1, packing=Packing())
    assert 4 * len(NAMES) + 3 * 4 < cost.row_bytes < 500
    whole, thin = (patch(64, 0) for _ in range(2))
    thin.zones.domain[4:] = False
    found = [calibration._row_bytes(each) for each in (whole, thin)]
    assert found[1] == pytest.approx(found[0], rel=0.3)
