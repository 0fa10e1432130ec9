"""What was done to each product, in words."""

from types import SimpleNamespace

import pandas as pd

from abz.cli.product_steps import Beside, notes_table, product_steps, winter_steps
from abz.ledger import Parts

STATED = {"given_units": "kg m-2 s-1", "given_sign": "uptake is positive", "calendar": "360_day",
          "per_area": "cell"}  # fmt: skip


def beside(**changes):
    aligned = SimpleNamespace(parts=Parts.of("nee"))
    held = {
        "members": {"A": aligned, "B": aligned},
        "given": Parts.of("nee", "fire"),
        "stated": [STATED, {**STATED, "calendar": "noleap"}],
        "years": range(2001, 2015),
    }
    return Beside(**{**held, **changes})


def steps_of(one):
    return product_steps({"product": one}, "fine", 1.0).set_index("step")


def test_every_step_has_what_it_was_and_what_it_is():
    table = steps_of(beside(fire=SimpleNamespace(name="gfed5")))
    assert table.loc["unit", ["from", "to"]].tolist() == ["kg m-2 s-1", "g C m-2 month-1"]
    assert table.loc["calendar", "from"] == "360_day, noleap"
    assert table.loc["sign", "from"] == "uptake is positive"
    assert table.loc["fire", ["from", "to"]].tolist() == ["in the flux", "gfed5 taken out"]
    assert table.loc["area", ["from", "to"]].tolist() == ["cell", "land"]
    assert table.loc["period", "to"] == "2001–2014"
    assert table.loc["members", ["from", "to"]].tolist() == ["A, B", "plain mean"]
    assert table.loc["definition", "from"] != table.loc["definition", "to"]


def test_a_product_without_fire_says_so_and_one_member_is_no_mean():
    one = beside(members={"A": SimpleNamespace(parts=Parts.of("nee"))}, notes=["B: no flux"])
    table = steps_of(one)
    assert table.loc["fire", ["from", "to"]].tolist() == ["not in it", "—"]
    assert table.loc["members", "to"] == "one"
    assert table.loc["left out", "from"] == "B: no flux"


def test_winters_are_named_by_their_years():
    years = pd.DataFrame({"year": [2003, 2004, 2005]})
    table = winter_steps(STATED | {"per_area": "land"}, years, "fine").set_index("step")
    assert table.loc["period", "to"].startswith("2003–2005")
    assert table.loc["definition", "to"] == "less GPP of the run: NEE"


def test_what_is_not_compared_is_listed_with_its_reason():
    notes = {
        "absent": ["fluxcom"],
        "refused": {"a": "on another definition"},
        "left_out": {"cmip6_land_fluxes": ["FLAT: its soil has one layer"], "b": []},
    }
    table = notes_table(notes)
    assert table["status"].tolist() == ["absent", "refused", "left out"]
    assert table["why"].str.len().gt(5).all()
    assert notes_table({"absent": [], "refused": {}, "left_out": {}}).empty
