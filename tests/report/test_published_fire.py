"""The published numbers of fire, brought to one period."""

from __future__ import annotations

import pytest

from abz.errors import LedgerError
from abz.ledger import add
from abz.published import published_record
from abz.report.published_fire import published_periods, published_row


def test_237_and_229_differ_by_the_period_alone():
    found = published_periods()
    assert found["fire"] == published_record("fire_abz").value == 237
    assert found["apparent_fire"] == 229
    assert found["period_effect"] == found["nee"] - found["nee_long"] == -8
    assert found["apparent_fire"] == found["fire"] + found["period_effect"]
    assert found["nee"] + found["fire"] == found["nee_fire"] == -319


def test_the_headlines_are_not_added_up_by_mistake():
    nee, net, fire = map(published_row, ("abz_nee_budget", "abz_neefire_budget", "fire_abz"))
    with pytest.raises(LedgerError, match=r"“abz_neefire_budget”.*“fire_abz”.*twice"):
        add(net, fire)
    with pytest.raises(LedgerError, match="period: 2001–2020 / 2002–2020"):
        add(nee, fire)
