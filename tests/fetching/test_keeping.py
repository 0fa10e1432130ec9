"""A file takes its name whole and right, or not at all."""

import hashlib
import logging
import stat

import pooch
import pytest
import requests

from abz.errors import FetchError, PinError
from abz.fetching.keeping import Hold, keep, published_digest, resolve, settle


@pytest.fixture
def get(archive, root, patience):
    def fetch(*hold):
        return keep(root, "a/a.nc", archive.url("a.nc"), Hold(*hold), patience=patience)

    return fetch


def test_what_came_is_described(archive, get, root, content):
    archive.files["a.nc"] = content(1)
    found = get()
    assert (found.path, found.bytes) == ("a/a.nc", 5000)
    assert found.sha256 == hashlib.sha256(content(1)).hexdigest()
    assert found == settle(root, "a/a.nc")
    assert [path.name for path in (root / "a").iterdir()] == ["a.nc"]


def test_others_may_read_it_as_any_new_file(archive, get, root, content):
    archive.files["a.nc"] = content(1)
    get()
    (root / "plain").write_bytes(b"")
    modes = [stat.S_IMODE((root / name).stat().st_mode) for name in ("a/a.nc", "plain")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("hold", [(None, 4999, None), (None, None, "md5:" + "0" * 32)])
def test_what_the_archive_states_is_compared(archive, get, root, content, hold):
    archive.files["a.nc"] = content(1)
    with pytest.raises(PinError, match="states"):
        get(*hold)
    assert list((root / "a").iterdir()) == []


def test_a_stated_digest_that_agrees_passes(archive, get, content):
    archive.files["a.nc"] = content(1)
    get(None, 5000, f"sha512:{hashlib.sha512(content(1)).hexdigest()}")


def test_a_broken_off_part_of_another_version_is_refused_by_the_pin(archive, get, root, content):
    archive.files["a.nc"] = content(1)
    pinned = get()
    (root / "a/a.nc").unlink()
    (root / "a/.a.nc.part").write_bytes(content("older")[:2000])
    with pytest.raises(PinError):
        get(pinned)
    assert list((root / "a").iterdir()) == []
    assert get(pinned) == pinned


def test_digests_that_cannot_be_computed_are_left_out():
    assert published_digest("MD5", " AB ") == "md5:ab"
    assert published_digest("SHA-512", "ab") == "sha512:ab"
    assert published_digest("", "ab") is published_digest("md5", "") is None


class Repository:
    def populate_registry(self, keeper):
        keeper.registry["a.tif"] = "md5:0f"

    def download_url(self, name):
        if name != "a.tif":
            raise ValueError(f"no {name}")
        return f"https://example.org/{name}"


def test_a_doi_leads_to_an_address_and_a_digest(monkeypatch):
    asked = []

    def repository(doi, **_):
        asked.append(doi)
        return Repository()

    monkeypatch.setattr(pooch.downloaders, "doi_to_repository", repository)
    assert resolve("doi:10.5281/zenodo.1/a.tif") == ("https://example.org/a.tif", "md5:0f")
    assert asked == ["10.5281/zenodo.1"]
    with pytest.raises(FetchError, match="zenodo"):
        resolve("doi:10.5281/zenodo.1/b.tif")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.HTTPError, r"https://doi\.org/10\.5281/zenodo\.1"),
        (requests.ConnectionError, r"(?s)doi 10\.5281/zenodo\.1 cannot be reached.*network"),
    ],
)
def test_a_doi_that_does_not_answer_is_told(monkeypatch, error, words):
    def repository(doi, **_):
        raise error

    monkeypatch.setattr(pooch.downloaders, "doi_to_repository", repository)
    with pytest.raises(FetchError, match=words):
        resolve("doi:10.5281/zenodo.1/a.tif")


def test_other_addresses_stay_as_they_are():
    assert resolve("https://example.org/a.nc") == ("https://example.org/a.nc", None)


def test_no_library_logs_addresses(archive, get, content, caplog):
    archive.files["a.nc"] = content(1)
    caplog.set_level(logging.DEBUG)
    get()
    assert archive.address not in caplog.text
