import pytest

from abz.fetching.signatures import SIGNATURES, fault_of


@pytest.mark.parametrize("suffix", SIGNATURES)
def test_each_format_is_known_by_its_first_bytes(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    for head in SIGNATURES[suffix]:
        path.write_bytes(head + b"rest")
        assert fault_of(path) is None
    path.write_bytes(b"rest of another format")
    assert suffix in fault_of(path)


@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE HTML>", b"\xef\xbb\xbf \n<html>", b"<?xml version='1.0'?><Error/>"]
)
def test_pages_are_known_whatever_their_name(tmp_path, body):
    for name in ("a.csv", "a.txt", "a.nc"):
        (tmp_path / name).write_bytes(body)
        assert fault_of(tmp_path / name) == "a web page"


def test_nothing_is_no_file(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    assert fault_of(tmp_path / "a.csv") == "an empty file"


def test_a_part_is_judged_by_the_name_it_is_meant_for(tmp_path):
    (tmp_path / ".a.nc.part").write_bytes(b"site,year\n")
    assert fault_of(tmp_path / ".a.nc.part", "a.csv") is None
    assert fault_of(tmp_path / ".a.nc.part", "a.nc") is not None


def test_real_files_are_what_they_begin_as(real_data):
    found = [p for p in (real_data / "samples").rglob("*") if p.suffix.lower() in SIGNATURES]
    assert found
    assert {path.name: fault for path in found if (fault := fault_of(path))} == {}
