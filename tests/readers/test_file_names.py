import re
from pathlib import Path

import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.file_names import parse_names

PATTERN = re.compile(r"P_(?P<year>\d{4})\.nc")


def make(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.touch()
    return paths


def test_files_come_sorted_with_their_parts(tmp_path):
    paths = make(tmp_path, "P_2003.nc", "P_2001.nc")
    found = parse_names(paths, PATTERN, "P", "P_2001.nc", [2001, 2003])
    assert [part["year"] for _, part in found] == ["2001", "2003"]


def test_wrong_product_is_named(tmp_path):
    with pytest.raises(InputError, match=r"(?s)not of P.*P_2001\.nc.*Q_2001\.nc"):
        parse_names(make(tmp_path, "Q_2001.nc"), PATTERN, "P", "P_2001.nc")


def test_year_that_was_not_asked_for(tmp_path):
    with pytest.raises(InputError, match=r"(?s)another year.*\[2002\].*P_2001\.nc"):
        parse_names(make(tmp_path, "P_2001.nc"), PATTERN, "P", "P_2001.nc", [2002])


def test_nothing_and_absent_files(tmp_path):
    with pytest.raises(MissingDataError, match="no file of P"):
        parse_names([], PATTERN, "P", "P_2001.nc")
    with pytest.raises(MissingDataError, match="P is not there"):
        parse_names([tmp_path / "P_2001.nc"], PATTERN, "P", "P_2001.nc")
