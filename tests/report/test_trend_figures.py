"""Figures of trends: bars beside chance, bars of members, bounds of sites."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from abz.report import Results
from abz.report.trend_figures import (
    environment_figure,
    monthly_change_figure,
    shares_figure,
    site_trends_figure,
)


@pytest.mark.parametrize("draw", [shares_figure, environment_figure])
def test_bars_have_the_shares_and_chance_beside_them(draw, tiny):
    figure = draw(tiny.results, "fine")
    axes = figure.axes[0]
    widths = {round(abs(bar.get_width()), 6) for bar in axes.patches}
    assert widths == {18.0, 5.0}
    chance = np.concatenate([line.get_segments() for line in axes.collections])[:, 0, 0]
    assert set(np.round(np.abs(chance), 6)) == {2.5, 3.0}
    assert axes.yaxis_inverted()
    plt.close(figure)


def test_beside_the_shares_stand_those_with_false_discoveries_held(tiny):
    figure = shares_figure(tiny.results, "fine")
    held = figure.axes[1]
    assert {round(abs(bar.get_width()), 6) for bar in held.patches} == {7.0, 1.0}
    assert held.get_xlim() == figure.axes[0].get_xlim()
    plt.close(figure)


def test_months_have_the_differences_of_the_table(tiny):
    figure = monthly_change_figure(tiny.results, "fine")
    table = tiny.results.tables["monthly_change"].query(
        "model_set == 'fine' and flux == 'nee' and zone == 'boreal'"
    )
    line = figure.axes[0].containers[0][0]
    np.testing.assert_allclose(line.get_ydata(), table["difference"])
    plt.close(figure)


def test_sites_stand_at_their_slopes_full_where_significant(tiny):
    figure = site_trends_figure(tiny.results)
    table = tiny.results.tables["site_trends"].query("flux == 'nee'")
    points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [point.get_xdata()[0] for point in points] == pytest.approx(table["slope"].tolist())
    full = [point.get_markerfacecolor() != "white" for point in points]
    assert full == (table["p_value"] < tiny.results.alpha).tolist()
    plt.close(figure)


def test_a_run_without_tables_has_no_figures():
    empty = Results(name="empty")
    for draw in (shares_figure, environment_figure, monthly_change_figure):
        assert draw(empty, "fine") is None
    assert site_trends_figure(empty) is None
