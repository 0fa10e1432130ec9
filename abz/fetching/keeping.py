"""A fetched file takes its name: through pooch, after its size and digest are the right ones."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pooch  # type: ignore[import-untyped]
import requests

from abz.catalog import PinnedFile
from abz.errors import FetchError, PinError
from abz.fetching.http import PATIENT, SILENT, Meter, Patience, download, shown
from abz.fetching.servers import unreached
from abz.fetching.signatures import fault_of

__all__ = ["Hold", "check_pinned", "keep", "published_digest", "resolve", "settle", "sync_folder"]

# These tell whole addresses and answers, which may hold keys; what matters is told by our errors.
pooch.get_logger().setLevel(logging.ERROR)
for quiet in ("urllib3", "earthaccess", "ecmwf", "multiurl"):
    logging.getLogger(quiet).setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Hold:
    """What a file is held to.

    Parameters
    ----------
    pinned : PinnedFile, optional
        Size and SHA-256 that it must have.
    size : int, optional
        Size that its archive states, bytes.
    published : str, optional
        Digest that its archive states, as "ALGORITHM:HEX".

    Examples
    --------
    >>> Hold(published="md5:0f").known
    'md5:0f'
    """

    pinned: PinnedFile | None = None
    size: int | None = None
    published: str | None = None

    @property
    def known(self) -> str | None:
        """Digest to compare, as pooch takes it: the pinned one before the stated one."""
        return self.published if self.pinned is None else f"sha256:{self.pinned.sha256}"


def keep(
    root: Path,
    path: str,
    url: str,
    hold: Hold | None = None,
    *,
    session: requests.Session | None = None,
    patience: Patience = PATIENT,
    meter: Meter = SILENT,
    sleep: Callable[[float], None] = time.sleep,
) -> PinnedFile:
    """Fetch one file; it appears under its name whole and right, or not at all.

    Parameters
    ----------
    root : Path
        The data folder.
    path : str
        Where the file goes below it; what is there is replaced, at the last moment.
    url : str
        Address.
    hold : Hold, optional
        What it is held to.
    session, patience, meter, sleep
        As `download` takes them.

    Returns
    -------
    PinnedFile
        What was fetched.

    Raises
    ------
    FetchError
        If nothing usable came.
    PinError
        If what came is not what was pinned or stated, with both digests.
    """
    target, hold = root / path, hold or Hold()
    found: list[PinnedFile] = []

    def bring(address: str, output: str, _: pooch.Pooch) -> None:
        Path(output).unlink()  # an empty file that a kill would leave behind
        part = download(
            address, target, session=session, trusted=hold.known is not None, patience=patience,
            meter=meter, sleep=sleep,
        )  # fmt: skip
        try:
            found.append(_compared(part, path, hold, shown(address)))
        except PinError:
            meter.advance(-part.stat().st_size)
            part.unlink()
            raise
        part.replace(output)

    target.parent.mkdir(parents=True, exist_ok=True)  # pooch fails if two threads make it at once
    _step_aside(target, hold)
    keeper = pooch.Pooch(path=root, base_url="", registry={path: hold.known}, urls={path: url})
    keeper.fetch(path, downloader=bring)
    if not found:  # it was there already, and right
        return settle(root, path)
    sync_folder(target.parent)
    return found[0]


def settle(root: Path, path: str) -> PinnedFile:
    """Size and digest of a file that is there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.txt").write_bytes(b"abc")
    ...     settle(Path(folder), "a.txt").bytes
    3
    """
    with (root / path).open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return PinnedFile(path=path, sha256=sha256, bytes=stream.tell())


def published_digest(algorithm: str, value: str) -> str | None:
    """A digest that an archive states, as pooch takes it; None if it cannot be computed here.

    Examples
    --------
    >>> published_digest("SHA-256", "0F"), published_digest("CRC32", "0f")
    ('sha256:0f', None)
    """
    name = algorithm.lower().replace("-", "")
    known = name in hashlib.algorithms_available and value.strip() != ""
    return f"{name}:{value.strip().lower()}" if known else None


def resolve(url: str) -> tuple[str, str | None]:
    """The address behind a DOI and the digest that its repository states; others as they are.

    Parameters
    ----------
    url : str
        `doi:10.5281/zenodo.1/NAME`, or any other address.

    Returns
    -------
    tuple = (address, digest or None)

    Raises
    ------
    FetchError
        If the repository cannot be reached, or has no such file.
    """
    if not url.startswith("doi:"):
        return url, None
    doi, _, name = url.removeprefix("doi:").rpartition("/")
    try:
        repository = pooch.downloaders.doi_to_repository(doi, timeout=30)
        keeper = pooch.Pooch(path=".", base_url=f"doi:{doi}")
        repository.populate_registry(keeper)
        return repository.download_url(name), keeper.registry.get(name)
    except (requests.ConnectionError, requests.Timeout) as error:
        who = f"the repository of doi {doi}"
        raise unreached(who, f"an answer about {name}", type(error).__name__) from None
    except (requests.RequestException, ValueError, KeyError) as error:
        raise FetchError(
            f"{name} could not be found in the repository of doi {doi}",
            rule="the DOI leads to a repository that holds the file",
            value=type(error).__name__,
            remedy=f"open https://doi.org/{doi}; if the file is there, try again later",
        ) from None


def _compared(part: Path, path: str, hold: Hold, url: str) -> PinnedFile:
    """Size and digest of what came, if they are those that are known."""
    found = settle(part.parent, part.name).model_copy(update={"path": path})
    if hold.pinned is not None:
        return check_pinned(found, hold.pinned, url)
    if hold.size is not None and found.bytes != hold.size:
        raise _stated_otherwise(path, url, f"{hold.size} bytes", f"{found.bytes} bytes")
    if hold.published is not None:
        algorithm, _, stated = hold.published.partition(":")
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, algorithm).hexdigest()
        if digest != stated:
            stated, digest = f"{algorithm} {stated}", f"{algorithm} {digest}"
            raise _stated_otherwise(path, url, stated, digest)
    return found


def check_pinned(found: PinnedFile, pinned: PinnedFile, source: str) -> PinnedFile:
    """What came, if it is what is pinned.

    Raises
    ------
    PinError
        With both digests and sizes.
    """
    if (found.sha256, found.bytes) != (pinned.sha256, pinned.bytes):
        raise PinError(
            f"{pinned.path}: {source} no longer holds the file that is pinned",
            rule=f"sha256 {pinned.sha256}, {pinned.bytes} bytes",
            value=f"sha256 {found.sha256}, {found.bytes} bytes; it was not kept",
            remedy="ask the archive for the pinned version, or a colleague who has it; if the "
            "change is meant, accept it: `abz data lock DATASET --renew --config FILE`, then fetch "
            "again",
        )
    return found


def _stated_otherwise(path: str, url: str, stated: str, found: str) -> PinError:
    """What came is not what the archive says it is."""
    return PinError(
        f"{path}: {url} sent other bytes than its archive states", rule=stated,
        value=f"{found}; it was not kept", remedy="try again; if it stays so, tell the archive",
    )  # fmt: skip


def _step_aside(target: Path, hold: Hold) -> None:
    """Move a file away that cannot be what is meant, where no digest tells pooch so."""
    if hold.known is not None or not target.is_file():
        return
    if fault_of(target) is not None or hold.size not in (None, target.stat().st_size):
        target.replace(target.with_name(f".{target.name}.damaged"))


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
