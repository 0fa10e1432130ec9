"""Parts of the carbon balance: states, words, attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, LedgerError
from abz.ledger import FLUX_PARTS, PARTS, Parts
from abz.vocabulary import FLUXES

names = st.frozensets(st.sampled_from(sorted(PARTS)))


@st.composite
def any_parts(draw):
    included = draw(names)
    return Parts(included, draw(names) - included)


@given(any_parts())
def test_attributes_hold_the_parts(parts):
    assert Parts.of_attrs(parts.attrs()) == parts


@given(any_parts())
def test_every_part_has_one_state(parts):
    states = {name: parts.state(name) for name in PARTS}
    assert {name for name, state in states.items() if state == "included"} == parts.included
    assert {name for name, state in states.items() if state == "unknown"} == parts.unknown
    assert set(states.values()) <= {"included", "not included", "unknown"}


def test_nee_is_gpp_and_reco():
    assert Parts.of("nee") == Parts.of("gpp", "reco")
    assert str(Parts.of("gpp", "reco", "fire")) == "NEE + fire"
    assert str(Parts.of("gpp")) == "GPP"
    assert str(Parts.of()) == "nothing"


def test_every_flux_of_the_study_has_parts():
    assert set(FLUX_PARTS) == {*FLUXES, "fire", "nee_fire"}
    assert FLUX_PARTS["nee_fire"].included == (
        FLUX_PARTS["nee"].included | FLUX_PARTS["fire"].included
    )
    assert all(not parts.unknown for parts in FLUX_PARTS.values())


def test_unheard_of_parts_are_refused():
    with pytest.raises(InputError, match="did you mean 'harvest'"):
        Parts.of("harvests")
    with pytest.raises(InputError, match="carbon balance is unknown"):
        Parts.of("nee").state("smoke")


def test_a_part_in_two_states_is_refused():
    with pytest.raises(LedgerError, match="fire: included and unknown"):
        Parts.of("fire", unknown=["fire"])


def test_attributes_without_parts_are_refused():
    with pytest.raises(LedgerError, match="does not say which parts") as caught:
        Parts.of_attrs({"units": "g C m-2 yr-1"})
    assert "['units']" in str(caught.value)
