import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import zarr

from abz.cli.stages import upscale
from abz.cli.storage import read_table, read_zarr
from abz.digest import sha256_tree
from abz.errors import CategoryError, InputError
from abz.grid import Grid
from abz.modelling import complete_cases, load_forest, save_forest
from abz.modelling.categories import pooled_levels
from abz.trends import annual_sums
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling import flux_variables
from abz.vocabulary import FLUXES, VEGETATION_KIN, predictor_names

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
    assert set(totals["unseen"].sel(predictor="vegetation").values.tolist()) == {unseen}
    assert set(totals["unpredicted"].values.tolist()) == {unseen}
    assert set(totals["missing"].sel(predictor="ndvi").values.tolist()) == {0}


def set_policy(layout, unseen):
    """Let the fitted forests treat a level that they have not seen in another way."""
    for path in (layout.root / "models").rglob("central.npz"):
        forest = load_forest(path)
        pooled = pooled_levels(forest.levels, unseen)
        save_forest(replace(forest, unseen=unseen, pooled=pooled), path, {})


@pytest.mark.parametrize(("unseen", "state"), [("pool", 1), ("missing", 2)])
def test_cells_of_a_type_without_training_rows_are_mapped_and_counted(run_of, unseen, state):
    """No training row stands in a wetland (160), but some cells are one."""
    config, layout = run_of(unseen)
    set_policy(layout, unseen)
    maps, totals = (read_zarr(path) for path in upscale.run(config, layout, model_set="fine"))
    vegetation = read_zarr(layout.cube("fine"))["vegetation"].values
    zones = read_zarr(layout.zones("fine"))
    wetland = vegetation == 160
    place = totals["level_code"].values.tolist().index(160)
    assert totals["level_cells"].values[place].sum() == wetland.sum() > 0
    area = totals["level_area"].values[place].sum() * AREA_QUANTUM
    assert area == pytest.approx(zones["area"].values[wetland].sum())
    stand_in = next(c for c in VEGETATION_KIN[160] if c in (21, 30, 70)) if state == 1 else -1
    for flux in FLUXES:
        support = maps[f"{flux}_level_support"]
        assert np.array_equal(support.values == state, wetland)
        assert np.array_equal(support.values == -1, vegetation < 0)
        assert support.attrs["flag_values"] == [-1, 0, 1, 2]
        assert np.isnan(maps[flux].values[:, wetland]).all() == (state == 2)
        assert totals["level_support"].sel(flux=flux).values[place] == state
        assert totals["stand_in"].sel(flux=flux).values[place] == stand_in
    lost = wetland.sum() if state == 2 else 0
    assert set(totals["unseen"].sel(predictor="vegetation").values.tolist()) == {lost}


def test_the_policy_error_stops_the_run_and_names_the_level(run_of):
    config, layout = run_of("error")
    set_policy(layout, "error")
    with pytest.raises(CategoryError, match=r"160 \(wetland\), for nee, gpp, reco"):
        upscale.run(config, layout, model_set="fine")
    assert not layout.totals("fine").exists()


def test_windows_and_workers_change_no_byte(run_of, fitted_run, maps_of):
    config, _ = fitted_run
    found = []
    for name, size, workers in (("a", 64, 2), ("b", 8, 1)):
        upscaling = config.upscaling.model_copy(update={"block_cells": size})
        changed, layout = run_of(name, upscaling=upscaling, workers=workers)
        upscale.run(changed, layout, model_set="fine")
        found.append(maps_of(layout))
    assert found[0] == found[1]


def test_small_tiles_change_no_value(run_of, monkeypatch):
    config, layout = run_of("a")
    upscale.run(config, layout, model_set="fine")
    monkeypatch.setattr(upscale, "TILE_CELLS", 8)
    config, other = run_of("b")
    upscale.run(config, other, model_set="fine")
    assert read_zarr(layout.flux("fine")).identical(read_zarr(other.flux("fine")))
    assert sha256_tree(layout.totals("fine")) == sha256_tree(other.totals("fine"))


