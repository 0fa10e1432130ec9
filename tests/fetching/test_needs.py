"""What a run reads is what is fetched."""

import ast

import pytest

from abz.catalog import CATALOG, Catalog
from abz.cli.stages import authors
from abz.config import Config, load_config
from abz.fetching import needs

FINE = {"cell_m": 1e3, "first_year": 2001, "last_year": 2020}
COARSE = {"cell_m": 8e3, "first_year": 1990, "last_year": 2016}


def years(config):
    return {need.name: need.years for need in needs(config)}


def test_the_study_needs_every_product_of_its_sets(repository, monkeypatch):
    monkeypatch.delenv("ABZ_DATA", raising=False)
    found = years(load_config(repository / "tasks/config/full.toml"))
    assert found["mod13a1"] == found["mod11a2"] == found["mod44b"] == tuple(range(2001, 2021))
    assert found["gimms3g"] == tuple(range(1990, 2017))
    assert found["terraclimate"] == found["era5_land"] == tuple(range(1990, 2021))
    assert found["gfed500m"] == tuple(range(2002, 2021))
    assert found["vcf5kyr"] == tuple(y for y in range(1990, 2017) if y not in (1994, 2000))
    assert found["abcflux"] is found["cavm"] is found["noaa_brw"] is None


def test_air_temperature_may_come_from_elsewhere():
    sets = {"coarse": COARSE | {"air_temperature": "terraclimate"}}
    assert years(Config(name="a", sets=sets))["terraclimate"] == tuple(range(1990, 2017))


def test_a_stand_in_year_is_needed_even_outside_the_set():
    coarse = COARSE | {"first_year": 1994, "last_year": 1995}
    assert years(Config(name="a", sets={"coarse": coarse}))["vcf5kyr"] == (1993, 1995)


def test_a_coarse_set_alone_needs_no_fire_and_no_modis():
    found = years(Config(name="a", sets={"coarse": COARSE}))
    assert not {"gfed500m", "mod13a1", "mod11a2", "mod44b"} & {*found}


@pytest.mark.parametrize("name", ["ci", "demo"])
def test_a_synthetic_run_needs_nothing(repository, name):
    assert needs(load_config(repository / f"tasks/config/{name}.toml")) == []


def test_all_needs_are_in_the_catalog():
    names = Catalog.load(CATALOG, CATALOG.parent).names()
    whole = needs(Config(name="a", sets={"fine": FINE, "coarse": COARSE}))
    climatology = Config(name="a", kind="climatology", sets={"climatology": FINE})
    assert {need.name for need in [*whole, *needs(climatology)]} <= {*names}


def test_what_stages_open_by_name_is_needed(repository):
    """Every literal in a `.open("NAME")` of stages and harmonisation.

    What a run is laid beside if it is there, and does without otherwise, is not needed.
    """
    opened = set()
    for folder in ("abz/cli/stages", "abz/harmonise"):
        for path in (repository / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "open":
                    opened |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    study = {need.name for need in needs(Config(name="a", sets={"fine": FINE, "coarse": COARSE}))}
    climatology = Config(name="a", kind="climatology", sets={"climatology": FINE})
    beside = {*authors._MAKERS}
    assert len(opened) >= 8
    assert opened <= study | {need.name for need in needs(climatology)} | beside
