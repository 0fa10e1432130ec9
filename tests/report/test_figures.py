"""Figures: which there are, that their bytes repeat, that synthetic ones say so."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from xarray import DataArray, Dataset

from abz.grid import lonlat_grid
from abz.report import Results, draw_figures, figure_plans
from abz.report.cartography import UNKNOWN_LABEL, draw_field, polar_view, round_limit
from abz.report.figures import RUN_FIGURES, SET_FIGURES
from abz.report.map_figures import nee_map, zones_map
from abz.report.style import PAGE_INCHES, axes_grid, house_style, mark


def test_a_full_run_has_all_figures(tiny):
    drawn = {path.stem for path in (tiny.layout.results / "figures").glob("*.png")}
    expected = {f"{name}_{s}" for name in SET_FIGURES for s in ("fine", "coarse")}
    elsewhere = {"climatology", "catalog_years", "authors_series", "authors_ranks"}
    expected |= set(RUN_FIGURES) - elsewhere
    assert drawn == expected - {"nee_fire_map_coarse"}


def test_a_run_without_fire_or_truth_has_fewer(tiny):
    r = tiny.results
    fewer = Results(name="x", tables={}, trends={"coarse": r.trends["coarse"]}, zones=r.zones)
    assert "truth_coarse" not in dict(figure_plans(fewer))
    assert dict(figure_plans(fewer))["annual"]() is None
    assert "nee_map_coarse" in dict(figure_plans(fewer))


def test_same_results_same_bytes(tiny, tmp_path):
    results = Results(name="x", synthetic=True, tables={"annual": tiny.results.tables["annual"]})
    few = Results(
        name="x",
        synthetic=True,
        tables={
            "climatology": pd.DataFrame(
                {
                    "flux": ["nee"],
                    "zone": ["ABZ"],
                    "budget": [1.0],
                    "budget_sd": [0.5],
                    "published": [2.0],
                    "published_sd": [0.1],
                    "ratio": [0.5],
                }
            )
        },
    )
    first, second = (draw_figures(few, tmp_path / name) for name in "ab")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert b"Software" not in first[0].read_bytes()
    assert [p.name for p in first] == ["climatology.png"]
    assert results.sets == ("fine", "coarse")


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_figures_say_so(synthetic):
    figure, _ = axes_grid(1, 1, 2, 2)
    mark(figure, Results(name="x", synthetic=synthetic))
    assert ("synthetic data" in [text.get_text() for text in figure.texts]) is synthetic
    plt.close(figure)


@pytest.mark.parametrize("name", ["skill_fine", "truth_fine", "nee_map_fine", "annual"])
def test_nothing_is_cut_off_where_a_band_says_synthetic(name, tiny):
    with house_style():
        figure = mark(dict(figure_plans(tiny.results))[name](), tiny.results)
        figure.canvas.draw()
        inside = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(inside.x0, inside.y0) >= 0
    assert inside.x1 <= width
    assert inside.y1 <= height
    plt.close(figure)


def test_zones_that_a_run_does_not_know_have_no_panel(tiny):
    zones = tiny.results.zones["fine"].load()
    unknown = {name: 0 * zones[name] - 1 for name in ("permafrost", "vegetation", "region")}
    figure = zones_map(Results(name="x", zones={"fine": zones.assign(unknown)}), "fine")
    assert "Biome, fine set" in {figure.axes[0].get_title(loc=side) for side in ("left", "center")}
    assert [axes.get_visible() for axes in figure.axes] == [True, False]
    plt.close(figure)


@pytest.mark.parametrize("holes", [True, False])
def test_land_without_a_value_is_named_and_has_a_colour_of_its_own(holes, tiny):
    zones = tiny.results.zones["fine"].load()
    layer = zones["domain"].where(zones["domain"] > 0).astype(float) - 1
    layer = layer.where(zones["biome"] != 11) if holes else layer
    figure, (axes,) = axes_grid(1, 1, 3, 3)
    draw_field(axes, layer, zones["domain"], "zero", "1")
    legend = axes.get_legend()
    named = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    assert named == [UNKNOWN_LABEL] * holes
    land, field = axes.images[0], axes.images[1]
    distance = np.abs(np.array(land.cmap(0.5)[:3]) - field.cmap(0.5)[:3]).max()
    assert distance > 0.2
    plt.close(figure)


@pytest.mark.parametrize("name", [*SET_FIGURES, *RUN_FIGURES])
def test_figures_are_no_wider_than_a_page_can_show(name, tiny):
    plans = dict(figure_plans(tiny.results))
    figure = plans[f"{name}_fine" if name in SET_FIGURES else name]()
    if figure is not None:
        assert figure.get_size_inches()[0] <= PAGE_INCHES
        plt.close(figure)


def test_the_badge_is_inside_the_figure():
    figure, _ = axes_grid(1, 1, 3, 2)
    mark(figure, Results(name="x", synthetic=True))
    box = figure.texts[0].get_window_extent().padded(figure.dpi * 8 * 0.3 / 72)
    assert box.y1 <= figure.bbox.y1
    assert box.x1 <= figure.bbox.x1
    plt.close(figure)


def test_maps_in_longitude_and_latitude_are_seen_from_the_pole():
    grid = lonlat_grid(1.0, (-180, 45, 180, 90))
    values = np.repeat(np.arange(grid.shape[0], dtype=float)[:, None], grid.shape[1], 1)
    view = polar_view(DataArray(values, dims=("y", "x"), coords=grid.coords()))
    middle = view.sel(x=0, y=0, method="nearest").item()
    assert middle == 0
    assert np.isnan(view.values).any()


def test_round_limit_covers_the_quantile():
    values = np.random.default_rng(1).normal(0, 37, 1000)
    limit = round_limit(values)
    assert np.quantile(np.abs(values), 0.98) <= limit < 1.7 * np.quantile(np.abs(values), 0.98)


def test_a_run_without_trends_still_has_mean_maps(tiny):
    r = tiny.results
    only = Results(name="x", flux={"fine": r.flux["fine"]}, zones=r.zones)
    figure = nee_map(only, "fine")
    image = figure.axes[0].images[-1].get_array()
    expected = 12 * r.flux["fine"]["nee"].values.astype(float).mean(axis=0)
    np.testing.assert_allclose(np.ma.filled(image, np.nan), expected)
    plt.close(figure)
    assert isinstance(only.flux["fine"], Dataset)
