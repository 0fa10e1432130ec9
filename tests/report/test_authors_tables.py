"""Tables beside the authors' own results."""

import pandas as pd

from abz.report import Results
from abz.report.authors_tables import AUTHORS_TABLES
from abz.report.authors_words import MAIN_AREAS
from abz.report.tables import make_tables


def test_a_run_without_these_results_has_no_such_tables():
    assert {make(Results(name="x")) for make in AUTHORS_TABLES.values()} == {None}


def test_a_run_beside_them_has_all(climatology):
    made = make_tables(climatology.results)
    assert set(AUTHORS_TABLES) <= set(made)
    assert "synthetic" not in made["authors_trends"].caption


def test_each_area_and_flux_has_a_row_with_both_periods_and_all_methods(climatology):
    main, every = (
        AUTHORS_TABLES[name](climatology.results)
        for name in ("authors_trends", "authors_trends_all")
    )
    assert main.shown["area"].tolist() == [*MAIN_AREAS] * 3
    assert len(every.shown) == 3 * 13
    assert main.shown["flux"].drop_duplicates().tolist() == ["NEE", "GPP", "Reco"]
    heads = {f"{m}, {y}" for m in ("Zhang", "Yue–Pilon", "raw") for y in ("1990–2016", "2001–2016")}
    assert heads <= set(main.shown)
    bare = main.bare.query("flux == 'nee' and area == 'ABZ' and method == 'zhang'").iloc[0]
    text = main.shown.loc[0, "Zhang, 1990–2016"]
    assert text.replace("−", "-").startswith(f"{bare['slope']:.2f}")


def test_slopes_that_never_rest_bear_a_dagger(climatology):
    tables = dict(climatology.results.tables)
    trends = tables["authors_trends"].copy()
    trends["converged"] = False
    results = Results(name="x", tables={**tables, "authors_trends": trends})
    assert "†" in AUTHORS_TABLES["authors_trends"](results).shown.iloc[0]["Zhang, 1990–2016"]
    rested = AUTHORS_TABLES["authors_trends"](climatology.results)
    assert "†" not in "".join(rested.shown["raw, 1990–2016"])


def test_environment_says_whose_years_it_has(climatology):
    shown = AUTHORS_TABLES["authors_environment"](climatology.results).shown
    years = shown.groupby("variable")["years"].apply(list).to_dict()
    assert years["NDVI"] == ["27 layers without a year"]
    assert years["vapour pressure deficit"] == ["1990–2016", "2001–2016"]
    assert years["tree cover"] == ["1982–2008, by the layers' names"]


def test_sites_mark_slopes_that_are_the_same(climatology):
    shown = AUTHORS_TABLES["authors_sites"](climatology.results).shown.set_index("site")
    assert shown.loc["FI-A", "NEE, authors"] == "3.0 ="
    assert shown.loc["CA-B", "NEE, authors"] == "3.0"


def test_models_name_in_what_they_differ_from_the_study(climatology):
    shown = AUTHORS_TABLES["authors_models"](climatology.results).shown
    assert shown["flux of the models"].tolist() == ["NEE (Rh − NPP)", "GPP", "Reco", "−NBP"]
    assert "fire: unknown / included" in shown.iloc[-1]["in what they differ"]
    each = AUTHORS_TABLES["authors_each_model"](climatology.results).shown
    assert each["model"].tolist() == ["ensemble mean", "A", "B", "C"]
    assert not each.isna().any(axis=None)


def test_bare_tables_are_numbers(climatology):
    for name, make in AUTHORS_TABLES.items():
        table = make(climatology.results)
        assert isinstance(table.bare, pd.DataFrame), name
        assert len(table.shown) > 0, name
