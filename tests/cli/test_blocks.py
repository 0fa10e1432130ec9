import subprocess
import sys
import threading

import numpy as np
import pytest

from abz.cli.blocks import Ledger, remove_leftovers
from abz.errors import AbzError


@pytest.fixture
def ledger(tmp_path):
    store = tmp_path / "maps.zarr"
    store.mkdir()
    ledger = Ledger(tmp_path / "maps.blocks", store, "inputs")
    ledger.start()
    (store / "chunk").write_bytes(b"values")
    files = ledger.digests([store / "chunk", store / "empty"])
    ledger.finish("a", {"grams": np.arange(3)}, files)
    return ledger


def test_a_finished_block_is_known_by_a_later_process(ledger):
    again = Ledger(ledger.folder, ledger.store, "inputs")
    assert again.matches
    assert again.is_finished("a")
    assert not again.is_finished("b")
    assert again.arrays("a")["grams"].tolist() == [0, 1, 2]


def test_another_fingerprint_does_not_match(ledger):
    assert not Ledger(ledger.folder, ledger.store, "other").matches


def test_no_store_no_match(ledger):
    (ledger.store / "chunk").unlink()
    ledger.store.rmdir()
    assert not ledger.matches


@pytest.mark.parametrize("damage", [b"other", None])
def test_a_block_whose_files_changed_is_not_finished(ledger, damage):
    chunk = ledger.store / "chunk"
    chunk.write_bytes(damage) if damage else chunk.unlink()
    assert not ledger.is_finished("a")


def test_a_file_that_should_be_absent_counts(ledger):
    (ledger.store / "empty").write_bytes(b"x")
    assert not ledger.is_finished("a")


def test_a_receipt_of_another_fingerprint_is_none(ledger):
    other = Ledger(ledger.folder, ledger.store, "other")
    assert not other.is_finished("a")


def test_no_damaged_byte_passes(ledger):
    """A receipt with one byte changed is none, or says the same."""
    receipt = ledger.folder / "a.npz"
    whole = receipt.read_bytes()
    refused = 0
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        receipt.write_bytes(damaged)
        if ledger.is_finished("a"):
            assert {k: v.tolist() for k, v in ledger.arrays("a").items()} == {"grams": [0, 1, 2]}
        else:
            refused += 1
    assert refused > len(whole) / 2


@pytest.mark.parametrize("size", [0, 10, 100])
def test_a_truncated_receipt_is_none(ledger, size):
    receipt = ledger.folder / "a.npz"
    receipt.write_bytes(receipt.read_bytes()[:size])
    assert not ledger.is_finished("a")


def test_two_processes_never_write_one_block_at_once(ledger):
    """The second one waits until the first has ended, however that ended."""
    code = """
import sys, time
from pathlib import Path
from abz.cli.blocks import Ledger
folder = Path(sys.argv[1])
with Ledger(folder / "maps.blocks", folder / "maps.zarr", "inputs").writing("b"):
    print("in", flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", code, str(ledger.store.parent)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "in\n"
    entered = threading.Event()

    def second():
        with ledger.writing("b"):
            entered.set()

    with ledger.writing("a"):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.3)
        first.kill()
        first.communicate()
        assert entered.wait(30)
        thread.join()


def test_nothing_is_written_for_a_computation_that_is_over(ledger):
    with (
        pytest.raises(AbzError, match="is over"),
        Ledger(ledger.folder, ledger.store, "earlier").writing("a"),
    ):
        pytest.fail("a writer of other inputs came in")
    ledger.close()
    with pytest.raises(AbzError, match="is over"), ledger.writing("a"):
        pytest.fail("a writer came in after the end")


def test_start_and_close_forget_everything(ledger):
    ledger.start()
    assert ledger.matches
    assert not ledger.is_finished("a")
    ledger.close()
    assert not ledger.folder.exists()


def test_a_settled_ledger_knows_its_outputs_and_nothing_else(ledger):
    assert ledger.is_open
    assert ledger.receipts == 1
    assert not ledger.is_settled([ledger.store])
    ledger.settle([ledger.store])
    assert not ledger.is_open
    assert not ledger.matches
    assert ledger.receipts == 0
    assert ledger.is_settled([ledger.store])
    assert not Ledger(ledger.folder, ledger.store, "other").is_settled([ledger.store])
    assert not ledger.is_settled([ledger.store, ledger.store.with_name("gone")])
    with pytest.raises(AbzError, match="is over"), ledger.writing("a"):
        pytest.fail("a writer came in after the end")
    (ledger.store / "chunk").write_bytes(b"other")
    assert not ledger.is_settled([ledger.store])


def test_leftovers_of_killed_writers_are_removed(tmp_path):
    store = tmp_path / "fine.zarr"
    (store / "nee" / "c").mkdir(parents=True)
    for name in ("nee/c/0", "nee/zarr.json"):
        (store / name).write_text("whole")
    (store / "nee" / "c" / "0.0123.partial").write_text("half")
    beside = tmp_path / ".fine.zarr.42.partial.zarr"
    (beside / "nee").mkdir(parents=True)
    other = tmp_path / ".coarse.zarr.42.partial.zarr"
    other.mkdir()
    remove_leftovers(store)
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["fine.zarr/nee/c/0", "fine.zarr/nee/zarr.json"]
    assert other.exists()
    assert not beside.exists()
