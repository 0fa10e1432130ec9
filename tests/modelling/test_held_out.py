import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.modelling.held_out import GROUPS, check_held_out, group_labels

ROWS = pd.DataFrame(
    {
        "site": ["a", "a", "b", "c", "c", "c"],
        "year": [2003, 2004, 2007, 2008, 2014, 2030],
        "month": [12, 3, 7, 11, 1, 6],
        "biome": ["tundra", "boreal", None, "boreal", "boreal", "boreal"],
        "vegetation": [160.0, 70.0, np.nan, 99.0, 21.0, 21.0],
        "disturbance": ["Fire", "Fire", None, "No", "Fire", "Harvest"],
        "disturbance_year": [2004.0, 2004.0, np.nan, np.nan, 2004.0, 2004.0],
    }
)


@pytest.mark.parametrize(
    ("kind", "labels", "groups"),
    [
        ("season", ["DJF", "MAM", "JJA", "SON", "DJF", "JJA"], ["DJF", "MAM", "JJA", "SON"]),
        (
            "biome",
            ["tundra", "boreal", "not known", "boreal", "boreal", "boreal"],
            ["boreal", "tundra", "not known"],
        ),
        (
            "disturbance",
            ["Fire", "Fire", "undisturbed", "undisturbed", "Fire", "Harvest"],
            ["Fire", "Harvest", "undisturbed"],
        ),
        (
            "years_since_fire",
            ["before fire", "0-3", "no fire", "no fire", "4-10", "no fire"],
            ["before fire", "0-3", "4-10", "no fire"],
        ),
        (
            "vegetation",
            ["wetland", "needleleaf evergreen forest", "not known", "99"]
            + ["graminoid tundra"] * 2,
            ["99", "graminoid tundra", "needleleaf evergreen forest", "wetland", "not known"],
        ),
        ("year", ["2003", "2004", "2007", "2008", "2014", "2030"], None),
    ],
)
def test_each_row_has_a_group_and_groups_have_an_order(kind, labels, groups):
    found = group_labels(ROWS, kind)
    assert list(found) == labels
    assert groups is None or list(found.categories) == groups


@pytest.mark.parametrize(
    ("age", "label"),
    [
        (-1, "before fire"),
        (0, "0-3"),
        (3, "0-3"),
        (4, "4-10"),
        (10, "4-10"),
        (11, "11-20"),
        (20, "11-20"),
        (21, ">20"),
        (np.nan, "not known"),
    ],
)
def test_bins_of_years_since_fire(age, label):
    row = pd.DataFrame({"year": [2010], "disturbance": "Fire", "disturbance_year": 2010 - age})
    assert list(group_labels(row, "years_since_fire")) == [label]


def test_a_kind_whose_columns_are_not_there_has_no_groups():
    assert all(group_labels(ROWS[["site"]], kind) is None for kind in GROUPS)


def test_a_kind_that_nobody_knows_is_refused():
    with pytest.raises(InputError, match="vegetation"):
        group_labels(ROWS, "vegetatoin")


def test_a_row_without_an_observation_is_refused():
    with pytest.raises(InputError, match="1 rows without"):
        check_held_out(pd.DataFrame({"site": ["a", "b"], "observed": [1.0, np.nan]}), [])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_without_a_site_is_refused(missing):
    rows = ROWS.assign(observed=1.0, site=["a", missing, "b", "c", missing, "c"])
    with pytest.raises(InputError, match="which site they are of") as error:
        check_held_out(rows, [])
    assert "2 of 6 rows" in str(error.value)
