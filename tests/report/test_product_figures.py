"""Figures of the run beside products of others."""

import numpy as np
import pytest
import xarray as xr
from matplotlib import pyplot as plt

from abz.grid import lonlat_grid, polar_grid
from abz.report import Results
from abz.report.product_figures import (
    _on_polar,
    maps_figure,
    regions_figure,
    series_figure,
    taylor_figure,
    trend_maps_figure,
    winter_figure,
)

FIGURES = (
    maps_figure, trend_maps_figure, series_figure, regions_figure, taylor_figure, winter_figure,
)  # fmt: skip


@pytest.mark.parametrize("draw", FIGURES)
def test_a_run_without_products_has_no_such_figures(draw):
    assert draw(Results(name="x")) is None


def test_series_have_the_run_and_each_product(tiny):
    figure = series_figure(tiny.results)
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert {"inversions (GCB 2022)", "X-BASE", "this run"} <= set(labels)
    plt.close(figure)


def test_a_point_lies_where_ratio_and_correlation_say(tiny):
    figure = taylor_figure(tiny.results)
    line = next(one for one in figure.axes[0].lines if one.get_label() == "X-BASE")
    np.testing.assert_allclose(np.ravel(line.get_xydata()), [1.0, 0.0], atol=1e-6)
    plt.close(figure)


def test_maps_of_degrees_keep_their_place_on_the_pole():
    grid = lonlat_grid(1.0)
    values = np.broadcast_to(grid.y[:, None], grid.shape)
    layer = xr.DataArray(values, grid.coords(), ("y", "x"))
    made = _on_polar(layer)
    lat = polar_grid(5e4).lonlat()[1]
    known = np.isfinite(made.values)
    assert np.abs(made.values - lat)[known].max() <= 0.5
    assert known[lat > 46].all()


def test_regions_have_a_panel_each(tiny):
    figure = regions_figure(tiny.results)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["NEE, Alaska", "NEE, Canada", "NEE, Siberia", "NEE, Europe"]
    assert all(len(axes.lines) == 5 for axes in figure.axes)
    plt.close(figure)


def test_winters_of_both_conventions_are_drawn(tiny):
    figure = winter_figure(tiny.results)
    assert [axes.get_title() for axes in figure.axes] == ["Oct-Apr", "Oct-Apr, one winter"]
    table = tiny.results.tables["product_winter_years"]
    whole = table[(table["zone"] == "ABZ") & (table["season"] == "Oct-Apr")]
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), whole["soil_flux_g_m2"])
    plt.close(figure)
