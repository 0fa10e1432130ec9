"""The table [budgets]: what a ± holds, and settings that contradict each other."""

import pytest

from abz.config import parse_config
from abz.errors import ConfigError

FINE = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}


def parsed(**budgets):
    return parse_config({"name": "x", "world": {}, "sets": {"fine": FINE}, "budgets": budgets})


def test_defaults():
    found = parsed().budgets
    assert found.uncertainty == ["sampling", "transfer", "fire"]
    assert found.fire.two_sigma == 0.5
    assert found.fire.within_regions == found.fire.between_months == 1.0
    assert found.reconcile == "domain"
    assert found.transfer.length_km is None


def test_switches():
    found = parsed(
        uncertainty=["sampling"], reconcile="none", fire={"two_sigma": 0.3},
        transfer={"length_km": 400.0}, unions={"north": ["biome/tundra"]},
    ).budgets  # fmt: skip
    assert (found.uncertainty, found.fire.two_sigma) == (["sampling"], 0.3)
    assert found.unions == {"north": ["biome/tundra"]}


@pytest.mark.parametrize(
    ("budgets", "words"),
    [
        ({"uncertainty": ["sampling", "sampling"]}, "stands there once"),
        ({"uncertainty": ["bootstrap"]}, "`budgets.uncertainty"),
        ({"uncertainty": ["fire"]}, 'count "sampling" or "transfer"'),
        ({"fire": {"between_regions": 0.9, "within_regions": 0.5}}, "at most within_regions"),
        ({"fire": {"two_sigma": -1.0}}, "`budgets.fire.two_sigma`"),
        ({"transfer": {"length_km": 0.0}}, "`budgets.transfer.length_km`"),
        ({"unions": {"north": []}}, "`budgets.unions.north`"),
        ({"reconcile": True}, "`budgets.reconcile`"),
    ],
)
def test_what_means_nothing_is_refused(budgets, words):
    with pytest.raises(ConfigError) as error:
        parsed(**budgets)
    assert words in str(error.value)


def test_fire_alone_needs_no_reconciliation():
    assert parsed(uncertainty=["fire"], reconcile="none").budgets.uncertainty == ["fire"]
