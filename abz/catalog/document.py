"""The shape of a catalog file, checked whole before intake sees it.

intake imports the classes a catalog names and fills templates that can read the environment or
import code. Here only declared readers and data types pass, and the only templates are `{root}`,
`{year}` and an entry's reference to its data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from abz.catalog.paths import below
from abz.catalog.pins import Pin
from abz.errors import ConfigError
from abz.validation import check_file

__all__ = ["DATATYPES", "READERS", "Document", "load_yaml", "read_document"]

PRODUCT_READER = "abz.catalog:ProductReader"

READERS = (PRODUCT_READER, "intake.readers.readers:PandasCSV")
"""Readers that a catalog may name."""

DATATYPES = tuple(
    f"intake.readers.datatypes:{name}"
    for name in ("CSV", "FileData", "GeoJSON", "HDF5", "Parquet", "Shapefile", "TIFF")
)
"""Data types that a catalog may name; `FileData` is any format intake has no class for."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ELSEWHERE = (
    "give the command in the folder that holds catalog.yaml, or name the file as `catalog` in the "
    "configuration"
)
"""What to do where there is no catalog."""
_TEMPLATE = re.compile(r"[{}]|\b(env|shell|func|import|data|pickle64)\(")
_URL = r"^\{root\}/[^/{}:\\][^{}:\\]*(\{year\}[^{}:\\]*)?$"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Url = Annotated[str, Field(pattern=_URL), AfterValidator(below)]


def _as_tuple(value: Any) -> Any:
    """One address or several, as several."""
    return (value,) if isinstance(value, str) else value


class _Part(BaseModel):
    """A part of the catalog: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Root(_Part):
    """The one user parameter: the folder that holds the product files."""

    cls: Literal["intake.readers.user_parameters:SimpleUserParameter"]
    dtype: Literal["str"]
    default: str
    description: str


class _Parameters(_Part):
    root: _Root


class _Where(_Part):
    url: Annotated[tuple[Url, ...], BeforeValidator(_as_tuple)]


class _Data(_Part):
    """Where files lie, and of which format they are."""

    datatype: Literal[DATATYPES]  # type: ignore[valid-type]
    kwargs: _Where
    metadata: dict[str, str]
    user_parameters: dict[str, None]


class _Arguments(_Part):
    """What a reader is given: a reference to its data; ours also its product and the folder."""

    data: Annotated[str, Field(pattern=r"^\{data\([a-z][a-z0-9_]*\)\}$")]
    product: Name | None = None
    folder: Literal["{root}"] | None = None

    @property
    def reference(self) -> str:
        """Name of the data description."""
        return self.data.removeprefix("{data(").removesuffix(")}")


class _Metadata(_Part):
    pin: Pin


class _Entry(_Part):
    """How a dataset is read, and what it is."""

    reader: Literal[READERS]  # type: ignore[valid-type]
    kwargs: _Arguments
    output_instance: Literal["xarray:Dataset", "pandas:DataFrame", "geopandas:GeoDataFrame"]
    user_parameters: dict[str, None]
    metadata: _Metadata


class Document(_Part):
    """A whole catalog file.

    Raises
    ------
    pydantic.ValidationError
        If an entry has no data, a product reader lacks its product, or an alias points nowhere.
    """

    version: Literal[2]
    metadata: dict[str, str]
    user_parameters: _Parameters
    aliases: dict[Name, Name]
    data: dict[Name, _Data]
    entries: dict[Name, _Entry]

    @model_validator(mode="after")
    def _consistent(self) -> Document:
        for name, entry in self.entries.items():
            if entry.kwargs.reference not in self.data:
                raise ValueError(f"entry {name} refers to data that are not described")
            ours = entry.reader == PRODUCT_READER
            if ours != (entry.kwargs.product == name and entry.kwargs.folder is not None):
                raise ValueError(f"entry {name}: a product reader has `product` {name}, `folder`")
        if {*self.aliases.values()} != {*self.entries} or {*self.aliases} != {*self.entries}:
            raise ValueError("aliases list every entry under its own name, and nothing else")
        return self

    def pin(self, name: str) -> Pin:
        """Pin of an entry, with the file patterns of its data."""
        entry = self.entries[name]
        urls = self.data[entry.kwargs.reference].kwargs.url
        patterns = tuple(url.removeprefix("{root}/") for url in urls)
        return entry.metadata.pin.model_copy(update={"patterns": patterns})


def load_yaml(path: Path) -> dict[str, Any]:
    """The plain content of a catalog file: no tags, no objects.

    Raises
    ------
    ConfigError
        If it is no YAML mapping.
    """
    try:
        text = check_file(path, "the catalog", ELSEWHERE).read_text(encoding="utf-8")
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one, in C where there is libyaml
    except yaml.YAMLError as error:
        raise _error(path, "it is not plain YAML", str(error)) from error
    if not isinstance(content, dict):
        raise _error(path, "it is no mapping", type(content).__name__)
    return content


def read_document(path: Path) -> Document:
    """Read and check a catalog file.

    Parameters
    ----------
    path : Path
        An intake catalog, version 2.

    Returns
    -------
    Document
        Checked whole.

    Raises
    ------
    ConfigError
        If it holds an unknown key, a reader that is not declared, or a template that could run
        something.
    """
    content = load_yaml(path)
    for where, text in _free_texts(content):
        if _TEMPLATE.search(text):
            raise _error(path, f"`{where}` holds a template", text)
    try:
        return Document.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "whole file"
        raise _error(path, f"`{where}`: {first['msg']}", first["input"]) from error


def _free_texts(node: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """All keys and texts, save those that hold a template of a checked form."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield ".".join(where), str(key)
            yield from _free_texts(value, (*where, str(key)))
    elif isinstance(node, list):
        for value in node:
            yield from _free_texts(value, where)
    elif isinstance(node, str) and where[2:] not in _TEMPLATED.get(where[:1], ()):
        yield ".".join(where), node


_TEMPLATED: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
    ("data",): (("kwargs", "url"),),
    ("entries",): (
        ("kwargs", "data"),
        ("kwargs", "folder"),
        *(("metadata", "pin", "origins", key) for key in ("url", "path", "paths")),
    ),
}


def _error(path: Path, problem: str, value: object) -> ConfigError:
    """A catalog that is refused."""
    text = str(value)
    return ConfigError(
        f"{path}: {problem}",
        rule="a catalog has the form of catalog.yaml and runs nothing: only declared readers, "
        "and no template but {root}, {year} and {data(NAME)}",
        value=text if len(text) <= 200 else text[:200] + " …",
        remedy="mend the catalog by hand; do not open one you do not trust in another tool",
    )
