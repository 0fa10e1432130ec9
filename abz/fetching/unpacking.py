"""Files out of a ZIP archive: whole, checked by the archive's own sums, under their names last."""

from __future__ import annotations

import os
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from abz.catalog import PinnedFile
from abz.errors import FetchError
from abz.fetching.http import part_of
from abz.fetching.keeping import check_pinned, settle, sync_folder
from abz.fetching.signatures import fault_of

__all__ = ["unpack"]


def unpack(
    archive: Path, root: Path, paths: Sequence[str], pinned: Sequence[PinnedFile] = ()
) -> list[PinnedFile]:
    """Take files out of an archive; none appears before all of them are right.

    Parameters
    ----------
    archive : Path
        A ZIP file.
    root : Path
        The data folder.
    paths : sequence of str
        Where the files go below it; each is found in the archive by its name, in whatever folder.
    pinned : sequence of PinnedFile, optional
        Sizes and digests that files must have.

    Returns
    -------
    list of PinnedFile
        In the order of `paths`.

    Raises
    ------
    FetchError
        If the archive is damaged, or a name is not in it exactly once.
    PinError
        If a file is not the pinned one.
    """
    known = {file.path: file for file in pinned}
    parts = [part_of(root / path) for path in paths]
    found: list[PinnedFile] = []
    try:
        with zipfile.ZipFile(archive) as opened:
            for path, part in zip(paths, parts, strict=True):
                _extract(opened, _member(opened, path, archive.name), part)
                found.append(_checked(part, path, known.get(path), archive.name))
        for part, path in zip(parts, paths, strict=True):
            part.replace(root / path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FetchError(
            f"{archive.name} is damaged, or no ZIP archive", rule="a ZIP file whose sums are right",
            value=type(error).__name__, remedy="fetch it again; nothing was kept",
        ) from error  # fmt: skip
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    for folder in {(root / path).parent for path in paths}:
        sync_folder(folder)
    return found


def _member(archive: zipfile.ZipFile, path: str, name: str) -> zipfile.ZipInfo:
    """The one member that has the name of a path."""
    wanted = PurePosixPath(path).name
    matches = [
        info
        for info in archive.infolist()
        if PurePosixPath(info.filename).name == wanted and "__MACOSX" not in info.filename
    ]
    if len(matches) != 1:
        raise FetchError(
            f"{name} holds {wanted} {len(matches)} times",
            rule="exactly once",
            value=[info.filename for info in matches] or f"{len(archive.infolist())} other files",
            remedy="the archive has been laid out anew: mend `paths` in the catalog, or put the "
            "file into the folder by hand",
        )
    return matches[0]


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, part: Path) -> None:
    """A member beside its place, written to the disk."""
    part.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, part.open("wb") as stream:
        shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())


def _checked(part: Path, path: str, pinned: PinnedFile | None, name: str) -> PinnedFile:
    """Size and digest of a part, if they are the pinned ones and it begins as its format does."""
    fault = fault_of(part, PurePosixPath(path).name)
    if fault is not None:
        raise FetchError(
            f"{name} holds {fault} in place of {path}", rule="a file begins as its format does",
            value=fault, remedy="look into the archive by hand; nothing was kept",
        )  # fmt: skip
    found = settle(part.parent, part.name).model_copy(update={"path": path})
    return found if pinned is None else check_pinned(found, pinned, name)
