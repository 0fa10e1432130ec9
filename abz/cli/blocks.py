"""Finished blocks of a long computation: each is done once, and a killed run goes on after it.

A block is finished when its receipt stands in the ledger: a small .npz with the block's arrays and
the digests of the files that the block wrote elsewhere. A receipt is written last and whole, and
names the fingerprint of all inputs; receipts of another fingerprint count for nothing.

Any process may write the files of a block, one at a time (`Ledger.writing`); only the process that
leads the computation writes receipts. When all is done the ledger is settled: the receipts go, and
what stays is the fingerprint with the digests of the outputs, so that the same computation is not
done twice.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abz.cli.storage import atomic_path, read_json, write_json
from abz.digest import sha256_file, sha256_tree
from abz.errors import AbzError

__all__ = ["Ledger", "remove_leftovers"]

DAMAGE = (
    OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, struct.error, zlib.error,
    zipfile.BadZipFile,
)  # fmt: skip
"""What reading a damaged receipt can raise."""


@dataclass(frozen=True)
class Ledger:
    """Receipts of the finished blocks of one computation.

    Parameters
    ----------
    folder : Path
        Where the receipts stand until the computation ends.
    store : Path
        Folder that the blocks write into.
    fingerprint : str
        Digest of everything that the blocks depend on.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     ledger = Ledger(Path(name) / "blocks", Path(name), "inputs")
    ...     ledger.start()
    ...     ledger.finish("a", {"total": np.array([7])}, files={})
    ...     ledger.is_finished("a"), ledger.is_finished("b"), ledger.arrays("a")["total"].item()
    (True, False, 7)
    """

    folder: Path
    store: Path
    fingerprint: str

    @property
    def is_open(self) -> bool:
        """Whether a computation has begun here, of whatever inputs, and has not ended."""
        stated = self._stated()
        return bool(stated) and "outputs" not in stated

    @property
    def matches(self) -> bool:
        """Whether receipts of this fingerprint may stand here."""
        stated = self._stated()
        agrees = stated.get("fingerprint") == self.fingerprint and "outputs" not in stated
        return agrees and self.store.is_dir()

    @property
    def receipts(self) -> int:
        """Number of receipts, of whatever inputs."""
        return len(list(self.folder.glob("*.npz")))

    def settle(self, outputs: Sequence[Path]) -> None:
        """End the computation: keep the digests of its outputs in place of the receipts."""
        digests = [sha256_tree(path) for path in outputs]
        write_json({"fingerprint": self.fingerprint, "outputs": digests}, self._mark)
        for path in self.folder.iterdir():
            if path != self._mark:
                path.unlink()

    def is_settled(self, outputs: Sequence[Path]) -> bool:
        """Whether this computation has ended, and its outputs are as it left them."""
        stated = self._stated()
        if stated.get("fingerprint") != self.fingerprint or "outputs" not in stated:
            return False
        there = all(path.exists() for path in outputs)
        return there and stated["outputs"] == [sha256_tree(path) for path in outputs]

    def start(self) -> None:
        """Begin with no receipt; the store must stand ready.

        Whoever makes the store closes an earlier ledger first, so that no receipt outlives the
        store that it speaks of.
        """
        self.close()
        write_json({"fingerprint": self.fingerprint}, self._mark)

    @contextmanager
    def writing(self, block: str) -> Iterator[None]:
        """Let no other process write the files of a block meanwhile.

        The lock is the kernel's and ends with the process that holds it, however that ends. Where
        the file system has no locks, two writers of a block do no harm either: they give whole
        files of the same bytes their names.

        Raises
        ------
        AbzError
            If the computation has ended, or has begun again with other inputs.
        """
        self._check_current(block)
        with (self.folder / f"{block}.lock").open("a") as lock:
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            self._check_current(block)
            yield

    def finish(
        self, block: str, arrays: Mapping[str, np.ndarray], files: Mapping[str, str]
    ) -> None:
        """Write the receipt of a block.

        Parameters
        ----------
        block : str
            Name of the block, fit for a file name.
        arrays : mapping of {str: numpy.ndarray}
            What is kept of the block.
        files : mapping of {str: str}
            What `digests` gave to the writer of the files that the block may have written.
        """
        text = np.array(json.dumps(self._statement(list(arrays), files), sort_keys=True))
        with atomic_path(self._receipt(block)) as temporary, temporary.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, stated=text, **arrays)

    def is_finished(self, block: str) -> bool:
        """Whether the block has a whole receipt of these inputs, and its files are as it says."""
        try:
            arrays = self._read(block)
            stated = json.loads(str(arrays.pop("stated")))
            files = self.digests([self.store / name for name in stated["files"]])
        except DAMAGE:
            return False
        return bool(stated == self._statement(list(arrays), files))

    def arrays(self, block: str) -> dict[str, np.ndarray]:
        """What was kept of a finished block."""
        return {name: array for name, array in self._read(block).items() if name != "stated"}

    def close(self) -> None:
        """Remove the ledger."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _mark(self) -> Path:
        return self.folder / "fingerprint.json"

    def _stated(self) -> dict[str, Any]:
        """What the mark says; nothing if there is none, or a damaged one."""
        try:
            stated: dict[str, Any] = dict(read_json(self._mark))
        except (*DAMAGE, AbzError):
            return {}
        return stated if "fingerprint" in stated else {}

    def _check_current(self, block: str) -> None:
        """Refuse to write for a computation that has ended."""
        if not self.matches:
            raise AbzError(
                "the computation that a block belongs to is over",
                rule="blocks are written while the ledger states the fingerprint of their inputs",
                value=f"{block}, for {self.folder}",
                remedy="stop the workers of an earlier command before the inputs change",
            )

    def _read(self, block: str) -> dict[str, np.ndarray]:
        """All arrays of a receipt, each against its checksum."""
        with self._receipt(block).open("rb") as stream:
            receipt = np.load(stream, allow_pickle=False)
            return {name: receipt[name] for name in receipt.files}

    def _receipt(self, block: str) -> Path:
        return self.folder / f"{block}.npz"

    def _statement(self, arrays: Sequence[str], files: Mapping[str, str]) -> dict[str, Any]:
        """What a receipt says of its inputs, its arrays and its files."""
        return {"fingerprint": self.fingerprint, "arrays": sorted(arrays), "files": dict(files)}

    def digests(self, files: Sequence[Path]) -> dict[str, str]:
        """Digest of each file below the store, or "absent", by its path in the store."""
        return {
            path.relative_to(self.store).as_posix(): sha256_file(path)
            if path.is_file()
            else "absent"
            for path in files
        }


def remove_leftovers(path: Path) -> None:
    """Remove temporary files that a killed writer left beside `path` and below it.

    Parameters
    ----------
    path : Path
        What `abz.cli.storage` or Zarr was writing. No other process may be writing it.
    """
    left = [*path.parent.glob(f".{path.name}.*.partial*"), *path.rglob("*.partial")]
    for item in left:
        if item.is_dir():
            shutil.rmtree(item)
        else:
            item.unlink(missing_ok=True)
