"""Sums: every illegal one is refused by name, every legal one is what arithmetic says."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import LedgerError
from abz.ledger import PARTS, Parts, Period, Place, Row, add, compare, redefine, without

WHEN = Period(2002, 2020)


def row(name, value, parts, zone=("abz", "ABZ"), mask="study", when=WHEN, **changes):
    return Row(name, np.asarray(value, float), parts, Place.of(*zone, mask), when, **changes)


NEE = row("NEE", [-556.0, -550.0, -560.0], Parts.of("nee"))
FIRE = row("GFED", [237.0], Parts.of("fire"))
INVERSION = row("CAMS", -700.0, Parts.of("nee", "fire", "lakes", "rivers", unknown=["harvest"]))


def refused(call, *rows, match):
    with pytest.raises(LedgerError, match=match) as caught:
        call(*rows)
    for each in rows:
        assert f"“{each.name}”" in str(caught.value)


def test_nee_and_fire_make_the_published_sum():
    both = add(NEE, FIRE)
    np.testing.assert_allclose(both.values, [-319.0, -313.0, -323.0])
    assert both.parts == Parts.of("nee", "fire")
    assert both.spread == pytest.approx(NEE.spread)


def test_fire_is_not_added_twice():
    refused(add, add(NEE, FIRE, "net"), FIRE, match="count a part twice")
    refused(add, INVERSION, FIRE, match="fire: included / included")
    refused(add, NEE, row("GPP", -9970, Parts.of("gpp")), match="gpp: included / included")


def test_what_may_hold_fire_is_not_added_to_fire():
    model = row("a model", -600.0, Parts.of("nee", unknown=["fire"]))
    refused(add, model, FIRE, match="fire: unknown / included")


def test_overlapping_zones_are_not_added():
    boreal = row("boreal", -593, Parts.of("nee"), ("biome", "boreal"))
    siberia = row("Siberia", -300, Parts.of("nee"), ("region", "Siberia"))
    refused(add, boreal, replace(NEE, name="whole"), match="may overlap")
    refused(add, boreal, siberia, match=r"may overlap(.|\n)*give both rows their atoms")
    known = [
        replace(each, place=replace(each.place, atoms=frozenset(atoms)))
        for each, atoms in ((boreal, {0, 1}), (siberia, {1, 2}))
    ]
    refused(add, *known, match=r"zones that overlap(.|\n)*leave one of them out")


def test_zones_that_are_apart_are_added():
    boreal = row("boreal", -593, Parts.of("nee"), ("biome", "boreal"))
    tundra = row("tundra", 45, Parts.of("nee"), ("biome", "tundra"))
    whole = add(boreal, tundra)
    assert whole.central == -548.0
    assert str(whole.place) == "boreal + tundra"
    refused(add, whole, replace(tundra, name="tundra again"), match="zones that overlap")
    forest = replace(boreal, name="forest", parts=Parts.of("nee", "fire"))
    refused(add, forest, tundra, match="fire: included / not included")


@pytest.mark.parametrize(
    "changes",
    [
        {"period": Period(2001, 2020)},
        {"place": Place.of("abz", "ABZ", "other land")},
        {"units": "g C m-2 yr-1"},
        {"values": np.zeros(2)},
    ],
)
def test_sums_are_of_one_mask_period_unit_and_ensemble(changes):
    other = replace(FIRE, **changes)
    refused(add, NEE, other, match="cannot be added")
    refused(without, add(NEE, FIRE, "net"), other, match="cannot be added")


def test_only_what_is_there_can_be_taken_out():
    assert without(add(NEE, FIRE), FIRE).parts == NEE.parts
    refused(without, NEE, FIRE, match="does not hold")
    refused(without, row("m", 1.0, Parts.of("nee", unknown=["fire"])), FIRE, match="unknown / inc")
    refused(without, INVERSION, row("x", 1.0, Parts.of("fire", unknown=["lakes"])),
            match="told apart")  # fmt: skip
    boreal = row("boreal fire", 210, Parts.of("fire"), ("biome", "boreal"))
    refused(without, INVERSION, boreal, match="different zones")


def test_an_inversion_is_brought_to_nee():
    water = row("water", 40.0, Parts.of("lakes", "rivers"))
    made = redefine(replace(INVERSION, parts=Parts.of("nee", "fire", "lakes", "rivers")),
                    Parts.of("nee"), [FIRE, water], "NEE of CAMS")  # fmt: skip
    assert made.central == -700.0 - 237.0 - 40.0
    assert made.name == "NEE of CAMS"
    assert compare(NEE, made).difference[0] == -556.0 + 977.0
    assert redefine(NEE, Parts.of("nee", "fire"), [FIRE]).central == -319.0


def test_what_cannot_be_brought_is_named():
    with pytest.raises(LedgerError, match="cannot be brought") as caught:
        redefine(INVERSION, Parts.of("nee"), [FIRE])
    message = str(caught.value)
    assert "“CAMS”" in message
    assert "“GFED”" in message
    for part in ("lakes: included / not included", "harvest: unknown / not included"):
        assert part in message
    assert "fire" not in message.split("got:")[1].split("remedy")[0]


zones = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6)


@given(zones, st.randoms(use_true_random=False))
def test_the_order_of_zones_does_not_matter(values, random):
    rows = [
        row(f"z{i}", value, Parts.of("nee"), ("biome", f"z{i}"))
        for i, value in enumerate(values)
    ]  # fmt: skip
    first = reduce(add, rows)
    random.shuffle(rows)
    second = reduce(add, rows)
    assert second.central == pytest.approx(first.central, abs=1e-9)
    assert compare(first, second).caveat == ""
    for each in rows:
        with pytest.raises(LedgerError):
            add(first, each)


@given(st.dictionaries(st.sampled_from(sorted(PARTS)), st.floats(-1e3, 1e3), min_size=2))
def test_parts_add_up_and_come_apart_again(values):
    rows = [row(part, value, Parts.of(part)) for part, value in values.items()]
    whole = reduce(add, rows)
    assert whole.parts.included == set(values)
    assert whole.central == pytest.approx(sum(values.values()), abs=1e-9)
    for first, second in combinations([whole, *rows], 2):
        if first is whole:
            refused(add, first, second, match="count a part twice")
    rest = reduce(without, rows[1:], whole)
    assert rest.central == pytest.approx(rows[0].central, abs=1e-9)
    assert rest.parts == rows[0].parts
