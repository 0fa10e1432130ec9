"""The benchmark of trends: series as they are said to be, ratios of the rates."""

from importlib import import_module

import numpy as np
import pytest

from abz.trends import trend_series


@pytest.fixture(scope="module")
def benchmark(repository):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("trends")


@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_series_have_the_autocorrelation_and_the_trend(benchmark, rho):
    rows = benchmark.red_noise(20_000, rho) - benchmark.TREND * np.arange(20)
    assert rows.std() == pytest.approx(1.0, abs=0.01)
    assert (rows[:, 1:] * rows[:, :-1]).mean() == pytest.approx(rho, abs=0.01)


def test_every_engine_gives_the_same_slopes(benchmark):
    rows = benchmark.red_noise(20, 0.2)
    ours = trend_series(rows, benchmark.YEARS, "none").slope
    engines = benchmark.engines()
    by_scipy = [slopes.slope for slopes, _ in engines["scipy"](rows)]
    np.testing.assert_allclose(by_scipy, ours)
    original = [slope for slope, _ in engines["pymannkendall original_test"](rows)]
    np.testing.assert_allclose(original, ours)


def test_ratios_are_those_of_the_rates(benchmark):
    rates = {"abz zhang": 600.0, "abz none": 900.0, "scipy": 3.0, "xarrayMannKendall": 4.0,
             "pymannkendall trend_free_pre_whitening_modification_test": 2.0}  # fmt: skip
    rows = [{"correlation": 0.2, "engine": name, "rate": rate} for name, rate in rates.items()]
    found = benchmark.summary(rows)
    assert found["series_per_s_per_core"] == 600.0
    assert [found[f"vs_{peer}"] for peer in ("pymannkendall", "xarraymannkendall", "scipy")] == [
        300.0, 150.0, 300.0
    ]  # fmt: skip
