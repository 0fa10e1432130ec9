"""Origins are checked before anything is fetched from them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from abz.catalog import Origin

CHECK = TypeAdapter(Origin)
HTTP = {"by": "http", "url": "https://example.org/a.nc", "paths": ["a/a.nc"]}


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a_{year}.nc", "http://127.0.0.1:80/a", "http://localhost/a",
     "doi:10.5281/zenodo.1/a.tif"],
)  # fmt: skip
def test_addresses_that_pass(url):
    assert CHECK.validate_python(HTTP | {"url": url}).url == url


@pytest.mark.parametrize(
    "url",
    ["http://example.org/a", "ftp://example.org/a", "https://me:secret@example.org/a",
     "file:///etc/passwd", "https://example.org /a", "http://127.0.0.1.example.org/a"],
)  # fmt: skip
def test_addresses_that_do_not(url):
    with pytest.raises(ValidationError):
        CHECK.validate_python(HTTP | {"url": url})


@pytest.mark.parametrize("path", ["../a.nc", "/a.nc", "a/*.nc", "a/{name}.nc", "a/../../b"])
def test_paths_stay_below_the_folder(path):
    with pytest.raises(ValidationError):
        CHECK.validate_python(HTTP | {"paths": [path]})


def test_only_an_archive_has_several_paths():
    with pytest.raises(ValidationError):
        CHECK.validate_python(HTTP | {"paths": ["a/a.nc", "a/b.nc"]})
    assert CHECK.validate_python(HTTP | {"paths": ["a/a.nc", "a/b.nc"], "archive": True}).archive


@pytest.mark.parametrize(
    "named", [{}, {"short_name": "A"}, {"doi": "10.1/a", "short_name": "A", "version": "1"}]
)
def test_a_collection_is_named_in_one_way(named):
    with pytest.raises(ValidationError):
        CHECK.validate_python({"by": "earthdata"} | named)
