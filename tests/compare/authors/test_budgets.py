"""A run, the authors' 8-km model and the paper beside each other."""

import pandas as pd
import pytest

from abz.compare.authors.budgets import budgets_beside
from abz.errors import InputError


def test_years_and_zones_are_matched():
    run = pd.DataFrame({
        "zone_set": ["abz", "permafrost_region"], "zone": ["ABZ", "permafrost"], "flux": "nee",
        "budget": [-400.0, -200.0], "budget_sd": 50.0, "published": [-548.0, -249.0],
        "published_sd": 140.0,
    })  # fmt: skip
    budgets = pd.DataFrame({
        "flux": "nee", "area": "ABZ", "year": [2000, 2001, 2002, 2003], "tg": [999.0, 1, 3, 999]
    })  # fmt: skip
    (row,) = budgets_beside(run, budgets, (2001, 2002)).to_dict("records")
    assert (row["zone"], row["authors_8km"], row["published"]) == ("ABZ", 2.0, -548.0)
    assert row["authors_8km_sd"] == pytest.approx(2**0.5)
    with pytest.raises(InputError, match="published_sd"):
        budgets_beside(run.drop(columns="published_sd"), budgets)
