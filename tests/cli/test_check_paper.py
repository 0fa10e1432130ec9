"""`abz check-paper`: what it prints, writes and refuses."""

import json

import pandas as pd
import pytest

from abz.cli import check_paper as command
from abz.cli.main import main


def write_run(folder, **values):
    numbers = {
        key: {"value": value, "text": str(value), "period": ""}
        for key, value in {"run_data": "synthetic", "run_kind": "study", **values}.items()
    }
    (folder / "results").mkdir(parents=True)
    (folder / "results/numbers.json").write_text(json.dumps(numbers))
    return folder


def test_it_prints_and_writes_every_number(tmp_path, capsys):
    run = write_run(tmp_path / "run", fine_siberia_fire_mean=147.3)
    assert main(["check-paper", str(run)]) == 0
    shown = capsys.readouterr().out
    line = next(line for line in shown.splitlines() if line.startswith("fire_siberia"))
    assert line.split(maxsplit=4) == [
        "fire_siberia", "160", "consistent", "147", "synthetic run: not compared"
    ]  # fmt: skip
    assert "trend test (text and public code)" in shown
    table = pd.read_csv(run / "results/paper.csv").set_index(["record", "field"])
    assert table.loc[("fire_siberia", "v"), "value"] == 147.3
    written = json.loads((run / "results/paper.json").read_text())
    assert written["synthetic"] and written["unexpected"] == []
    assert len(written["rows"]) == len(table)
    assert "reproduced" not in written["counts"]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    run = write_run(tmp_path / "run")
    kept = []
    for _ in range(2):
        main(["check-paper", str(run)])
        kept.append([(run / f"results/paper.{end}").read_bytes() for end in ("csv", "json")])
    assert kept[0] == kept[1]


def test_a_contradiction_that_is_not_known_ends_with_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "unexpected", lambda checks: ["does not hold: it"])
    assert main(["check-paper", str(write_run(tmp_path / "run"))]) == 1
    assert "not known: does not hold: it" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", [None, "{", "[]", "{}", '{"run_data": 3}', '{"run_data": {"value": "real"}}']
)
def test_a_run_that_cannot_be_read_ends_with_two(text, tmp_path, capsys):
    run = tmp_path / "run"
    (run / "results").mkdir(parents=True)
    if text is not None:
        (run / "results/numbers.json").write_text(text)
    assert main(["check-paper", str(run)]) == 2
    message = capsys.readouterr().err
    assert all(word in message for word in ("rule:", "got:", "remedy:"))
    assert not (run / "results/paper.csv").exists()
