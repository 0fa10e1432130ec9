import hashlib
import os

import pytest
from pydantic import ValidationError

from abz.catalog.pins import Pin, PinnedFile, verify
from abz.errors import PinError


def pinned(content: bytes) -> PinnedFile:
    return PinnedFile(path="a.bin", sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def test_the_pinned_bytes_pass(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    assert verify(path, pinned(b"abc"), "tiny") == path


def test_other_bytes_of_the_same_size_are_refused_with_both_digests(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abd")
    with pytest.raises(PinError) as error:
        verify(path, pinned(b"abc"), "tiny")
    for content in (b"abc", b"abd"):
        assert hashlib.sha256(content).hexdigest() in str(error.value)


def test_another_size_is_refused_even_when_the_digest_were_right(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    wrong = pinned(b"abc").model_copy(update={"bytes": 4})
    with pytest.raises(PinError, match="4 bytes"):
        verify(path, wrong, "tiny")


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    verify(path, pinned(b"abc"), "tiny")
    path.write_bytes(b"xyz")
    os.utime(path, ns=(1, 1))
    with pytest.raises(PinError):
        verify(path, pinned(b"abc"), "tiny")


def test_an_unchanged_file_is_read_once(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    reads = []
    digest = hashlib.sha256(b"abc").hexdigest()
    monkeypatch.setattr("abz.catalog.pins.sha256_file", lambda p: reads.append(p) or digest)
    for _ in range(3):
        verify(path, pinned(b"abc"), "tiny")
    assert reads == [path]


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../up", "{root}/a", "s3://a"])
def test_paths_stay_below_the_folder(path):
    with pytest.raises(ValidationError):
        PinnedFile(path=path, sha256="0" * 64, bytes=0)


@pytest.mark.parametrize("change", [{"doi": "doi:10.1/x"}, {"access": "ftp"}, {"url": "http://a"}])
def test_a_pin_is_checked(change):
    fields = {
        "product": "P", "version": "1", "provider": "p", "license": "l",
        "access": "open", "period": "static",
    }  # fmt: skip
    Pin(**fields)
    with pytest.raises(ValidationError):
        Pin(**(fields | change))
