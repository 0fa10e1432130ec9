from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import CategoryError
from abz.modelling import fit_forest
from abz.units import AREA_QUANTUM
from abz.upscaling.engine import Ensemble, ZoneMaps, predict_block
from abz.upscaling.support import (
    POOLED,
    SUPPORTED,
    UNSUPPORTED,
    label_levels,
    level_answer,
    mapped_categories,
    window_support,
)
from abz.vocabulary import VEGETATION, VEGETATION_KIN

NAMES = ["month", "vegetation", "lst"]
NY, NX, ATOMS = 6, 9, 3
DROPPED = 33


def ensemble_without(dropped, unseen):
    """Forests of one flux whose training rows lack one vegetation type."""
    rng = np.random.default_rng(0)
    seen = [code for code in VEGETATION if code != dropped]
    X = np.column_stack(
        [rng.integers(1, 13, 120), rng.choice(seen, 120), rng.normal(size=120)]
    ).astype(np.float32)
    central = fit_forest(X, X[:, 2], NAMES, trees=3, mtry=2, unseen=unseen)
    member = fit_forest(X[:, 2:], X[:, 2], NAMES[2:], trees=3, mtry=1, unseen=unseen)
    return Ensemble(central, (member,))


def scene():
    """Types of land, a gap in them, and the cells' zones."""
    rng = np.random.default_rng(1)
    codes = rng.choice([DROPPED, 21, 70], (NY, NX))
    codes[0, 0] = -1
    domain = rng.random((NY, NX)) < 0.8
    domain[0, 0] = True
    atom = np.where(domain, rng.integers(0, ATOMS, (NY, NX)), -1).astype(np.int32)
    return codes, ZoneMaps(domain, rng.uniform(1e6, 1e8, (NY, NX)), atom, ATOMS)


def test_only_maps_of_codes_are_mapped_categories():
    assert mapped_categories(["month", "lst"]) == ()
    assert mapped_categories(["month", "vegetation"]) == ("vegetation",)


@pytest.mark.parametrize(("unseen", "expected"), [("pool", POOLED), ("missing", UNSUPPORTED)])
def test_the_dropped_type_and_only_it_is_marked(unseen, expected):
    codes, zones = scene()
    ensembles = {"nee": ensemble_without(DROPPED, unseen), "gpp": ensemble_without(None, unseen)}
    state, _ = window_support(ensembles, {"vegetation": codes}, zones)
    known = zones.domain & (codes >= 0)
    assert np.array_equal(state[0] == expected, known & (codes == DROPPED))
    assert np.array_equal(state[0] == SUPPORTED, known & (codes != DROPPED))
    assert np.array_equal(state[1] == SUPPORTED, known)
    assert (state[:, ~known] == -1).all()


@pytest.mark.parametrize("unseen", ["pool", "missing"])
def test_a_cell_has_no_flux_exactly_where_it_is_unsupported_or_unknown(unseen):
    codes, zones = scene()
    ensembles = {"nee": ensemble_without(DROPPED, unseen)}
    state, extent = window_support(ensembles, {"vegetation": codes}, zones)
    block = np.zeros((2, NY, NX, 3), np.float32)
    block[..., 0] = 7
    block[..., 1] = np.where(codes < 0, np.nan, codes)
    found = predict_block(ensembles, block, NAMES, zones)
    without = np.isin(state[0], [-1, UNSUPPORTED])
    assert np.array_equal(np.isnan(found.central[0, 0]), without)
    lost = extent["vegetation", DROPPED][1].sum() if unseen == "missing" else 0
    assert found.missing[:, 1].tolist() == [1, 1]
    assert found.unseen[:, 1].tolist() == [lost] * 2


def test_the_policy_error_names_level_and_flux():
    codes, zones = scene()
    ensembles = {"nee": ensemble_without(None, "error"), "gpp": ensemble_without(DROPPED, "error")}
    with pytest.raises(CategoryError, match=r"33 \(erect-shrub tundra\), for gpp"):
        window_support(ensembles, {"vegetation": codes}, zones)
    block = np.zeros((1, NY, NX, 3), np.float32)
    block[..., 0], block[..., 1] = 7, np.where(codes < 0, np.nan, codes)
    with pytest.raises(CategoryError, match="33"):
        predict_block(ensembles, block, NAMES, zones)
    elsewhere = replace(zones, domain=zones.domain & (codes != DROPPED))
    window_support(ensembles, {"vegetation": codes}, elsewhere)


def test_the_nearest_seen_kin_stands_in():
    answer = level_answer(ensemble_without(DROPPED, "pool"), ("vegetation", DROPPED))
    assert answer == (POOLED, VEGETATION_KIN[DROPPED][0])
    assert level_answer(ensemble_without(DROPPED, "pool"), ("vegetation", 70)) == (SUPPORTED, -1)


def test_a_member_that_lost_a_level_counts():
    whole = ensemble_without(None, "pool")
    member = replace(whole.central, levels={**whole.central.levels, "vegetation": (70, 30)})
    level = ("vegetation", 60)
    assert level_answer(Ensemble(whole.central, (member,)), level) == (UNSUPPORTED, -1)
    pooled = replace(member, pooled={"vegetation": {60: 30}})
    assert level_answer(Ensemble(whole.central, (member, pooled)), level) == (UNSUPPORTED, -1)
    assert level_answer(Ensemble(whole.central, (pooled,)), level) == (POOLED, 30)


@given(st.integers(1, 9), st.integers(1, 9))
def test_windows_add_up_to_the_map(high, wide):
    whole_state, whole = window_support(ENSEMBLES, {"vegetation": CODES}, ZONES)
    state, extent = np.full_like(whole_state, -9), {}
    for top in range(0, NY, high):
        for left in range(0, NX, wide):
            part = (slice(top, top + high), slice(left, left + wide))
            found = window_support(ENSEMBLES, {"vegetation": CODES[part]}, ZONES.window(*part))
            state[:, *part] = found[0]
            for level, amount in found[1].items():
                extent[level] = extent.get(level, 0) + amount
    assert np.array_equal(state, whole_state)
    assert extent.keys() == whole.keys()
    assert all(np.array_equal(extent[level], whole[level]) for level in whole)


def test_levels_say_how_far_they_reach():
    _, extent = window_support(ENSEMBLES, {"vegetation": CODES}, ZONES)
    levels = label_levels(ENSEMBLES, extent)
    assert levels["level_code"].values.tolist() == [21, DROPPED, 70]
    assert levels["level_support"].sel(flux="nee").values.tolist() == [0, POOLED, 0]
    assert levels["stand_in"].sel(flux="nee").values.tolist() == [-1, 31, -1]
    for place, code in enumerate(levels["level_code"].values):
        here = ZONES.domain & (code == CODES)
        area = levels["level_area"].values[place].sum() * AREA_QUANTUM
        assert area == pytest.approx(ZONES.area[here].sum(), rel=1e-9)
        assert levels["level_cells"].values[place].sum() == here.sum()


ENSEMBLES = {"nee": ensemble_without(DROPPED, "pool"), "gpp": ensemble_without(None, "pool")}
CODES, ZONES = scene()
