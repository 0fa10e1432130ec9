import matplotlib.pyplot as plt
import numpy as np
import pytest

from abz.report.results import Results
from abz.report.skill_figures import (
    coverage_figure,
    designs_figure,
    groups_figure,
    site_figure,
)

FIGURES = [groups_figure, designs_figure, coverage_figure, site_figure]


@pytest.mark.parametrize("draw", FIGURES)
def test_a_panel_a_flux_and_nothing_without_data(tiny, draw):
    figure = draw(tiny.results, "fine")
    assert [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes] == [
        "NEE", "GPP", "Reco"
    ]  # fmt: skip
    plt.close(figure)
    assert draw(tiny.results, "climatology") is None
    assert draw(Results(name="x"), "fine") is None


def test_designs_without_folds_are_not_drawn(tiny):
    figure = designs_figure(tiny.results, "fine")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["sites at random"]
    drawn = figure.axes[0].lines[0].get_xdata()[0]
    bare = tiny.results.tables["designs"].set_index(["model_set", "flux", "design"])
    assert drawn == bare.loc[("fine", "nee", "random_sites"), "rmse_change"]
    plt.close(figure)


def test_sites_lie_at_their_means(tiny):
    figure = site_figure(tiny.results, "coarse")
    points = np.concatenate([c.get_offsets() for c in figure.axes[1].collections])
    table = tiny.results.tables["site_skill"]
    own = table[(table["model_set"] == "coarse") & (table["flux"] == "gpp")]
    assert sorted(points[:, 0]) == sorted(own["observed_mean"])
    plt.close(figure)


def test_infinite_intervals_are_no_points(tiny):
    table = tiny.results.tables["coverage"]
    table = table.assign(reachable=table["nominal"] < 0.9)
    figure = coverage_figure(Results(name="x", tables={"coverage": table}), "fine")
    for axes in figure.axes:
        points = [line.get_xdata() for line in axes.lines if line.get_marker() == "o"]
        assert max(x for line in points for x in line) < 52
        assert [(text.get_text(), text.get_position()[0]) for text in axes.texts] == [("∞", 90)]
    plt.close(figure)
