"""A tiny catalog whose product reader counts bytes."""

import copy

import pytest
import yaml

import abz.readers

CONTENT = {
    "version": 2,
    "metadata": {"title": "tiny"},
    "user_parameters": {
        "root": {
            "cls": "intake.readers.user_parameters:SimpleUserParameter",
            "dtype": "str",
            "default": "data",
            "description": "folder",
        }
    },
    "aliases": {"tiny": "tiny"},
    "data": {
        "tiny_files": {
            "datatype": "intake.readers.datatypes:FileData",
            "kwargs": {"url": "{root}/tiny/t_{year}.bin"},
            "metadata": {},
            "user_parameters": {},
        }
    },
    "entries": {
        "tiny": {
            "reader": "abz.catalog:ProductReader",
            "kwargs": {"data": "{data(tiny_files)}", "product": "tiny", "folder": "{root}"},
            "output_instance": "xarray:Dataset",
            "user_parameters": {},
            "metadata": {
                "pin": {
                    "product": "Tiny",
                    "version": "1",
                    "provider": "test",
                    "license": "CC0",
                    "access": "earthdata",
                    "url": "https://example.org/tiny",
                    "period": "2001-2004",
                    "absent_years": [2003],
                }
            },
        }
    },
}


@pytest.fixture
def content():
    """The plain content of the tiny catalog, to be changed freely."""
    return copy.deepcopy(CONTENT)


@pytest.fixture
def write(tmp_path):
    """Write content as a catalog file."""

    def _write(content):
        path = tmp_path / "catalog.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return _write


@pytest.fixture
def archive(tmp_path):
    """A data folder with the years 2001, 2002 and 2004 of the product."""
    root = tmp_path / "data"
    (root / "tiny").mkdir(parents=True)
    for year in (2001, 2002, 2004):
        (root / "tiny" / f"t_{year}.bin").write_bytes(str(year).encode())
    return root


@pytest.fixture
def tiny_reader(monkeypatch):
    """A reader of the tiny product: names and contents of its files."""

    def read_tiny(paths, scale=1):
        return {path.name: int(path.read_bytes()) * scale for path in paths}

    monkeypatch.setattr(abz.readers, "read_tiny", read_tiny, raising=False)
