"""Faults of the disk in plain words."""

import errno
import os
import sys

import pytest

from abz.cli.faults import PROBLEMS, storage_fault
from abz.cli.main import main


@pytest.mark.parametrize("number", PROBLEMS)
def test_a_fault_names_the_file_and_what_to_do(number):
    said = str(storage_fault(OSError(number, os.strerror(number), "runs/a/b")))
    assert "runs/a/b" in said
    assert "the same command goes on" in said
    assert "`output`" in said


def test_other_faults_are_not_dressed_up(monkeypatch):
    def fail(parsed):
        raise ConnectionResetError(errno.ECONNRESET, "reset")

    monkeypatch.setattr(sys.modules["abz.cli.main"], "_verify", fail)
    with pytest.raises(ConnectionResetError):
        main(["verify", "runs/a"])
