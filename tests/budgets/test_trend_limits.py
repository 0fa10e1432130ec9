"""What the trend test can say of zones' budgets."""

import numpy as np
import pandas as pd
import pytest

from abz.budgets import zonal_trend_limits
from abz.errors import InputError
from abz.trends import trend_limits


def annual(years=range(2001, 2021), zones=("ABZ", "tundra")):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        [("fine", "nee", "abz", zone, year, member, -500 + rng.normal(0, 40))
         for zone in zones for year in years for member in range(3)],
        columns=["model_set", "flux", "zone_set", "zone", "year", "member", "tg"],
    )  # fmt: skip


def test_it_is_that_of_the_central_series():
    table = annual()
    found = zonal_trend_limits(table, "none").set_index("zone")
    rows = table[(table["member"] == 0) & (table["zone"] == "ABZ")]
    direct = trend_limits(rows["tg"].to_numpy()[None], rows["year"].to_numpy(), "none").iloc[0]
    for name in ("rho", "sd", "size", "detectable"):
        assert found.loc["ABZ", name] == direct[name]
    assert (found["method"] == "none").all()


def test_a_missing_year_is_a_gap():
    found = zonal_trend_limits(annual().query("year != 2007"), "none")
    assert found["n"].tolist() == [19, 19]
    assert found[["first_year", "last_year"]].to_numpy().tolist() == [[2001, 2020]] * 2


def test_few_years_have_no_limits():
    found = zonal_trend_limits(annual(range(2001, 2004)), "none")
    assert found["size"].isna().all()


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="tg"):
        zonal_trend_limits(annual().drop(columns="tg"))
