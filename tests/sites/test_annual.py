"""Annual sums need whole years; sites count once, however long their record."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.sites import annual_sums, site_means


def months(site: str, year: int, rows: int = 12, **values) -> pd.DataFrame:
    columns = {"nee": -1.0, "gpp": 3.0, "reco": 2.0, "biome": "boreal"} | values
    return pd.DataFrame(
        {
            "site": site, "year": year, "month": np.arange(rows) % 12 + 1, "latitude": 60.0,
            "longitude": 20.0, "country": "Finland",
        } | columns
    )  # fmt: skip


def test_only_whole_years_count():
    table = pd.concat(
        [months("a", 2001), months("a", 2002, rows=11), months("b", 2001, rows=13),
         months("c", 2001).assign(month=[1, 1, *range(3, 13)])]
    )  # fmt: skip
    annual = annual_sums(table)
    assert annual[["site", "year"]].values.tolist() == [["a", 2001]]
    assert annual[["nee", "gpp", "reco"]].values.tolist() == [[-12.0, 36.0, 24.0]]


def test_a_missing_month_is_a_missing_sum_of_that_flux():
    gpp = np.full(12, 3.0)
    gpp[4] = np.nan
    annual = annual_sums(months("a", 2001, gpp=gpp))
    assert annual["nee"].item() == -12.0 and np.isnan(annual["gpp"].item())
    none = dict.fromkeys(("nee", "gpp", "reco"), np.nan)
    assert annual_sums(months("a", 2001, **none)).empty


@given(st.integers(0, 99))
def test_sums_do_not_depend_on_the_order_of_rows(seed):
    rng = np.random.default_rng(seed)
    table = pd.concat([months(s, y, nee=rng.integers(-9, 9, 12)) for s in "ab" for y in (1, 2)])
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(annual_sums(table), annual_sums(shuffled))


def test_long_records_count_no_more_than_short_ones():
    annual = annual_sums(
        pd.concat(
            [months("a", year, nee=-2.0) for year in range(2001, 2011)]
            + [months("b", 2001, nee=0.0), months("c", 2001, nee=1.0, biome="tundra")]
        )
    )
    means = site_means(annual, by="biome").query("flux == 'nee'").set_index("group")
    assert means.loc["boreal", "mean"] == -12.0 and means.loc["boreal", "sites"] == 2
    assert means.loc["boreal", "sd"] == pytest.approx(np.std([-24.0, 0.0], ddof=1))
    assert means.loc["tundra", "mean"] == 12.0 and np.isnan(means.loc["tundra", "sd"])
    everywhere = site_means(annual).query("flux == 'nee'")
    assert everywhere[["group", "sites"]].values.tolist() == [["all", 3]]


def test_columns_are_needed():
    with pytest.raises(InputError, match="month"):
        annual_sums(months("a", 2001).drop(columns="month"))
