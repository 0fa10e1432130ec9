"""Kills, full disks and closed folders in the middle of a write; places where blocks are worked."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from abz.cli import map_job, receipts
from abz.cli.layout import Layout
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
REAL_DISK = """
import shutil, subprocess, sys
from pathlib import Path
from abz.cli import receipts
from abz.cli.main import main
from abz.cli.stages import upscale
from abz.config import Config

def mount(*words):
    subprocess.run(["mount", *words, str(config.output)], check=True)

def attempt():
    print("status", main(["upscale", "--set", "fine"]), file=sys.stderr)
    found = (config.root / "flux" / "fine.blocks").glob("*.npz")
    print("receipts", len(list(found)), file=sys.stderr)

upscale.TILE_CELLS = 8
config = Config.model_validate_json(sys.argv[1])
receipts.load_config = lambda path: config
mount("-t", "tmpfs", "tmpfs")
shutil.copytree(sys.argv[2], config.root)
mount("-o", f"remount,size={shutil.disk_usage(config.output).used + 500_000}")
attempt()
mount("-o", "remount,ro,size=64m")
attempt()
mount("-o", "remount,rw")
attempt()
for name in ("flux", "totals"):
    shutil.copytree(config.root / name, Path(sys.argv[3]) / name)
"""
"""In a mount namespace of its own, on a disk that is small, then read-only, then neither."""
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


def test_a_disk_that_is_really_full_and_then_read_only(
    run_of, maps_of, undisturbed, tmp_path, fitted_run
):
    own = ["unshare", "--map-root-user", "--mount"]
    probe = [*own, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run(probe, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk of their own")
    output = tmp_path / "disk"
    output.mkdir()
    config = fitted_run[0].model_copy(update={"output": output})
    words = [config.model_dump_json(), str(fitted_run[1].root), str(tmp_path / "copy")]
    ended = subprocess.run(
        [*own, sys.executable, "-c", REAL_DISK, *words],
        check=True, timeout=300, capture_output=True, text=True,
    )  # fmt: skip
    said = ended.stderr
    states = re.findall(r"^status (\d)\nreceipts (\d+)$", said, re.MULTILINE)
    assert [status for status, _ in states] == ["2", "2", "0"]
    assert 0 < int(states[0][1]) == int(states[1][1]) < BLOCKS
    assert said.index("abz: the disk is full") < said.index("abz: the disk is mounted read-only")
    assert maps_of(Layout(tmp_path / "copy")) == undisturbed


def test_a_disk_that_is_full_for_a_worker(
    run_of, small_tiles, maps_of, undisturbed, monkeypatch, tmp_path, dask_scheduler, capsys
):
    source, full = HALF, tmp_path / "full"

    def work(job, block):
        from abz.cli.stages import upscale

        names = {}
        exec(source, names)

        def fail():
            if full.exists():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "shard")

        try:
            names["break_half_way"](fail)
            return upscale.work(job, block)
        finally:
            names["_local"]._put = names["WRITE"]

    config, layout = run_of("a")
    monkeypatch.setattr(receipts, "load_config", lambda path: config)
    command = ["upscale", "--set", "fine", "--scheduler", dask_scheduler]
    full.touch()
    with monkeypatch.context() as patch:
        patch.setattr(upscale, "work", work)
        assert main(command) == 2
    said = capsys.readouterr().err
    assert "the disk is full" in said
    assert "the same command goes on" in said
    finished = receipts_of(layout)
    assert len(finished) < BLOCKS
    assert not layout.totals("fine").exists()
    kept = []
    add_up = upscale._add_up
    monkeypatch.setattr(
        upscale, "_add_up", lambda *args: kept.append(receipts_of(layout)) or add_up(*args)
    )
    full.unlink()
    assert main(command) == 0
    assert finished.items() <= kept[0].items()
    assert maps_of(layout) == undisturbed


def test_a_process_opens_cube_and_forests_once_for_all_its_threads(run_of, monkeypatch):
    config, layout = run_of("a")
    job, opened = upscale._job(config, layout, "fine"), []
    load = map_job.load_forest
    monkeypatch.setattr(map_job, "load_forest", lambda path: opened.append(path) or load(path))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: map_job.inputs_of(job), range(8)))
    assert opened == [path for _, path, _ in job.forests]
    assert all(inputs is found[0] for inputs in found)


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
