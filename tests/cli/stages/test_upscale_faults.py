"""Kills, full disks and closed folders in the middle of a write; places where blocks are worked."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from abz.cli import receipts
from abz.cli.main import main
from abz.cli.stages import fit, upscale
from abz.cli.storage import read_table, write_table
from abz.digest import sha256_file
from abz.vocabulary import FLUXES

HALF = '''
import os
from zarr.storage import _local

WRITE = _local._put

def break_half_way(fault, chunk="gpp_sd/c/1/0/1"):
    """Let the writing of one file run into a fault after half of its bytes."""

    def write(path, value, exclusive=False):
        if not path.as_posix().endswith(chunk):
            return WRITE(path, value, exclusive)
        with _local._atomic_write(path, "wb", exclusive) as stream:
            whole = memoryview(value.as_buffer_like()).cast("B")
            stream.write(whole[: len(whole) // 2])
            stream.flush()
            fault()
            stream.write(whole[len(whole) // 2 :])

    _local._put = write
'''
KILLED = f"""
{HALF}
import signal, sys
from abz.cli.layout import Layout
from abz.cli.stages import upscale
from abz.config import Config

upscale.TILE_CELLS = 8
config = Config.model_validate_json(sys.argv[1])
break_half_way(lambda: os.kill(os.getpid(), signal.SIGKILL))
upscale.run(config, Layout(config.root), model_set="fine")
"""
BLOCKS = 2 * 3 * 3
"""Years × tiles of 8 × 8 cells."""
BEFORE = 3 * 3 + 1
"""Blocks that come before the one whose file is broken."""


@pytest.fixture(scope="module")
def undisturbed(fitted_run, maps_of, tmp_path_factory):
    """Bytes of a run that was left alone."""
    config, layout = fitted_run
    config = config.model_copy(update={"output": tmp_path_factory.mktemp("undisturbed")})
    shutil.copytree(layout.root, config.root)
    layout = type(layout)(config.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upscale, "TILE_CELLS", 8)
        upscale.run(config, layout, model_set="fine")
    return maps_of(layout)


@pytest.fixture
def half_way(monkeypatch):
    """`break_half_way` in this process, until the test or `monkeypatch.undo` ends it."""
    names = {}
    exec(HALF, names)
    monkeypatch.setattr(names["_local"], "_put", names["WRITE"])
    return names["break_half_way"]


def receipts_of(layout):
    """Name and digest of the receipt of every finished block."""
    found = (layout.root / "flux" / "fine.blocks").glob("*.npz")
    return {path.name: sha256_file(path) for path in found}


def partial_files(layout):
    return [path for path in layout.root.rglob("*partial*") if path.is_file()]


def test_a_kill_in_the_middle_of_a_write(run_of, small_tiles, maps_of, undisturbed):
    config, layout = run_of("a")
    command = [sys.executable, "-c", KILLED, config.model_dump_json()]
    killed = subprocess.run(command, check=False, timeout=300)
    assert killed.returncode == -signal.SIGKILL
    assert len(receipts_of(layout)) == BEFORE
    assert len(partial_files(layout)) == 1
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == undisturbed


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is mounted read-only")],
)
def test_a_disk_that_takes_no_more(
    run_of, small_tiles, maps_of, undisturbed, monkeypatch, half_way, capsys, number, words
):
    config, layout = run_of("a")
    monkeypatch.setattr(receipts, "load_config", lambda path: config)

    def fail():
        raise OSError(number, os.strerror(number), "shard")

    half_way(fail)
    assert main(["upscale", "--set", "fine"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "the same command goes on" in said
    finished = receipts_of(layout)
    assert len(finished) == BEFORE
    assert not partial_files(layout)
    assert not layout.totals("fine").exists()
    assert not list(layout.receipts.glob("upscale*"))
    half_way(lambda: pytest.fail("a block was worked again"), "gpp/c/0/1/1")
    predict, done = upscale._predict, []
    monkeypatch.setattr(upscale, "_predict", lambda *a: done.append(a[1].name) or predict(*a))
    assert main(["upscale", "--set", "fine"]) == 0
    assert len(done) == BLOCKS - BEFORE
    assert maps_of(layout) == undisturbed


def test_workers_change_neither_a_byte_nor_the_receipt(
    run_of, small_tiles, maps_of, undisturbed, monkeypatch, dask_scheduler
):
    stated = set()
    for name, options in {"here": [], "there": ["--scheduler", dask_scheduler]}.items():
        config, layout = run_of(name)
        monkeypatch.setattr(receipts, "load_config", lambda path, config=config: config)
        assert main(["upscale", "--set", "fine", *options]) == 0
        assert maps_of(layout) == undisturbed
        stated.add((layout.receipts / "upscale_fine.json").read_bytes())
    assert len(stated) == 1


def test_a_worker_that_is_killed_in_the_middle_of_a_write(
    run_of, small_tiles, maps_of, undisturbed, monkeypatch, tmp_path, dask_scheduler
):
    source, died = HALF, tmp_path / "died"

    def work(job, block):
        from abz.cli.stages import upscale

        if not died.exists():
            names = {}
            exec(source, names)

            def die():
                if not died.exists():
                    died.touch()
                    os.kill(os.getpid(), signal.SIGKILL)

            names["break_half_way"](die)
        return upscale.work(job, block)

    config, layout = run_of("a", scheduler=dask_scheduler)
    monkeypatch.setattr(upscale, "work", work)
    upscale.run(config, layout, model_set="fine")
    assert died.exists()
    assert maps_of(layout) == undisturbed


def test_neither_engine_nor_the_order_of_training_rows_changes_a_byte(
    run_of, small_tiles, maps_of, undisturbed
):
    config, layout = run_of("engine", engine="scikit-learn")
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == undisturbed
    config, layout = run_of("rows")
    table = read_table(layout.training("fine"))
    mixed = table.sample(frac=1.0, random_state=1).reset_index(drop=True)
    assert not pd.DataFrame.equals(mixed, table)
    write_table(mixed, layout.training("fine"))
    for flux in FLUXES:
        fit.run(config, layout, model_set="fine", flux=flux)
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == undisturbed


def test_a_worker_of_other_code_or_without_the_folder_is_refused(run_of, monkeypatch):
    from dataclasses import replace

    from abz.cli.map_job import inputs_of
    from abz.errors import InputError, PinError

    config, layout = run_of("a")
    job = upscale._job(config, layout, "fine")
    with pytest.raises(PinError, match="another version of the code"):
        inputs_of(replace(job, sources="0" * 64))
    with pytest.raises(InputError, match="does not see the folder"):
        inputs_of(replace(job, root=Path("/no/such/run")))
