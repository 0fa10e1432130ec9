"""What a stage opens is noted with its pins."""

import pytest

from abz.catalog import Catalog, write_world_catalog
from abz.cli.archive import open_catalog
from abz.cli.inputs import recorded_inputs
from abz.config import parse_config
from abz.digest import sha256_file


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A synthetic run whose archive holds two years of one product; reading it returns nothing."""
    fine = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}
    table = {"name": "tiny", "output": str(tmp_path), "world": {}, "sets": {"fine": fine}}
    config = parse_config(table)
    folder = config.archive / "gfed500m"
    folder.mkdir(parents=True)
    for year in (2002, 2003):
        (folder / f"GFED500m_{year}.nc").write_text(str(year))
    write_world_catalog(config.archive)
    monkeypatch.setattr(Catalog, "open", lambda self, name, years=None, **_: None)
    return config


def test_only_the_files_of_the_opened_years_are_noted(config):
    with recorded_inputs() as inputs:
        open_catalog(config).open("gfed500m", years=[2003])
    path = "gfed500m/GFED500m_2003.nc"
    assert inputs["gfed500m"]["files"] == {path: sha256_file(config.archive / path)}
    assert inputs["gfed500m"]["product"]


def test_years_add_up_and_nothing_is_noted_afterwards(config):
    catalog = open_catalog(config)
    with recorded_inputs() as inputs:
        for year in (2002, 2003):
            catalog.open("gfed500m", years=[year])
    assert len(inputs["gfed500m"]["files"]) == 2
    with recorded_inputs() as later:
        pass
    assert later == {}
