"""Our calls of ecmwf-datastores-client, against a stand-in of its documented interface."""

import hashlib
import inspect
import sys
from types import ModuleType, SimpleNamespace

import pytest
import requests

from abz.errors import PinError
from abz.fetching import Need, Progress, Stopped, fetch

NEED = Need("era", (2001, 2002))
REQUEST = {"variable": ["skt", "t2m"], "time": "00:00"}
PIN = {
    "access": "cds", "years": [2001, 2002], "origins": [
        {"by": "copernicus", "dataset": "era-means", "request": REQUEST, "path": "era/e_{year}.nc"},
    ],
}  # fmt: skip


class Store:
    """A store that makes a file a year, and notes what it is asked."""

    def __init__(self, archive, content):
        self.archive, self.content = archive, content
        self.requests, self.waits, self.fails, self.key = {}, 0, None, True
        self.stated, self.refuses, self.clients = None, None, 0

    def Client(self, **options):  # noqa: N802 - the library's own name
        assert options["progress"] is False
        self.clients += 1
        if self.refuses:
            raise self.refuses
        return self

    def check_authentication(self):
        if not self.key:
            raise requests.HTTPError("key hidden")

    def submit(self, dataset, request):
        if self.fails:
            raise self.fails
        number = f"r{len(self.requests)}"
        self.requests[number] = (dataset, request)
        return self.get_remote(number)

    def get_remote(self, number):
        return Remote(self, number)


class Remote:
    def __init__(self, store, number):
        self.store, self.request_id = store, number
        self.waits = store.waits

    @property
    def status(self):
        return "running" if self.waits else "successful"

    @property
    def results_ready(self):
        self.waits -= 1
        return self.waits < 0

    def get_results(self):
        _, request = self.store.requests[self.request_id]
        name = f"{self.request_id}.nc"
        body = self.store.content(f"{request['year'][0]}")
        self.store.archive.files.setdefault(name, body)
        digest = self.store.stated or hashlib.md5(body).hexdigest()
        return SimpleNamespace(
            location=self.store.archive.url(name), content_length=len(body),
            asset={"href": name, "file:size": len(body), "file:checksum": digest},
        )  # fmt: skip


@pytest.fixture
def store(archive, content, monkeypatch):
    """The store, as the module `ecmwf.datastores`."""
    made = Store(archive, content)
    parent, module = ModuleType("ecmwf"), ModuleType("ecmwf.datastores")
    module.Client = made.Client
    monkeypatch.setitem(sys.modules, "ecmwf", parent)
    monkeypatch.setitem(sys.modules, "ecmwf.datastores", module)
    return made


@pytest.fixture
def get(catalog_of, patience, store):
    catalog = catalog_of(("era", "era/e_{year}.nc", PIN))
    return lambda need=NEED, **options: fetch(catalog(), [need], patience=patience, **options)


def test_a_request_a_year(get, store, root, content):
    outcome = get()
    assert outcome.failures == []
    assert (root / "era/e_2002.nc").read_bytes() == content("2002")
    assert sorted(store.requests.values(), key=lambda r: r[1]["year"]) == [
        ("era-means", {"variable": ["skt", "t2m"], "time": "00:00", "year": [str(year)]})
        for year in (2001, 2002)
    ]
    assert not list(root.rglob("*.request"))


def test_an_interrupted_wait_goes_on_with_the_same_request(get, store, root):
    store.waits = 10_000
    progress = Progress()
    progress.stop.set()
    with pytest.raises(Stopped):
        get(Need("era", (2001,)), progress=progress)
    assert len(list(root.rglob("*.request"))) == 1
    store.waits = 1
    assert get(Need("era", (2001,))).fetched == ["era/e_2001.nc"]
    assert len(store.requests) == 1


def test_another_request_is_not_taken_for_the_same(get, store, root):
    (root / "era").mkdir()
    (root / "era/.e_2001.nc.request").write_text('{"id": "r9", "of": "another"}')
    assert get(Need("era", (2001,))).failures == []
    assert list(store.requests) == ["r0"]


def test_a_made_anew_file_that_differs_is_refused(get, store, root, content):
    get(Need("era", (2001,)))
    (root / "era/e_2001.nc").unlink()
    store.archive.files["r1.nc"] = content("repacked")
    outcome = get(Need("era", (2001,)))
    assert isinstance(outcome.failures[0].error, PinError)
    assert hashlib.sha256(content("repacked")).hexdigest() in str(outcome.failures[0].error)
    assert not (root / "era/e_2001.nc").exists()
    assert not list(root.rglob("*.request"))


def test_the_stated_digest_is_compared(get, store):
    store.stated = "0" * 32
    assert "states" in str(get(Need("era", (2001,))).failures[0].error)


def test_a_refused_request_is_told(get, store):
    response = SimpleNamespace(status_code=403)
    store.fails = requests.HTTPError("licence; key hidden", response=response)
    message = str(get(Need("era", (2001,))).failures[0].error)
    for words in ("did not deliver e_2001.nc", "status 403", "licence"):
        assert words in message
    assert "hidden" not in message


def test_a_wrong_key_is_told_without_it(get, store):
    store.key = False
    message = str(get(Need("era", (2001,))).failures[0].error)
    assert "ECMWF_DATASTORES_KEY" in message
    assert "hidden" not in message


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (FileNotFoundError("hidden"), ("no key", "ECMWF_DATASTORES_KEY", "licence")),
        (requests.ConnectionError("hidden"), ("cannot be reached", "network")),
    ],
)
def test_what_holds_for_all_requests_is_found_out_once(get, store, refusal, words):
    store.refuses = refusal
    failures = get().failures
    assert (len(failures), store.clients) == (2, 1)
    (message,) = {str(failure.error) for failure in failures}
    assert all(word in message for word in words)
    assert "hidden" not in message


def test_without_the_package_the_extra_is_named(get, store, monkeypatch):
    monkeypatch.setitem(sys.modules, "ecmwf.datastores", None)
    assert "abz[copernicus]" in str(get(Need("era", (2001,))).failures[0].error)


def test_the_real_package_has_what_is_called():
    pytest.importorskip("ecmwf.datastores")
    from ecmwf.datastores import Client, Remote, Results

    assert {"progress", "maximum_tries", "retry_after"} <= {*inspect.signature(Client).parameters}
    for name in ("check_authentication", "submit", "get_remote"):
        assert callable(getattr(Client, name))
    for name in ("request_id", "status", "results_ready", "get_results"):
        assert hasattr(Remote, name)
    for name in ("location", "content_length", "asset"):
        assert hasattr(Results, name)
