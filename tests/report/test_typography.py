"""Numbers as text."""

import math

from hypothesis import given
from hypothesis import strategies as st

from abz.report.typography import decimals_of, number_text, p_text, quantity_text, unit_text

finite = st.floats(-1e6, 1e6, allow_nan=False)


def parse(text):
    return float(text.replace("−", "-").replace(",", ""))


@given(finite)
def test_text_reads_back_to_the_rounded_number(value):
    places = decimals_of(value)
    assert parse(number_text(value)) == round(parse(f"{value:.{places}f}"), places)
    assert "-" not in number_text(value)


@given(st.floats(-0.0004, 0.0004))
def test_no_negative_zero(value):
    assert number_text(value, 3) == "0.000"


def test_spread_sets_the_decimals():
    assert quantity_text(-26.41, "1", 5.23) == "−26.4\xa0±\xa05.2"
    assert quantity_text(-26.41, "1", math.nan) == "−26.4"


def test_units_and_p():
    assert unit_text("m3 m-3") == "m³\xa0m⁻³"
    assert unit_text("Tg C yr-1 per yr").endswith("yr⁻¹\xa0per\xa0yr")
    assert p_text(0.0499) == "p = 0.050"
    assert p_text(math.nan) == "p —"
