"""The arithmetic of the paper: what agrees, what does not, and that every digit counts."""

from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.published import Rounded, paper, paper_checks, published_numbers

DIFFERING = {
    "GPP, ABZ: budget / area = flux per area": -2.44,
    "Reco, ABZ: budget / area = flux per area": -1.85,
    "boreal insitu nee: text = Table 1": -1.0,
    "domain area: text = Table 1": -0.09,
    "domain area text: text = Table 1": -0.10,
    "source sites: preprint = paper": 1.0,
    "trend of NEE + fire, permafrost: body of the preprint = paper": 6.6,
    "lowest R2: results of the preprint = paper": -0.07,
    "highest R2: results of the preprint = paper": 0.05,
    "lowest R2: methods of the preprint = paper": -0.02,
    "highest R2: methods of the preprint = paper": 0.05,
    "ABZ: summer ratio read as % is below 1 exactly if a source (release)": -555.8,
}
"""What the study prints in two ways: areas, NEE at the sites, source sites, a sign, ranges, a %."""


def test_what_agrees_and_what_does_not():
    found = {c.statement: c.difference for c in paper_checks() if not c.agrees}
    assert found == pytest.approx(DIFFERING, abs=0.02)


def test_fluxes_per_area_are_those_of_the_area_of_the_text():
    found = [c for c in paper_checks() if "area of the text" in c.statement]
    assert [c.agrees for c in found] == [True, True, True]


def test_the_errors_of_tundra_and_boreal_correlate_by_062():
    checks = [c for c in paper_checks() if c.function == "implied_correlation"]
    assert checks[0].computed.value == pytest.approx(0.62, abs=0.005)
    assert (checks[0].computed.low, checks[0].computed.high) == pytest.approx(
        (0.58, 0.65), abs=0.01
    )


def altered(path, text):
    """The published numbers with other digits in one place."""
    name, _, field = path.partition(".")
    record = published_numbers()[name]
    numbers = MappingProxyType({**record.numbers, field: Rounded.of(text)})
    return {**published_numbers(), name: replace(record, numbers=numbers)}


def checks_with(path, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "published_numbers", lambda: altered(path, text))
        return paper_checks()


def places(check):
    return (*check.inputs, *check.against.split(", "))


EXACT = {"all": 100, "1 year": 1}
"""Arguments that nobody rounded."""

USED = sorted(
    {
        name
        for check in paper_checks()
        if check.function in ("sum_of_parts", "flux_per_area")
        for name in places(check)
        if name not in EXACT
    }
)
"""Numbers of which a sum or a quotient is printed too."""


def digits(path):
    name, _, field = path.partition(".")
    return published_numbers()[name].number(field).text


def bounds(text):
    """What rounds to some digits, exactly."""
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    return Fraction(text) - half, Fraction(text) + half


def verdict(check, texts):
    """Whether a sum or a quotient may be the printed number, in exact arithmetic."""
    inputs = [(EXACT[n],) * 2 if n in EXACT else bounds(texts[n]) for n in check.inputs]
    if check.function == "sum_of_parts":
        low, high = sum(a for a, _ in inputs), sum(b for _, b in inputs)
    else:
        corners = [a / b for a in inputs[0] for b in inputs[1]]
        low, high = min(corners), max(corners)
    printed = (100, 100) if check.against == "all" else bounds(texts[check.against])
    return max(low, printed[0]) < min(high, printed[1]) or low <= printed[0] == printed[1] <= high


@settings(max_examples=300)
@given(st.sampled_from(USED), st.data())
def test_any_digit_that_is_altered_beyond_rounding_fails_a_check(path, data):
    text = digits(path)
    place = data.draw(st.sampled_from([i for i, char in enumerate(text) if char.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[place]]))
    other = text[:place] + digit + text[place + 1 :]
    texts = {name: digits(name) for name in USED} | {path: other}
    before = {c.statement: c for c in paper_checks()}
    step = abs(Fraction(other) - Fraction(text))
    for check in checks_with(path, other):
        if check.function not in ("sum_of_parts", "flux_per_area") or path not in places(check):
            continue
        assert check.agrees == verdict(check, texts)
        reach = sum((r.high - r.low) / 2 for r in (check.computed, check.expected))
        if check.function == "sum_of_parts" and before[check.statement].agrees:
            assert not (check.agrees and step > 2 * reach)


@pytest.mark.parametrize("path", USED)
def test_the_first_digit_counts(path):
    text = digits(path)
    place = next(i for i, char in enumerate(text) if char in "123456789")
    other = text[:place] + str((int(text[place]) + 4) % 9 + 1) + text[place + 1 :]
    assert not all(c.agrees for c in checks_with(path, other) if path in places(c))


def test_each_check_names_numbers_of_the_file():
    for check in paper_checks():
        for name in places(check):
            record, _, field = name.partition(".")
            if record in published_numbers():
                assert field in published_numbers()[record].numbers
            else:
                assert name in ("all", "1 year", "above 0", "-1 to 1")
