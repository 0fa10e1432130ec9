"""Room in a data folder: enough space, and one fetch at a time."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from abz.errors import AbzError, FetchError

__all__ = ["alone_in", "check_room"]

GIGABYTE = 1e9


def check_room(root: Path, to_come: int) -> None:
    """Refuse to begin what cannot end.

    Parameters
    ----------
    root : Path
        A folder that exists.
    to_come : int
        Bytes that will be written, as far as is known.

    Raises
    ------
    FetchError
        If the disk has less.
    """
    free = shutil.disk_usage(root).free
    if to_come > free:
        raise FetchError(
            f"{root} has no room for what is to come",
            rule=f"{to_come / GIGABYTE:.1f} GB",
            value=f"{free / GIGABYTE:.1f} GB free",
            remedy="free or add space, or fetch into a folder on a larger disk: ABZ_DATA",
        )


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Hold a data folder against a second fetch; the hold ends with the process.

    Raises
    ------
    AbzError
        If another process holds it.
    """
    with (root / ".abz-fetch").open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AbzError(
                f"another command is fetching into {root}",
                rule="one at a time",
                remedy="wait until it has ended; it fetches several files at once by itself",
            ) from None
        yield
