"""Checks of a Table 1: they hold for a true one, and fail when a digit is altered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.published import Rounded, Term, check_table, table1_checks

ZONES = ("ABZ", "boreal", "tundra")
FLUXES = ("nee", "gpp", "reco", "nee_fire")


def cells_of(values):
    return {cell: Term("/".join(cell), Rounded(float(v))) for cell, v in values.items()}


def planted(seed, digits=None):
    """A table that closes: of two biomes, whose months, members and fires are known."""
    rng = np.random.default_rng(seed)
    area = {"boreal": rng.uniform(8, 15), "tundra": rng.uniform(4, 9)}
    summer = {zone: rng.uniform(-2000, -500) for zone in area}
    rest = {zone: rng.uniform(200, 2500) for zone in area}
    fire = {zone: rng.uniform(10, 300) for zone in area}
    members = {flux: rng.normal(0, 100, (2, 30)) for flux in FLUXES}
    for part in (area, summer, rest, fire):
        part["ABZ"] = part["boreal"] + part["tundra"]
    found = {}
    for zone in ZONES:
        budget = {"nee": summer[zone] + rest[zone], "gpp": 500 * area[zone] ** 1.0,
                  "reco": 450 * area[zone]}  # fmt: skip
        for flux, value in budget.items():
            found[zone, flux, "budget"] = value
            found[zone, flux, "per_area"] = value / area[zone]
        found[zone, "fire", "budget"] = fire[zone]
        found[zone, "nee_same_years", "budget"] = budget["nee"] - 8
        found[zone, "nee", "area"] = area[zone]
        found[zone, "nee", "summer_ratio"] = -summer[zone] / rest[zone]
    for flux in FLUXES:
        first, second = members[flux]
        sds = zip(ZONES, (first + second, first, second), strict=True)
        found |= {(zone, flux, "budget_sd"): float(np.std(m, ddof=1)) for zone, m in sds}
    shift = {"ABZ": -16, "boreal": -8, "tundra": -8}
    for zone in ZONES:
        found[zone, "nee_same_years", "budget"] = found[zone, "nee", "budget"] + shift[zone]
        total = found[zone, "nee_same_years", "budget"] + fire[zone]
        found[zone, "nee_fire", "budget"] = total
    return found


def printed(values, decimals=0):
    places = {"area": 1 + decimals, "summer_ratio": 1 + decimals}
    return {
        cell: Term("/".join(cell), Rounded.of(f"{v:.{places.get(cell[2], decimals)}f}"))
        for cell, v in values.items()
    }


@given(st.integers(0, 2**32 - 1))
def test_a_table_that_closes_agrees_exactly_and_rounded(seed):
    values = planted(seed)
    for cells in (cells_of(values), printed(values), printed(values, 2)):
        checks = table1_checks(cells)
        assert [c.statement for c in checks if not c.agrees] == []
    assert len(table1_checks(cells_of(values))) == 5 + 9 + 3 + 3 + 1 + 4


def of_cell(cell, checks):
    name = "/".join(cell)
    return [c for c in checks if name in c.inputs or name in c.against.split(", ")]


@given(st.integers(0, 2**32 - 1), st.data())
def test_a_number_altered_beyond_rounding_fails_a_check(seed, data):
    """All columns but SDs, of which the implied correlation tells less."""
    values = planted(seed)
    cells = printed(values, 2)
    kinds = ("budget", "per_area", "area")
    cell = data.draw(st.sampled_from([c for c in values if c[2] in kinds]))
    checks = of_cell(cell, table1_checks(cells))
    # Of a check, whatever it computes moves at least 1/20 as far as the number does.
    slack = max(c.computed.high - c.computed.low + c.expected.high - c.expected.low for c in checks)
    shift = (20 * slack + 0.1) * data.draw(st.sampled_from([-1, 1]))
    moved = cells[cell].number.value + shift
    altered = cells | {cell: Term("/".join(cell), Rounded(moved, cells[cell].number.half_unit))}
    assert any(not c.agrees for c in table1_checks(altered))


@given(st.integers(0, 2**32 - 1))
def test_signs_flip_with_the_budget(seed):
    """A ratio on the other side of one belongs to no such budget."""
    values = planted(seed)
    for zone in ZONES:
        ratio = values[zone, "nee", "summer_ratio"]
        wrong = values | {(zone, "nee", "summer_ratio"): 2 - ratio}
        found = [c for c in table1_checks(cells_of(wrong)) if c.statement.startswith(f"{zone}: s")]
        assert [c.agrees for c in found] == [False]


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_a_scale_changes_no_verdict(seed, scale):
    """Budgets and fluxes per area in another unit."""
    values = planted(seed)
    kinds = ("budget", "budget_sd", "per_area")
    scaled = {c: v * scale if c[2] in kinds else v for c, v in values.items()}
    wrong = scaled | {("ABZ", "gpp", "budget"): 1.01 * scaled["ABZ", "gpp", "budget"]}
    assert all(c.agrees for c in table1_checks(cells_of(scaled)))
    assert sum(not c.agrees for c in table1_checks(cells_of(wrong))) == 2


def test_sds_that_no_correlation_joins_fail():
    values = planted(1)
    top = values["boreal", "nee", "budget_sd"] + values["tundra", "nee", "budget_sd"]
    wrong = cells_of(values | {("ABZ", "nee", "budget_sd"): 1.05 * top})
    failed = [c for c in table1_checks(wrong) if not c.agrees]
    assert len(failed) == 1
    assert failed[0].function == "implied_correlation"
    assert failed[0].difference > 0


def test_cells_that_are_not_there_are_not_checked():
    values = planted(1)
    alone = {cell: v for cell, v in values.items() if cell[0] == "tundra"}
    assert {c.statement.partition(":")[0] for c in table1_checks(cells_of(alone))} == {
        "NEE, tundra", "GPP, tundra", "Reco, tundra", "tundra, same years", "tundra"
    }  # fmt: skip
    assert table1_checks({}) == []


def test_a_ratio_that_may_be_one_says_nothing():
    values = {("tundra", "nee", "budget"): 1.0, ("tundra", "nee", "summer_ratio"): 1.0}
    assert table1_checks(printed(values)) == []


def test_the_table_says_by_how_much():
    values = planted(1)
    wrong = cells_of(values | {("ABZ", "nee", "area"): values["ABZ", "nee", "area"] + 2})
    table = check_table(table1_checks(wrong))
    row = table[table["statement"] == "area: boreal + tundra = ABZ"].iloc[0]
    assert row["difference"] == pytest.approx(-2.0)
    assert not row["agrees"]
    assert row["inputs"] == "boreal/nee/area, tundra/nee/area"
