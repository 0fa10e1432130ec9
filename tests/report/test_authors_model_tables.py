"""Tables of forests beside the authors' models."""

from abz.report import Results
from abz.report.authors_model_tables import AUTHORS_MODEL_TABLES
from abz.report.authors_words import FOREST_WORDS, MODEL_WORDS


def test_a_run_without_these_results_has_no_such_tables():
    assert {make(Results(name="x")) for make in AUTHORS_MODEL_TABLES.values()} == {None}


def test_agreement_has_each_forest_and_the_yardstick_last(climatology):
    table = AUTHORS_MODEL_TABLES["authors_agreement"](climatology.results)
    assert table.shown["ours"].drop_duplicates().tolist() == list(FOREST_WORDS.values())
    row = table.bare.query("forest == 'the tables' and flux == 'nee'").iloc[0]
    cell = table.shown.iloc[0]["NEE"].replace("−", "-").replace("\xa0", " ")
    assert cell == f"{row['spearman']:.2f}, {row['kendall']:.2f} (n = 17)"


def test_ranks_run_from_one(climatology):
    shown = AUTHORS_MODEL_TABLES["authors_ranks"](climatology.results).shown
    assert len(shown) == 17
    assert sorted(map(float, shown["NEE, ours"])) == list(range(1, 18))
    month = shown.set_index("predictor").loc["calendar month"]
    assert month["NEE, authors"] == "1"


def test_scores_keep_the_order_of_fluxes_and_models(climatology):
    shown = AUTHORS_MODEL_TABLES["authors_scores"](climatology.results).shown
    assert shown["model"].tolist() == [*MODEL_WORDS.values()] * 3
    assert shown["flux"].drop_duplicates().tolist() == ["NEE", "GPP", "Reco"]


def test_same_rows_and_budgets(climatology):
    shown = AUTHORS_MODEL_TABLES["authors_same_rows"](climatology.results).shown
    assert shown["site-months"].tolist() == ["48"] * 6
    budgets = AUTHORS_MODEL_TABLES["authors_budgets"](climatology.results).shown
    assert budgets["zone"].drop_duplicates().tolist() == ["ABZ", "boreal", "tundra"]
