import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from abz.cli.layout import Layout
from abz.cli.stages import upscale
from abz.cli.storage import read_zarr
from abz.digest import sha256_tree
from abz.grid import Grid
from abz.units import AREA_QUANTUM, GRAM_QUANTUM

KILLED = """
import os, signal, sys
from pathlib import Path
from abz.cli.layout import Layout
from abz.cli.stages import upscale
from abz.config import Config

upscale.TILE_CELLS = 8
config = Config.model_validate_json(sys.argv[1])
write, written = upscale._write_maps, []

def die_between_maps_and_receipt(path, block, result):
    files = write(path, block, result)
    written.append(block.name)
    if len(written) == 4:
        files[0].with_name("0.0123456789abcdef.partial").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    return files

upscale._write_maps = die_between_maps_and_receipt
upscale.run(config, Layout(config.root), model_set="fine")
"""


def files_of(layout):
    """Names and bytes of all that upscaling left."""
    return {
        path.relative_to(layout.root).as_posix(): path.read_bytes()
        for folder in ("flux", "totals")
        for path in (layout.root / folder).rglob("*")
        if path.is_file()
    }


@pytest.fixture
def run_of(fitted_run, tmp_path):
    """A function that copies the fitted run and changes its configuration."""
    config, layout = fitted_run

    def make(name, **changes):
        copy = config.model_copy(update={"output": tmp_path / name, **changes})
        shutil.copytree(layout.root, copy.root)
        return copy, Layout(copy.root)

    return make


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(upscale, "TILE_CELLS", 8)


def test_maps_and_totals_agree(run_of):
    config, layout = run_of("a")
    flux_path, totals_path = upscale.run(config, layout, model_set="fine")
    maps, totals, zones = (read_zarr(p) for p in (flux_path, totals_path, layout.zones("fine")))
    assert Grid.of(maps) == Grid.of(zones)
    assert np.isnan(maps["nee"].values[:, zones["domain"].values == 0]).all()
    for number, flux in enumerate(totals["flux"].values):
        for atom in range(5):
            cells = zones["atom"].values == atom
            density = maps[flux].values.astype(float)[:, cells]
            grams = np.nansum(density * zones["area"].values[cells], axis=1)
            counted = totals["grams"].values[number, 0, :, atom] * GRAM_QUANTUM
            assert np.allclose(counted, grams, rtol=1e-4, atol=1e6)
    valid = ~np.isnan(maps["gpp"].values)
    area = (valid * zones["area"].values).sum(axis=(1, 2))
    assert np.allclose(totals["valid_area"].sum("atom_id").values * AREA_QUANTUM, area)


def test_missing_cell_months_are_counted(run_of):
    config, layout = run_of("a")
    _, totals_path = upscale.run(config, layout, model_set="fine")
    totals, cube = read_zarr(totals_path), read_zarr(layout.cube("fine"))
    unseen = int((cube["vegetation"].values == 160).sum())
    assert unseen > 0
    assert set(totals["missing"].sel(predictor="vegetation").values.tolist()) == {unseen}
    assert set(totals["missing"].sel(predictor="ndvi").values.tolist()) == {0}


def test_windows_and_workers_change_no_byte(run_of, fitted_run):
    config, _ = fitted_run
    found = []
    for name, size, workers in (("a", 64, 2), ("b", 8, 1)):
        upscaling = config.upscaling.model_copy(update={"block_cells": size})
        changed, layout = run_of(name, upscaling=upscaling, workers=workers)
        upscale.run(changed, layout, model_set="fine")
        found.append(files_of(layout))
    assert found[0] == found[1]


def test_small_tiles_change_no_value(run_of, monkeypatch):
    config, layout = run_of("a")
    upscale.run(config, layout, model_set="fine")
    monkeypatch.setattr(upscale, "TILE_CELLS", 8)
    config, other = run_of("b")
    upscale.run(config, other, model_set="fine")
    assert read_zarr(layout.flux("fine")).identical(read_zarr(other.flux("fine")))
    assert sha256_tree(layout.totals("fine")) == sha256_tree(other.totals("fine"))


def test_a_killed_run_goes_on_and_leaves_the_same_bytes(run_of, small_tiles, monkeypatch):
    config, undisturbed = run_of("a")
    upscale.run(config, undisturbed, model_set="fine")
    config, layout = run_of("b")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, config.model_dump_json()], check=False, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(list((layout.root / "flux" / "fine.blocks").glob("*.npz"))) == 3
    done = []
    predict = upscale._predict
    monkeypatch.setattr(
        upscale, "_predict", lambda *args: done.append(args[1].name) or predict(*args)
    )
    upscale.run(config, layout, model_set="fine")
    assert len(done) == len(set(done)) == 2 * 3 * 3 - 3
    assert files_of(layout) == files_of(undisturbed)


def test_no_receipt_outlives_the_maps_it_speaks_of(run_of, small_tiles, monkeypatch):
    """Killed while the maps of other inputs are laid out: earlier inputs start anew."""
    config, layout = run_of("a")
    monkeypatch.setattr(upscale, "write_zarr", lambda *args: None)
    monkeypatch.setattr(upscale.Ledger, "close", lambda self: None)
    upscale.run(config, layout, model_set="fine")
    monkeypatch.undo()
    earlier = upscale._fingerprint(config, layout, "fine")
    shutil.copy(
        layout.models("fine", "gpp") / "member_01.npz",
        layout.models("fine", "nee") / "member_01.npz",
    )

    def die(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(upscale, "_write_template", die)
    with pytest.raises(KeyboardInterrupt):
        upscale.run(config, layout, model_set="fine")
    folder, store = layout.root / "flux" / "fine.blocks", layout.flux("fine")
    assert not upscale.Ledger(folder, store, earlier).matches


def test_receipts_of_other_inputs_are_discarded(run_of, small_tiles, monkeypatch):
    config, layout = run_of("a")
    ledger_folder = layout.root / "flux" / "fine.blocks"
    monkeypatch.setattr(upscale, "write_zarr", lambda *args: None)
    monkeypatch.setattr(upscale.Ledger, "close", lambda self: None)
    upscale.run(config, layout, model_set="fine")
    assert len(list(ledger_folder.glob("*.npz"))) == 18
    monkeypatch.undo()
    monkeypatch.setattr(upscale, "TILE_CELLS", 8)
    member = layout.models("fine", "nee") / "member_01.npz"
    shutil.copy(layout.models("fine", "gpp") / "member_01.npz", member)
    upscale.run(config, layout, model_set="fine")
    config, fresh = run_of("b")
    shutil.copy(member, fresh.models("fine", "nee") / "member_01.npz")
    upscale.run(config, fresh, model_set="fine")
    assert files_of(layout) == files_of(fresh)
    assert not ledger_folder.exists()
