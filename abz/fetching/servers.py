"""Which servers can be reached at all: each is asked once in a fetch, before a file of it.

A server that is busy, or breaks off, is waited for; without a network nothing is there to wait for,
and a fetch of many files shall say so at once instead of once a file.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
import urllib3

from abz.errors import FetchError
from abz.fetching.http import PATIENT, Patience, shown

__all__ = ["Servers", "unreached"]

TRIES = 3
"""Attempts to reach a server."""
SECONDS = 10.0
"""Longest time for a connection, s."""


@dataclass
class Servers:
    """The servers of a fetch, and which of them answer; it may be asked from any thread.

    Parameters
    ----------
    patience : Patience, optional
        Pauses between attempts.
    sleep : callable, optional
        Waits, s.

    Examples
    --------
    >>> Servers().check("file:///etc/hosts")
    Traceback (most recent call last):
        ...
    abz.errors.FetchError: file:///etc/hosts is no address of a server
      rule:   https://SERVER/...
      got:    file:///etc/hosts
      remedy: mend the address in the catalog
    """

    patience: Patience = PATIENT
    sleep: Callable[[float], None] = time.sleep
    _guards: dict[str, threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock), repr=False
    )
    _faults: dict[str, str] = field(default_factory=dict, repr=False)

    def check(self, url: str) -> None:
        """Nothing, if the server of an address answers, whatever it says.

        Raises
        ------
        FetchError
            If it does not, or did not before in this fetch.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(
                f"{shown(url)} is no address of a server", rule="https://SERVER/...",
                value=shown(url), remedy="mend the address in the catalog",
            )  # fmt: skip
        port = f":{parts.port}" if parts.port else ""
        server = f"{parts.scheme}://{parts.hostname}{port}"
        with self._guards[server]:
            if server not in self._faults:
                self._faults[server] = self._fault(server)
        if fault := self._faults[server]:
            raise unreached(server, f"a connection within {TRIES} attempts", fault)

    def _fault(self, server: str) -> str:
        """Why a server does not answer; empty if it does."""
        fault = ""
        for failed in range(TRIES):
            if failed:
                self.sleep(self.patience.pause(failed - 1))
            try:
                requests.head(server, timeout=SECONDS)
            except requests.RequestException as error:
                if not _is_unconnected(error):
                    return ""
                fault = type(error).__name__
            else:
                return ""
        return fault


def _is_unconnected(error: requests.RequestException) -> bool:
    """Whether no connection came about; a server that hangs up, or is slow, is there."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, urllib3.exceptions.NewConnectionError)


def unreached(who: str, rule: str, fault: str) -> FetchError:
    """What is told where no connection comes about.

    Examples
    --------
    >>> print(unreached("https://a.org", "an answer to the login", "ConnectTimeout"))
    https://a.org cannot be reached
      rule:   an answer to the login
      got:    ConnectTimeout
      remedy: see whether this machine has a network, and whether a proxy has to be named in \
HTTPS_PROXY; the same command goes on with what has come
    """
    return FetchError(
        f"{who} cannot be reached",
        rule=rule,
        value=fault,
        remedy="see whether this machine has a network, and whether a proxy has to be named in "
        "HTTPS_PROXY; the same command goes on with what has come",
    )
