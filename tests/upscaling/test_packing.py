import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.upscaling.packing import Packing

STEPS = st.sampled_from([0.01, 0.02, 0.05, 1.0])


@given(step=STEPS, values=st.lists(st.floats(-300, 300) | st.just(np.nan), min_size=1))
def test_values_come_back_within_half_a_step(step, values):
    packing, values = Packing(step), np.array(values)
    stored = packing.pack(values, "nee")
    assert stored.dtype == packing.dtype == np.int16
    assert (np.isnan(values) == (stored == packing.missing)).all()
    known = ~np.isnan(values)
    assert np.abs(stored[known] * step - values[known]).max(initial=0) <= step / 2 + 1e-12


@given(step=STEPS, steps=st.lists(st.integers(-32767, 32767), min_size=1))
def test_stored_values_are_stored_again_unchanged(step, steps):
    """What is read back, in double or in single precision, packs to the same numbers."""
    for kind in (np.float64, np.float32):
        again = Packing(step).pack((np.array(steps) * step).astype(kind), "nee")
        assert again.tolist() == steps


@pytest.mark.parametrize("value", [655.36, -700.0, np.inf])
def test_a_value_beyond_the_range_is_an_error_that_says_what_would_hold_it(value):
    Packing(0.02).pack(np.array([655.34, -655.34]), "gpp")
    with pytest.raises(InputError, match="a value of gpp is too large") as error:
        Packing(0.02).pack(np.array([1.0, value]), "gpp")
    message = str(error.value)
    assert "±655.34" in message and f"got:    {value:g}" in message
    proposed = re.search(r"a step of (\S+) or more", message)
    assert (proposed is not None) == np.isfinite(value)
    if proposed:
        assert abs(value) / 32767 <= float(proposed[1]) < 0.05


def test_single_precision_keeps_what_it_is_given():
    values = np.array([1.5, np.nan, 1e6])
    stored = Packing().pack(values, "nee")
    assert stored.dtype == np.float32
    np.testing.assert_array_equal(stored, values)
    assert np.isnan(Packing().missing)


@pytest.mark.parametrize("packing", [Packing(), Packing(0.02)])
def test_the_attributes_say_how_it_was_packed(packing):
    assert Packing.of(packing.attributes) == packing
