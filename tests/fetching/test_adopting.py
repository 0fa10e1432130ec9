"""Files on disk are linked, not copied, and only if they are the right ones."""

import pytest

from abz.catalog import read_lock
from abz.errors import MissingDataError, PinError
from abz.fetching import Need, adopt, survey

ALL = Need("tiny", (2001, 2002, 2003))


@pytest.fixture
def disk(tmp_path, content):
    """The same files elsewhere, in folders of their own."""
    for year in (2001, 2002, 2003):
        folder = tmp_path / "disk" / str(year)
        folder.mkdir(parents=True)
        (folder / f"t_{year}.nc").write_bytes(content(year))
    return tmp_path / "disk"


def test_files_are_linked_and_locked(yearly, disk, root, archive):
    outcome = adopt(yearly(), [ALL], disk)
    assert outcome.failures == []
    assert len(outcome.fetched) == 3
    assert (root / "tiny/t_2002.nc").is_symlink()
    assert len(read_lock(yearly().path).entries["tiny"].files) == 3
    assert survey(yearly(), ALL).is_complete
    assert len(yearly().files("tiny")) == 3
    assert archive.asked == []


def test_what_is_there_stays(yearly, disk, root, content):
    (root / "tiny").mkdir()
    (root / "tiny/t_2002.nc").write_bytes(content("mine"))
    adopt(yearly(), [ALL], disk)
    assert (root / "tiny/t_2002.nc").read_bytes() == content("mine")


def test_another_file_of_the_same_name_is_refused(yearly, disk, root, content):
    adopt(yearly(), [ALL], disk)
    (root / "tiny/t_2002.nc").unlink()
    (disk / "2002/t_2002.nc").write_bytes(content("other"))
    outcome = adopt(yearly(), [ALL], disk)
    assert isinstance(outcome.failures[0].error, PinError)
    assert not (root / "tiny/t_2002.nc").exists()


def test_of_two_files_of_one_name_the_pinned_one_counts(yearly, disk, root, content):
    older = disk / "2001/a copy/t_2002.nc"
    older.parent.mkdir()
    older.write_bytes(content("older"))
    outcome = adopt(yearly(), [ALL], disk)
    assert [str(failure.error).splitlines()[0] for failure in outcome.failures] == [
        "two files that differ are named t_2002.nc"
    ]
    assert len(outcome.fetched) == 2
    assert not (root / "tiny/t_2002.nc").exists()
    older.rename(disk.parent / "older")
    assert adopt(yearly(), [ALL], disk).failures == []
    (root / "tiny/t_2002.nc").unlink()
    (disk.parent / "older").rename(older)
    assert adopt(yearly(), [ALL], disk).fetched == ["tiny/t_2002.nc"]
    assert (root / "tiny/t_2002.nc").read_bytes() == content(2002)


def test_copies_of_one_file_are_as_good(yearly, disk, content):
    (disk / "t_2002.nc").write_bytes(content(2002))
    assert len(adopt(yearly(), [ALL], disk).fetched) == 3


def test_a_page_is_refused(yearly, disk, root):
    (disk / "2002/t_2002.nc").write_bytes(b"<html>")
    assert "a web page" in str(adopt(yearly(), [ALL], disk).failures[0].error)
    assert not (root / "tiny/t_2002.nc").exists()


def test_patterns_take_all_that_match(catalog_of, disk, root, content):
    for tile in ("h01", "h02"):
        (disk / f"MOD.A2001001.{tile}.nc").write_bytes(content(tile))
    (disk / "MOD.A2003001.h01.nc").write_bytes(content("other year"))
    pin = {"origins": [{"by": "earthdata", "short_name": "MOD", "version": "1"}]}
    catalog = catalog_of(("tiles", "tiles/MOD.A{year}*.nc", pin | {"years": [2001, 2003]}))
    outcome = adopt(catalog(), [Need("tiles", (2001,))], disk)
    assert outcome.fetched == ["tiles/MOD.A2001001.h01.nc", "tiles/MOD.A2001001.h02.nc"]
    found = survey(catalog(), Need("tiles", (2001,)))
    assert found.is_complete
    assert found.unasked == (2001,)


def test_a_folder_that_is_not_there(yearly, tmp_path):
    with pytest.raises(MissingDataError):
        adopt(yearly(), [ALL], tmp_path / "none")
