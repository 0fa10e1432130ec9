"""Figures of fluxes beside each other."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from abz.report import Results
from abz.report.comparison_figures import gap_map, resolution_maps, resolution_series


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def titles(figure):
    return [axes.get_title(loc=side) for axes in figure.axes for side in ("left", "center")]


def test_a_run_of_one_set_has_no_figure_of_two():
    assert resolution_maps(Results(name="x")) is resolution_series(Results(name="x")) is None


def test_the_gap_is_nee_less_reco_minus_gpp(tiny):
    figure = gap_map(tiny.results, "fine")
    nee, indirect, gap = (
        np.ma.filled(axes.images[-1].get_array(), np.nan) for axes in figure.axes[:3]
    )
    np.testing.assert_allclose(gap, nee - indirect, atol=1e-3)
    assert "NEE − (Reco − GPP), fine set" in titles(figure)
    months = figure.axes[3]
    assert len(months.containers) == 3


def test_maps_do_without_a_table_of_months(tiny):
    figure = gap_map(replace(tiny.results, tables={}), "coarse")
    assert not figure.axes[3].get_visible()


def test_series_show_the_common_years_of_both_sets(tiny):
    figure = resolution_series(tiny.results)
    table = tiny.results.tables["resolution_years"]
    rows = table.query("zone == 'tundra' and flux == 'reco'").sort_values("year")
    panel = next(axes for axes in figure.axes if axes.get_title() == "Reco, tundra"
                 or axes.get_title(loc="left") == "Reco, tundra")  # fmt: skip
    fine, coarse = panel.lines
    np.testing.assert_array_equal(fine.get_xdata(), range(2001, 2017))
    np.testing.assert_array_equal(fine.get_ydata(), rows["fine_tg"])
    np.testing.assert_array_equal(coarse.get_ydata(), rows["coarse_tg"])


def test_maps_of_two_sets_name_them(tiny):
    found = titles(resolution_maps(tiny.results))
    assert {"NEE, fine set, averaged", "NEE, coarse set", "GPP, fine − coarse"} <= set(found)