def test_a_killed_run_goes_on_and_leaves_the_same_bytes(run_of, small_tiles, monkeypatch, maps_of):
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
    assert maps_of(layout) == maps_of(undisturbed)


def test_no_receipt_outlives_the_maps_it_speaks_of(run_of, small_tiles, monkeypatch):
    """Killed while the maps of other inputs are laid out: earlier inputs start anew."""
    config, layout = run_of("a")
    monkeypatch.setattr(upscale, "write_zarr", lambda *args: None)
    monkeypatch.setattr(upscale.Ledger, "settle", lambda self, outputs: None)
    upscale.run(config, layout, model_set="fine")
    monkeypatch.undo()
    earlier = upscale._job(config, layout, "fine").fingerprint
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


def test_receipts_of_other_inputs_are_discarded(run_of, small_tiles, monkeypatch, maps_of):
    config, layout = run_of("a")
    ledger_folder = layout.root / "flux" / "fine.blocks"
    monkeypatch.setattr(upscale, "write_zarr", lambda *args: None)
    monkeypatch.setattr(upscale.Ledger, "settle", lambda self, outputs: None)
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
    assert maps_of(layout) == maps_of(fresh)
    assert not list(ledger_folder.glob("*.npz"))


def in_steps(config, step):
    """Changes of a configuration whose maps are stored in steps."""
    return {"upscaling": config.upscaling.model_copy(update={"precision": step})}


def test_maps_in_steps_stay_near_and_totals_stay_the_same(run_of, fitted_run):
    found = {}
    for name, step in (("exact", "float32"), ("packed", 0.02)):
        config, layout = run_of(name, **in_steps(fitted_run[0], step))
        flux_path, totals_path = upscale.run(config, layout, model_set="fine")
        found[name] = read_zarr(flux_path), sha256_tree(totals_path), flux_path
    (exact, totals, _), (packed, same_totals, path) = found["exact"], found["packed"]
    assert totals == same_totals
    for name in flux_variables(FLUXES):
        stored = zarr.open_array(path / name, mode="r", zarr_format=3)
        assert stored.dtype == np.int16
        assert stored.fill_value == -32768
        assert packed[name].encoding["scale_factor"] == 0.02
        assert np.isnan(packed[name].values[np.isnan(exact[name].values)]).all()
        np.testing.assert_allclose(packed[name], exact[name], rtol=0, atol=0.01 + 1e-5)
        assert np.abs(packed[name].values - exact[name].values)[~np.isnan(exact[name])].max() > 0
    trends_of = {name: annual_sums(maps["nee"]) for name, (maps, _, _) in found.items()}
    np.testing.assert_allclose(trends_of["packed"], trends_of["exact"], rtol=0, atol=0.121)


def test_blocks_of_another_precision_are_not_kept(fitted_run):
    config, layout = fitted_run
    packed = config.model_copy(update=in_steps(config, 0.02))
    found = {upscale._job(chosen, layout, "fine").fingerprint for chosen in (config, packed)}
    assert len(found) == 2


def test_a_block_is_one_shard_of_each_map(run_of):
    """A year of a tile is a file, here of the whole map, and it is read in quarters of a year."""
    config, layout = run_of("a")
    path, _ = upscale.run(config, layout, model_set="fine")
    shape = Grid.of(read_zarr(layout.zones("fine"))).shape
    for name in flux_variables(FLUXES):
        stored = zarr.open_array(path / name, mode="r", zarr_format=3)
        assert stored.shards == (12, *shape)
        assert stored.chunks == (3, *shape)
        files = [p.relative_to(path / name).as_posix() for p in (path / name / "c").rglob("*/*/*")]
        assert sorted(files) == ["c/0/0/0", "c/1/0/0"]


def test_a_value_beyond_the_steps_stops_the_run_and_names_flux_and_remedy(run_of, fitted_run):
    config, layout = run_of("a", **in_steps(fitted_run[0], 1e-6))
    with pytest.raises(InputError, match=r"\w+ can be too large") as error:
        upscale.run(config, layout, model_set="fine")
    assert '[upscaling] precision = "float32"' in str(error.value)
    assert not layout.flux("fine").exists()
    assert not layout.totals("fine").exists()


