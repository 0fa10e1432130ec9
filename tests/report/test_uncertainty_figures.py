"""Figures of what a ± holds."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from abz.report import Results
from abz.report.uncertainty_figures import components_figure, correlogram_figure


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_nothing_from_nothing(tiny):
    assert components_figure(Results(name="x"), "fine") is None
    assert correlogram_figure(Results(name="x"), "fine") is None
    assert correlogram_figure(tiny.results, "none") is None
    assert components_figure(tiny.results, "none") is None


def test_points_are_the_bins_and_the_line_is_the_fit(tiny):
    panel = correlogram_figure(tiny.results, "fine").axes[1]
    rows = tiny.results.tables["correlogram"].query("model_set == 'fine' and flux == 'gpp'")
    points, line = panel.lines[1], panel.lines[2]
    np.testing.assert_array_equal(points.get_ydata(), rows["correlation"])
    assert line.get_ydata()[0] == 0.4
    assert np.interp(300, line.get_xdata(), line.get_ydata()) == pytest.approx(0.4 / np.e, rel=1e-2)


def test_no_shared_part_is_a_flat_line(tiny):
    table = tiny.results.tables["transfer"].assign(share=0.0, length_km=np.nan)
    results = replace(tiny.results, tables={**tiny.results.tables, "transfer": table})
    assert (correlogram_figure(results, "fine").axes[0].lines[2].get_ydata() == 0).all()


def test_bars_are_the_components(tiny):
    panel = components_figure(tiny.results, "fine").axes[0]
    row = tiny.results.tables["uncertainty"].query(
        "model_set == 'fine' and zone == 'ABZ' and period == 'mean' and flux == 'nee_fire'"
    ).iloc[0]  # fmt: skip
    heights = [bars[-1].get_height() for bars in panel.containers]
    names = ("sampling_sd", "transfer_sd", "fire_sd", "total_sd")
    assert heights == [row[name] for name in names]
