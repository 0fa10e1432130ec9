"""Layers that go square by square against the same that go cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from abz.grid.layer_sums import FEW, TILE, add_layers, cell_weights

ATOMS = 7


def case(layers, cells, kind=np.float32, seed=0):
    """Densities, weights and sums of zero."""
    rng = np.random.default_rng(seed)
    stack = rng.normal(0, 100, (layers, cells)).astype(kind)
    stack[rng.random(stack.shape) < 0.1] = np.nan
    atom = np.repeat(rng.integers(-1, ATOMS, cells), rng.integers(1, 12, cells))[:cells]
    atom[0], stack[0, 0] = 2, 50.0
    weights, _ = cell_weights(rng.uniform(0, 1e6, cells), atom.astype(np.int32), ATOMS, 0.5, 0.25)
    return stack, weights


def sums_of(stack, weights):
    amounts, areas = (np.zeros((len(stack), ATOMS), np.int64) for _ in range(2))
    largest = add_layers(stack, weights, amounts, areas)
    return amounts, areas, largest


@pytest.mark.parametrize("cells", [1, 7, 8, 9, TILE, TILE + 21])
@pytest.mark.parametrize("layers", [FEW, 8, 8 + FEW - 1, 8 + FEW])
def test_layers_together_are_layers_alone(layers, cells):
    stack, weights = case(layers, cells, seed=cells)
    amounts, areas, _ = sums_of(stack, weights)
    alone = [sums_of(layer[None], weights) for layer in stack]
    np.testing.assert_array_equal(amounts, np.concatenate([one[0] for one in alone]))
    np.testing.assert_array_equal(areas, np.concatenate([one[1] for one in alone]))
    assert amounts.any()
    assert areas.any()


@pytest.mark.parametrize("place", [0, TILE - 1, TILE + 8, TILE + 20])
def test_a_layer_in_doubt_is_counted_cell_by_cell(place):
    stack, weights = case(11, TILE + 21, np.float64)
    stack[4, place], weights.atom[place] = 3e11, 2
    amounts, _, largest = sums_of(stack, weights)
    alone = [sums_of(layer[None], weights)[0] for layer in stack]
    np.testing.assert_array_equal(amounts, np.concatenate(alone))
    assert largest < 2.0**62
    stack[4, place] = np.inf
    assert sums_of(stack, weights)[2] == np.inf


def test_only_what_is_wanted_is_added():
    stack, weights = case(9, 20)
    amounts, areas, _ = sums_of(stack, weights)
    none = np.zeros((9, 0), np.int64)
    got = np.zeros((9, ATOMS), np.int64)
    add_layers(stack, weights, got, none)
    np.testing.assert_array_equal(got, amounts)
    got[:] = 0
    add_layers(np.where(np.isnan(stack), stack, np.inf).astype(np.float32), weights, none, got)
    np.testing.assert_array_equal(got, areas)


def test_missing_areas_weigh_nothing():
    area = np.array([np.nan, 3.0, -3.0])
    weights, largest = cell_weights(area, np.array([0, 0, -1], np.int32), 1, 2.0, 1.0)
    assert weights.per_density.tolist() == [0.0, 1.5, -1.5]
    assert weights.area.tolist() == [0, 3, 0]
    assert largest == 3.0
