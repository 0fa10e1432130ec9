"""Servers that answer, and servers that are not there."""

import socket
import threading
import time
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


@pytest.mark.parametrize("manner", ["hangs up", "hangs"])
def test_one_that_is_there_but_does_not_answer_is_reached(manner, monkeypatch):
    """Whether its files come is for the transfers to find out."""
    monkeypatch.setattr("abz.fetching.servers.SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def rude():
            connection, _ = listening.accept()
            if manner == "hangs":
                time.sleep(0.5)
            connection.close()

        thread = threading.Thread(target=rude)
        thread.start()
        Servers(sleep=lambda _: None).check(f"http://127.0.0.1:{port}/a.nc")
        thread.join()


def test_a_name_that_no_one_has_is_not_reached():
    with pytest.raises(FetchError, match=r"no-such-host\.invalid cannot be reached"):
        Servers(sleep=lambda _: None).check("https://no-such-host.invalid/a.nc")


def test_one_that_answers_late_is_reached(archive, monkeypatch):
    head, faults = requests.head, [requests.ConnectTimeout(), requests.ConnectTimeout()]

    def late(url, **options):
        if faults:
            raise faults.pop()
        return head(url, **options)

    monkeypatch.setattr(requests, "head", late)
    Servers(sleep=lambda _: None).check(archive.url("a.nc"))
    assert faults == []
