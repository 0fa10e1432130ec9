"""The tables [zones.NAME]: names, codes, files, and what may not stand together."""

import pytest

from abz.config import parse_config
from abz.errors import ConfigError
from abz.vocabulary import BUILT_IN_ZONES, ZONE_SETS

FINE = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}


def parsed(name="parks", **chosen):
    table = {"name": "x", "world": {}, "sets": {"fine": FINE}, "zones": {name: chosen}}
    return parse_config(table).zones[name]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "parks.geojson"
    path.write_text("{}")
    return path


def test_a_set_by_column_and_one_by_codes(file):
    assert parsed(file=str(file), column="name").overlap == "refuse"
    raster = parsed(file=str(file), names={"1": "Lena", "-2": "Mackenzie"}, left_out=[0])
    assert raster.named == {1: "Lena", -2: "Mackenzie"}


def test_there_is_none_by_default():
    assert parse_config({"name": "x", "world": {}, "sets": {"fine": FINE}}).zones == {}


@pytest.mark.parametrize(
    "name", [*ZONE_SETS, "abz", "continent", "union", "area", "atom_id", "outside"]
)
def test_names_of_built_in_sets_and_maps_are_taken(file, name):
    with pytest.raises(ConfigError, match=rf"zones.{name}\]: a zone set or map of this name"):
        parsed(name, file=str(file))


@pytest.mark.parametrize("name", ["Parks", "my parks", "1st", "größe"])
def test_names_are_plain_words(file, name):
    with pytest.raises(ConfigError, match="lower-case letters"):
        parsed(name, file=str(file))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"`zones.parks.file`: the file of zones is not there"):
        parsed(file=str(tmp_path / "none.shp"), column="name")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"names": {"one": "Lena"}}, "names are of whole numbers"),
        ({"names": {"1": "Lena", "01": "Ob"}}, "a code has one name"),
        ({"names": {"1": " "}}, "a name is a text"),
        ({"names": {"1": "left out"}}, "other than 'left out'"),
        ({"names": {"1": "Lena"}, "left_out": [1]}, "code 1 has a name and is left out"),
        ({"overlap": "later"}, "overlap goes with column"),
        ({"column": ""}, "`zones.parks.column`: wrong value"),
        ({"colum": "name"}, "did you mean `column`"),
    ],
)
def test_contradictions(file, chosen, words):
    with pytest.raises(ConfigError, match=words):
        parsed(file=str(file), **chosen)


def test_records_hold_the_name_of_the_file_but_not_its_place(file):
    assert parsed(file=str(file), column="name").model_dump()["file"] == "parks.geojson"


def test_a_shapefile_is_several_files_of_which_each_counts(tmp_path):
    for suffix in (".shp", ".dbf", ".prj", ".qgz"):
        (tmp_path / f"parks{suffix}").write_text(suffix)
    chosen = parsed(file=str(tmp_path / "parks.shp"), column="name")
    before = chosen.digests
    assert list(before) == ["parks.dbf", "parks.prj", "parks.shp"]
    (tmp_path / "parks.dbf").write_text("other names")
    after = chosen.digests
    assert [name for name in before if before[name] != after[name]] == ["parks.dbf"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("region/Europ", r"region has no zone 'Europ', but Alaska, Canada, Siberia, Europe"),
        ("Siberia", r"'Siberia' is no zone set/zone of a set among abz, biome, .*region_biome"),
        ("rivers/Lena", r"'rivers/Lena' is no zone set/zone"),
        ("union/other", r"'union/other' is no zone set/zone"),
    ],
)
def test_unions_of_what_cannot_be_there_are_refused_before_anything_runs(part, words):
    table = {"name": "x", "world": {}, "sets": {"fine": FINE}}
    with pytest.raises(ConfigError, match=rf"odd: {words}"):
        parse_config({**table, "budgets": {"unions": {"odd": ["region/Siberia", part]}}})


def test_unions_may_be_of_every_zone_and_of_sets_of_ones_own(file):
    parts = [f"{kind}/{zone}" for kind, zones in BUILT_IN_ZONES.items() for zone in zones]
    parts += ["parks/West", "parks/left out", "biome/left out"]
    table = {"name": "x", "world": {}, "sets": {"fine": FINE}}
    table |= {"zones": {"parks": {"file": str(file), "column": "name"}}}
    unions = {part: [part] for part in parts}
    assert parse_config({**table, "budgets": {"unions": unions}}).budgets.unions == unions
