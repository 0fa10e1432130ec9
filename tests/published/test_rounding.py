"""Rounded numbers: the range of their digits, and ranges of what is computed from them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.published import Range, Rounded, computed_range, is_number

digits = st.tuples(st.integers(-(10**5), 10**5), st.integers(0, 3)).map(
    lambda pair: format(Decimal(pair[0]).scaleb(-pair[1]), "f")
)


@given(digits)
def test_all_that_rounds_to_a_number_is_in_its_range(text):
    number = Rounded.of(text)
    step = Fraction(1, 10**number.decimals)
    assert number.half_unit == pytest.approx(float(step / 2))
    for part in (-0.499, 0.0, 0.499):
        near = number.value + part * float(step)
        assert round(near, number.decimals) == pytest.approx(number.value)
        assert number.range.low <= near <= number.range.high


@given(digits, digits, st.floats(0, 1), st.floats(0, 1))
def test_the_corners_hold_what_is_inside(first, second, s, t):
    def product(a, b):
        return a * b

    a, b = Rounded.of(first), Rounded.of(second)
    found = computed_range(product, [a, b])
    inside = product(a.range.low + s * 2 * a.half_unit, b.range.low + t * 2 * b.half_unit)
    slack = 1e-9 * (1 + abs(inside))
    assert found.low - slack <= inside <= found.high + slack
    assert found.value == a.value * b.value


@given(st.lists(digits, min_size=1, max_size=5))
def test_sums_are_as_in_exact_arithmetic(texts):
    found = computed_range(lambda *numbers: sum(numbers), [Rounded.of(text) for text in texts])
    halves = [Fraction(1, 2 * 10 ** len(text.partition(".")[2])) for text in texts]
    total = sum(Fraction(text) for text in texts)
    assert found.low == pytest.approx(float(total - sum(halves)), abs=1e-6)
    assert found.high == pytest.approx(float(total + sum(halves)), abs=1e-6)


def test_ranges_of_rounding_that_touch_are_apart():
    assert not Rounded.of("-42").range.overlaps(Rounded.of("-41").range)
    assert Rounded.of("0.3").range.overlaps(Rounded.of("0.34").range)
    assert not Rounded.of("0.3").range.overlaps(Rounded.of("0.36").range)
    assert not Rounded.of("0.3").range.overlaps(Rounded.of("0.4").range)


def test_an_exact_number_may_lie_at_an_end():
    one = Rounded(1.0).range
    assert one.overlaps(Range(0.5, -1.0, 1.0))
    assert one.overlaps(Rounded(1.0 + 1e-12).range)
    assert not one.overlaps(Rounded(1.001).range)


@pytest.mark.parametrize("text", ["", "1-2", "nan", "inf", "1,000", "x", None, 3])
def test_what_is_no_number_is_refused(text):
    assert not is_number(text)
    with pytest.raises(InputError, match="no number"):
        Rounded.of(text)


def test_what_divides_by_zero_agrees_with_nothing():
    found = computed_range(lambda a, b: a / b, [Rounded.of("4897"), Rounded(0.0)])
    assert not found.overlaps(Rounded.of("25").range)
    assert not found.overlaps(Range(0.0, float("-inf"), float("inf")))
