"""The scheduler's command line, and what its rules rest on."""

import re
import subprocess

import pytest

from abz.cli import pipeline
from abz.cli.pipeline import scheduler_command
from abz.cli.receipts import expected_receipts
from abz.config import load_config
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


@pytest.mark.parametrize("world", ["", "\n[world]\nresolution_km = 400\n"])
def test_rules_of_published_maps_are_the_stages_of_the_run(tmp_path, monkeypatch, world):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    text = f"""
name = "tiny"
kind = "published_maps"
data = "{tmp_path}"
catalog = "{tmp_path}/mine.yaml"
output = "{tmp_path}"
[sets.fine]
cell_m = 400_000
first_year = 2001
last_year = 2020
{world}"""
    path = tmp_path / "tiny.toml"
    path.write_text(text)
    (tmp_path / "mine.yaml").touch()
    later = {"fire": "gfed500m/a.nc", "adopt": "cavm/a.tif", "mean_maps": "ornl_2377_trends/a.tif"}
    for name in later.values():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "tiny").mkdir()
    command = scheduler_command(path, tmp_path / "tiny", 1)
    done = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rules = set(re.findall(r"^(?:local)?rule (\w+):$", done.stdout, re.MULTILINE)) - {"all"}
    stages = {name.split("_fine")[0].removesuffix(".json")
              for name in expected_receipts(load_config(path))}  # fmt: skip
    assert rules == stages
    assert not {"fit", "sites", "upscale", "validate", "drivers"} & rules
    inputs = dict(re.findall(r"^rule (\w+):\n    input: (.*)$", done.stdout, re.MULTILINE))
    for stage, name in later.items():
        assert (str(tmp_path / name) in inputs[stage]) is (world == ""), stage


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
