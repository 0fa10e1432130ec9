"""Servers that answer, and servers that are not there."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from abz.errors import FetchError
from abz.fetching.http import Patience
from abz.fetching.servers import Servers

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def asked(monkeypatch):
    """Addresses that are asked, noted on their way."""
    seen, head = [], requests.head

    def noted(url, **options):
        seen.append(url)
        return head(url, **options)

    monkeypatch.setattr(requests, "head", noted)
    return seen


def test_a_server_is_reached_whatever_it_answers(archive, asked):
    servers = Servers()
    for name in ("a.nc", "b.nc?token=secret"):
        servers.check(archive.url(name))
    assert asked == [archive.address]


def test_one_that_is_not_there_is_asked_for_once_for_all_its_files(asked):
    pauses = []
    servers = Servers(Patience(first=0.5), pauses.append)

    def message(number):
        with pytest.raises(FetchError) as error:
            servers.check(f"{NOWHERE}/{number}.nc")
        return str(error.value)

    with ThreadPoolExecutor(4) as pool:
        messages = set(pool.map(message, range(20)))
    assert asked == [NOWHERE] * 3
    assert pauses == [0.5, 1.0]
    (told,) = messages
    for words in (f"{NOWHERE} cannot be reached", "3 attempts", "network", "HTTPS_PROXY"):
        assert words in told


def test_one_that_answers_late_is_reached(archive, monkeypatch):
    head, faults = requests.head, [requests.ConnectionError(), requests.Timeout()]

    def late(url, **options):
        if faults:
            raise faults.pop()
        return head(url, **options)

    monkeypatch.setattr(requests, "head", late)
    Servers(sleep=lambda _: None).check(archive.url("a.nc"))
    assert faults == []
