"""Figures of drivers: what is drawn where, and what a run without the tables lacks."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import QuadMesh

from abz.report import Results
from abz.report.driver_figures import (
    groups_figure,
    importance_figure,
    pairs_figure,
    predictor_words,
    response_figure,
)
from abz.vocabulary import FLUXES, PREDICTORS, VEGETATION

FIGURES = [importance_figure, groups_figure, response_figure, pairs_figure]


def panel(figure, title):
    """The axes whose title begins so."""
    return next(a for a in figure.axes if a.get_title(loc="left").startswith(title)
                or a.get_title(loc="center").startswith(title))  # fmt: skip


@pytest.mark.parametrize("draw", FIGURES)
def test_a_run_without_the_tables_has_no_figure(draw):
    assert draw(Results(name="x"), "fine") is None


@pytest.mark.parametrize("draw", FIGURES)
def test_another_set_has_no_figure(draw, tiny):
    assert draw(tiny.results, "climatology") is None


def test_both_kinds_of_importance_stand_beside_each_other_in_one_order(tiny):
    figure = importance_figure(tiny.results, "fine")
    assert len(figure.axes) == 2 * len(FLUXES)
    left, right = figure.axes[:2]
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [predictor_words(name) for name in ["month", *list(PREDICTORS)[1:]]
                     if name != "air_temperature"]  # fmt: skip
    assert left.get_xlim() == right.get_xlim()
    points = np.concatenate([np.c_[line.get_ydata(), line.get_xdata()] for line in right.lines[1:]])
    order = points[points[:, 0].argsort()]
    assert order[:, 1].tolist() == [place - 2.5 for place in range(17)]
    plt.close(figure)


def test_an_interval_that_holds_zero_has_a_hollow_point(tiny):
    figure = importance_figure(tiny.results, "fine")
    hollow, full = figure.axes[1].lines[1:]
    assert hollow.get_markerfacecolor() == "white"
    assert full.get_markerfacecolor() != "white"
    # the ends are place − 4 and place − 1
    assert hollow.get_xdata().tolist() == [place - 2.5 for place in (1, 2, 3, 4)]
    plt.close(figure)


def test_a_group_is_named_by_what_it_holds(tiny):
    figure = groups_figure(tiny.results, "fine")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(names) == 16
    held = "downward shortwave radiation, vapour pressure deficit"
    assert held in [name.replace("\n", " ").replace("\xa0", " ") for name in names]
    plt.close(figure)


def test_a_declared_group_keeps_its_name(tiny):
    tables = dict(tiny.results.tables)
    for name in ("driver_groups", "driver_grouped_importance"):
        groups = tables[name]["group"].replace("srad + vpd", "light and dryness")
        tables[name] = tables[name].assign(group=groups)
    figure = groups_figure(replace(tiny.results, tables=tables), "fine")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sum(name.startswith("light and dryness:") for name in names) == 1
    plt.close(figure)


def test_curves_are_drawn_about_their_means_over_the_rows(tiny):
    figure = response_figure(tiny.results, "fine")
    rows = tiny.results.tables["driver_effects"].query(
        "model_set == 'fine' and flux == 'nee' and predictor == 'srad'"
    )
    lines = [
        line.get_ydata() for line in panel(figure, "downward").lines if len(line.get_xdata()) == 12
    ]
    assert len(lines) == 2 * len(FLUXES)
    effect = rows["effect"] - np.average(rows["effect"], weights=rows["rows"])
    assert any(np.allclose(line, effect) for line in lines)
    assert all(abs(np.mean(line)) < 1e-9 for line in lines[3:])
    plt.close(figure)


def test_the_rug_is_below_the_curves_and_inside_the_panel(tiny):
    figure = response_figure(tiny.results, "fine")
    axes = panel(figure, "downward")
    low = min(line.get_ydata().min() for line in axes.lines if len(line.get_xdata()) == 12)
    rug = axes.collections[0].get_datalim(axes.transData)
    assert axes.get_ylim()[0] <= rug.y0 < rug.y1 < low
    plt.close(figure)


def test_vegetation_types_are_told_apart(tiny):
    figure = response_figure(tiny.results, "fine")
    labels = panel(figure, "vegetation type").get_xticklabels()
    assert [label.get_text().replace("\n", " ") for label in labels] == list(VEGETATION.values())
    plt.close(figure)


def test_cells_without_rows_are_grey_and_those_with_few_bear_a_dot(tiny):
    figure = pairs_figure(tiny.results, "fine")
    maps = figure.axes[:3]
    mesh = next(c for c in maps[0].collections if isinstance(c, QuadMesh))
    cells = mesh.get_array()
    assert cells.shape == (3, 4)
    assert np.argwhere(np.ma.getmaskarray(cells)).tolist() == [[2, 3]]
    assert len(maps[0].lines[0].get_xdata()) == 11
    assert mesh.norm.vmin == -mesh.norm.vmax == -3
    plt.close(figure)
