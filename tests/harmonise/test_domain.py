"""Each cell has one reason to be outside the domain, or none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abz.harmonise.domain import domain_of
from abz.vocabulary import ZONE_SETS


def naive(biome, permafrost, vegetation, lat, land, least):
    """The reason of one cell, in plain words."""
    if not lat >= 49:
        return "south of 49° N"
    if not land > 0:
        return "no land"
    if not land > least:
        return "land of at most 50% of the cell"
    if biome == -1:
        return "no biome"
    if biome not in (6, 11):
        return "biome neither boreal nor tundra"
    if permafrost not in range(5):
        return "no permafrost class"
    return "no vegetation type" if vegetation == -1 else ""


@given(st.integers(0, 999), st.sampled_from([0.0, 0.5]))
def test_reasons_are_those_of_each_cell_alone(seed, least):
    rng = np.random.default_rng(seed)
    shape = (6, 7)
    maps = [rng.choice(codes, shape) for codes in ([-1, 4, 6, 11], [-1, 0, 1, 9], [-1, 70, 80])]
    lat = rng.choice([np.nan, 40.0, 49.0, 70.0], shape)
    land = rng.choice([0.0, 0.3, 0.5, 1.0], shape)
    classes = dict(zip(("biome", "permafrost", "vegetation"), maps, strict=True))
    classes["region"] = np.full(shape, 2)
    outside = domain_of(classes, lat, land, least)
    words = np.array(["", *outside.attrs["reasons"]])[outside.values]
    cells = [a.ravel() for a in (*maps, lat, land)]
    assert words.ravel().tolist() == [naive(*cell, least) for cell in zip(*cells, strict=True)]


def test_a_map_that_is_not_known_takes_no_cell_out():
    known = {name: np.full((1, 2), min(codes)) for name, codes in ZONE_SETS.items()}
    none = np.full((1, 2), -1)
    lat = land = np.full((1, 2), 60.0)
    for name in ("permafrost", "region", "vegetation"):
        assert (domain_of({**known, name: none}, lat, land).values == 0).all()
    assert (domain_of({**known, "biome": none}, lat, land).values > 0).all()
