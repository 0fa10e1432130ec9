"""The members' mean and the classes that no budget holds."""

import pandas as pd
import pytest

from abz.report import Results, member_means, omitted_vegetation


def test_the_central_member_is_not_among_them(tiny):
    found = member_means(tiny.results).set_index(["model_set", "zone", "flux"])["members_mean"]
    annual = tiny.results.tables["annual"]
    rows = annual[(annual["member"] > 0) & (annual["zone"] == "Alaska tundra")]
    expected = rows[(rows["flux"] == "gpp") & (rows["model_set"] == "coarse")]["tg"].mean()
    assert found["coarse", "Alaska tundra", "gpp"] == pytest.approx(expected)


def test_a_run_without_budgets_has_none():
    assert member_means(Results(name="x")).empty
    assert omitted_vegetation(Results(name="x")) == {}


def test_only_classes_without_any_value_are_omitted():
    rows = pd.DataFrame({"model_set": "fine", "zone_set": "vegetation", "flux": "nee",
                         "zone": ["wetland", "a"], "valid_share": [0.01, 0.0]})  # fmt: skip
    assert omitted_vegetation(Results(name="x", tables={"annual": rows})) == {"fine": ["a"]}
