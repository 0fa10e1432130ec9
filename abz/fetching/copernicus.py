"""Files that the Copernicus Climate Data Store makes on request.

ecmwf-datastores-client signs in, with the key in the environment or in ~/.ecmwfdatastoresrc, hands
in the request and waits; our own downloader then fetches the result. The number of the request is
kept beside the file that it is for, so that an interrupted wait goes on with the same one. The
package is an extra and imported only here.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests

from abz.errors import FetchError, MissingDataError
from abz.fetching.answers import Stopped
from abz.fetching.keeping import published_digest
from abz.fetching.servers import unreached

__all__ = ["Result", "connect", "order"]

ACCOUNT = (
    "set ECMWF_DATASTORES_URL to https://cds.climate.copernicus.eu/api and ECMWF_DATASTORES_KEY to "
    "your key, or write both into ~/.ecmwfdatastoresrc (readable by you alone); accept the licence "
    "of the dataset once on its page; accounts are free at https://cds.climate.copernicus.eu"
)

Result = tuple[str, int | None, str | None]
"""Address, size in bytes and digest as "ALGORITHM:HEX", the last two where they are stated."""


def connect() -> Any:
    """A client of the store that is signed in.

    Raises
    ------
    MissingDataError
        If the package is not installed.
    FetchError
        If there is no key, it is refused, or the store cannot be reached.
    """
    try:
        datastores = importlib.import_module("ecmwf.datastores")
    except ImportError:
        raise MissingDataError(
            "ecmwf-datastores-client is not installed",
            rule="datasets of the Copernicus Climate Data Store need it", value=None,
            remedy="install the extra: pip install 'abz[copernicus]'",
        ) from None  # fmt: skip
    try:
        client = datastores.Client(progress=False, maximum_tries=5, retry_after=10)
        client.check_authentication()
    # The words of these errors may hold the key, so only their kind is told.
    except (requests.ConnectionError, requests.Timeout) as error:
        who = "the Copernicus Climate Data Store"
        raise unreached(who, "an answer to the login", type(error).__name__) from None
    except FileNotFoundError:
        raise FetchError(
            "no key of the Copernicus Climate Data Store was found",
            rule="in the environment or in ~/.ecmwfdatastoresrc", value=None, remedy=ACCOUNT,
        ) from None  # fmt: skip
    except (OSError, KeyError, ValueError, UserWarning) as error:
        raise FetchError(
            "the Copernicus Climate Data Store did not accept the login", rule="a valid key",
            value=type(error).__name__, remedy=ACCOUNT,
        ) from None  # fmt: skip
    return client


def order(
    client: Any,
    wanted: tuple[str, Mapping[str, Any]],
    target: Path,
    sleep: Callable[[float], None],
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """Hand in a request, or find the one handed in before, and wait for its result.

    Parameters
    ----------
    client : ecmwf.datastores.Client
        Signed in.
    wanted : tuple = (dataset, request)
        Name of the collection, and what is asked of it.
    target : Path
        File that the result is for; the number of the request is kept beside it.
    sleep : callable
        Waits, s.
    stopped : callable, optional
        Whether the user wants to stop.

    Returns
    -------
    tuple = (address, size, digest)

    Raises
    ------
    FetchError
        If the store refuses the request, or fails at it.
    """
    dataset, request = wanted
    note = target.with_name(f".{target.name}.request")
    try:
        remote = _running(client, note, dataset, request) or _handed_in(
            client, note, dataset, request
        )
        pause = 1.0
        while not remote.results_ready:
            if stopped():
                raise Stopped
            sleep(pause)
            pause = min(pause * 1.5, 120.0)
        results = remote.get_results()
        asset = results.asset
        digest = published_digest("md5", str(asset.get("file:checksum", "")))
        return str(results.location), int(results.content_length), digest
    except (requests.RequestException, RuntimeError, KeyError, ValueError) as error:
        note.unlink(missing_ok=True)
        raise FetchError(
            f"the Copernicus Climate Data Store did not deliver {target.name}",
            rule=f"a result for {dataset}, {_text(request)}",
            value=_reason(error),
            remedy="see https://cds.climate.copernicus.eu/requests for what the store says of it; "
            "the licence of the dataset has to be accepted there once",
        ) from None


def _running(client: Any, note: Path, dataset: str, request: Mapping[str, Any]) -> Any:
    """The request handed in before, if it is the same and the store still knows it."""
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        if kept["of"] != _mark(dataset, request):
            return None
        remote = client.get_remote(kept["id"])
        alive = remote.status in ("accepted", "running", "successful")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return remote if alive else None


def _handed_in(client: Any, note: Path, dataset: str, request: Mapping[str, Any]) -> Any:
    """A request that is handed in now."""
    remote = client.submit(dataset, dict(request))
    note.parent.mkdir(parents=True, exist_ok=True)
    kept = {"id": remote.request_id, "of": _mark(dataset, request)}
    note.write_text(json.dumps(kept), encoding="utf-8")
    return remote


def _text(request: Mapping[str, Any]) -> str:
    """A request on one line, always in the same order."""
    return json.dumps(request, sort_keys=True)


def _mark(dataset: str, request: Mapping[str, Any]) -> str:
    """What tells requests apart."""
    return hashlib.sha256(f"{dataset} {_text(request)}".encode()).hexdigest()


def _reason(error: Exception) -> str:
    """What is wrong, without the words of errors that hold addresses or headers."""
    response = getattr(error, "response", None)
    status = "" if response is None else f", status {response.status_code}"
    return f"{type(error).__name__}{status}"
