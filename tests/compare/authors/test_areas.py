"""Areas that make up the whole zone, and three fluxes that need not close."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.compare.authors.areas import (
    AREAS_OF_CONTINENTS,
    PARTITIONS,
    area_closure,
    flux_gaps,
    with_continents,
)
from abz.errors import InputError
from abz.readers import AREAS, read_published_budgets_8km


def budgets_of(seed, years=3):
    """Budgets whose biomes make up the zone, and whose regions leave one Tg a year."""
    rng = np.random.default_rng(seed)
    rows = []
    for flux in ("nee", "gpp", "reco"):
        for year in range(2001, 2001 + years):
            budget = dict(zip(AREAS.values(), rng.normal(100, 40, 11), strict=True))
            budget["ABZ"] = budget["boreal"] + budget["tundra"]
            regions = PARTITIONS["regions"]
            budget[regions[0]] += budget["ABZ"] - 1.0 - sum(budget[area] for area in regions)
            rows += [(flux, area, year, tg) for area, tg in budget.items()]
    return pd.DataFrame(rows, columns=["flux", "area", "year", "tg"])


@given(seed=st.integers(0, 999))
def test_parts_of_a_made_up_zone(seed):
    found = area_closure(budgets_of(seed)).set_index(["flux", "parts"])
    assert found.loc[("gpp", "biomes"), "largest"] == pytest.approx(0, abs=1e-9)
    assert found["mean"].xs("regions", level="parts").tolist() == pytest.approx([1.0] * 3)


@given(seed=st.integers(0, 999))
def test_continents_make_up_the_regions_and_nothing_else_changes(seed):
    budgets = budgets_of(seed)
    found = with_continents(budgets)
    pd.testing.assert_frame_equal(found.iloc[: len(budgets)], budgets)
    wide = found.pivot(index=["flux", "year"], columns="area", values="tg")
    for continent, areas in AREAS_OF_CONTINENTS.items():
        naive = sum(wide[area] for area in areas)
        np.testing.assert_allclose(wide[continent], naive)
    both = wide["Eurasia"] + wide["North America"]
    np.testing.assert_allclose(both, wide["ABZ"] - 1.0)


@given(seed=st.integers(0, 999))
def test_gaps_are_reco_less_gpp_less_nee(seed):
    budgets = budgets_of(seed)
    found = flux_gaps(budgets).set_index("area")
    wide = budgets.pivot(index=["area", "year"], columns="flux", values="tg")
    naive = wide["reco"] - wide["gpp"] - wide["nee"]
    for area in AREAS.values():
        assert found.loc[area, "gap"] == pytest.approx(naive[area].mean())
        assert found.loc[area, "gap_sd"] == pytest.approx(naive[area].std())
    assert found.index.tolist() == list(AREAS.values())


def test_real_areas_close_as_known(real_data):
    folder = real_data / "published" / "abcfluxv1_modeling"
    budgets = read_published_budgets_8km([*folder.glob("*_budgets.csv")])
    largest = area_closure(budgets).set_index(["flux", "parts"])["largest"]
    assert largest["nee", "biomes"] < 0.5
    assert largest["nee", "regions"] < 0.3
    assert largest["gpp", "biomes"] == pytest.approx(6.5, abs=0.1)
    assert largest["reco", "biomes"] == pytest.approx(7.0, abs=0.1)
    assert largest["reco", "regions"] == pytest.approx(5.1, abs=0.1)
    whole = flux_gaps(budgets).set_index("area").loc["ABZ"]
    assert (whole["gap"], whole["gap_sd"]) == pytest.approx((36.6, 47.9), abs=0.05)


def test_areas_and_years_that_are_missing_are_named():
    budgets = budgets_of(1)
    with pytest.raises(InputError, match="Alaska"):
        area_closure(budgets[budgets["area"] != "Alaska"])
    with pytest.raises(InputError, match="2002"):
        with_continents(budgets.drop(budgets.query("area == 'Alaska' and year == 2002").index[0]))
    with pytest.raises(InputError, match="reco"):
        flux_gaps(budgets[budgets["flux"] != "reco"])
