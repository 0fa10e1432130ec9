import numpy as np
import pandas as pd
import pytest

from abz.cli.forests import flux_seed, forest_options, grow_members, member_choice
from abz.config import Config
from abz.modelling import complete_cases

SETS = {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}}
NAMES = ["month", "vegetation", "lst"]


def config(**forest):
    return Config(name="a", sets=SETS, forest={"members": 4, **forest}, workers=6)


def cases():
    rng = np.random.default_rng(0)
    site = np.repeat(np.arange(10), 12)
    rows = pd.DataFrame(
        {
            "site": np.char.add("s", site.astype(str)), "month": np.tile(range(1, 13), 10),
            "vegetation": np.where(site == 9, 70, 21), "lst": rng.normal(size=120),
            "nee": rng.normal(size=120),
        }
    )  # fmt: skip
    return complete_cases(rows, "nee", NAMES)


def grown(unit, **forest):
    options = {"unit": unit, "trees": 2, "mtry": 1, "seed": 3}
    return list(grow_members(config(**forest), cases(), NAMES, **options))


@pytest.mark.parametrize(
    ("unit", "configured", "expected"),
    [("row", None, "continuous"), ("site", None, "all"), ("row", "all", "all"),
     ("site", "continuous", "continuous")],
)  # fmt: skip
def test_predictors_follow_the_unit_unless_configured(unit, configured, expected):
    assert member_choice(config(member_predictors=configured), unit) == expected


def test_members_of_rows_leave_categories_out_and_those_of_sites_keep_all_levels():
    assert {member.predictors for member in grown("row")} == {("lst",)}
    members = grown("site")
    assert len(members) == 4
    assert {member.predictors for member in members} == {tuple(NAMES)}
    assert {frozenset(member.levels["vegetation"]) for member in members} == {frozenset({21, 70})}


def test_threads_are_shared_among_the_forests_of_a_run():
    assert forest_options(config())["workers"] == 2
    assert forest_options(config(node_size=7))["node_size"] == 7


def test_seeds_differ_by_set_and_flux():
    found = {flux_seed(config(), s, f) for s in ("fine", "coarse") for f in ("nee", "gpp")}
    assert len(found) == 4
