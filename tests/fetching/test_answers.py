"""What a server says of a file, and what is made of it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from abz.errors import FetchError
from abz.fetching.answers import Answer, Passing, Said, check_answer, said_of, write_said

URL = "https://example.org/a.nc"


def answer(status=200, begin=0, url=URL, **headers):
    response = requests.Response()
    response.status_code, response.reason, response.url = status, "reason", url
    response.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
    return check_answer(response, URL, URL, begin, "a.nc")


def test_a_whole_file():
    assert answer(Content_Length="9", ETag='"x"') == Answer(0, 9, '"x"')


def test_the_rest_of_a_file():
    found = answer(206, 4, Content_Range="bytes 4-8/9", Last_Modified="then")
    assert found == Answer(4, 9, "then")


@pytest.mark.parametrize("text", ["bytes 3-8/9", "bytes */9", "", "bytes 4"])
def test_another_part_than_asked_for_is_begun_anew(text):
    with pytest.raises(Passing) as fault:
        answer(206, 4, Content_Range=text)
    assert fault.value.anew


def test_beyond_the_end():
    assert answer(416, 9, Content_Range="bytes */9").is_whole_already
    with pytest.raises(Passing) as fault:
        answer(416, 9, Content_Range="bytes */8")
    assert fault.value.anew


def test_a_weak_mark_is_no_mark():
    assert answer(ETag='W/"x"').validator == ""


def test_what_is_packed_for_the_way_has_no_size_and_no_mark():
    assert answer(Content_Encoding="gzip", Content_Length="9", ETag='"x"') == Answer(0, None, "")


def test_a_way_that_leaves_https_is_refused():
    with pytest.raises(FetchError, match="https"):
        answer(url="http://example.org/a.nc")


@pytest.mark.parametrize("as_date", [False, True])
def test_a_pause_that_is_asked_for_is_kept(as_date):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    with pytest.raises(Passing) as fault:
        answer(503, Retry_After=later if as_date else "30")
    assert 25 <= fault.value.pause <= 30


def test_what_was_said_is_kept_beside_the_part_without_its_query(tmp_path):
    part = tmp_path / ".a.nc.part"
    part.write_bytes(b"x")
    write_said(part, f"{URL}?token=hidden", Answer(0, 9, '"x"'))
    assert said_of(part, f"{URL}?token=other") == Said(9, '"x"')
    assert said_of(part, "https://example.org/b.nc") == Said()
    assert "hidden" not in (tmp_path / ".a.nc.part.json").read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_damaged_notes_say_nothing(tmp_path, text):
    part = tmp_path / ".a.nc.part"
    part.write_bytes(b"x")
    (tmp_path / ".a.nc.part.json").write_text(text)
    assert said_of(part, URL) == Said()
