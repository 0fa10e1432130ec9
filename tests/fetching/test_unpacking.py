"""Files out of an archive."""

import zipfile
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import PinError
from abz.fetching.keeping import settle
from abz.fetching.unpacking import unpack

NAMES = st.text("abc", min_size=1, max_size=4).map(lambda name: f"{name}.bin")
BODIES = st.binary(min_size=1, max_size=300).filter(lambda b: not b.lstrip().startswith(b"<"))


@given(st.dictionaries(NAMES, BODIES, min_size=1, max_size=5), st.sampled_from(["", "x/", "x/y/"]))
def test_what_was_packed_comes_out(tmp_path_factory, files, folder):
    root = tmp_path_factory.mktemp("root")
    with zipfile.ZipFile(root / "p.zip", "w", zipfile.ZIP_DEFLATED) as opened:
        for name, body in files.items():
            opened.writestr(folder + name, body)
            opened.writestr(f"__MACOSX/{folder}{name}", b"resource")
    paths = [f"d/{name}" for name in files]
    found = unpack(root / "p.zip", root, paths)
    assert [file.path for file in found] == paths
    assert {p.name: p.read_bytes() for p in (root / "d").iterdir()} == files
    assert found == [settle(root, path) for path in paths]


def test_no_name_leads_out_of_the_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as opened:
        opened.writestr("../../a.bin", b"body")
    unpack(tmp_path / "p.zip", tmp_path / "root", ["d/a.bin"])
    assert (tmp_path / "root/d/a.bin").read_bytes() == b"body"
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.bin")}
    assert names == {PurePosixPath("root/d/a.bin").as_posix()}


def test_a_pinned_file_that_differs_keeps_all_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as opened:
        opened.writestr("a.bin", b"one")
        opened.writestr("b.bin", b"two")
    pinned = unpack(tmp_path / "p.zip", tmp_path, ["d/b.bin"])[0]
    wrong = pinned.model_copy(update={"sha256": "0" * 64})
    (tmp_path / "d/b.bin").unlink()
    with pytest.raises(PinError, match="no longer holds"):
        unpack(tmp_path / "p.zip", tmp_path, ["d/a.bin", "d/b.bin"], [wrong])
    assert list((tmp_path / "d").iterdir()) == []
