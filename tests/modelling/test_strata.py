import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.modelling.strata import label_strata, scored_rows, stratum_parts


def table():
    return pd.DataFrame(
        {
            "site": ["a", "a", "b", "b"],
            "biome": ["Boreal", "Boreal", None, "Tundra"],
            "month": [12, 3, 7, 10],
            "observed": [1.0, 2.0, 3.0, np.nan],
            "predicted": [0.0, 4.0, 3.0, 1.0],
            "sd": [0.5, 2.0, 1.0, 1.0],
        }
    )


def test_labels_join_columns_and_are_empty_where_one_is_missing():
    labels = label_strata(table(), ("biome", "season"))
    assert labels.tolist() == ["boreal DJF", "boreal MAM", "", "tundra SON"]
    assert label_strata(table(), ("season",)).tolist() == ["DJF", "MAM", "JJA", "SON"]


def test_every_month_has_a_season():
    months = pd.DataFrame({"month": range(1, 13)})
    assert pd.Series(label_strata(months, ("season",))).value_counts().to_dict() == dict.fromkeys(
        ["DJF", "MAM", "JJA", "SON"], 3
    )


def test_labels_do_not_need_a_plain_index():
    assert label_strata(table().set_index("site"), ("biome", "season"))[0] == "boreal DJF"


def test_scores_are_scaled_and_unscored_rows_counted():
    rows, unscored = scored_rows(table(), ("biome", "season"), "sd")
    assert rows["score"].tolist() == [2.0, -1.0, 0.0]
    assert unscored == 1


def test_parts_run_from_all_rows_over_wider_strata_to_narrow_ones():
    rows, _ = scored_rows(table(), ("biome", "season"))
    parts = {name: scores.size for name, (scores, _) in stratum_parts(rows)}
    wider = {"DJF": 1, "JJA": 1, "MAM": 1}
    assert parts == {"all": 3, **wider, "boreal DJF": 1, "boreal MAM": 1}
    alone, _ = scored_rows(table(), ("season",))
    assert [name for name, _ in stratum_parts(alone)] == ["all", "DJF", "JJA", "MAM"]


def test_further_columns_are_kept_with_their_rows():
    rows, _ = scored_rows(table(), (), keep=["month"])
    assert rows["month"].tolist() == [12, 3, 7]


def test_columns_have_to_be_there():
    with pytest.raises(InputError, match="strata cannot be told apart"):
        label_strata(table().drop(columns="month"), ("season",))
    with pytest.raises(InputError, match="lacks columns"):
        scored_rows(table().drop(columns="predicted"), ())


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf])
def test_a_scale_is_above_zero(scale):
    with pytest.raises(InputError, match="scale sd"):
        scored_rows(table().assign(sd=scale), (), "sd")
