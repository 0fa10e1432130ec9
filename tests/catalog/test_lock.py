"""The lock file: first bytes are held to, nothing half-written, damage is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.catalog import Catalog, PinnedFile, forget, lock_path, read_lock, record
from abz.errors import ConfigError, MissingDataError, PinError

A, B = "a" * 64, "b" * 64


def pinned(path, digest=A, size=3):
    return PinnedFile(path=path, sha256=digest, bytes=size)


@pytest.fixture
def catalog(write, content):
    return write(content)


@pytest.fixture
def pin(catalog, archive):
    return Catalog.load(catalog, archive).pin("tiny")


def test_no_file_is_an_empty_lock(catalog):
    assert read_lock(catalog).entries == {}


def test_what_is_recorded_is_read_again(catalog, pin):
    record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin")], awaited={"tiny/t_2002.bin": 7})
    entry = read_lock(catalog).entries["tiny"]
    assert entry.pinned() == (pinned("tiny/t_2001.bin"),)
    assert entry.awaited == {"tiny/t_2002.bin": 7}
    assert (entry.product, entry.version) == ("Tiny", "1")


def test_what_came_is_awaited_no_more(catalog, pin):
    record(catalog, "tiny", pin, awaited={"tiny/t_2001.bin": 3, "tiny/t_2002.bin": None})
    record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin")])
    assert read_lock(catalog).entries["tiny"].awaited == {"tiny/t_2002.bin": None}


def test_another_digest_is_refused_with_both(catalog, pin):
    record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin")])
    before = lock_path(catalog).read_bytes()
    with pytest.raises(PinError) as error:
        record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin", B, 4)])
    assert A in str(error.value)
    assert B in str(error.value)
    assert lock_path(catalog).read_bytes() == before


def test_forgotten_digests_can_be_recorded_anew(catalog, pin):
    record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin")])
    forget(catalog, "tiny")
    record(catalog, "tiny", pin, [pinned("tiny/t_2001.bin", B, 4)])
    assert read_lock(catalog).entries["tiny"].pinned()[0].sha256 == B


@given(st.dictionaries(st.integers(1900, 2100), st.integers(0, 9), min_size=1), st.randoms())
def test_order_does_not_matter(tmp_path_factory, files, random):
    path = tmp_path_factory.mktemp("lock") / "catalog.yaml"
    pin = type("Pin", (), {"product": "Tiny", "version": "1"})
    found = [pinned(f"t/{year}", A, size) for year, size in files.items()]
    record(path, "tiny", pin, found)
    first = lock_path(path).read_bytes()
    lock_path(path).unlink()
    random.shuffle(found)
    for file in found:
        record(path, "tiny", pin, [file])
    assert lock_path(path).read_bytes() == first
    assert not list(path.parent.glob("*.partial"))


@pytest.mark.parametrize(
    "damage", ["", "{", '{"version": 2}', '{"entries": {"a": {"product": "P", "version": "1", '
               '"files": {"../x": "' + A + ' 3"}}}}'],
)  # fmt: skip
def test_a_damaged_lock_is_told_not_ignored(catalog, archive, damage):
    lock_path(catalog).write_text(damage)
    with pytest.raises(ConfigError, match="damaged"):
        Catalog.load(catalog, archive)


def test_the_catalog_holds_to_its_lock(catalog, pin, archive, tiny_reader):
    from abz.digest import sha256_file

    files = [
        pinned(f"tiny/t_{year}.bin", sha256_file(archive / f"tiny/t_{year}.bin"), 4)
        for year in (2001, 2002)
    ]
    record(catalog, "tiny", pin, files)
    locked = Catalog.load(catalog, archive)
    assert locked.open("tiny", [2001]) == {"t_2001.bin": 2001}
    with pytest.raises(PinError, match="not pinned"):
        locked.open("tiny", [2004])
    (archive / "tiny/t_2001.bin").write_bytes(b"2011")
    with pytest.raises(PinError, match="t_2001"):
        locked.open("tiny", [2001])


def test_a_listing_that_has_not_all_come_is_incomplete(catalog, pin, archive):
    record(catalog, "tiny", pin, awaited={"tiny/t_2002.bin": 4}, listed=[2002])
    locked = Catalog.load(catalog, archive)
    assert locked.files("tiny", [2001])
    with pytest.raises(MissingDataError, match="not complete"):
        locked.files("tiny", [2002])
