"""What a dataset is, and the bytes that are meant by it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from abz.catalog.origins import Origin
from abz.catalog.paths import below
from abz.digest import sha256_file
from abz.errors import PinError

__all__ = ["Access", "Pin", "PinnedFile", "verify"]

_ANY_YEAR = "[12][0-9][0-9][0-9]"

Access = Literal["open", "earthdata", "cds", "local"]


Doi = Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")]
RelativePath = Annotated[str, Field(pattern=r"^[^/{}:\\][^{}:\\]*$"), AfterValidator(below)]


class _Record(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PinnedFile(_Record):
    """One file: where it lies below the data folder, its size and its SHA-256.

    Examples
    --------
    >>> PinnedFile(path="cavm/a.tif", bytes=3, sha256="0" * 64).path
    'cavm/a.tif'
    """

    path: RelativePath
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Pin(_Record):
    """Identity of a dataset.

    Parameters
    ----------
    product, version, provider, license : str
        As the provider writes them.
    doi, reference : str, optional
        DOI of the data, and of the article that describes them.
    access : {"open", "earthdata", "cds", "local"}
        Whether anyone can download it, an account is needed, or it exists on disk only.
    url : str, optional
        Page that leads to the files.
    period : str
        Years the product covers, or "static".
    variables, canonical : tuple of str
        Names in the files, and the names that the reader gives them.
    absent_years : tuple of int
        Years inside the period that the product never had.
    files : tuple of PinnedFile
        All files, or none where their bytes are not known yet.
    patterns : tuple of str
        File names below the data folder, with `{year}` where files are split by year; taken from
        the catalog's data section.
    awaited : tuple of str
        Files that the archive listed when it was last asked and that are not pinned yet.
    origins : tuple of Http, Earthdata or Copernicus
        Where the files can be fetched; none where that has to be done by hand.
    years : tuple of int = (first, last), optional
        Calendar years that the product covers; none if it does not change.
    area, resolution : str
        Where on Earth it has values; size of its cells, and its steps in time.
    units, missing : str
        How the stored numbers become canonical units; how missing values are marked and what
        becomes of them. Empty where nothing reads the product.
    note : str
        What a reader of the catalog should know besides.

    Examples
    --------
    >>> pin = Pin(
    ...     product="P", version="1", provider="me", license="CC0", access="open", period="static"
    ... )
    >>> pin.doi is None, pin.files
    (True, ())
    """

    product: str
    version: str
    provider: str
    license: str
    access: Access
    period: str
    doi: Doi | None = None
    reference: Doi | None = None
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    variables: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    absent_years: tuple[int, ...] = ()
    files: tuple[PinnedFile, ...] = ()
    patterns: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    years: tuple[int, int] | None = None
    area: str = ""
    resolution: str = ""
    units: str = ""
    missing: str = ""
    note: str = ""

    def globs(self, years: Iterable[int] | None) -> list[str]:
        """File patterns of the wanted years; those that the product never had are left out.

        Parameters
        ----------
        years : iterable of int, optional
            Any year where not given.

        Examples
        --------
        >>> pin = Pin(
        ...     product="P", version="1", provider="me", license="CC0", access="open",
        ...     period="2001-2003", absent_years=(2002,), patterns=("p/{year}.nc",),
        ... )
        >>> pin.globs(range(2001, 2004)), pin.globs(None)
        (['p/2001.nc', 'p/2003.nc'], ['p/[12][0-9][0-9][0-9].nc'])
        """
        wanted = [_ANY_YEAR] if years is None else sorted(set(years) - set(self.absent_years))
        found: list[str] = []
        for pattern in self.patterns:
            found += [pattern.replace("{year}", str(year)) for year in wanted]
        return list(dict.fromkeys(found))


def verify(path: Path, pinned: PinnedFile, name: str) -> Path:
    """`path`, if its size and SHA-256 are the pinned ones.

    A file is read once a process and state: the answer is kept by path, size and time of change.

    Raises
    ------
    PinError
        Naming the entry, the file, both digests and both sizes.
    """
    state = path.stat()
    found = _sha256(path, state.st_size, state.st_mtime_ns)
    if (state.st_size, found) != (pinned.bytes, pinned.sha256):
        raise PinError(
            f"{name}: {path} is not the file that the catalog pins",
            rule=f"sha256 {pinned.sha256}, {pinned.bytes} bytes",
            value=f"sha256 {found}, {state.st_size} bytes",
            remedy="bring the pinned file back: remove this one and "
            "`abz data fetch --config FILE`; if the "
            f"change is meant, accept it: `abz data lock {name} --renew --config FILE`",
        )
    return path


@cache
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    """SHA-256 of a file in one state."""
    return sha256_file(path)
