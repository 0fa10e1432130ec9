"""What is there, without fetching."""

import pytest

from abz.catalog import record
from abz.errors import InputError
from abz.fetching import Need, survey
from abz.fetching.http import part_of
from abz.fetching.keeping import settle

ALL = Need("tiny", (2001, 2002, 2003))
TILES = {
    "origins": [{"by": "earthdata", "short_name": "MOD", "version": "061"}], "years": [2001, 2003],
}  # fmt: skip


def states(found):
    return {item.path[-4 - 3 :]: item.state for item in found.items}


def test_missing_unpinned_there_and_damaged(yearly, root, content):
    assert survey(yearly(), ALL).count("missing") == 3
    (root / "tiny").mkdir()
    for year in (2001, 2002, 2003):
        (root / f"tiny/t_{year}.nc").write_bytes(content(year))
    assert survey(yearly(), ALL).count("unpinned") == 3
    catalog = yearly()
    record(catalog.path, "tiny", catalog.pin("tiny"), [settle(root, "tiny/t_2001.nc")])
    (root / "tiny/t_2001.nc").write_bytes(content(2001)[:-1])
    (root / "tiny/t_2002.nc").write_bytes(b"<html>")
    found = survey(yearly(), ALL)
    assert states(found) == {"2001.nc": "damaged", "2002.nc": "damaged", "2003.nc": "unpinned"}
    assert [item.fault for item in found.items] == ["4999 bytes in place of 5000", "a web page", ""]
    assert not found.is_complete


def test_bytes_to_come_count_what_has_come(yearly, root, content):
    catalog = yearly()
    (root / "tiny").mkdir()
    (root / "tiny/t_2001.nc").write_bytes(content(2001))
    record(catalog.path, "tiny", catalog.pin("tiny"), [settle(root, "tiny/t_2001.nc")])
    (root / "tiny/t_2001.nc").unlink()
    part_of(root / "tiny/t_2001.nc").write_bytes(content(2001)[:1500])
    assert survey(yearly(), ALL).to_come == (3500, 2)


def test_years_outside_the_product_are_beyond(yearly):
    assert survey(yearly(), Need("tiny", (2000, 2001, 2004))).beyond == (2000, 2004)


def test_without_years_all_of_the_product_are_wanted(yearly):
    assert len(survey(yearly(), Need("tiny")).items) == 3


def test_tiles_are_unlisted_until_the_archive_is_asked(catalog_of, root):
    catalog = catalog_of(("tiles", "tiles/MOD.A{year}*.nc", TILES))
    need = Need("tiles", (2001, 2002))
    found = survey(catalog(), need)
    assert found.unlisted == ("tiles/MOD.A2001*.nc", "tiles/MOD.A2002*.nc")
    assert found.unasked == (2001, 2002)
    pin = catalog().pin("tiles")
    record(catalog().path, "tiles", pin, awaited={"tiles/MOD.A2001.h1.nc": 9}, listed=[2001])
    found = survey(catalog(), need)
    assert [(item.path, item.size) for item in found.items] == [("tiles/MOD.A2001.h1.nc", 9)]
    assert found.unlisted == ("tiles/MOD.A2002*.nc",)
    assert found.unasked == (2002,)
    assert found.to_come == (9, 1)


def test_an_unknown_dataset_is_an_error(yearly):
    with pytest.raises(InputError):
        survey(yearly(), Need("none"))


def test_the_map_of_another_year_serves_in_place_of_the_one_with_an_address(
    catalog_of, root, archive, content
):
    origin = {"by": "http", "url": archive.url("m.nc"), "paths": ["map/map-2015-v2.nc"]}
    catalog = catalog_of(("map", "map/map-*-v2.nc", {"origins": [origin]}))
    assert [item.path for item in survey(catalog(), Need("map")).items] == ["map/map-2015-v2.nc"]
    (root / "map").mkdir()
    (root / "map/map-2010-v2.nc").write_bytes(content(1))
    assert [item.path for item in survey(catalog(), Need("map")).items] == ["map/map-2010-v2.nc"]
