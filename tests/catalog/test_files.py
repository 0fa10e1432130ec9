import pytest

from abz.catalog import Pin, PinnedFile, locate
from abz.digest import sha256_file
from abz.errors import MissingDataError, PinError


@pytest.fixture
def pin():
    return Pin(
        product="Tiny",
        version="1",
        provider="test",
        license="CC0",
        access="earthdata",
        url="https://example.org/tiny",
        period="2001-2004",
        absent_years=(2003,),
        patterns=("tiny/t_{year}.bin",),
    )


def closed(pin, archive):
    files = [
        PinnedFile(
            path=p.relative_to(archive).as_posix(), sha256=sha256_file(p), bytes=p.stat().st_size
        )
        for p in sorted(archive.glob("tiny/*"))
    ]
    return pin.model_copy(update={"files": tuple(files)})


def test_all_years_that_are_there(pin, archive):
    (archive / "tiny" / "t_late.bin").write_bytes(b"")
    names = [path.name for path in locate("tiny", pin, archive)]
    assert names == ["t_2001.bin", "t_2002.bin", "t_2004.bin"]


def test_wanted_years_without_those_that_never_were(pin, archive):
    names = [path.name for path in locate("tiny", pin, archive, range(2002, 2005))]
    assert names == ["t_2002.bin", "t_2004.bin"]


def test_a_missing_year_names_entry_pattern_folder_and_remedy(pin, archive):
    with pytest.raises(MissingDataError) as error:
        locate("tiny", pin, archive, [2001, 2005])
    message = str(error.value)
    for part in ("tiny: Tiny 1", "t_2005.bin", str(archive / "tiny"), "https://example.org/tiny"):
        assert part in message
    assert "Earthdata" in message


def test_pinned_files_pass(pin, archive):
    assert len(locate("tiny", closed(pin, archive), archive)) == 3


def test_a_pinned_file_that_is_gone_is_missing(pin, archive):
    pinned = closed(pin, archive)
    (archive / "tiny" / "t_2004.bin").unlink()
    with pytest.raises(MissingDataError, match=r"t_2004\.bin"):
        locate("tiny", pinned, archive)
    assert len(locate("tiny", pinned, archive, [2001, 2002])) == 2


def test_a_stray_file_beside_pinned_ones_is_refused(pin, archive):
    pinned = closed(pin, archive)
    (archive / "tiny" / "t_2005.bin").write_bytes(b"stray")
    with pytest.raises(PinError, match="not pinned"):
        locate("tiny", pinned, archive)


def test_a_changed_file_is_refused(pin, archive):
    pinned = closed(pin, archive)
    (archive / "tiny" / "t_2002.bin").write_bytes(b"2oo2")
    with pytest.raises(PinError, match=r"t_2002\.bin"):
        locate("tiny", pinned, archive, [2002])
    assert locate("tiny", pinned, archive, [2001])


def test_one_year_under_the_name_of_another(pin, archive):
    folder = archive / "tiny"
    (folder / "t_2001.bin").write_bytes(b"the year 2002")
    (folder / "t_2002.bin").write_bytes(b"the year 2002")
    pinned = closed(pin, archive)
    assert locate("tiny", pinned, archive, [2004])
    for year in (2001, 2002):
        with pytest.raises(PinError, match=r"(?s)same bytes.*t_2001\.bin and tiny/t_2002\.bin"):
            locate("tiny", pinned, archive, [year])
    whole = pinned.model_copy(update={"patterns": ("tiny/*.bin",)})
    assert len(locate("tiny", whole, archive)) == 3
