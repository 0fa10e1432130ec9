"""Fetching datasets: nothing wrong is kept, what is locked is held to, what lacks is told."""

import errno
import hashlib
import io
import json
import threading
import time
import zipfile
from types import SimpleNamespace

import pytest

from abz.catalog import lock_path, read_lock, record
from abz.errors import FetchError, MissingDataError, PinError
from abz.fetching import Need, Progress, Stopped, fetch, survey

ALL = Need("tiny", (2001, 2002, 2003))


@pytest.fixture
def get(yearly, patience):
    """Fetch the three years."""
    return lambda need=ALL, **options: fetch(yearly(), [need], patience=patience, **options)


def names(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def words(outcome):
    return [str(failure.error) for failure in outcome.failures]


def test_all_files_come_and_are_locked(get, yearly, root, content):
    outcome = get()
    assert outcome.failures == []
    assert outcome.fetched == names(root) == [f"tiny/t_{year}.nc" for year in (2001, 2002, 2003)]
    assert (root / "tiny/t_2002.nc").read_bytes() == content(2002)
    locked = read_lock(yearly().path).entries["tiny"].files
    digest = hashlib.sha256(content(2002)).hexdigest()
    assert locked["tiny/t_2002.nc"] == f"{digest} 5000"
    assert survey(yearly(), ALL).is_complete


def test_only_what_lacks_comes(get, archive):
    get(Need("tiny", (2002,)))
    archive.asked.clear()
    get()
    assert sorted(name for name, _ in archive.asked) == ["t_2001.nc", "t_2003.nc"]
    archive.asked.clear()
    assert get().fetched == []
    assert archive.asked == []


def test_a_lock_that_says_the_same_is_not_written_again(get, yearly):
    get()
    before = lock_path(yearly().path).stat().st_mtime_ns
    get()
    assert lock_path(yearly().path).stat().st_mtime_ns == before


def test_one_failure_does_not_stop_the_others(get, archive, root):
    archive.faults["t_2002.nc"] = ["page"]
    outcome = get()
    assert outcome.fetched == names(root) == ["tiny/t_2001.nc", "tiny/t_2003.nc"]
    assert len(outcome.failures) == 1
    assert "web page" in words(outcome)[0]


def test_without_a_network_a_fetch_of_many_files_ends_soon(catalog_of, root):
    """With the patience of a long fetch: each file alone would be waited for for minutes."""
    origin = {"by": "http", "url": "http://127.0.0.1:9/{year}.nc", "paths": ["far/{year}.nc"]}
    catalog = catalog_of(("far", "far/{year}.nc", {"years": [1901, 2000], "origins": [origin]}))
    begin = time.monotonic()
    outcome = fetch(catalog(), [Need("far", tuple(range(1901, 2001)))])
    assert time.monotonic() - begin < 20
    assert len(outcome.failures) == 100
    (told,) = set(words(outcome))
    assert "http://127.0.0.1:9 cannot be reached" in told
    assert names(root) == []


def test_a_changed_file_is_refused_with_both_digests(get, archive, root, content):
    get()
    (root / "tiny/t_2002.nc").unlink()
    archive.files["t_2002.nc"] = content("new", 6000)
    outcome = get()
    assert names(root) == ["tiny/t_2001.nc", "tiny/t_2003.nc"]
    assert isinstance(outcome.failures[0].error, PinError)
    for body in (content(2002), content("new", 6000)):
        assert hashlib.sha256(body).hexdigest() in words(outcome)[0]
    assert "abz data lock" in words(outcome)[0]


def test_a_damaged_file_is_replaced_only_by_the_locked_one(get, archive, root, content):
    get()
    (root / "tiny/t_2002.nc").write_bytes(content(2002)[:-1])
    archive.files["t_2002.nc"] = content("new")
    assert len(get().failures) == 1
    assert (root / "tiny/t_2002.nc").read_bytes() == content(2002)[:-1]
    archive.files["t_2002.nc"] = content(2002)
    assert get().fetched == ["tiny/t_2002.nc"]
    assert (root / "tiny/t_2002.nc").read_bytes() == content(2002)


def test_a_page_that_was_saved_by_hand_steps_aside(get, root, content):
    (root / "tiny").mkdir()
    (root / "tiny/t_2002.nc").write_bytes(b"<html>log in</html>")
    assert "tiny/t_2002.nc" in get().fetched
    assert (root / "tiny/t_2002.nc").read_bytes() == content(2002)


def test_files_put_there_by_hand_are_locked_not_fetched(get, yearly, archive, root, content):
    (root / "tiny").mkdir()
    (root / "tiny/t_2002.nc").write_bytes(content("mine"))
    assert "tiny/t_2002.nc" not in get().fetched
    assert ("t_2002.nc", None) not in archive.asked
    assert "tiny/t_2002.nc" in read_lock(yearly().path).entries["tiny"].files


def test_catalog_pins_are_held_to_and_not_locked(catalog_of, archive, root, patience, content):
    archive.files["a.nc"] = content(1)
    digest = hashlib.sha256(content(1)).hexdigest()
    origin = {"by": "http", "url": archive.url("a.nc"), "paths": ["one/a.nc"]}
    pin = {
        "origins": [origin], "files": [{"path": "one/a.nc", "sha256": digest, "bytes": 5000}],
    }  # fmt: skip
    catalog = catalog_of(("one", "one/a.nc", pin))
    archive.files["a.nc"] = content(2)
    assert isinstance(
        fetch(catalog(), [Need("one")], patience=patience).failures[0].error, PinError
    )
    assert names(root) == []
    archive.files["a.nc"] = content(1)
    assert fetch(catalog(), [Need("one")], patience=patience).fetched == ["one/a.nc"]
    assert not lock_path(catalog().path).exists()


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, body in files.items():
            opened.writestr(name, body)
    return stream.getvalue()


@pytest.fixture
def packed(catalog_of, archive):
    """A catalog of two files in one archive."""
    paths = ["pair/a.nc", "pair/b.nc"]
    origin = {"by": "http", "url": archive.url("p.zip"), "paths": paths, "archive": True}
    return catalog_of(("pair", paths, {"origins": [origin]}))


def test_files_come_out_of_an_archive(packed, archive, root, patience, content):
    archive.files["p.zip"] = zipped({"x/a.nc": content(1), "b.nc": content(2), "c": b"more"})
    archive.faults["p.zip"] = ["truncate", 503]
    assert fetch(packed(), [Need("pair")], patience=patience).failures == []
    assert names(root) == ["pair/a.nc", "pair/b.nc"]
    assert (root / "pair/b.nc").read_bytes() == content(2)
    assert set(packed().pin("pair").files[0].path) <= set("pair/ab.nc")


@pytest.mark.parametrize("wrong", ["absent", "page", "damaged", "twice", "no archive"])
def test_of_a_wrong_archive_nothing_is_kept(packed, archive, root, patience, content, wrong):
    sound = zipped({"a.nc": content(1), "b.nc": content(2)})
    bodies = {
        "absent": zipped({"a.nc": content(1)}),
        "page": zipped({"a.nc": content(1), "b.nc": b"<html>"}),
        "twice": zipped({"a.nc": content(1), "b.nc": content(2), "old/b.nc": content(3)}),
        "damaged": sound[:400] + bytes(8) + sound[408:],
        "no archive": b"<html>down</html>",
    }
    archive.files["p.zip"] = bodies[wrong]
    outcome = fetch(packed(), [Need("pair")], patience=patience)
    assert isinstance(outcome.failures[0].error, FetchError)
    assert names(root) == []


def test_what_has_no_address_is_told_with_the_way_by_hand(catalog_of, root, patience):
    catalog = catalog_of(("one", "one/a.nc", {"note": "on request"}))
    outcome = fetch(catalog(), [Need("one")], patience=patience)
    message = words(outcome)[0]
    parts = ("One 1 has to be had by hand", "one/a.nc", str(root), "https://example.org/one")
    for part in (*parts, "--from FOLDER"):
        assert part in message
    assert "on request" in message


def test_years_beyond_the_product_are_told(get):
    outcome = get(Need("tiny", (2003, 2004)))
    assert outcome.fetched == ["tiny/t_2003.nc"]
    assert "2004" in words(outcome)[0]
    assert "2001 to 2003" in words(outcome)[0]


def test_no_room_is_told_before_anything_comes(get, archive, monkeypatch):
    monkeypatch.setattr("abz.fetching.room.shutil.disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(FetchError, match="no room"):
        get()
    assert archive.asked == []


def test_a_full_disk_stops_all_and_the_next_call_goes_on(get, archive, root, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("abz.fetching.http._gather", full)
        with pytest.raises(OSError, match="No space"):
            get(jobs=1)
    assert all(name.endswith((".part", ".part.json")) for name in names(root))
    assert len(get().fetched) == 3


def test_while_a_file_comes_only_its_part_is_there(get, archive, root, content):
    """So that a kill leaves nothing else behind."""
    seen = []

    def look(count, total):
        seen.extend(names(root))

    progress = Progress(look)
    archive.files["t_2001.nc"] = content(2001, 50_000)
    get(Need("tiny", (2001,)), progress=progress)
    assert set(seen) <= {"tiny/.t_2001.nc.part", "tiny/.t_2001.nc.part.json"}
    assert names(root) == ["tiny/t_2001.nc"]


def test_a_stop_ends_all_and_keeps_what_came(get, archive, root, content):
    progress = Progress()
    archive.files["t_2001.nc"] = content(2001, 100_000)
    archive.faults["t_2001.nc"] = ["drip"]
    threading.Timer(0.3, progress.stop.set).start()
    begin = time.monotonic()
    with pytest.raises(Stopped):
        get(jobs=1, progress=progress)
    assert time.monotonic() - begin < 5
    assert (root / "tiny/.t_2001.nc.part").stat().st_size > 0
    assert len(get().fetched) == 3


def test_one_total_for_all_files_from_the_first_byte_on(get):
    seen = []
    get(progress=Progress(lambda count, total: seen.append((count, total))))
    assert sum(count for count, _ in seen) == 15_000
    assert {total for count, total in seen if count} == {15_000}


def test_what_is_locked_is_what_the_stages_open(get, yearly, root, content):
    get()
    assert len(yearly().files("tiny")) == 3
    (root / "tiny/t_2002.nc").write_bytes(content("swapped"))
    with pytest.raises(PinError, match="t_2002"):
        yearly().files("tiny", [2002])


def test_the_lock_file_holds_no_address(get, yearly, archive):
    get()
    assert archive.address not in json.dumps(read_lock(yearly().path).model_dump())


def test_an_unfinished_listing_is_not_a_dataset(get, yearly, root):
    get()
    catalog = yearly()
    record(catalog.path, "tiny", catalog.pin("tiny"), awaited={"tiny/t_2004.nc": 5})
    with pytest.raises(MissingDataError, match=r"t_2004\.nc|not complete"):
        yearly().files("tiny", [2004])