def test_predictors_beyond_the_training_rows_are_flagged(run_of):
    """Flags of the maps, their area and their cells agree with the table and the cube."""
    config, layout = run_of("a")
    maps, totals = (read_zarr(path) for path in upscale.run(config, layout, model_set="fine"))
    cube, zones = read_zarr(layout.cube("fine")), read_zarr(layout.zones("fine"))
    cases = complete_cases(read_table(layout.training("fine")), "gpp", predictor_names("fine"))
    column = cases.X[:, list(predictor_names("fine")).index("lst")].astype(np.float32)
    lst = cube["lst"].values
    beyond = ((lst < column.min()) | (lst > column.max())) & ~np.isnan(maps["gpp"].values)
    flags = maps["gpp_outside_range"]
    bit = flags.attrs["flag_masks"][flags.attrs["flag_meanings"].split().index("lst")]
    marked = flags.values & bit > 0
    assert beyond.any()
    assert np.array_equal(marked, beyond)
    counted = totals["outside_cells"].sel(flux="gpp", predictor="lst")
    assert counted.values.tolist() == beyond.sum(axis=(1, 2)).tolist()
    flux = ~np.isnan(maps["gpp"].values)
    area = (((flags.values > 0) & flux) * zones["area"].values).sum(axis=(1, 2))
    found = totals["outside_area"].sel(flux="gpp").sum("atom_id") * AREA_QUANTUM
    assert np.allclose(found, area)


def test_a_finished_map_is_not_made_twice(run_of, monkeypatch, maps_of):
    """Also when the receipt of the stage was not written any more."""
    config, layout = run_of("a")
    upscale.run(config, layout, model_set="fine")
    before = maps_of(layout)

    def never(*args):
        pytest.fail("a block was worked again")

    monkeypatch.setattr(upscale, "work", never)
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == before
    monkeypatch.undo()
    chunk = next((layout.flux("fine") / "nee" / "c").rglob("0/0/0"))
    chunk.write_bytes(b"damaged")
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == before


def test_a_damaged_chunk_does_not_stop_the_block_that_replaces_it(run_of, small_tiles, maps_of):
    """Tiles at the edge write a part of a chunk, which Zarr would read first."""
    config, layout = run_of("a")
    upscale.run(config, layout, model_set="fine")
    before = maps_of(layout)
    ledger = upscale._job(config, layout, "fine").ledger
    ledger.start()
    for chunk in (layout.flux("fine") / "gpp" / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(chunk.read_bytes()[:40])
    upscale.run(config, layout, model_set="fine")
    assert maps_of(layout) == before


def test_members_are_stored_when_asked_for(run_of, fitted_run):
    config, layout = run_of("a")
    path, _ = upscale.run(config, layout, model_set="fine")
    assert "nee_members" not in read_zarr(path)
    keeping = config.upscaling.model_copy(update={"keep_members": True})
    config = config.model_copy(update={"upscaling": keeping})
    path, _ = upscale.run(config, layout, model_set="fine")
    maps = read_zarr(path)
    assert maps["nee_members"].dims == ("member", "time", "y", "x")
    assert maps.sizes["member"] == config.forest.members
    mean = maps["nee_members"].mean("member", dtype=float)
    assert np.allclose(mean, maps["nee_mean"], rtol=1e-5, atol=1e-5, equal_nan=True)


def test_blocks_of_other_inputs_are_given_up_aloud(run_of, small_tiles, monkeypatch, capsys):
    config, layout = run_of("a")
    monkeypatch.setattr(upscale.Ledger, "settle", lambda self, outputs: None)
    upscale.run(config, layout, model_set="fine")
    coarser = config.upscaling.model_copy(update={"precision": 0.02})
    upscale.run(config.model_copy(update={"upscaling": coarser}), layout, model_set="fine")
    assert "18 finished blocks are of other inputs" in capsys.readouterr().err
