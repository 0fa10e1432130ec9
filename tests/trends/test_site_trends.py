"""Trends at sites: who is tested, what gaps do, q over the sites."""

import numpy as np
import pandas as pd
import pytest

from abz.errors import InputError
from abz.sites import annual_sums
from abz.trends import q_values, site_trend_limits, site_trends, trend_limits, trend_series


def annual(site, years, seed=0, gpp=True):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"site": site, "latitude": 60.0, "longitude": 20.0, "biome": "boreal", "year": years,
         "nee": rng.normal(-100, 20, len(years)),
         "gpp": rng.normal(800, 20, len(years)) if gpp else np.nan, "reco": np.nan}
    )  # fmt: skip


def test_more_than_seven_complete_years_are_needed():
    table = pd.concat([annual("a", range(2001, 2009)), annual("b", range(2001, 2008))])
    found = site_trends(table)
    assert set(found["site"]) == {"a"}
    assert set(found["flux"]) == {"nee", "gpp"}
    assert set(site_trends(table, 6)["site"]) == {"a", "b"}
    assert site_trends(table, 8).empty


def test_gaps_keep_their_place_and_rows_their_order():
    years = [2001, 2002, 2003, 2006, 2007, 2009, 2010, 2014, 2015]
    table = annual("a", years, 3, gpp=False).sample(frac=1, random_state=1)
    row = site_trends(table).iloc[0]
    ordered = table.sort_values("year")
    direct = trend_series(ordered[["nee"]].to_numpy().T, np.array(years))
    assert row["slope"] == direct.slope[0]
    assert row["p_value"] == direct.p_value[0]
    assert (row["first_year"], row["last_year"], row["n"]) == (2001, 2015, 9)


@pytest.mark.parametrize("preserve_range", [False, True])
def test_the_test_is_the_one_that_is_asked_for(preserve_range):
    table = annual("a", range(2001, 2013), 6, gpp=False)
    table["nee"] = table["nee"].cumsum()
    row = site_trends(table, 7, "yue_pilon", preserve_range).iloc[0]
    direct = trend_series(table[["nee"]].to_numpy().T, table["year"].to_numpy(), "yue_pilon",
                          preserve_range=preserve_range)  # fmt: skip
    assert (row["slope"], row["p_value"]) == (direct.slope[0], direct.p_value[0])
    assert row["method"] == "yue_pilon"


REPRODUCED = {
    "Aurela_FI-Sod_tower1": "nee reco", "Goulden_CA-Oas_tower1": "nee",
    "Iwata_US-Uaf_tower1": "nee", "Margolis_CA-Qfo_tower1": "nee gpp reco",
    "McCaughey_CA-Gro_tower1": "nee gpp reco", "Nakai_US-Prr_tower1": "nee gpp reco",
}  # fmt: skip
"""Sites and fluxes whose published trend was made from the same annual sums as are public."""


def test_published_slopes_are_those_of_the_series_itself(real_data):
    tables = {
        flux: pd.read_parquet(real_data / "flux_training" / f"train_{name}_1km.parquet").rename(
            columns={"outcome_gC_m2_month": flux, "site_name": "site"}
        )[["site", "year", "month", flux]].dropna()
        for flux, name in (("nee", "NEE"), ("gpp", "GPP"), ("reco", "Reco"))
    }  # fmt: skip
    months = tables["nee"]
    for flux in ("gpp", "reco"):
        months = months.merge(tables[flux], how="outer", on=["site", "year", "month"])
    place = {"latitude": 0.0, "longitude": 0.0, "biome": "boreal", "country": "—"}
    months = months.assign(gpp=-months["gpp"], **place).astype({"year": int, "month": int})
    found = site_trends(annual_sums(months), 4, "none").set_index(["site", "flux"])["slope"]
    path = real_data / "published" / "abcfluxv1_modeling" / "annual_site_trends.csv"
    published = pd.read_csv(path).set_index("Study_ID_Short")
    for site, fluxes in REPRODUCED.items():
        for flux in fluxes.split():
            wanted = published.loc[site, f"trend_{flux}"]
            assert found[site, flux] == pytest.approx(wanted, rel=1e-9), (site, flux)


def test_limits_are_those_of_each_series_and_stand_in_the_order_of_the_trends():
    years = [2001, 2002, 2003, 2006, 2007, 2009, 2010, 2014, 2015]
    table = pd.concat([annual("b", range(2001, 2010), 1), annual("a", years, 2, gpp=False)])
    options = {"method": "none", "n_series": 100}
    limits = site_trend_limits(table, alpha=0.2, **options)
    pd.testing.assert_frame_equal(limits[["site", "flux"]], site_trends(table)[["site", "flux"]])
    values = table[table["site"] == "a"]["nee"].to_numpy()[None]
    direct = trend_limits(values, np.array(years), "none", alpha=0.2, n_series=100).iloc[0]
    row = limits.query("site == 'a'").iloc[0]
    for name in ("autocorrelation", "sd", "rho", "size", "detectable"):
        assert row[name] == direct[name]
    assert site_trend_limits(table, 9, **options).empty


def test_a_year_that_a_site_has_twice_is_named():
    table = pd.concat([annual("a", range(2001, 2013)), annual("a", [2005], 1)])
    for of_sites in (site_trends, site_trend_limits):
        with pytest.raises(InputError, match="a in 2005"):
            of_sites(table)


def test_q_is_over_the_sites_of_a_flux():
    table = pd.concat([annual(name, range(2000, 2012), k) for k, name in enumerate("abcde")])
    found = site_trends(table)
    for _, rows in found.groupby("flux"):
        np.testing.assert_allclose(rows["q_value"], q_values(rows["p_value"].to_numpy()))


@pytest.mark.parametrize("factor", [-1.0, 3.0])
def test_slopes_follow_sign_and_unit(factor):
    table = annual("a", range(2001, 2013), 5)
    plain, turned = (
        site_trends(table.assign(nee=k * table["nee"])).query("flux == 'nee'").iloc[0]
        for k in (1.0, factor)
    )
    assert turned["slope"] == pytest.approx(factor * plain["slope"])
    assert turned["p_value"] == pytest.approx(plain["p_value"])
