import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abz.errors import InputError
from abz.upscaling.extrapolation import (
    NO_FLUX,
    Range,
    count_flags,
    flag_masks,
    flagged_predictors,
    range_flags,
    training_ranges,
)

NAMES = ["month", "lst", "vegetation", "ndvi", "soc"]
BLOCKS = hnp.arrays(
    np.float32, (2, 3, 4, len(NAMES)), elements=st.floats(-4, 4, width=16) | st.just(np.inf)
)


def one_by_one(cell, ranges):
    """Bits of one cell-month, in plain Python."""
    flag = 0
    for bit, name in ((1, "lst"), (2, "ndvi"), (4, "soc")):
        value = cell[NAMES.index(name)]
        if value < ranges[name].low or value > ranges[name].high:
            flag += bit
    return flag


@given(
    BLOCKS,
    hnp.arrays(bool, (2, 3, 4)),
    hnp.arrays(np.float32, (5, len(NAMES)), elements=st.floats(-3, 3, width=16)),
)
def test_flags_are_those_of_each_cell(block, predicted, rows):
    ranges = training_ranges(rows, NAMES)
    flags = range_flags(block, NAMES, ranges, predicted)
    for place in np.ndindex(predicted.shape):
        expected = one_by_one(block[place], ranges) if predicted[place] else NO_FLUX
        assert flags[place] == expected


@given(hnp.arrays(np.float32, (9, len(NAMES)), elements=st.floats(-3, 3, width=16)))
def test_the_training_rows_themselves_are_never_flagged(rows):
    flags = range_flags(
        rows[None, None], NAMES, training_ranges(rows, NAMES), np.ones((1, 1, 9), bool)
    )
    assert not flags.any()


@given(hnp.arrays(np.int32, (2, 3, 3), elements=st.integers(0, 7) | st.just(NO_FLUX)))
def test_counts_are_those_of_each_flag(flags):
    counts = count_flags(flags, NAMES)
    for step in range(2):
        for column, bit in ((1, 1), (3, 2), (4, 4)):
            expected = sum(f // bit % 2 for f in flags[step].ravel().tolist())
            assert counts[step, column] == expected
    assert not counts[:, [0, 2]].any()


def test_a_predictor_without_a_range_is_never_flagged():
    block = np.full((1, 1, 1, 5), 1e9, np.float32)
    there = np.ones((1, 1, 1), bool)
    assert range_flags(block, NAMES, {}, there).tolist() == [[[0]]]
    assert range_flags(block, NAMES, {"ndvi": Range(0, 1)}, there).tolist() == [[[2]]]


def test_more_predictors_than_bits_are_refused():
    names = [f"p{number}" for number in range(32)]
    assert len(flagged_predictors(names[:30])) == 30
    assert max(flag_masks(names[:30]).values()) < NO_FLUX
    with pytest.raises(InputError, match="too many predictors"):
        flag_masks(names)
