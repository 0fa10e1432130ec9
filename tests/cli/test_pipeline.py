"""The scheduler's command line, and what its rules rest on."""

import re
import subprocess

import pytest

from abz.cli import pipeline
from abz.cli.pipeline import scheduler_command
from abz.errors import InputError, MissingDataError

CONFIG = """
name = "tiny"
kind = "climatology"
data = "{folder}"
catalog = "{folder}/mine.yaml"
output = "{folder}"
[sets.climatology]
cell_m = 111_195
first_year = 2001
last_year = 2001
"""


def test_stages_that_use_the_catalog_rest_on_the_configured_one(tmp_path, monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    (tmp_path / "tiny.toml").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "tiny").mkdir()
    command = scheduler_command(tmp_path / "tiny.toml", tmp_path / "tiny", 1)
    done = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    inputs = dict(re.findall(r"^rule (\w+):\n    input: (.*)$", done.stdout, re.MULTILINE))
    for stage, does in {"climatology": True, "report": True, "upscale": False}.items():
        assert (str(tmp_path / "mine.yaml") in inputs[stage]) is does, stage


def test_a_changed_file_of_zones_runs_the_stage_again(tmp_path, monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    zones = f'[zones.parks]\nfile = "{tmp_path}/parks.geojson"\ncolumn = "name"\n'
    (tmp_path / "tiny.toml").write_text(CONFIG.format(folder=tmp_path) + zones)
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "tiny").mkdir()
    command = scheduler_command(tmp_path / "tiny.toml", tmp_path / "tiny", 1)
    only = ["--until", "climatology"]
    file, receipt = tmp_path / "parks.geojson", tmp_path / "tiny/receipts/climatology.json"

    def reasons():
        asked = [*command, *only, "--dry-run"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return re.findall(r"reason: (.*)", done.stdout)

    file.write_text("{}")
    receipt.parent.mkdir()
    receipt.touch()
    made = [*command, *only, "--touch", "--forcerun", "climatology"]
    subprocess.run(made, capture_output=True, check=True)
    assert reasons() == []
    file.touch()
    assert reasons() == []
    file.write_text("{ }")
    assert len(reasons()) == 1 and "Params have changed" in reasons()[0]


def test_a_wrong_file_of_zones_is_refused_before_the_run_begins(tmp_path, monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    zones = f'[zones.parks]\nfile = "{tmp_path}/parks.geojson"\ncolumn = "name"\n'
    (tmp_path / "tiny.toml").write_text(CONFIG.format(folder=tmp_path) + zones)
    (tmp_path / "parks.geojson").write_text("no JSON")
    with pytest.raises(InputError, match=r"parks\.geojson cannot be read as polygons"):
        pipeline.run_all(tmp_path / "tiny.toml")
    assert not (tmp_path / "tiny").exists()


def test_a_package_without_its_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "repository", lambda: tmp_path)
    with pytest.raises(MissingDataError, match="rules of the run"):
        scheduler_command(tmp_path / "a.toml", tmp_path, 1)
