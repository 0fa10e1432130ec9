"""The authors' 8-km tables: real ones, and broken ones that are refused."""

import pandas as pd
import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.published_areas import (
    AREAS,
    read_published_budgets_8km,
    read_published_environment_8km,
    read_published_months_8km,
)

BUDGETS = "NEE_gC_m2_8km_budgets.csv"
MONTHS = "NEE_gC_m2_8km_monthly_mean_bins.csv"
TREES = "Percent_TreeCover_1990_2016_annual_means.csv"


@pytest.fixture
def folder(real_data):
    return real_data / "published" / "abcfluxv1_modeling"


def test_real_budgets_have_eleven_areas_of_27_years(folder):
    table = read_published_budgets_8km(list(folder.glob("*_budgets.csv")))
    assert len(table) == 3 * 11 * 27
    assert table["area"].unique().tolist() == list(AREAS.values())
    assert table.loc[table["flux"] != "nee", "tg"].min() > 0
    whole = table.query("flux == 'nee' and area == 'ABZ'").set_index("year")["tg"]
    assert whole[whole > 0].index.tolist() == [1992, 1993, 1996]


def test_real_months_are_those_known(folder):
    table = read_published_months_8km([folder / MONTHS])
    july = table.query("area == 'ABZ' and month == 7")["nee"]
    assert july.tolist() == pytest.approx([-29.8, -32.6, -36.1], abs=0.05)


def test_years_of_the_real_environment_are_true_or_missing(folder):
    table = read_published_environment_8km(list(folder.glob("*_annual_means.csv")))
    whole = table[table["area"] == "ABZ"].set_index("variable")
    assert whole.loc["air_temperature", "value"].mean() == pytest.approx(273.15 - 5.45, abs=0.01)
    assert (whole.loc["vpd", "year"] == whole.loc["vpd", "stored_year"]).all()
    for name in ("ndvi", "soil_moisture"):
        assert whole.loc[name, "year"].isna().all()
    for name in ("tree_cover", "nontree_cover", "nonvegetated_cover"):
        layers = [y for y in range(1982, 2011) if y not in (1994, 2000)]
        assert whole.loc[name, "year"].tolist() == layers


def lines_of(heads, rows):
    return "\n".join([f'"","{heads}"', *(f'"{n}",{row}' for n, row in rows)]) + "\n"


def budget_rows(**changes):
    values = {(area, year): 5.0 for area in ("full", "Boreal") for year in (1990, 1991)}
    return [(n, f"{a},{v},{y}") for n, ((a, y), v) in enumerate((values | changes).items())]


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("NEE_budgets.csv", budget_rows(), "not one of the authors' results"),
        (BUDGETS, budget_rows()[:-1], r"not complete[\s\S]*boreal"),
        (BUDGETS, [*budget_rows(), *budget_rows()[:1]], r"not complete[\s\S]*ABZ"),
        (BUDGETS, [(0, "boreal,5.0,1990")], "area is unknown"),
        (BUDGETS, [(0, "full,,1990")], "lacks values"),
        (BUDGETS, [(0, "full,-16000,1990")], "out of range"),
        ("GPP_gC_m2_8km_budgets.csv", [(0, "full,-9000,1990")], "out of range"),
    ],
)
def test_broken_budgets_are_refused(tmp_path, name, rows, message):
    path = tmp_path / name
    path.write_text(lines_of('area","budget","year', rows))
    with pytest.raises(InputError, match=message):
        read_published_budgets_8km([path])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("full,818,1995,01", "first year of bin is unknown"),
        ("full,818,1990,01", "twelve months"),
    ],
)
def test_broken_months_are_refused(tmp_path, row, message):
    path = tmp_path / MONTHS
    path.write_text(lines_of('area","mean","year","month', [(1, row)]))
    with pytest.raises(InputError, match=message):
        read_published_months_8km([path])


def test_covers_whose_layers_are_not_named_are_refused(tmp_path):
    path = tmp_path / TREES
    path.write_text(lines_of('area","mean","year', [(1, "full,30,1990")]))
    with pytest.raises(InputError, match="does not tell of which year"):
        read_published_environment_8km([path])


def test_a_scale_that_was_applied_before_shows(tmp_path):
    path = tmp_path / "tmean_1990_2016_annual_means.csv"
    path.write_text(lines_of('area","mean","year', [(1, "full,26700,1990")]))
    with pytest.raises(InputError, match="scaled twice, or not at all"):
        read_published_environment_8km([path])


def test_files_that_are_not_there_are_asked_for(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_published_budgets_8km([])
    with pytest.raises(MissingDataError, match="authors' budgets"):
        read_published_budgets_8km([tmp_path / BUDGETS])
    path = tmp_path / BUDGETS
    pd.DataFrame({"area": ["full"], "year": [1990]}).to_csv(path)
    with pytest.raises(InputError, match="lacks columns"):
        read_published_budgets_8km([path])
