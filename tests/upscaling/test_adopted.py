"""Adopted maps: nothing is lost, whatever cuts the map, and a cell counts with all its fluxes."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.units import AREA_QUANTUM, GRAM_QUANTUM
from abz.upscaling import LABELS, ZoneMaps, adopt_block
from abz.upscaling.adopted import ADOPTED

SHAPE = (12, 7, 9)
ATOMS = 4


def made(seed):
    rng = np.random.default_rng(seed)
    fluxes = rng.normal(0, 50, (3, *SHAPE)).astype(np.float32)
    fluxes[:, rng.random(SHAPE) < 0.3] = np.nan
    fluxes[rng.random(fluxes.shape) < 0.05] = np.nan
    domain = rng.random(SHAPE[1:]) < 0.7
    atom = np.where(domain, rng.integers(0, ATOMS, SHAPE[1:]), -1).astype(np.int32)
    area = np.where(domain, 1e6, 0.0)
    return fluxes, ZoneMaps(domain, area, atom, ATOMS), np.full(SHAPE[1:], 1e6)


@given(st.integers(0, 9999))
def test_totals_are_those_of_a_naive_loop(seed):
    fluxes, zones, cells = made(seed)
    found = adopt_block(fluxes, zones, cells)
    grams = np.zeros((3, 12, ATOMS))
    area = np.zeros((12, ATOMS))
    for month, y, x in np.ndindex(SHAPE):
        values = fluxes[:, month, y, x]
        if zones.domain[y, x] and np.isfinite(values).all():
            grams[:, month, zones.atom[y, x]] += values.astype(float) * 1e6
            area[month, zones.atom[y, x]] += 1e6
    np.testing.assert_allclose(found.grams[:, 0] * GRAM_QUANTUM, grams, atol=SHAPE[1] * SHAPE[2])
    np.testing.assert_array_equal(found.valid_area * AREA_QUANTUM, area)
    known = np.isfinite(fluxes)
    assert found.partial.sum() == (known.any(0) & ~known.all(0)).sum()
    assert (found.predicted + found.unpredicted == zones.domain.sum()).all()
    assert (np.isfinite(found.central).all(0) == np.isfinite(found.central).any(0)).all()


@given(st.integers(0, 9999), st.integers(1, 6))
def test_bands_add_up_to_the_whole_to_the_last_quantum(seed, height):
    fluxes, zones, cells = made(seed)
    whole = adopt_block(fluxes, zones, cells)
    parts = [
        adopt_block(fluxes[:, :, rows], zones.window(rows, slice(None)), cells[rows])
        for rows in (slice(top, top + height) for top in range(0, SHAPE[1], height))
    ]
    for field in fields(whole):
        values = [getattr(part, field.name) for part in parts]
        joined = np.concatenate(values, axis=2) if field.name == "central" else sum(values)
        np.testing.assert_array_equal(joined, getattr(whole, field.name))


@given(st.integers(0, 9999))
def test_source_is_what_is_held_and_what_is_not(seed):
    fluxes, zones, cells = made(seed)
    found = adopt_block(fluxes, zones, cells)
    left = np.where(np.isfinite(found.central), np.nan, fluxes)
    outside = adopt_block(left, zones, cells).source_grams
    np.testing.assert_array_equal(found.source_grams, found.grams[:, 0].sum(-1) + outside)
    known = np.isfinite(fluxes).sum(axis=(2, 3)) * 1e6
    np.testing.assert_array_equal(found.source_area * AREA_QUANTUM, known)


@given(st.integers(0, 9999))
def test_turning_the_sign_turns_the_totals(seed):
    fluxes, zones, cells = made(seed)
    one, other = adopt_block(fluxes, zones, cells), adopt_block(-fluxes, zones, cells)
    np.testing.assert_array_equal(one.grams, -other.grams)
    np.testing.assert_array_equal(one.source_grams, -other.source_grams)
    np.testing.assert_array_equal(one.valid_area, other.valid_area)


def test_every_total_is_described_and_shapes_must_fit():
    fluxes, zones, cells = made(0)
    found = adopt_block(fluxes, zones, cells)
    totals = {field.name for field in fields(found)} - {"central"}
    assert totals <= set(LABELS) | set(ADOPTED)
    with pytest.raises(InputError, match="fluxes and zones"):
        adopt_block(fluxes[..., 1:], zones, cells)
