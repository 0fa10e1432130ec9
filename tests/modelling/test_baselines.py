import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import haversine_distances

from abz.errors import InputError
from abz.modelling.baselines import climatology_baseline, nearest_site_baseline
from abz.modelling.distances import EARTH_RADIUS_KM
from abz.modelling.folds import leave_one_site_out

SEEDS = st.integers(0, 10**6)


def held_out(seed=0, sites=8, rows=50):
    """Rows of sites at places of which some coincide, some vegetation types not known."""
    rng = np.random.default_rng(seed)
    site = np.append([0, 1], rng.integers(sites, size=rows - 2))
    places = np.stack([rng.integers(55, 60, sites), rng.integers(-2, 3, sites) % 360 - 180.0])
    vegetation = rng.choice([21, 70, 160, np.nan], sites)
    return pd.DataFrame(
        {
            "site": np.char.add("s", site.astype(str)),
            "latitude": places[0, site],
            "longitude": places[1, site],
            "month": rng.integers(1, 13, rows),
            "vegetation": vegetation[site],
            "observed": rng.normal(-10, 20, rows),
        }
    )


@settings(max_examples=8)
@given(SEEDS)
def test_climatology_is_that_of_loops_over_rows(seed):
    rows = held_out(seed)
    found = climatology_baseline(rows)
    for i, row in rows.iterrows():
        train = rows[(rows["site"] != row["site"]) & (rows["month"] == row["month"])]
        alike = train[train["vegetation"] == row["vegetation"]]
        use, source = (alike, "month and vegetation") if len(alike) else (train, "month")
        assert found.loc[i, "source"] == (source if len(use) else "")
        assert found.loc[i, "predicted"] == pytest.approx(use["observed"].mean(), nan_ok=True)


@settings(max_examples=8)
@given(SEEDS, st.sampled_from([0.0, 1.0, 200.0]))
def test_nearest_site_is_that_of_loops_over_rows(seed, min_km):
    rows = held_out(seed)
    found = nearest_site_baseline(rows, min_km=min_km)
    between = haversine_distances(np.radians(rows[["latitude", "longitude"]].to_numpy(float)))
    for i, row in rows.iterrows():
        train = rows[(rows["site"] != row["site"]) & (rows["month"] == row["month"])]
        km = EARTH_RADIUS_KM * between[i, train.index]
        far = [(d.round(3), s) for d, s in zip(km, train["site"], strict=True) if d >= min_km]
        if not far:
            assert np.isnan(found.loc[i, "predicted"])
            assert found.loc[i, "source"] == ""
            continue
        distance, site = min(far)
        assert found.loc[i, "source"] == site
        assert found.loc[i, "distance_km"] == pytest.approx(distance, abs=2e-3)
        expected = train.loc[train["site"] == site, "observed"].mean()
        assert found.loc[i, "predicted"] == pytest.approx(expected)


@settings(max_examples=8)
@given(SEEDS)
def test_the_order_of_rows_does_not_matter(seed):
    rows = held_out(seed)
    mixed = rows.sample(frac=1, random_state=seed)
    for baseline in (climatology_baseline, nearest_site_baseline):
        found = baseline(mixed).loc[rows.index]
        pd.testing.assert_frame_equal(baseline(rows), found, check_exact=True)


@settings(max_examples=8)
@given(SEEDS)
def test_a_site_does_not_sway_its_own_prediction(seed):
    rows = held_out(seed)
    own = rows["site"] == "s0"
    other = rows.assign(observed=rows["observed"].where(~own, 1e6))
    for baseline in (climatology_baseline, nearest_site_baseline):
        pd.testing.assert_frame_equal(baseline(rows)[own], baseline(other)[own], check_exact=True)


TWINS = pd.DataFrame(
    {
        "site": ["tower1", "tower2", "far"],
        "latitude": [67.0, 67.0, 67.5],
        "longitude": 26.6,
        "month": 7,
        "observed": [-100.0, -90.0, -20.0],
    }
)


def test_twin_towers_predict_each_other_unless_told_otherwise():
    assert nearest_site_baseline(TWINS)["source"].tolist() == ["tower2", "tower1", "tower1"]
    apart = nearest_site_baseline(TWINS, min_km=1)
    assert apart["source"].tolist() == ["far", "far", "tower1"]
    assert nearest_site_baseline(TWINS)["distance_km"][0] == 0


def test_a_place_across_the_date_line_is_near():
    rows = TWINS.assign(latitude=68.0, longitude=[179.9, -179.9, 170.0])
    assert nearest_site_baseline(rows)["source"].tolist() == ["tower2", "tower1", "tower1"]


def test_a_site_without_the_month_is_passed_over():
    rows = TWINS.assign(month=[7, 1, 7])
    assert nearest_site_baseline(rows)["source"].tolist() == ["far", "", "tower1"]


def test_a_site_whose_place_is_not_known_neither_gets_nor_gives():
    rows = TWINS.assign(latitude=[67.0, np.nan, 67.5])
    found = nearest_site_baseline(rows)
    assert found["source"].tolist() == ["far", "", "tower1"]
    assert found["predicted"].isna().tolist() == [False, True, False]


def test_a_table_without_vegetation_falls_back_to_the_month():
    found = climatology_baseline(TWINS)
    assert found["source"].unique().tolist() == ["month"]
    assert found["predicted"].tolist() == [-55, -60, -95]


def test_given_folds_are_used():
    rows = held_out(2)
    north = (rows["site"] < "s4").to_numpy()
    folds = [(np.flatnonzero(north), np.flatnonzero(~north))]
    for baseline in (climatology_baseline, nearest_site_baseline):
        found = baseline(rows, folds)
        assert found["predicted"][north].isna().all()
        assert (found["source"][north] == "").all()
    assert set(nearest_site_baseline(rows, folds)["source"]) <= {"", *rows["site"][north]}
    given = climatology_baseline(rows, leave_one_site_out(rows["site"].to_numpy(str)))
    pd.testing.assert_frame_equal(given, climatology_baseline(rows))


@pytest.mark.parametrize(
    "folds",
    [
        [(np.array([0, 1]), np.array([1, 2]))],
        [(np.array([0]), np.array([1])), (np.array([2]), np.array([1]))],
    ],
)
def test_folds_that_mix_sites_or_test_twice_are_refused(folds):
    for baseline in (climatology_baseline, nearest_site_baseline):
        with pytest.raises(InputError, match=r"tower2|tested twice"):
            baseline(TWINS, folds)
