"""Budgets beside the published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.budgets.beside import beside_published
from abz.errors import InputError

RNG = np.random.default_rng(0)
ANNUAL = pd.DataFrame(
    [
        {"zone_set": "biome", "zone": zone, "flux": flux, "year": year, "member": member,
         "tg": RNG.normal(500, 50), "g_m2": RNG.normal(40, 5), "area_m2": 7e12,
         "valid_share": RNG.uniform(0.8, 1.0)}
        for zone in ("boreal", "tundra") for flux in ("nee", "gpp")
        for year in (2001, 2002) for member in range(4)
    ]
)  # fmt: skip
PUBLISHED = pd.DataFrame(
    {"zone_set": "biome", "zone": ["tundra", "boreal", "taiga"], "flux": "gpp",
     "budget": [2000.0, 7000.0, 1.0], "budget_sd": [101.0, 102.0, 1.0], "area_1e6km2": 6.8}
)  # fmt: skip


def test_both_stand_in_one_row():
    table = beside_published(ANNUAL, PUBLISHED)
    assert table["zone"].tolist() == ["tundra", "boreal"]
    row = table.iloc[0]
    rows = ANNUAL[(ANNUAL["zone"] == "tundra") & (ANNUAL["flux"] == "gpp")]
    central = rows[rows["member"] == 0]
    members = [rows[rows["member"] == m]["tg"].mean() for m in (1, 2, 3)]
    assert row["budget"] == pytest.approx(central["tg"].mean())
    assert row["budget_sd"] == pytest.approx(np.std(members, ddof=1))
    assert row["per_area"] == pytest.approx(central["g_m2"].mean())
    assert row["valid_share"] == pytest.approx(central["valid_share"].mean())
    assert row["ratio"] == pytest.approx(central["tg"].mean() / 2000.0)
    assert (row["published_sd"], row["published_area_m2"]) == (101.0, pytest.approx(6.8e12))


def test_it_says_in_what_the_two_differ():
    published = PUBLISHED.assign(flux="nee")
    unlike = beside_published(ANNUAL, published)["unlike"]
    assert (unlike == "mask: land of the run / land of the study; "
            "period: 2001–2002 / 2001–2020").all()  # fmt: skip


@pytest.mark.parametrize("column", ["tg", "valid_share"])
def test_a_missing_column_is_an_error(column):
    with pytest.raises(InputError, match=column):
        beside_published(ANNUAL.drop(columns=column), PUBLISHED)
