"""Compiled kernels are kept for exactly the sources they came from."""

import subprocess
import sys

import numpy as np

import abz.compiled
from abz.compiled import cache_folder, kernel


def test_a_kernel_computes_what_its_python_does():
    def total(x):
        return (x * x).sum()

    values = np.arange(5.0)
    assert kernel(total)(values) == total(values)


def test_every_module_with_a_kernel_counts(monkeypatch, tmp_path):
    def folder_of(text):
        (tmp_path / "room.py").write_text(text)
        cache_folder.cache_clear()
        return cache_folder().name

    monkeypatch.setattr(abz.compiled, "PACKAGE", tmp_path)
    try:
        first = folder_of("import x\n\n@kernel\ndef f(): pass\n")
        assert folder_of("import x\n\n@kernel\ndef f(): return 1\n") != first
        assert folder_of("import x\n\ndef f(): pass\n") != first
        assert folder_of("import x\n\n@kernel\ndef f(): pass\n") == first
    finally:
        cache_folder.cache_clear()


def test_no_place_no_cache(monkeypatch, tmp_path):
    """Nothing is kept in the shared folder of temporary files; kernels run all the same."""
    monkeypatch.setattr(abz.compiled, "_writable", lambda folder: tmp_path in folder.parents)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    try:
        cache_folder.cache_clear()
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_folder().parent == tmp_path / ".cache"
        cache_folder.cache_clear()
        monkeypatch.delenv("HOME")
        assert cache_folder() is None
        assert kernel(lambda x: x + 1)(2) == 3
    finally:
        cache_folder.cache_clear()


def test_the_environment_names_the_place(tmp_path):
    code = "from abz.trends.theil_sen import sen_slope; from abz.compiled import cache_folder as f"
    code += "; print(f())"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"NUMBA_CACHE_DIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.startswith(str(tmp_path))
