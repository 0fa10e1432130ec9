"""The arithmetic of the published numbers and of a run, by the same checks."""

import numpy as np
import pandas as pd
import pytest

from abz.published import paper_checks
from abz.report import Results
from abz.report.arithmetic_tables import arithmetic_numbers, arithmetic_table, run_cells, run_checks

AREA = {"boreal": 13.9, "tundra": 6.8}


def closed_table1(seed=1):
    """A Table 1 that closes: means of made-up members and months of two biomes."""
    rng = np.random.default_rng(seed)
    zones = list(AREA)
    summer = {z: rng.uniform(-2000, -600) for z in zones}
    rest = {z: rng.uniform(300, 900) for z in zones}
    fire = {z: rng.uniform(10, 200) for z in zones}
    members = rng.normal(0, 60, (2, 20))
    rows = []
    for zone, held in {"ABZ": zones, "boreal": zones[:1], "tundra": zones[1:]}.items():
        s, n, f = (sum(part[z] for z in held) for part in (summer, rest, fire))
        area = sum(AREA[z] for z in held)
        spread = members[[zones.index(z) for z in held]].sum(axis=0).std(ddof=1)
        long = {"zone": zone, "budget_sd": spread, "summer_ratio": -s / n, "area_m2": area * 1e12,
                "valid_share": 1.0, "first_year": 2001, "last_year": 2020}  # fmt: skip
        short = long | {"first_year": 2002, "summer_ratio": np.nan}
        rows += [
            long | {"flux": "nee", "budget": s + n, "per_area": (s + n) / area},
            short | {"flux": "fire", "budget": f, "per_area": f / area, "budget_sd": np.nan},
            short | {"flux": "nee_fire", "budget": s + n - len(held) + f, "same_years_nee":
                     s + n - len(held), "per_area": (s + n - len(held) + f) / area},
        ]  # fmt: skip
    return pd.DataFrame(rows).assign(model_set="fine", zone_set="any")


def test_a_run_that_closes_agrees_in_all_checks():
    checks = run_checks(Results(name="x", tables={"table1": closed_table1()}))["fine"]
    assert [c.statement for c in checks if not c.agrees] == []
    kinds = {c.function for c in checks}
    assert kinds == {
        "sum_of_parts", "flux_per_area", "net_with_fire", "release_outside_summer",
        "implied_correlation",
    }  # fmt: skip


@pytest.mark.parametrize("column", ["budget", "per_area", "area_m2", "same_years_nee"])
def test_a_number_that_is_altered_is_found(column):
    table = closed_table1()
    row = table.index[(table["zone"] == "ABZ") & (table["flux"] == "nee_fire")][0]
    if column in ("budget", "area_m2"):
        row = table.index[0]
    table.loc[row, column] *= 1.001
    checks = run_checks(Results(name="x", tables={"table1": table}))["fine"]
    assert any(not c.agrees for c in checks)


def test_what_cannot_be_checked_is_left_out():
    table = closed_table1()
    cells = run_cells(table.assign(valid_share=0.9))
    assert not [cell for cell in cells if cell[2] == "per_area"]
    other = table.assign(first_year=table["first_year"].where(table["flux"] != "fire", 1997))
    assert ("ABZ", "fire", "budget") not in run_cells(other)
    assert ("ABZ", "fire", "budget") in run_cells(table)


def test_the_table_shows_both_and_names_what_differs():
    results = Results(name="x", tables={"table1": closed_table1()}, synthetic=True)
    table = arithmetic_table(results)
    shown = table.shown.set_index("what ought to hold")
    assert set(shown) == {
        "computed", "printed", "published (real)", "this run, fine set (synthetic)"
    }  # fmt: skip
    row = shown.loc["GPP, ABZ: budget / area = flux per area"]
    assert row.tolist() == ["479.6 (479.42 to 479.70)", "482", "differs by −2.4", "—"]
    row = shown.loc["NEE: boreal + tundra = ABZ"]
    assert row.tolist() == ["−548 (−549.0 to −547.0)", "−548", "agrees", "agrees"]
    implied = shown.loc["NEE: correlation of boreal and tundra that the SDs imply"]
    assert implied["computed"].startswith("0.62")
    assert implied["printed"] == "−1 to 1"
    assert set(table.bare["whose"]) == {"published", "fine"}


def test_numbers_count_the_checks():
    results = Results(name="x", tables={"table1": closed_table1()}, synthetic=True)
    found = dict(arithmetic_numbers(results))
    assert found["published_checks"].value == len(paper_checks())
    assert found["published_checks_differing"].value == 12
    assert found["fine_checks_differing"].value == 0
    assert not found["published_checks"].synthetic
    assert found["fine_checks"].synthetic
