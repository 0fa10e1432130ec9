import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.modelling.cases import complete_cases


def table():
    return pd.DataFrame(
        {
            "site": ["a", "a", "b", "c"],
            "nee": [1.0, 2.0, np.nan, 4.0],
            "lst": [280.0, np.nan, np.nan, 283.0],
        },
        index=[7, 8, 9, 10],
    )


def test_incomplete_rows_are_dropped_and_counted():
    cases = complete_cases(table(), "nee", ["lst"])
    assert cases.y.tolist() == [1, 4]
    assert cases.X.dtype == np.float32
    assert cases.sites.tolist() == ["a", "c"]
    assert cases.table.index.tolist() == [0, 1]
    assert cases.dropped == {"nee": 1, "lst": 2}


def test_no_complete_row_is_an_error():
    with pytest.raises(InputError, match="no row is complete for nee"):
        complete_cases(table().iloc[1:3], "nee", ["lst"])


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="missing ndvi"):
        complete_cases(table(), "nee", ["ndvi"])


def test_a_complete_row_names_its_site():
    nameless = table().assign(site=["a", None, None, None])
    with pytest.raises(InputError, match="1 rows without"):
        complete_cases(nameless, "nee", ["lst"])
