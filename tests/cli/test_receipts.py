"""One stage at a time, whole, with a receipt."""

import multiprocessing
import sys
import time
from types import ModuleType

import pytest

from abz.cli import receipts
from abz.cli.inputs import note_input
from abz.cli.layout import Layout
from abz.cli.receipts import drop_broken_receipts, exclusive, receipt_name, run_stage
from abz.cli.storage import read_json
from abz.digest import digest
from abz.errors import ConfigError

CONFIG = """
name = "tiny"
output = "{output}"
[world]
[sets.fine]
cell_m = 400_000
first_year = 2001
last_year = 2020
"""


@pytest.fixture
def config_path(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG.format(output=tmp_path))
    return path


@pytest.fixture
def stage(monkeypatch):
    """A stage that writes one file."""

    def run(config, layout, **options):
        path = layout.root / "made" / "a.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(options.get("model_set", ""))
        return [path]

    monkeypatch.setattr(
        receipts, "expected_receipts", lambda config: ["stub.json", "stub_fine.json"]
    )
    module = ModuleType("abz.cli.stages.stub")
    module.run = run
    monkeypatch.setitem(sys.modules, "abz.cli.stages.stub", module)
    return module


def test_the_receipt_pins_the_outputs(stage, config_path, tmp_path):
    receipt = read_json(run_stage("stub", config_path, {"model_set": "fine"}))
    made = tmp_path / "tiny" / "made" / "a.txt"
    assert receipt["outputs"] == {"made/a.txt": {"sha256": digest(made), "bytes": 4}}


def test_a_folder_named_from_where_the_command_runs_is_the_same_folder(
    stage, tmp_path, monkeypatch
):
    run = stage.run
    stage.run = lambda *given, **options: [path.absolute() for path in run(*given, **options)]
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG.format(output="runs"))
    receipt = read_json(run_stage("stub", path, {}))
    assert list(receipt["outputs"]) == ["made/a.txt"]


def test_what_a_stage_opens_is_kept_beside_the_receipt(stage, config_path, tmp_path):
    def run(config, layout, **options):
        note_input("cavm", {"version": "1"}, {"cavm/a.tif": "0f"})
        return []

    stage.run = run
    run_stage("stub", config_path, {})
    found = read_json(tmp_path / "tiny" / "inputs" / "stub.json")
    assert found == {"cavm": {"version": "1", "files": {"cavm/a.tif": "0f"}}}


def test_a_failing_stage_leaves_no_receipt(stage, config_path, tmp_path):
    def fail(config, layout, **options):
        raise RuntimeError

    stage.run = fail
    with pytest.raises(RuntimeError):
        run_stage("stub", config_path, {})
    assert not (tmp_path / "tiny" / "receipts").exists()


def test_receipts_do_not_depend_on_when_they_were_written(stage, config_path):
    first = run_stage("stub", config_path, {}).read_bytes()
    assert run_stage("stub", config_path, {}).read_bytes() == first


def test_receipt_names_tell_options_apart():
    names = {receipt_name("fit", {"model_set": s, "flux": f}) for s in "ab" for f in ("nee", "gpp")}
    assert len(names) == 4


def hold(lock, seconds):
    with exclusive(lock, "first"):
        time.sleep(seconds)


def test_a_second_process_waits_for_the_first(tmp_path, capsys):
    lock = tmp_path / "a.lock"
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(lock, 0.6))
    process.start()
    while not lock.exists() or not lock.read_text():
        time.sleep(0.01)
    with exclusive(lock, "second"):
        assert not process.is_alive() or process.join(1) is None
    assert f"begun as process {process.pid}" in capsys.readouterr().err


def test_a_killed_process_leaves_no_lock_behind(tmp_path):
    lock = tmp_path / "a.lock"
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(lock, 60))
    process.start()
    while not lock.exists() or not lock.read_text():
        time.sleep(0.01)
    process.kill()
    process.join()
    start = time.monotonic()
    with exclusive(lock, "second"):
        pass
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("damage", ["remove", "truncate"])
def test_outputs_that_are_gone_or_cut_take_their_receipt_with_them(
    stage, config_path, tmp_path, damage
):
    receipt = run_stage("stub", config_path, {"model_set": "fine"})
    layout = Layout(tmp_path / "tiny")
    assert drop_broken_receipts(layout) == []
    made = layout.root / "made" / "a.txt"
    made.unlink() if damage == "remove" else made.write_text("")
    assert drop_broken_receipts(layout) == ["stub_fine.json"]
    assert not receipt.exists()


@pytest.mark.parametrize(
    ("name", "options"),
    [("fit", {"model_set": "coarse", "flux": "nee"}), ("climatology_budgets", {})],
)
def test_a_stage_that_the_run_does_not_have_is_refused(config_path, name, options):
    with pytest.raises(ConfigError, match="has no stage") as error:
        run_stage(name, config_path, options)
    typed = "`abz fit --set fine --flux nee`" if name == "fit" else "`abz world`, `abz harmonise`"
    assert f"choose among {typed}" in str(error.value)
