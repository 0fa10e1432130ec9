"""Figures of what follows a fire."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from abz.report import Results
from abz.report.fire_figures import bias_figure, composites_figure


def test_composites_show_sites_and_cells(tiny):
    figure = composites_figure(tiny.results)
    titles = [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes]
    assert titles == ["NEE, July", "GPP, July", "NDVI, July", "NEE, annual"]
    sites = tiny.results.tables["postfire_sites"].query("variable == 'gpp' and when == 'July'")
    dots = [
        marks for marks in figure.axes[1].collections
        if str(marks.get_label()).startswith("burned sites")
    ]  # fmt: skip
    np.testing.assert_allclose(dots[0].get_offsets()[:, 1], sites["mean"])
    plt.close(figure)


def test_the_bias_is_shown_with_its_fixed_effects(tiny):
    figure = bias_figure(tiny.results)
    titles = [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes]
    assert titles[2].startswith("July: p < 0.001")
    assert titles[2].endswith("; corrected")
    assert all(title.endswith("; not corrected") for title in (titles[0], titles[1], titles[3]))
    curve = tiny.results.tables["postfire_curves"].query("month == 7")
    drawn = [line for line in figure.axes[2].lines if line.get_label().startswith("fixed")]
    np.testing.assert_allclose(drawn[0].get_ydata(), curve["bias"])
    plt.close(figure)


def test_months_without_a_model_say_so(tiny):
    tables = dict(tiny.results.tables)
    tables["postfire_curves"] = tables["postfire_curves"].iloc[:0]
    tables["postfire_fits"] = tables["postfire_fits"].assign(slope_p=np.nan)
    figure = bias_figure(Results(name="x", tables=tables))
    titles = {axes.get_title(loc="left") or axes.get_title() for axes in figure.axes}
    assert titles == {f"{month}: no model" for month in ("May", "June", "July", "August")}
    plt.close(figure)


def test_nothing_to_show():
    assert composites_figure(Results(name="x")) is None
    assert bias_figure(Results(name="x")) is None
