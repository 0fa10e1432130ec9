"""What a server answers to a request for a file, or for the rest of one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any

import requests

from abz.errors import FetchError

__all__ = ["Answer", "Passing", "Said", "Stopped", "check_answer", "said_of", "write_said"]

_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
_LOGIN = (401, 403, 407)
_PASSING = (408, 425, 429, 500, 502, 503, 504)


class Passing(Exception):  # noqa: N818 - it is no error yet: another attempt may do better
    """A fault that may pass.

    Parameters
    ----------
    fault : str
        In words.
    pause : float
        What the server asked for, s.
    anew : bool
        Whether what has come is of no use.
    """

    def __init__(self, fault: str, pause: float = 0.0, *, anew: bool = False) -> None:
        super().__init__(fault)
        self.pause, self.anew = pause, anew


class Stopped(Exception):  # noqa: N818 - nothing is wrong
    """The user wants to stop; what has come stays for the next time."""


@dataclass(frozen=True)
class Answer:
    """What a server sends.

    Parameters
    ----------
    begin : int
        First byte of the file that comes.
    size : int or None
        Bytes of the whole file, where the server tells.
    validator : str
        What changes when the file does: its strong ETag, else its date; empty where there is none.
    is_whole_already : bool
        Whether all bytes had come before.
    """

    begin: int
    size: int | None
    validator: str
    is_whole_already: bool = False


@dataclass(frozen=True)
class Said:
    """What was said of a file when its part was begun."""

    size: int | None = None
    validator: str = ""

    @property
    def is_firm(self) -> bool:
        """Whether it can be asked for the rest of the very same file."""
        return bool(self.validator)

    def agrees_with(self, answer: Answer) -> bool:
        """Whether the rest is of the same file, as far as was said."""
        same_size = self.size is None or self.size == answer.size
        return same_size and self.validator in ("", answer.validator)


def said_of(part: Path, url: str) -> Said:
    """What the server said when a part was begun; nothing if it was of another address."""
    note = part.with_name(f"{part.name}.json")
    try:
        found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        same = part.is_file() and found["url"] == _address(url)
        return Said(found["size"], str(found["validator"])) if same else Said()
    except (OSError, ValueError, KeyError, TypeError):
        return Said()


def write_said(part: Path, url: str, answer: Answer) -> None:
    """Keep what the server says of a file beside its part; before the part changes."""
    note = part.with_name(f"{part.name}.json")
    text = {"url": _address(url), "size": answer.size, "validator": answer.validator}
    note.write_text(json.dumps(text), encoding="utf-8")


def _address(url: str) -> str:
    """An address without its query, which may hold a key and changes with each login."""
    return url.partition("?")[0]


def check_answer(
    response: requests.Response, url: str, shown: str, begin: int, name: str
) -> Answer:
    """What a response holds, if it is the file or the rest of it.

    Parameters
    ----------
    response : requests.Response
        Its body is not read.
    url, shown : str
        Address that was asked, and as it may be told.
    begin : int
        First byte that was asked for.
    name : str
        Name of the file that is meant.

    Raises
    ------
    Passing
        If the server is busy, or the part does not fit what it has.
    FetchError
        If it wants a login, has no such file, or sends a web page.
    """
    status = response.status_code
    if url.startswith("https://") and not response.url.startswith("https://"):
        raise FetchError(
            f"{shown} leads away from https", rule="encrypted from end to end",
            value=f"status {status}", remedy="tell the archive, or fetch the file by hand",
        )  # fmt: skip
    if status in _PASSING:
        raise Passing(f"the server answered {status} {response.reason}", _asked_pause(response))
    if status in _LOGIN:
        raise FetchError(
            f"{shown} is not open to this account",
            rule="the account may read the collection",
            value=f"status {status} {response.reason}",
            remedy="check the login of this archive, and whether its licence or application has "
            "to be accepted once on its website",
        )
    if status == 416:
        return _beyond_the_end(response, begin)
    if status not in (200, 206):
        raise FetchError(
            f"{shown} has no file to give",
            rule="status 200 or 206",
            value=f"status {status} {response.reason}",
            remedy="see on the archive's page whether the file has moved, and mend its address in "
            "the catalog; or put it into the folder by hand",
        )
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html" and PurePosixPath(name).suffix not in (".html", ".htm"):
        raise FetchError(
            f"{shown} sent a web page in place of {name}",
            rule="a data file",
            value=f"status {status}, {kind}",
            remedy="open the address in a browser: the archive may be down, want a login or a "
            "licence accepted, or have moved the file; nothing was kept",
        )
    return (
        _rest(response, begin) if status == 206 else Answer(0, _length(response), _mark(response))
    )


def _rest(response: requests.Response, begin: int) -> Answer:
    """The rest of a file, from the byte that was asked for."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None or found[1] is None or int(found[1]) != begin:
        raise Passing("the server sent another part than was asked for", anew=True)
    size = None if found[2] == "*" else int(found[2])
    return Answer(begin, size, _mark(response))


def _beyond_the_end(response: requests.Response, begin: int) -> Answer:
    """All has come before, or the part is longer than the file."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    size = int(found[2]) if found and found[2] != "*" else None
    if size == begin:
        return Answer(begin, size, _mark(response), is_whole_already=True)
    raise Passing("the part does not fit the server's file", anew=True)


def _is_packed(response: requests.Response) -> bool:
    """Whether the server packed the file for the way: then its bytes on the way are others."""
    return response.headers.get("Content-Encoding", "identity") != "identity"


def _length(response: requests.Response) -> int | None:
    """Bytes that the server announces, of what is not packed for the way."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdigit() and not _is_packed(response) else None


def _mark(response: requests.Response) -> str:
    """The strong ETag, else the date of the file; none of a packed one, which is not resumed."""
    if _is_packed(response):
        return ""
    tag = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _asked_pause(response: requests.Response) -> float:
    """Pause that the server asks for, s; none if it does not."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0
