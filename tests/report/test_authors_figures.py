"""Figures beside the authors' own results."""

import matplotlib.pyplot as plt
import pytest

from abz.report import Results
from abz.report.authors_figures import ranks_figure, series_figure


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_run_without_these_results_has_no_such_figures():
    assert series_figure(Results(name="x")) is ranks_figure(Results(name="x")) is None


def test_series_show_the_annual_values_and_the_models(climatology):
    figure = series_figure(climatology.results)
    left, right = figure.axes
    series = climatology.results.tables["authors_series"]
    whole = series.query("flux == 'nee' and area == 'ABZ'").set_index("year")["tg"]
    assert left.lines[0].get_ydata().tolist() == whole.tolist()
    models = climatology.results.tables["authors_model_series"]
    mean = models[models["year"] <= 2016].groupby("year")["nee"].mean()
    assert right.lines[0].get_ydata().tolist() == pytest.approx(mean.tolist())
    labels = [text.get_text() for text in right.get_legend().get_texts()]
    assert labels == ["NEE (Rh − NPP)", "−NBP", "published NEE, 2001–2020"]
    assert "from 2001" in left.get_xlabel()


def test_ranks_have_one_order_of_predictors(climatology):
    figure = ranks_figure(climatology.results)
    assert [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes] == [
        "NEE", "GPP", "Reco"
    ]  # fmt: skip
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(labels) == 17
    theirs, ours = figure.axes[0].lines
    assert theirs.get_xdata()[labels.index("calendar month")] == 7.35
    assert len(ours.get_xdata()) == 17
