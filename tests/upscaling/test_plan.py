"""Arithmetic of a plan, by hand."""

from dataclasses import replace

import pytest

from abz.errors import InputError
from abz.upscaling.plan import (
    Cost,
    Workload,
    core_seconds,
    cube_bytes,
    flux_bytes,
    memory_bytes,
    totals_bytes,
    wall_seconds,
)

WORK = Workload(
    cells=1000,
    years=2,
    fluxes=3,
    members=20,
    trees=500,
    member_trees=100,
    atoms=7,
    monthly_layers=8,
    annual_layers=3,
    static_layers=5,
    tile_cells=400,
    window_cells=100,
)
COST = Cost(
    read_s=1e-3,
    forest_s=1e-4,
    tree_s=1e-6,
    write_s=1e-5,
    efficiency=0.5,
    row_bytes=200,
    map_bytes=1.5,
    forest_bytes=1e6,
)


def test_what_there_is_to_do():
    assert WORK.cell_months == 24_000
    assert WORK.evaluations == 24_000 * 63
    assert WORK.tree_evaluations == 24_000 * 3 * (500 + 20 * 100)


def test_the_full_job_is_that_of_the_study():
    fine = replace(WORK, cells=20_690_000, years=20, member_trees=500)
    assert fine.evaluations == pytest.approx(3.13e11, rel=1e-3)
    assert fine.tree_evaluations == 500 * fine.evaluations


def test_seconds():
    spent = 24_000 * (1e-3 + 63 * 1e-4 + 7500 * 1e-6 + 9 * 1e-5)
    assert core_seconds(WORK, COST) == pytest.approx(spent, rel=1e-15)
    assert wall_seconds(WORK, COST, 8) == pytest.approx(spent / 4, rel=1e-15)
    with pytest.raises(InputError):
        wall_seconds(WORK, COST, 0)


def test_disk():
    assert flux_bytes(WORK, COST) == 24_000 * 9 * 1.5
    assert totals_bytes(WORK) == 8 * 24 * 7 * 64
    assert cube_bytes(WORK) == 4 * 1000 * (8 * 24 + 3 * 2 + 5)


def test_memory():
    block = 100 * 12 * 200 + 4 * 12 * 12 * 400 + 16 * 63 * 12 * 7
    assert memory_bytes(WORK, COST, threads=4, blocks_at_once=1) == 67e6 + block
    assert memory_bytes(WORK, COST, threads=4, blocks_at_once=4) == 67e6 + 4 * block
