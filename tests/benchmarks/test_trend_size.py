"""The measurement of the trend tests: quick, repeatable, honest about its error."""

import json
from importlib import import_module

import pytest


@pytest.fixture(scope="module")
def trend_size(repository):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("trend_size")


def test_it_writes_a_record_and_keeps_the_example_without_data(
    trend_size, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(trend_size, "METHODS", {"none": 0, "zhang": 2})
    monkeypatch.setattr(trend_size, "RHOS", (0.0, 0.6))
    path = tmp_path / "trend_size.json"
    path.write_text(json.dumps({"example": {"kept": True}}))
    words = ["--series", "100", "--data", str(tmp_path), "--record", str(path)]
    trend_size.main(words)
    first = json.loads(path.read_text("utf-8"))
    assert first["example"] == {"kept": True}
    assert len(first["rows"]) == 4
    assert all(0 <= row["size"] <= 1 and row["error"] < 0.06 for row in first["rows"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(last["size_at_rho_0.6"]) == {"none", "zhang"}
    trend_size.main(words)
    assert json.loads(path.read_text("utf-8"))["rows"] == first["rows"]


def test_quick_leaves_the_record_alone(trend_size, tmp_path, monkeypatch):
    monkeypatch.setattr(trend_size, "METHODS", {"none": 0})
    monkeypatch.setattr(trend_size, "RHOS", (0.6,))
    path = tmp_path / "trend_size.json"
    trend_size.main(["--quick", "--series", "1000", "--data", str(tmp_path), "--record", str(path)])
    assert not path.exists()


def test_the_example_is_the_published_series(trend_size, real_data, monkeypatch):
    monkeypatch.setattr(trend_size, "METHODS", {"none": 0, "zhang": 2})
    found = trend_size.example(real_data, 500)
    if found is None:
        pytest.skip("the published budgets are not there")
    slopes = {row["method"]: row["slope"] for row in found["rows"]}
    assert slopes == pytest.approx({"none": -12.06, "zhang": -14.06}, abs=0.01)
    assert found["rows"][1]["p_value"] == pytest.approx(0.018, abs=0.001)
