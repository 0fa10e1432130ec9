"""What the operating system says when a disk is full or may not be written, in plain words."""

from __future__ import annotations

import errno

from abz.errors import AbzError

__all__ = ["storage_fault"]

GO_ON = "what is finished stays as it is, and the same command goes on after it"
FULL = f"free or add space, or set `output` to a larger disk; {GO_ON}"
CLOSED = f"make it writable for this account, or set `output` to a folder that is; {GO_ON}"
FAILED = f"see whether the disk is full or fails, or set `output` to another; {GO_ON}"

PROBLEMS = {
    errno.ENOSPC: ("the disk is full", FULL),
    errno.EDQUOT: ("the quota of the disk is used up", FULL),
    errno.EFBIG: ("a file is larger than this account may write", FULL),
    errno.EROFS: ("the disk is mounted read-only", CLOSED),
    errno.EACCES: ("a file or folder may not be used", CLOSED),
    errno.EPERM: ("a file or folder may not be used", CLOSED),
    errno.EIO: ("a file could not be read or written whole", FAILED),
}


def storage_fault(error: OSError) -> AbzError | None:
    """An error that says what to do, or None if the fault is another.

    Parameters
    ----------
    error : OSError
        From reading or writing.

    Examples
    --------
    >>> fault = storage_fault(OSError(errno.ENOSPC, "No space left on device", "runs/a"))
    >>> str(fault).splitlines()[0]
    'the disk is full'
    >>> storage_fault(OSError(errno.ENOENT, "No such file")) is None
    True
    """
    if error.errno not in PROBLEMS:
        return None
    problem, remedy = PROBLEMS[error.errno]
    return AbzError(
        problem, rule="a run can write all files below its folder", value=error, remedy=remedy
    )
