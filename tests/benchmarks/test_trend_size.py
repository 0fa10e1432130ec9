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
    path.write_text(json.dumps({"example": {"kept": True}, "contested": {"kept": 2}}))
    words = ["--series", "100", "--data", str(tmp_path), "--record", str(path)]
    trend_size.main(words)
    first = json.loads(path.read_text("utf-8"))
    assert first["example"] == {"kept": True}
    assert first["contested"] == {"kept": 2}
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


def test_the_examples_are_the_published_series(trend_size, real_data, monkeypatch):
    monkeypatch.setattr(trend_size, "METHODS", {"none": 0, "zhang": 2})
    found, contested = (
        trend_size.example(real_data, *series, 500) for series in trend_size.EXAMPLES.values()
    )
    if found is None:
        pytest.skip("the published budgets are not there")
    slopes = {row["method"]: row["slope"] for row in found["rows"]}
    assert slopes == pytest.approx({"none": -12.06, "zhang": -14.06}, abs=0.01)
    assert found["rows"][1]["p_value"] == pytest.approx(0.018, abs=0.001)
    slopes = {row["method"]: row["slope"] for row in contested["rows"]}
    assert slopes == pytest.approx({"none": 2.5, "zhang": 4.3}, abs=0.05)
    assert len(contested["years"]) == 27


def test_more_autocorrelation_is_possible_and_makes_p_larger(trend_size):
    noise = trend_size.ar1_series(1, 27, 0.3, 4)[0]
    found = trend_size.autocorrelation_of(noise, trend_size.np.arange(1990, 2017), 1000)
    assert 0.1 < found["autocorrelation_sd"] < 0.25
    assert found["rho"] + 0.1 < found["rho_high"] < found["rho"] + 0.4
    assert found["autocorrelation"] < found["rho"]
