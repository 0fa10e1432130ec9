"""One file over HTTP: resumed where it stopped, tried again with growing pauses, never half kept.

pooch has neither resuming nor a time limit on stalls, so this is the downloader that it is given.
What has come lies in `.NAME.part` beside the target, and in `.NAME.part.json` what the server
said of the file: only if it says the same again is the rest fetched, else all of it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from abz.errors import FetchError
from abz.fetching.answers import Answer, Passing, Stopped, check_answer, said_of, write_said
from abz.fetching.signatures import fault_of

__all__ = ["PATIENT", "SILENT", "Meter", "Patience", "download", "part_of", "shown"]

CHUNK = 1 << 20


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Parameters
    ----------
    tries : int
        Attempts in a row that bring nothing that can be resumed, before the file is given up.
    first, longest : float
        Pause after the first of them, and the longest pause, s; each is twice the one before. A
        server that asks for a pause gets it, up to the longest.
    connect, stall : float
        Time for a connection, and time without data after which a transfer counts as stalled, s.
    slowest : float
        Bytes a second, over `stall` seconds, below which it counts as stalled too.

    Examples
    --------
    >>> [Patience().pause(n) for n in (0, 1, 20)]
    [1.0, 2.0, 120.0]
    """

    tries: int = 8
    first: float = 1.0
    longest: float = 120.0
    connect: float = 30.0
    stall: float = 60.0
    slowest: float = 512.0

    def pause(self, failed: int) -> float:
        """Pause after a number of attempts in a row that brought nothing, s."""
        return min(self.first * 2.0**failed, self.longest)


@dataclass(frozen=True)
class Meter:
    """Where a transfer tells how it goes on.

    Parameters
    ----------
    advance : callable
        Takes bytes that have come; below zero where some have to come again.
    expect : callable
        Takes the size of a file when the server tells it, bytes.
    stopped : callable
        Whether the user wants to stop.
    """

    advance: Callable[[int], None] = lambda count: None
    expect: Callable[[int], None] = lambda size: None
    stopped: Callable[[], bool] = lambda: False


PATIENT = Patience()
"""The patience of a long fetch."""

SILENT = Meter()
"""Tells nobody."""


def part_of(target: Path) -> Path:
    """Where a file is gathered until it is whole.

    Examples
    --------
    >>> part_of(Path("cavm/a.tif")).as_posix()
    'cavm/.a.tif.part'
    """
    return target.with_name(f".{target.name}.part")


def shown(url: str) -> str:
    """An address without what may be secret in it: account, query and fragment.

    Examples
    --------
    >>> shown("https://me:secret@example.org:8443/a.nc?token=secret#b")
    'https://example.org:8443/a.nc'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def download(
    url: str,
    target: Path,
    *,
    session: requests.Session | None = None,
    trusted: bool = False,
    patience: Patience = PATIENT,
    meter: Meter = SILENT,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Bring a file to `part_of(target)`, whole and written to the disk.

    Parameters
    ----------
    url : str
        Address.
    target : Path
        The file that it is meant for; it is not touched.
    session : requests.Session, optional
        One that is signed in.
    trusted : bool, optional
        Whether a digest is known that will be compared: then a part is resumed even if the server
        does not say whether the file is still the same.
    patience : Patience, optional
        Limits and pauses.
    meter : Meter, optional
        Where progress is told.
    sleep : callable, optional
        Waits, s.

    Returns
    -------
    Path
        `part_of(target)`: as many bytes as the server announced, and begun like a file of its name.

    Raises
    ------
    FetchError
        Saying what came instead and what to do. A part that can be resumed stays; all else is
        removed.
    """
    part, failed, reached = part_of(target), 0, 0
    part.parent.mkdir(parents=True, exist_ok=True)
    meter.advance(_size(part))
    with nullcontext(session) if session else requests.Session() as opened:
        while True:
            reached = max(reached, _size(part))
            try:
                _attempt(opened, url, target, trusted=trusted, limits=(patience, meter))
            except Passing as fault:
                if fault.anew:
                    meter.advance(-_size(part))
                    part.unlink(missing_ok=True)
                onward = trusted or said_of(part, url).is_firm
                failed = 0 if onward and _size(part) > reached else failed + 1
                if failed >= patience.tries:
                    raise _given_up(url, str(fault), failed) from None
                sleep(min(max(fault.pause, patience.pause(failed)), patience.longest))
            else:
                return _checked(url, part, target)


