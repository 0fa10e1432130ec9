"""Where files can be had: an address, a collection of Earthdata, a request to Copernicus.

A pin lists its origins; `{year}` in an address or a path stands for each wanted year. Addresses
hold no account and no key: those come from the tools' own stores when a file is fetched.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from abz.catalog.paths import below

__all__ = ["Copernicus", "Earthdata", "Http", "Origin"]

_LOCAL = r"http://(127\.0\.0\.1|localhost)(:\d+)?/"
Address = Annotated[str, Field(pattern=rf"^(https://[^@{{}}\s]+/|doi:10\.|{_LOCAL})[^@\s]*$")]
Template = Annotated[
    str,
    Field(pattern=r"^[^/{}:\\*?\[][^{}:\\*?\[]*(\{year\}[^{}:\\*?\[]*)?$"),
    AfterValidator(below),
]
Box = tuple[float, float, float, float]


class _Origin(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(_Origin):
    """A file at an address, or files in a ZIP archive at an address.

    Parameters
    ----------
    url : str
        https, `doi:` of a repository that pooch knows with the file's name behind it, or http on
        this machine; with `{year}` where the file is split by year.
    paths : tuple of str
        Where it lies below the data folder; of an archive, all files that are taken from it, each
        under the name that it has there.
    archive : bool
        Whether the address is of a ZIP archive.
    years : tuple of int = (first, last), optional
        Years that this address serves, where they are not those of the product.

    Examples
    --------
    >>> Http(by="http", url="https://example.org/a_{year}.nc", paths=("a/a_{year}.nc",)).archive
    False
    """

    by: Literal["http"]
    url: Address
    paths: tuple[Template, ...]
    archive: bool = False
    years: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _one_path(self) -> Http:
        if not self.paths or (len(self.paths) > 1 and not self.archive):
            raise ValueError("an address has one path; only an archive has several")
        return self

    def serves(self, year: int) -> bool:
        """Whether the address is meant for a year."""
        return self.years is None or self.years[0] <= year <= self.years[1]


class Earthdata(_Origin):
    """A collection of NASA Earthdata; its files are those that match the patterns of the dataset.

    Parameters
    ----------
    short_name, version : str, optional
        Of the collection.
    doi : str, optional
        In their place.
    box : tuple of float = (W, S, E, N), optional
        Only granules that touch it, degrees.

    Examples
    --------
    >>> Earthdata(by="earthdata", short_name="MOD44B", version="061").query
    {'short_name': 'MOD44B', 'version': '061'}
    """

    by: Literal["earthdata"]
    short_name: str | None = None
    version: str | None = None
    doi: str | None = None
    box: Box | None = None

    @model_validator(mode="after")
    def _one_name(self) -> Earthdata:
        if (self.doi is None) == (self.short_name is None or self.version is None):
            raise ValueError("a collection is named by its DOI, or by short_name and version")
        return self

    @property
    def query(self) -> dict[str, str]:
        """What names the collection."""
        named = {"short_name": self.short_name, "version": self.version, "doi": self.doi}
        return {key: value for key, value in named.items() if value is not None}


class Copernicus(_Origin):
    """A request to the Climate Data Store, one file a year; the year is added to it.

    Parameters
    ----------
    dataset : str
        Name of the collection in the store.
    request : dict of {str: str or tuple of str}
        All keys of the request but `year`.
    path : str
        Where the file lies below the data folder.

    Examples
    --------
    >>> request = {"time": "00:00"}
    >>> origin = Copernicus(by="copernicus", dataset="d", request=request, path="d/{year}.nc")
    >>> origin.asked(2001)
    {'time': '00:00', 'year': ['2001']}
    """

    by: Literal["copernicus"]
    dataset: str
    request: dict[str, str | tuple[str, ...]]
    path: Template

    def asked(self, year: int) -> dict[str, str | list[str]]:
        """The request of one year, as the store takes it."""
        plain = {
            key: value if isinstance(value, str) else list(value)
            for key, value in self.request.items()
        }
        return {**plain, "year": [str(year)]}


Origin = Annotated[Http | Earthdata | Copernicus, Field(discriminator="by")]
