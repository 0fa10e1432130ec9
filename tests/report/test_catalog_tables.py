"""The data page says of every dataset what, where, when, under which licence and how it is read."""

import pytest

from abz.catalog import CATALOG, Catalog
from abz.cli.stages.report import _catalog_table
from abz.report import Results, make_tables
from abz.report.catalog_tables import CATALOG_TABLES


@pytest.fixture(scope="module")
def results():
    return Results(name="x", synthetic=True, tables={"catalog": _catalog_table(CATALOG)})


@pytest.fixture(scope="module")
def tables(results):
    return make_tables(results)


def test_every_dataset_is_in_the_tables(tables):
    names = Catalog.load(CATALOG, CATALOG.parent).names()
    assert set(tables) == set(CATALOG_TABLES)
    for name in ("catalog", "catalog_coverage"):
        assert list(tables[name].shown["entry"]) == [f"`{entry}`" for entry in names]


def test_the_products_are_not_called_synthetic(tables):
    assert not any("ynthetic" in table.caption for table in tables.values())


def test_every_dataset_has_product_version_licence_area_and_resolution():
    bare = _catalog_table(CATALOG)
    for column in ("product", "version", "license", "area", "resolution", "patterns"):
        assert (bare[column].str.len() > 0).all(), column


def test_every_dataset_that_is_read_says_how_units_and_gaps_are_handled():
    import abz.readers

    bare = _catalog_table(CATALOG).set_index("name")
    read = [name for name in bare.index if hasattr(abz.readers, f"read_{name}")]
    assert len(read) > 15
    assert (bare.loc[read, ["units", "missing"]] != "").all(axis=None)


def test_the_period_in_words_and_in_years_agree():
    for row in _catalog_table(CATALOG).dropna(subset=["first_year"]).itertuples():
        if row.period[:4].isdigit() and "-" in row.period[:9]:
            assert row.period.startswith(f"{row.first_year}-"), row.name


def test_gaps_are_told(tables):
    shown = tables["catalog_coverage"].shown.set_index("entry")
    assert shown.loc["`vcf5kyr`", "years"] == "1982–2016, without 1994 and 2000"


def test_what_is_had_by_hand_leads_to_its_page(tables):
    shown = tables["catalog"].shown.set_index("entry")
    assert shown.loc["`gfed500m`", "had"].startswith("[by hand](https://")
    assert "Earthdata" in shown.loc["`mod13a1`", "had"]
    assert "Climate Data Store" in shown.loc["`era5_land`", "had"]


def test_a_run_without_a_catalog_has_none_of_them():
    assert make_tables(Results(name="x")) == {}
