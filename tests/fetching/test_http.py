"""A file over HTTP from a server that truncates, stalls, fails, changes and sends pages."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import FetchError
from abz.fetching.answers import Stopped
from abz.fetching.http import Meter, Patience, download, part_of, shown


@pytest.fixture
def get(archive, tmp_path, patience):
    """Fetch a.nc; progress is added up."""

    def fetch(name="a.nc", **options):
        come = []
        options = {"patience": patience, "meter": Meter(come.append)} | options
        part = download(archive.url(name), tmp_path / name, **options)
        return part.read_bytes(), sum(come)

    return fetch


def test_a_plain_file(archive, get, content):
    archive.files["a.nc"] = content(1)
    assert get() == (content(1), 5000)


@pytest.mark.parametrize("fault", ["truncate", "stall"])
def test_what_broke_off_goes_on_where_it_stopped(archive, get, content, fault):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = [fault, fault]
    assert get() == (content(1), 5000)
    assert [wanted for _, wanted in archive.asked] == [None, "bytes=2500-", "bytes=3750-"]


def test_another_process_goes_on_too(archive, get, content, tmp_path):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["truncate", 404]
    with pytest.raises(FetchError, match="404"):
        get()
    assert part_of(tmp_path / "a.nc").stat().st_size == 2500
    assert get() == (content(1), 5000)
    assert archive.asked[-1] == ("a.nc", "bytes=2500-")


@pytest.mark.parametrize("trait", ["resumes", "marks"])
def test_a_server_that_cannot_resume_sends_all_again(archive, get, content, trait):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["truncate"]
    setattr(archive, trait, False)
    assert get() == (content(1), 5000)


def test_without_a_mark_a_known_digest_allows_to_resume(archive, get, content):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["truncate"]
    archive.marks = False
    assert get(trusted=True) == (content(1), 5000)
    assert archive.asked[-1] == ("a.nc", "bytes=2500-")


@pytest.mark.parametrize("size", [5000, 6000])
@pytest.mark.parametrize("trait", ["", "conditions", "marks"])
def test_a_file_that_changes_while_it_comes_is_never_mixed(archive, get, content, size, trait):
    """Even if the server ignores If-Range, or says nothing by which a change can be seen."""

    def change(server):
        server.files["a.nc"] = content(2, size)

    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["truncate", change]
    if trait:
        setattr(archive, trait, False)
    assert get() == (content(2, size), size)


def test_the_rest_is_asked_for_on_condition(archive, get, content):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["truncate"]
    get()
    assert archive.held_to == [None, f'"{hashlib.md5(content(1)).hexdigest()}"']


def test_a_part_longer_than_the_file_is_given_up(archive, get, content, tmp_path):
    archive.files["a.nc"] = content(1, 1000)
    part_of(tmp_path / "a.nc").write_bytes(b"x" * 4000)
    assert get(trusted=True) == (content(1, 1000), 1000)


def test_a_part_that_is_whole_is_asked_for_no_more(archive, get, content, tmp_path):
    archive.files["a.nc"] = content(1)
    part_of(tmp_path / "a.nc").write_bytes(content(1))
    assert get(trusted=True) == (content(1), 5000)


def test_busy_servers_are_asked_again_with_growing_pauses(archive, get, content):
    pauses = []
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = [503, 500, 429]
    assert get(sleep=pauses.append) == (content(1), 5000)
    assert pauses == [0.02, 0.04, 0.05]


def test_patience_ends_and_says_so(archive, get, content):
    archive.faults["a.nc"] = [503] * 9
    with pytest.raises(FetchError) as error:
        get()
    assert len(archive.asked) == 4
    for words in ("could not be fetched", "503", "goes on with what has come"):
        assert words in str(error.value)


def test_progress_renews_patience(archive, get, content):
    archive.files["a.nc"] = content(1, 100_000)
    archive.faults["a.nc"] = ["truncate"] * 9
    assert get() == (content(1, 100_000), 100_000)


@pytest.mark.parametrize("fault", ["page", "disguised page"])
def test_a_page_in_place_of_a_file_is_refused(archive, get, tmp_path, fault):
    archive.faults["a.nc"] = [fault]
    with pytest.raises(FetchError) as error:
        get()
    assert "a web page in place of a.nc" in str(error.value)
    assert "browser" in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_what_is_declared_a_page_is_one_whatever_it_holds(archive, get, tmp_path):
    archive.faults["a.csv"] = ["odd page"]
    with pytest.raises(FetchError, match="web page"):
        get("a.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "words"), [(401, "login"), (403, "licence"), (404, "moved")])
def test_a_refusal_says_what_to_do(archive, get, status, words):
    archive.faults["a.nc"] = [status]
    with pytest.raises(FetchError, match=words):
        get()
    assert len(archive.asked) == 1


def test_another_format_is_refused(archive, get, tmp_path):
    archive.files["a.nc"] = b"PK\x03\x04 no NetCDF"
    with pytest.raises(FetchError, match="first bytes"):
        get()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there(tmp_path, patience):
    with pytest.raises(FetchError, match="connection broke"):
        download("http://127.0.0.1:9/a.nc", tmp_path / "a.nc", patience=patience)


def test_a_stop_keeps_what_has_come(archive, content, tmp_path, patience):
    archive.files["a.nc"] = content(1, 3_000_000)
    meter = Meter(stopped=lambda: True)
    with pytest.raises(Stopped):
        download(archive.url("a.nc"), tmp_path / "a.nc", patience=patience, meter=meter)
    assert part_of(tmp_path / "a.nc").stat().st_size > 0


def test_a_server_that_drips_counts_as_stalled(archive, content, tmp_path):
    archive.files["a.nc"] = content(1)
    archive.faults["a.nc"] = ["drip"] * 2
    archive.marks = False
    hasty = Patience(tries=1, first=0.01, stall=0.15, slowest=1e6)
    with pytest.raises(FetchError, match="stalled"):
        download(archive.url("a.nc"), tmp_path / "a.nc", patience=hasty)


def test_no_key_reaches_a_message(archive, get):
    archive.faults["b.nc"] = [404]
    with pytest.raises(FetchError) as error:
        get("b.nc?token=hidden")
    assert "hidden" not in str(error.value)


@given(st.text("abc/?#=&", max_size=20), st.text("xyz", min_size=1, max_size=5))
def test_shown_addresses_hold_no_account_and_no_query(path, secret):
    text = shown(f"https://{secret}:{secret}@example.org/{path}?k={secret}#{secret}")
    assert secret not in text.removeprefix("https://example.org")
