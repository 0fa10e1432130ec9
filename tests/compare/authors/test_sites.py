"""Slopes of annual sums at sites."""

import numpy as np
import pandas as pd
import pytest

from abz.compare.authors.sites import site_slopes
from abz.errors import InputError
from abz.readers import read_flux_training, read_published_site_trends


def site_months(name, years, slope, months=range(1, 13)):
    rows = [(name, year, month) for year in years for month in months]
    table = pd.DataFrame(rows, columns=["site_name", "year", "month"])
    nee = slope / 12 * (table["year"] - 2000) - 10.0
    return table.assign(nee=nee, gpp=50.0 - nee, reco=50.0)


def test_a_site_of_known_slope_and_one_that_is_not_there():
    rows = pd.concat([
        site_months("a", range(2001, 2009), -6.0),
        site_months("a", [2010], 99.0, months=range(1, 12)),
        site_months("other", range(2001, 2009), 1.0),
    ])  # fmt: skip
    published = pd.DataFrame(
        {"site_name": ["a", "gone"], "nee": [-6.0, 1.0], "gpp": [5.0, 1.0], "reco": [0.0, 1.0]}
    )
    found = site_slopes(rows, published).set_index(["site_name", "flux"])
    assert found.loc[("a", "nee"), "slope"] == pytest.approx(-6.0)
    assert found.loc["a", "same"].tolist() == [True, False, False]
    assert found.loc[("a", "nee"), ["years", "first_year", "last_year"]].tolist() == [8, 2001, 2008]
    assert found.loc["gone", "years"].tolist() == [0, 0, 0]
    assert np.isnan(found.loc[("gone", "nee"), "slope"])
    assert not found.loc["gone", "same"].any()
    with pytest.raises(InputError, match="site_name"):
        site_slopes(rows.drop(columns="site_name"), published)


def test_seven_real_sites_have_the_authors_slopes_of_nee(real_data):
    rows = read_flux_training([*(real_data / "flux_training").glob("train_*.parquet")])
    listed = read_published_site_trends(
        [real_data / "published" / "abcfluxv1_modeling" / "annual_site_trends.csv"]
    )
    found = site_slopes(rows, listed)
    same = found[found["same"]]
    assert same["flux"].value_counts().to_dict() == {"nee": 7, "reco": 5, "gpp": 4}
    assert (same["slope"] - same["published"]).abs().max() < 1e-11
