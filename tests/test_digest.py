"""Digests see names and bytes, and nothing else."""

import os

from abz.digest import digest, tree_bytes


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_tree_is_its_names_and_bytes(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder, "x/one", "1")
        write(tmp_path / folder, "two", "22")
    os.utime(tmp_path / "b" / "two", (0, 0))
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert tree_bytes(tmp_path / "a") == 3


def test_a_renamed_or_changed_file_changes_the_tree(tmp_path):
    write(tmp_path / "a", "one", "1")
    write(tmp_path / "b", "uno", "1")
    write(tmp_path / "c", "one", "2")
    assert len({digest(tmp_path / name) for name in "abc"}) == 3
