"""Compilation of numeric kernels, cached for exactly the sources they were compiled from.

Numba's own cache looks at the file of a function, not at the files of the functions it calls. Here
the cache lies in a folder named by a digest of every source file that takes part in a kernel, so
compiled code is never older than any of them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

__all__ = ["cache_folder", "kernel"]

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parent
MARKS = (b"\n@kernel\n", b"\n@intrinsic\n")
"""What a source file holds that takes part in compiled code."""


def kernel(function: Function) -> Function:
    """Compile a function with Numba, without the interpreter's lock, and keep what was compiled.

    Parameters
    ----------
    function : callable
        Of arrays and numbers, in the part of Python that Numba compiles.

    Returns
    -------
    callable
        The same, compiled at its first call.

    Examples
    --------
    >>> @kernel
    ... def twice(x):
    ...     return 2 * x
    >>> twice(2.5)
    5.0
    """
    settings: Any = numba.config
    compile_function: Any = numba.njit
    compiled: Function = compile_function(nogil=True)(function)
    before, folder = settings.CACHE_DIR, cache_folder()
    if folder is None:
        return compiled
    settings.CACHE_DIR = str(folder)
    try:
        compiled = compile_function(cache=True, nogil=True)(function)
    except RuntimeError:
        pass  # a function without a file, typed at a prompt, cannot be cached
    finally:
        settings.CACHE_DIR = before
    return compiled


@cache
def cache_folder() -> Path | None:
    """Folder of the compiled kernels of these sources; None where there is no place for one.

    `NUMBA_CACHE_DIR`, where set; otherwise beside the package, or below the user's own `.cache`
    where the package cannot be written. Never a folder that others can write: Numba runs what it
    finds in its cache.
    """
    total = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_bytes()
        if any(mark in source for mark in MARKS):
            total.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + source)
    home = os.environ.get("HOME")
    own = Path(home) / ".cache" if home else None
    for place in (os.environ.get("NUMBA_CACHE_DIR"), PACKAGE / "__pycache__", own):
        if place and _writable(Path(place)):
            return Path(place) / f"abz-kernels-{total.hexdigest()[:16]}"
    return None


def _writable(folder: Path) -> bool:
    """Whether files can be made below a folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
