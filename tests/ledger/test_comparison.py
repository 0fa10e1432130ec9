"""Comparisons: like rows only, or with the differences named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from abz.errors import InputError, LedgerError
from abz.ledger import Difference, Parts, Period, Place, Row, compare, differences

NEE = Row("ours", np.array([-550.0, -540.0]), Parts.of("nee"),
          Place.of("abz", "ABZ", "fine set"), Period(2001, 2020))  # fmt: skip
CHANGES = {
    "parts": {"parts": Parts.of("nee", "fire")},
    "zone": {"place": Place.of("biome", "boreal", "fine set")},
    "mask": {"place": Place.of("abz", "ABZ", "other land")},
    "period": {"period": Period(2002, 2020)},
    "units": {"units": "g C m-2 yr-1"},
}


def test_like_rows_are_compared():
    theirs = replace(NEE, name="theirs", values=np.array(-500.0))
    found = compare(NEE, theirs)
    np.testing.assert_allclose(found.difference, [-50.0, -40.0])
    np.testing.assert_allclose(found.ratio, [1.1, 1.08])
    assert found.caveat == ""
    assert np.isnan(compare(NEE, replace(NEE, values=0.0)).ratio).all()


@pytest.mark.parametrize("aspect", CHANGES)
def test_each_difference_bars_a_comparison_and_is_named(aspect):
    other = replace(NEE, name="theirs", **CHANGES[aspect])
    assert [d.aspect for d in differences(NEE, other)] == [aspect]
    with pytest.raises(LedgerError, match="are not alike") as caught:
        compare(NEE, other)
    message = str(caught.value)
    assert "“ours”" in message
    assert "“theirs”" in message
    assert str(differences(NEE, other)[0]) in message


@pytest.mark.parametrize("aspect", ["parts", "zone", "mask", "period"])
def test_an_accepted_difference_is_kept(aspect):
    other = replace(NEE, name="theirs", **CHANGES[aspect])
    found = compare(NEE, other, accept=[aspect])
    assert [d.aspect for d in found.accepted] == [aspect]
    assert found.caveat


def test_units_are_never_accepted():
    with pytest.raises(InputError, match="accepted difference is unknown"):
        compare(NEE, NEE, accept=["units"])


def test_a_part_is_named_with_both_states():
    other = replace(NEE, name="inversion", parts=Parts.of("nee", "fire", unknown=["lakes"]))
    assert differences(NEE, other) == [
        Difference("parts", "not included", "included", "fire"),
        Difference("parts", "not included", "unknown", "lakes"),
    ]


def test_what_nobody_knows_is_not_alike():
    dim = replace(NEE, parts=Parts.of("nee", unknown=["harvest"]))
    with pytest.raises(LedgerError, match="harvest: unknown / unknown"):
        compare(dim, replace(dim, name="theirs"))
