"""Errors of sites: annual sums over whole years, alike for months and sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abz.budgets import flux_correlation, site_errors, yearly_variance
from abz.errors import InputError


def held_out(sites=4, years=3, seed=0):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(f"s{s}", 10.0 * s, 50.0 + s % 30, "Tundra" if s % 2 else "boreal", 2001 + y, m)
         for s in range(sites) for y in range(years) for m in range(1, 13)],
        columns=["site", "longitude", "latitude", "biome", "year", "month"],
    )  # fmt: skip
    rows["observed"] = rng.normal(0, 30, len(rows))
    rows["predicted"] = rows["observed"] + rng.normal(2, 10, len(rows))
    return rows


def test_error_of_a_site_is_its_mean_annual_sum():
    rows = held_out()
    table = site_errors(rows).set_index("site")
    own = rows[rows["site"] == "s2"]
    by_hand = sum(
        (month["predicted"] - month["observed"]).mean() for _, month in own.groupby("month")
    )
    assert table.loc["s2", "error"] == pytest.approx(by_hand)
    assert table.loc["s1", "biome"] == "tundra"
    assert (table["years"] == 3).all()


def test_months_count_alike_whichever_years_they_are_of():
    rows = held_out(sites=1)
    rows["predicted"] = rows["observed"] + rows["month"]
    many = rows[(rows["year"] == 2001) | (rows["month"] < 4)]
    assert site_errors(many)["error"].item() == pytest.approx(78.0)


def test_sites_without_a_whole_year_or_a_place_are_left_out():
    rows = held_out()
    rows.loc[rows["site"] == "s0", "longitude"] = np.nan
    rows = rows[(rows["site"] != "s1") | (rows["month"] != 5)]
    assert site_errors(rows)["site"].tolist() == ["s2", "s3"]
    rows.loc[rows["site"] == "s2", "predicted"] = np.nan
    assert site_errors(rows)["site"].tolist() == ["s3"]


def test_a_year_pieced_together_has_an_error_but_no_spread():
    rows = held_out(sites=1, years=2)
    pieced = rows[(rows["year"] == 2001) == (rows["month"] < 7)]
    table = site_errors(pieced)
    assert table["years"].item() == 0
    assert table["yearly_squares"].item() == 0
    assert np.isfinite(table["error"].item())
    assert np.isnan(yearly_variance(table))


def test_variance_of_single_years():
    rows = held_out(sites=150, years=5, seed=3)
    assert yearly_variance(site_errors(rows)) == pytest.approx(12 * 100, rel=0.15)


def test_a_season_has_its_own_months():
    rows = held_out()
    rows["predicted"] = rows["observed"] + 1.0
    rows = rows[rows["month"].isin([6, 7, 8])]
    assert site_errors(rows).empty
    np.testing.assert_allclose(site_errors(rows, (6, 7, 8))["error"], 3.0)


def test_the_order_of_rows_does_not_matter():
    rows = held_out()
    mixed = rows.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(site_errors(rows), site_errors(mixed))


def test_columns_that_are_missing_are_named():
    with pytest.raises(InputError, match="biome"):
        site_errors(held_out().drop(columns="biome"))


def test_correlation_of_fluxes_over_common_sites():
    errors = {flux: site_errors(held_out(sites=9, seed=seed)) for seed, flux in enumerate("ab")}
    errors["b"] = errors["b"].iloc[2:]
    found = flux_correlation(errors)
    both = errors["a"].merge(errors["b"], on="site")
    expected = np.corrcoef(both["error_x"], both["error_y"])[0, 1]
    assert found.loc["a", "b"] == pytest.approx(expected)
    assert found.loc["a", "a"] == 1.0
    few = {flux: table.iloc[:2] for flux, table in errors.items()}
    assert np.isnan(flux_correlation(few).loc["a", "b"])
