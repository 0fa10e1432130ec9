"""Files of NASA Earthdata: the archive is asked which there are, then each comes over HTTP.

earthaccess signs in, with a token or account from the environment or from netrc, and searches. Its
session is then given to our own downloader, which resumes and verifies. The package is an extra and
imported only here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

import requests

from abz.catalog import Earthdata, Pin
from abz.errors import FetchError, MissingDataError
from abz.fetching.keeping import published_digest
from abz.fetching.servers import unreached

__all__ = ["Listed", "list_files", "sign_in"]

ACCOUNT = (
    "set EARTHDATA_TOKEN, or EARTHDATA_USERNAME and EARTHDATA_PASSWORD, or put the account for "
    "urs.earthdata.nasa.gov into ~/.netrc (readable by you alone); accounts are free at "
    "https://urs.earthdata.nasa.gov"
)


@dataclass(frozen=True)
class Listed:
    """A file that the archive lists.

    Parameters
    ----------
    path : str
        Where it goes below the data folder.
    url : str
        Address.
    size : int or None
        Bytes, where the archive states them.
    published : str or None
        Digest that the archive states, as "ALGORITHM:HEX".
    """

    path: str
    url: str
    size: int | None
    published: str | None


def sign_in() -> Any:
    """earthaccess, signed in from the environment or from netrc; nobody is asked at a prompt.

    Raises
    ------
    MissingDataError
        If the package is not installed.
    FetchError
        If there is no account, it is refused, or Earthdata cannot be reached.
    """
    try:
        earthaccess = importlib.import_module("earthaccess")
    except ImportError:
        raise MissingDataError(
            "earthaccess is not installed", rule="datasets of NASA Earthdata need it",
            value=None, remedy="install the extra: pip install 'abz[earthdata]'",
        ) from None  # fmt: skip
    for strategy in ("environment", "netrc"):
        try:
            if earthaccess.login(strategy=strategy).authenticated:
                return earthaccess
        except earthaccess.exceptions.LoginStrategyUnavailable:
            continue
        except (requests.ConnectionError, requests.Timeout) as error:
            fault = type(error).__name__
            raise unreached("NASA Earthdata", "an answer to the login", fault) from None
        except (earthaccess.exceptions.LoginAttemptFailure, requests.RequestException) as error:
            # The words of the refusal may repeat what was sent, so only its kind is told.
            raise FetchError(
                "NASA Earthdata did not accept the login", rule="a valid token or account",
                value=f"{type(error).__name__}, from {strategy}", remedy=ACCOUNT,
            ) from None  # fmt: skip
    raise FetchError(
        "no account of NASA Earthdata was found", rule="in the environment or in ~/.netrc",
        value=None, remedy=ACCOUNT,
    )  # fmt: skip


def list_files(earthaccess: Any, name: str, pin: Pin, years: Sequence[int] | None) -> list[Listed]:
    """Files of a collection that match the patterns of a dataset.

    Parameters
    ----------
    earthaccess : module
        Signed in.
    name : str
        Entry of the catalog.
    pin : Pin
        Its identity and patterns, and the collection among its origins.
    years : sequence of int or None
        Years that are wanted; the search is made year by year.

    Returns
    -------
    list of Listed
        In order of their paths, each once.

    Raises
    ------
    FetchError
        If the search fails, or finds nothing for a pattern.
    """
    found: dict[str, Listed] = {}
    origin = next(origin for origin in pin.origins if isinstance(origin, Earthdata))
    for year in years or (None,):
        globs = pin.globs(None if year is None else [year])
        if not globs:
            continue
        query: dict[str, Any] = dict(origin.query)
        if year is not None:
            query["temporal"] = (f"{year}-01-01", f"{year}-12-31T23:59:59")
        if origin.box is not None:
            query["bounding_box"] = origin.box
        granules = _searched(earthaccess, name, query)
        files = {file.path: file for granule in granules for file in _files(granule, globs)}
        for glob in globs:
            if not any(fnmatchcase(path, glob) for path in files):
                raise FetchError(
                    f"{name}: Earthdata lists no file for {glob}",
                    rule="a file of the collection matches each pattern",
                    value=f"{len(granules)} granules for {query}",
                    remedy="see on the page of the collection whether it has moved: "
                    f"{pin.url or pin.provider}; mend `origins` in the catalog, or put the files "
                    "into the folder by hand",
                )
        found |= files
    return [found[path] for path in sorted(found)]


def _searched(earthaccess: Any, name: str, query: dict[str, Any]) -> list[Any]:
    """Granules of a search."""
    try:
        return list(earthaccess.search_data(count=-1, **query))
    except (RuntimeError, requests.RequestException) as error:
        raise FetchError(
            f"{name}: the search of NASA Earthdata failed", rule="an answer to the search",
            value=type(error).__name__, remedy="try again later; https://status.earthdata.nasa.gov "
            "says whether it is down",
        ) from None  # fmt: skip


def _files(granule: Any, globs: Iterable[str]) -> list[Listed]:
    """Files of a granule whose names match, with what the archive states of them."""
    stated = {str(part.get("Name", "")): part for part in _stated(granule)}
    files = []
    for url in granule.data_links(access="external"):
        name = PurePosixPath(url.partition("?")[0]).name
        for glob in globs:
            if fnmatchcase(name, PurePosixPath(glob).name):
                path = (PurePosixPath(glob).parent / name).as_posix()
                part = stated.get(name, {})
                size = part.get("SizeInBytes")
                sums = part.get("Checksum") or {}
                digest = published_digest(sums.get("Algorithm", ""), sums.get("Value", ""))
                files.append(Listed(path, url, None if size is None else int(size), digest))
                break
    return files


def _stated(granule: Any) -> Iterable[dict[str, Any]]:
    """What the metadata say of the granule's files; they may be nested by one level."""
    for part in granule["umm"].get("DataGranule", {}).get("ArchiveAndDistributionInformation", ()):
        yield part
        yield from part.get("Files", ())
