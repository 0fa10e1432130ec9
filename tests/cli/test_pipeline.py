"""The scheduler's command line, and what its rules rest on."""

import re
import subprocess

import pytest

from abz.cli import pipeline
from abz.cli.pipeline import scheduler_command
from abz.errors import MissingDataError

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


def test_a_package_without_its_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "repository", lambda: tmp_path)
    with pytest.raises(MissingDataError, match="rules of the run"):
        scheduler_command(tmp_path / "a.toml", tmp_path, 1)
