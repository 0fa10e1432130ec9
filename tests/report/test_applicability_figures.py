"""Maps of applicability: months and means block by block, one panel for like fluxes."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from abz.report import applicability_figures
from abz.report.applicability_figures import (
    _over_months,
    area_map,
    clusters_map,
    level_support_map,
    mess_map,
)


def drawn(axes):
    """Values of the map that lies on top."""
    return np.ma.filled(axes.images[-1].get_array(), np.nan)


def test_months_inside_are_counted(tiny):
    figure = area_map(tiny.results, "fine")
    inside = tiny.results.applicability["fine"]["inside"].sel(flux="gpp").values
    expected = np.where((inside >= 0).any(axis=0), (inside == 1).sum(axis=0), np.nan)
    np.testing.assert_array_equal(drawn(figure.axes[1]), expected)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[3].get_lines()}
    assert set(lines) == {"NEE", "GPP", "Reco"}
    np.testing.assert_allclose(lines["NEE"], 12.5)
    plt.close(figure)


@pytest.mark.parametrize("size", [3, 7])
def test_blocks_change_no_value(size, tiny, monkeypatch):
    maps = tiny.results.applicability["fine"]
    ways = [
        ("inside", applicability_figures._months_inside),
        ("dissimilarity", applicability_figures._mean_known),
        ("density", applicability_figures._mean_known),
    ]
    whole = [_over_months(maps, name, "nee", way).values for name, way in ways]
    monkeypatch.setattr(applicability_figures, "BLOCK_CELLS", size)
    for (name, way), expected in zip(ways, whole, strict=True):
        np.testing.assert_array_equal(_over_months(maps, name, "nee", way).values, expected)


def test_unknown_months_are_left_out_of_a_mean():
    block = np.array([[[1.0, np.nan, -1.0]], [[3.0, np.nan, 4.0]]])
    found = applicability_figures._mean_known(block)
    np.testing.assert_array_equal(found, [[2.0, np.nan, 4.0]])


def test_the_limiting_predictor_is_drawn_where_one_is_out_of_range(tiny):
    figure = mess_map(tiny.results, "fine")
    mess = tiny.results.applicability["fine"]["mess"].values
    names = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    within = names.index("within the range of the towers")
    np.testing.assert_array_equal(drawn(figure.axes[1]) == within, mess >= 0)
    plt.close(figure)


def test_clusters_name_their_towers(tiny):
    figure = clusters_map(tiny.results, "fine")
    texts = {text.get_text() for text in figure.findobj(plt.Text)}
    assert {"1: 12 towers", "2: no tower", "tower"} <= texts
    assert len(figure.axes[0].collections[-1].get_offsets()) == 2
    plt.close(figure)


def test_like_fluxes_share_a_panel_and_whole_support_needs_none(tiny):
    figure = level_support_map(tiny.results, "fine")
    assert len(figure.axes) == 1
    plt.close(figure)
    flux = tiny.results.flux["fine"].load()
    other = flux.assign(gpp_level_support=flux["gpp_level_support"].clip(max=0))
    figure = level_support_map(replace(tiny.results, flux={"fine": other}), "fine")
    assert len(figure.axes) == 2
    plt.close(figure)
    names = [f"{name}_level_support" for name in ("nee", "gpp", "reco")]
    whole = flux.assign({name: flux[name].clip(max=0) for name in names})
    assert level_support_map(replace(tiny.results, flux={"fine": whole}), "fine") is None
    bare = flux.drop_vars(names)
    assert level_support_map(replace(tiny.results, flux={"fine": bare}), "fine") is None