def _attempt(
    session: requests.Session, url: str, target: Path, *, trusted: bool,
    limits: tuple[Patience, Meter],
) -> None:  # fmt: skip
    """One request, from where the part ends; `Passing` if another may do better."""
    patience, meter = limits
    part = part_of(target)
    said = said_of(part, url)
    begin = _size(part) if trusted or said.is_firm else 0
    headers = {"Accept-Encoding": "identity"}
    if begin:
        headers["Range"] = f"bytes={begin}-"
        if said.validator:
            headers["If-Range"] = said.validator
    try:
        with session.get(
            url, headers=headers, stream=True, timeout=(patience.connect, patience.stall)
        ) as response:
            answer = check_answer(response, url, shown(url), begin, target.name)
            if answer.is_whole_already:
                return
            if 0 < begin == answer.begin and not said.agrees_with(answer):
                raise Passing("the file changed while it came", anew=True)
            if answer.begin == 0:
                meter.advance(-_size(part))
            if answer.size is not None:
                meter.expect(answer.size)
            write_said(part, url, answer)
            _gather(response.raw, part, answer, patience, meter)
    except requests.exceptions.SSLError:
        raise FetchError(
            "the certificate of a server could not be verified", rule="https with a valid "
            "certificate", value=shown(url), remedy="see whether a proxy or the clock of this "
            "machine is at fault",
        ) from None  # fmt: skip
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise Passing("the server stalled") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        # The words of these errors hold whole addresses, so only their kind is told.
        raise Passing(f"the connection broke ({type(error).__name__})") from None


def _gather(raw: Any, part: Path, answer: Answer, patience: Patience, meter: Meter) -> None:
    """Write what comes behind what is there; `Passing` if it ends early or drags."""
    with part.open("r+b" if answer.begin else "wb") as stream:
        stream.truncate(answer.begin)
        stream.seek(answer.begin)
        window, since = 0, time.monotonic()
        while block := raw.read1(CHUNK, decode_content=True):
            stream.write(block)
            meter.advance(len(block))
            window += len(block)
            elapsed = time.monotonic() - since
            if elapsed > patience.stall:
                if window < patience.slowest * elapsed:
                    raise Passing("the server all but stalled")
                window, since = 0, time.monotonic()
            if meter.stopped():
                raise Stopped
        stream.flush()
        os.fsync(stream.fileno())
        found = stream.tell()
    if answer.size is not None and found != answer.size:
        raise Passing(f"{found} of {answer.size} bytes came", anew=found > answer.size)


def _checked(url: str, part: Path, target: Path) -> Path:
    """The part, if it begins like a file of its name; else it is removed."""
    fault = fault_of(part, target.name)
    part.with_name(f"{part.name}.json").unlink(missing_ok=True)
    if fault is not None:
        part.unlink()
        raise FetchError(
            f"{shown(url)} sent {fault} in place of {target.name}",
            rule="a file begins as its format does",
            value=fault,
            remedy="open the address in a browser: the archive may be down, want a login or a "
            "licence accepted, or have moved the file; nothing was kept",
        )
    return part


def _given_up(url: str, fault: str, failed: int) -> FetchError:
    """A file that did not come, for all patience."""
    return FetchError(
        f"{shown(url)} could not be fetched",
        rule=f"whole within {failed} attempts in a row that bring nothing more",
        value=fault,
        remedy="see whether the archive and this machine's network are up; the same command goes "
        "on with what has come",
    )


def _size(path: Path) -> int:
    """Bytes that have come."""
    return path.stat().st_size if path.is_file() else 0
