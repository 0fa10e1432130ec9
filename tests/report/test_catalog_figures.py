"""Bars of years."""

from abz.catalog import CATALOG
from abz.cli.stages.report import _catalog_table
from abz.report import Results, draw_figures
from abz.report.catalog_figures import years_figure

RESULTS = Results(name="x", synthetic=True, tables={"catalog": _catalog_table(CATALOG)})


def test_bars_have_gaps_where_years_are_absent():
    axes = years_figure(RESULTS).axes[0]
    names = [text.get_text() for text in axes.get_yticklabels()]
    bars = dict(zip(names, axes.collections, strict=True))
    spans = [path.vertices[:, 0] for path in bars["vcf5kyr"].get_paths()]
    assert [(x.min(), x.max()) for x in spans] == [(1982, 1994), (1995, 2000), (2001, 2017)]
    assert len(set(names)) == len(names)


def test_a_run_without_a_catalog_has_no_bars():
    assert years_figure(Results(name="x")) is None


def test_the_products_are_not_marked_as_synthetic(tmp_path, monkeypatch):
    marked = []
    monkeypatch.setattr("abz.report.figures.mark", lambda figure, results: marked.append(figure))
    assert [path.name for path in draw_figures(RESULTS, tmp_path)] == ["catalog_years.png"]
    assert marked == []
