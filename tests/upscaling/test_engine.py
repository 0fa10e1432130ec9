from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling import bootstrap_members, fit_forest
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling.engine import Ensemble, ZoneMaps, predict_block, predict_windows
from abz.upscaling.extrapolation import NO_FLUX, training_ranges

NAMES = ["month", "vegetation", "lst", "ndvi"]
STEPS, NY, NX, ATOMS = 3, 7, 9, 4


def ensembles_of(members=3):
    """Forests of two fluxes, on few rows."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 4)).astype(np.float32)
    X[:, 0] = rng.integers(1, 13, 90)
    X[:, 1] = rng.choice([21, 30, 70], 90)
    found = {}
    for seed, (flux, sign) in enumerate({"nee": -1, "gpp": 1}.items()):
        y = sign * (5 * X[:, 2] + X[:, 3])
        fit = {"trees": 4, "mtry": 2, "seed": seed}
        found[flux] = Ensemble(
            fit_forest(X, y, NAMES, **fit),
            tuple(bootstrap_members(X, y, NAMES, members=members, **fit)),
            training_ranges(X[seed * 40 :], NAMES),
        )
    return found


@pytest.fixture(scope="module")
def ensembles():
    return ensembles_of()


@pytest.fixture(scope="module")
def block():
    rng = np.random.default_rng(1)
    block = rng.normal(size=(STEPS, NY, NX, 4)).astype(np.float32)
    block[..., 0] = np.arange(1, STEPS + 1)[:, None, None]
    block[..., 1] = rng.choice([21, 30, 70], (NY, NX))
    block[1, 2, 3, 2] = np.nan
    block[:, 4, 5, 1] = 160
    return block


@pytest.fixture(scope="module")
def zones():
    rng = np.random.default_rng(2)
    domain = rng.random((NY, NX)) < 0.8
    domain[2, 3] = domain[4, 5] = True
    atom = np.where(domain, rng.integers(0, ATOMS, (NY, NX)), -1).astype(np.int32)
    return ZoneMaps(domain, rng.uniform(1e6, 1e8, (NY, NX)), atom, ATOMS)


def test_equals_a_naive_loop_over_cells(ensembles, block, zones):
    found = predict_block(ensembles, block, NAMES, zones)
    for number, ensemble in enumerate(ensembles.values()):
        for step, row, column in np.ndindex(STEPS, NY, NX):
            cell = block[step, row, column][None]
            bad = np.isnan(cell).any() or cell[0, 1] == 160 or not zones.domain[row, column]
            place = (number, step, row, column)
            if bad:
                assert np.isnan(found.central[place])
                continue
            members = [member.predict(cell[:, 2:])[0] for member in ensemble.members]
            assert found.central[place] == np.float32(ensemble.central.predict(cell)[0])
            assert found.mean[place] == pytest.approx(np.mean(members), rel=1e-5, abs=1e-5)
            assert found.sd[place] == pytest.approx(np.std(members, ddof=1), rel=1e-4, abs=1e-5)


def test_totals_are_flux_times_area_by_atom(ensembles, block, zones):
    found = predict_block(ensembles, block, NAMES, zones)
    for step, atom in np.ndindex(STEPS, ATOMS):
        cells = zones.atom == atom
        amount = np.nansum(found.central[1, step].astype(float)[cells] * zones.area[cells])
        assert found.grams[1, 0, step, atom] * GRAM_QUANTUM == pytest.approx(amount, rel=1e-5)
        there = cells & ~np.isnan(found.central[1, step])
        area = found.valid_area[step, atom] * AREA_QUANTUM
        assert area == pytest.approx(zones.area[there].sum(), rel=1e-9)


def test_all_fluxes_and_members_share_one_mask(ensembles, block, zones):
    found = predict_block(ensembles, block, NAMES, zones)
    masks = [np.isnan(maps) for maps in (*found.central, *found.mean, *found.sd)]
    assert all(np.array_equal(mask, masks[0]) for mask in masks)
    assert np.isnan(found.central[:, :, ~zones.domain]).all()


def test_missing_predictors_and_unseen_levels_are_counted(ensembles, block, zones):
    found = predict_block(ensembles, block, NAMES, zones)
    assert found.missing.tolist() == [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert found.unseen.tolist() == [[0, 1, 0, 0]] * 3
    assert found.unpredicted.tolist() == [1, 2, 1]
    assert found.unpredicted.sum() == (zones.domain & np.isnan(found.central[0])).sum()


def test_members_are_kept_when_asked_for_and_change_nothing_else(ensembles, block, zones):
    plain = predict_block(ensembles, block, NAMES, zones)
    kept = predict_block(ensembles, block, NAMES, zones, keep_members=True)
    assert plain.members.size == 0
    assert kept.members.shape == (2, 3, STEPS, NY, NX)
    assert kept.central.tobytes() == plain.central.tobytes()
    assert kept.grams.tobytes() == plain.grams.tobytes()
    assert np.allclose(kept.members.mean(axis=1), kept.mean, rtol=1e-5, atol=1e-5, equal_nan=True)


def test_cells_asked_beyond_the_training_rows_are_marked_and_counted(ensembles, block, zones):
    found = predict_block(ensembles, block, NAMES, zones)
    for number, ensemble in enumerate(ensembles.values()):
        predicted = ~np.isnan(found.central[number])
        beyond = []
        for place, name in ((2, "lst"), (3, "ndvi")):
            values, known = block[..., place], ensemble.ranges[name]
            beyond.append(predicted & ((values < known.low) | (values > known.high)))
        expected = np.where(predicted, beyond[0] + 2 * beyond[1], NO_FLUX)
        assert np.array_equal(found.outside[number], expected)
        expected[~predicted] = 0
        assert expected.any()
        cells = np.stack([each.sum(axis=(1, 2)) for each in beyond], axis=1)
        assert np.array_equal(found.outside_cells[number], np.pad(cells, ((0, 0), (2, 0))))
        for step, atom in np.ndindex(STEPS, ATOMS):
            here = (expected[step] > 0) & (zones.atom == atom)
            area = found.outside_area[number, step, atom] * AREA_QUANTUM
            assert area == pytest.approx(zones.area[here].sum(), rel=1e-9)


def test_no_prediction_exceeds_the_reach(ensembles, block):
    rows = block.reshape(-1, len(NAMES))
    for ensemble in ensembles.values():
        largest = [
            np.nanmax(np.abs(f.predict(rows[:, -len(f.predictors) :]))) for f in ensemble.forests
        ]
        assert max(largest) <= ensemble.reach
    leaves = np.array([1.0, -8.0, 2.0])
    one = fit_forest(np.arange(3.0)[:, None], leaves, ["lst"], trees=40, mtry=1, node_size=1)
    exact = np.mean([np.abs(tree.leaf).max() for tree in one.each_tree()])
    assert Ensemble(one, ()).reach == pytest.approx(exact)


@given(st.integers(1, 10), st.integers(1, 3), st.randoms(use_true_random=False))
def test_windows_their_order_and_workers_change_no_bit(size, workers, random):
    ensembles, block, zones = WORLD
    cut = [
        (slice(top, min(top + size, NY)), slice(left, min(left + size, NX)))
        for top in range(0, NY, size)
        for left in range(0, NX, size)
    ]
    random.shuffle(cut)
    found = predict_windows(
        ensembles,
        lambda rows, columns: block[:, rows, columns],
        NAMES,
        zones,
        windows=cut,
        steps=STEPS,
        workers=workers,
    )
    for name in (field.name for field in fields(found)):
        whole = getattr(WHOLE, name)
        assert getattr(found, name).tobytes() == whole.tobytes(), name


def test_a_window_outside_the_domain_is_not_read(ensembles, zones):
    nowhere = ZoneMaps(np.zeros((2, 2), bool), np.ones((2, 2)), np.full((2, 2), -1, np.int32), 1)

    def read(rows, columns):
        raise AssertionError((rows, columns))

    window = [(slice(0, 2), slice(0, 2))]
    found = predict_windows(ensembles, read, NAMES, nowhere, windows=window, steps=1)
    assert np.isnan(found.central).all()
    assert not found.grams.any()


def test_fluxes_need_equal_numbers_of_members(ensembles, block, zones):
    uneven = {**ensembles, "gpp": Ensemble(ensembles["gpp"].central, ())}
    with pytest.raises(InputError, match="different numbers of members"):
        predict_block(uneven, block, NAMES, zones)


def test_a_block_must_hold_all_predictors(ensembles, block, zones):
    with pytest.raises(InputError, match="missing ndvi"):
        predict_block(ensembles, block[..., :3], NAMES[:3], zones)


def _world():
    """What the property needs, made once, since fixtures cannot enter it."""
    rng = np.random.default_rng(7)
    block = rng.normal(size=(STEPS, NY, NX, 4)).astype(np.float32)
    block[..., 0] = np.arange(1, STEPS + 1)[:, None, None]
    block[..., 1] = rng.choice([21, 30, 160], (NY, NX))
    block[rng.random(block.shape) < 0.02] = np.nan
    domain = rng.random((NY, NX)) < 0.7
    atom = np.where(domain, rng.integers(0, ATOMS, (NY, NX)), -1).astype(np.int32)
    return ensembles_of(), block, ZoneMaps(domain, rng.uniform(1e6, 1e8, (NY, NX)), atom, ATOMS)


WORLD = _world()
WHOLE = predict_block(WORLD[0], WORLD[1], NAMES, WORLD[2])


def test_a_level_that_another_stands_in_for_is_predicted(ensembles, block, zones):
    """Wetland (160) has no training row; graminoid tundra (21) stands in for it."""
    pooled = {
        flux: Ensemble(
            replace(ensemble.central, unseen="pool", pooled={"vegetation": {160: 21}}),
            ensemble.members,
        )
        for flux, ensemble in ensembles.items()
    }
    found = predict_block(pooled, block, NAMES, zones)
    as_graminoid = block.copy()
    as_graminoid[..., 1][block[..., 1] == 160] = 21
    expected = predict_block(ensembles, as_graminoid, NAMES, zones)
    assert np.isfinite(found.central[:, 0, 4, 5]).all()
    np.testing.assert_array_equal(found.central, expected.central)
