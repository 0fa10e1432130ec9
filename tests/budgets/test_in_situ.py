"""Sites of zones: means, counts, sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from abz.budgets import in_situ_means, source_sites
from abz.errors import InputError

NAMES = [f"s{n}" for n in range(12)]
ZONES = [("abz", "ABZ"), ("biome", "tundra"), ("region", "Alaska"), ("region", "Europe")]


def drawn(seed):
    """Site-years, and which sites each zone holds; Europe holds none."""
    rng = np.random.default_rng(seed)
    rows = [(name, year, *rng.normal((-20, 300, 280), 30))
            for name in NAMES for year in range(2000, 2001 + rng.integers(0, 9))]  # fmt: skip
    annual = pd.DataFrame(rows, columns=["site", "year", "nee", "gpp", "reco"])
    annual.loc[rng.random(len(annual)) < 0.2, "gpp"] = np.nan
    held = rng.integers(0, 2, (4, len(NAMES)))
    held[0], held[3] = 1, 0
    coords = {"zone_set": ("zone_id", [kind for kind, _ in ZONES]),
              "zone": ("zone_id", [name for _, name in ZONES]), "site": NAMES}  # fmt: skip
    return annual, xr.DataArray(held, dims=("zone_id", "site"), coords=coords)


@given(st.integers(0, 9999))
def test_as_plain_loops_over_sites_do(seed):
    annual, held = drawn(seed)
    found = in_situ_means(annual, held, (2003, 2004)).set_index(["zone", "flux"])
    for (_, zone), row in zip(ZONES, held.values, strict=True):
        inside = [name for name, there in zip(NAMES, row, strict=True) if there]
        for flux in ("nee", "gpp", "reco"):
            of_site = {n: annual.loc[annual["site"] == n, flux].dropna() for n in inside}
            means = [values.mean() for values in of_site.values() if len(values)]
            if not means:
                assert (zone, flux) not in found.index
                continue
            years = np.concatenate(list(of_site.values()))
            line = found.loc[(zone, flux)]
            assert line["insitu_mean"] == pytest.approx(np.mean(means))
            assert line["median"] == pytest.approx(np.median(means))
            assert line["year_mean"] == pytest.approx(years.mean())
            assert (line["insitu_sites"], line["insitu_site_years"]) == (len(means), len(years))
            if len(means) > 1:
                assert line["insitu_sd"] == pytest.approx(np.std(means, ddof=1))
            late = annual[annual["year"].between(2003, 2004) & annual["site"].isin(inside)]
            same = late.groupby("site")[flux].mean().dropna()
            assert line["same_years_sites"] == len(same)
            assert line["same_years_mean"] == pytest.approx(same.mean(), nan_ok=True)


@given(st.integers(0, 9999))
def test_the_order_of_rows_does_not_matter_and_signs_flip(seed):
    annual, held = drawn(seed)
    found = in_situ_means(annual, held)
    shuffled = annual.sample(frac=1.0, random_state=seed)
    again = in_situ_means(shuffled, held)
    pd.testing.assert_frame_equal(found, again)
    fluxes = ["nee", "gpp", "reco"]
    flipped = in_situ_means(annual.assign(**{f: -annual[f] for f in fluxes}), held)
    np.testing.assert_allclose(flipped["insitu_mean"], -found["insitu_mean"])
    np.testing.assert_allclose(flipped["insitu_sd"], found["insitu_sd"])


def test_one_site_has_no_spread():
    annual, held = drawn(1)
    alone = in_situ_means(annual[annual["site"] == "s0"], held).query("zone == 'ABZ'")
    assert alone["insitu_sd"].isna().all()
    assert (alone["insitu_sites"] == 1).all()


def test_no_sites_no_rows():
    annual, held = drawn(1)
    empty = in_situ_means(annual.iloc[:0], held)
    assert len(empty) == 0
    assert list(empty) == list(in_situ_means(annual, held))
    assert len(in_situ_means(annual, 0 * held)) == 0
    assert len(source_sites(annual.iloc[:0], held)) == 0


@given(st.integers(0, 9999), st.sampled_from([0.0, 5.0, 20.0]))
def test_sources_are_counted_with_wilsons_interval(seed, band):
    annual, held = drawn(seed)
    annual["nee"] += 20
    found = source_sites(annual, held, band).set_index("zone")
    means = annual.groupby("site")["nee"].mean()
    for (_, zone), row in zip(ZONES, held.values, strict=True):
        inside = [name for name, there in zip(NAMES, row, strict=True) if there]
        if not inside:
            assert zone not in found.index
            continue
        sources = sum(means[name] > band for name in inside)
        line = found.loc[zone]
        assert (line["sites"], line["source_sites"]) == (len(inside), sources)
        expected = proportion_confint(sources, len(inside), method="wilson")
        assert (line["share_low"], line["share_high"]) == pytest.approx(expected)
        total = (means > band).sum()
        assert line["share_of_sources"] == pytest.approx(sources / total if total else np.nan,
                                                         nan_ok=True)  # fmt: skip


def test_planted_sources_of_the_study():
    """16 of 55 sites: 7 in Alaska, 4 in northern Europe, 3 in Canada, 2 in Siberia."""
    counts = {"Alaska": (7, 12), "Europe": (4, 18), "Canada": (3, 15), "Siberia": (2, 10)}
    rows, regions = [], []
    for region, (sources, sites) in counts.items():
        for n in range(sites):
            rows.append((f"{region}{n}", 2001, 142.0 if n < sources else -50.0))
            regions.append(region)
    annual = pd.DataFrame(rows, columns=["site", "year", "nee"])
    held = [np.ones(55, int), *(np.array(regions) == region for region in counts)]
    zones = xr.DataArray(
        np.array(held, int), dims=("zone_id", "site"),
        coords={"zone_set": ("zone_id", ["abz", *["region"] * 4]),
                "zone": ("zone_id", ["ABZ", *counts]), "site": annual["site"].to_numpy()},
    )  # fmt: skip
    found = source_sites(annual, zones).set_index("zone")
    assert round(100 * found.loc["ABZ", "source_site_share"]) == 29
    shares = (100 * found["share_of_sources"].drop("ABZ")).round().astype(int)
    assert shares.to_dict() == {"Alaska": 44, "Europe": 25, "Canada": 19, "Siberia": 12}
    assert found.loc["ABZ", "source_max"] == 142.0


def test_a_missing_column_is_named():
    annual, held = drawn(1)
    with pytest.raises(InputError, match="nee"):
        source_sites(annual.drop(columns="nee"), held)
    with pytest.raises(InputError, match="year"):
        in_situ_means(annual.drop(columns="year"), held)
