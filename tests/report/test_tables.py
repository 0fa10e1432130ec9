"""Tables: published and synthetic numbers stay apart, the shapes are right."""

import pandas as pd

from abz.report import Results, make_tables, markdown_table

ALL = {
    "table1", "zones", "scores", "tuning", "screening", "sites", "trends", "budgets_vegetation",
    "budgets_permafrost", "budgets_region", "missing",
}  # fmt: skip


def test_a_full_run_has_all_tables(tiny):
    assert set(make_tables(tiny.results)) == ALL
    folder = tiny.layout.results / "tables"
    assert {path.stem for path in folder.glob("*.csv")} == ALL
    assert {path.stem for path in folder.glob("*.md")} == ALL


def test_every_table_of_a_synthetic_run_says_so(tiny):
    assert all("ynthetic" in table.caption for table in make_tables(tiny.results).values())


def test_published_values_stand_only_beside_the_fine_set(tiny):
    shown = make_tables(tiny.results)["table1"].shown
    published = [name for name in shown if "published" in name]
    own = [name for name in shown if "this run" in name]
    assert all(name.endswith("(real)") for name in published)
    assert all(name.endswith("(synthetic)") for name in own)
    coarse = shown[shown["set"].str.startswith("coarse")]
    assert (coarse[published] == "—").all(axis=None)
    first = shown.iloc[0]
    assert first["budget, published (real)"] == "−548\xa0±\xa0140"


def test_bare_tables_are_the_inputs(tiny):
    bare = make_tables(tiny.results)["table1"].bare
    pd.testing.assert_frame_equal(bare, tiny.results.tables["table1"])


def test_budget_table_takes_the_mean_over_years_and_sd_over_members(tiny):
    bare = make_tables(tiny.results)["budgets_vegetation"].bare
    row = bare.query("model_set == 'fine' and zone == 'wetland' and flux == 'nee'").iloc[0]
    annual = tiny.results.tables["annual"].query(
        "model_set == 'fine' and zone == 'wetland' and flux == 'nee'"
    )
    means = annual.groupby("member")["tg"].mean()
    assert row["budget"] == means[0]
    assert abs(row["budget_sd"] - means[1:].std()) < 1e-9


def test_a_climatology_has_its_own_tables():
    table = pd.DataFrame(
        {
            "flux": ["nee"],
            "zone": ["ABZ"],
            "budget": [-700.0],
            "budget_sd": [9.0],
            "published": [-548.0],
            "published_sd": [140.0],
            "ratio": [1.3],
        }
    )
    notes = {"missing_predictors": {"nee": ["lst", "cti"]}}
    made = make_tables(Results(name="c", tables={"climatology": table}, notes=notes))
    assert list(made) == ["missing_predictors", "climatology"]
    assert "compound topographic index" in made["missing_predictors"].shown.iloc[0, 1]


def test_markdown_escapes_bars():
    assert "a\\|b" in markdown_table(pd.DataFrame({"x": ["a|b"]}))
