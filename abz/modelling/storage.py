"""Forests as files of plain arrays: no pickles, one header, one digest, the same bytes every time.

A file is a ZIP archive without compression: `header.json`, then the five arrays of a `FluxForest`
in NumPy's format. NumPy opens it too (`numpy.load`). The header carries the SHA-256 of the rest of
itself and of the arrays. Whatever does not fit is refused before any of it is used. The page
"Model file" of the documentation tells how to read one without this package, and
`model-file.schema.json` beside this module is the JSON Schema of the header.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from abz.errors import InputError, MissingDataError, ModelFileError
from abz.modelling.categories import Unseen
from abz.modelling.forest import FluxForest
from abz.units import MONTHLY_FLUX
from abz.validation import check_file

__all__ = ["SCHEMA", "load_forest", "read_header", "save_forest"]

SCHEMA = "abz-forest-1"
FAMILY = SCHEMA.rstrip("0123456789")
ARRAYS: dict[str, np.dtype] = {
    "feature": np.dtype("<i2"),
    "threshold": np.dtype("<f4"),
    "child": np.dtype("<i4"),
    "leaf": np.dtype("<f8"),
    "root": np.dtype("<i8"),
}
ARCHIVE_START = b"PK\3\4"
EPOCH = (1980, 1, 1, 0, 0, 0)

Code = Annotated[int, Field(ge=-(2**24), le=2**24)]
"""A level's code: a whole number that single precision holds."""


class _Header(BaseModel):
    """What a file says of its forest; types are never changed to fit."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    schema_name: Literal["abz-forest-1"] = Field(alias="schema")
    units: str
    predictors: Annotated[tuple[str, ...], Field(min_length=1)]
    levels: dict[str, Annotated[tuple[Code, ...], Field(min_length=1)]]
    pooled: dict[str, tuple[tuple[Code, Code], ...]]
    unseen: Unseen
    quantile: Annotated[float, Field(ge=0, le=1)] | None
    about: dict[str, Any]
    sha256: str


def save_forest(
    forest: FluxForest, path: Path | str, about: Mapping[str, Any], *, units: str = MONTHLY_FLUX
) -> Path:
    """Write a forest, whole or not at all.

    Parameters
    ----------
    forest : FluxForest
        What is written; of a `FluxForestRegressor` its `forest_`.
    path : Path or str
        The file, in a folder that is there; it ends in .npz.
    about : mapping
        What else the header shall say: model set, flux, seed, summary of the training rows. JSON
        types only.
    units : str, optional
        Units of the predictions.

    Returns
    -------
    Path
        The file. Its bytes depend on nothing but the arguments.

    Raises
    ------
    InputError
        If it is no forest, `about` is no JSON, an array would lose digits in the type of the file,
        or the file has another ending.
    MissingDataError
        If the folder is not there.
    """
    file = _check_target(forest, Path(path))
    fields = {
        "schema": SCHEMA,
        "units": units,
        "predictors": list(forest.predictors),
        "levels": {name: list(codes) for name, codes in forest.levels.items()},
        "pooled": {name: sorted(pairs.items()) for name, pairs in forest.pooled.items()},
        "unseen": forest.unseen,
        "quantile": forest.quantile,
        "about": dict(about),
    }
    try:
        header = json.loads(_text(fields).encode())
        members = {f"{name}.npy": _array_bytes(getattr(forest, name), name) for name in ARRAYS}
        header["sha256"] = _content_digest(header, members)
        _Header.model_validate_json(_text(header))
    except (TypeError, ValueError) as error:
        raise InputError(
            "the forest cannot be stored",
            rule="the header is JSON without NaN, and arrays fit the types of the file",
            value=error,
            remedy="give plain strings and numbers, and a forest of fit_forest",
        ) from error
    text = json.dumps(header, indent=1, sort_keys=True, ensure_ascii=False)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, content in {"header.json": text.encode(), **members}.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return file


def read_header(path: Path | str) -> dict[str, Any]:
    """The header of a forest's file, checked with all that it describes.

    Raises
    ------
    MissingDataError
        If there is no such file.
    ModelFileError
        If the file is damaged, truncated or foreign.
    """
    return _read(path)[0]


def load_forest(path: Path | str) -> FluxForest:
    """Read a forest.

    Parameters
    ----------
    path : Path or str
        A file that `save_forest` wrote.

    Returns
    -------
    FluxForest

    Raises
    ------
    MissingDataError
        If there is no such file.
    ModelFileError
        If it is damaged, truncated or foreign.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from abz.modelling import fit_forest
    >>> X = np.linspace(260, 300, 40)[:, None]
    >>> forest = fit_forest(X, X[:, 0], ["lst"], trees=3, mtry=1)
    >>> with TemporaryDirectory() as folder:
    ...     path = save_forest(forest, Path(folder) / "central.npz", {"flux": "nee"})
    ...     again = load_forest(path)
    >>> bool((again.predict(X) == forest.predict(X)).all())
    True
    """
    return _read(path)[1]


def _check_target(forest: Any, file: Path) -> Path:
    """The file, if it can be written and there is a forest to write."""
    if not isinstance(forest, FluxForest):
        raise InputError(
            "this is no forest that can be stored",
            rule="a FluxForest, from fit_forest or the `forest_` of a fitted FluxForestRegressor",
            value=type(forest).__name__,
            remedy="give `model.forest_` in place of the model",
        )
    if file.suffix != ".npz":
        raise InputError(
            "the forest's file has another ending",
            rule="its name ends in .npz",
            value=file,
            remedy=f"name it {file.with_suffix('.npz').name}",
        )
    if not file.parent.is_dir():
        raise MissingDataError(
            "the folder of the forest's file is not there",
            rule="the folder exists",
            value=file.parent,
            remedy="make the folder first",
        )
    return file


def _read(path: Path | str) -> tuple[dict[str, Any], FluxForest]:
    """Header and forest of a file, if they agree with each other and with the digest."""
    file = check_file(
        path, "the forest", "fit it first (`abz fit`), or give the path of a file of save_forest"
    )
    try:
        _check_start(file)
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive, file.stat().st_size)
            header = json.loads(archive.read("header.json"))
            members = {f"{name}.npy": archive.read(f"{name}.npy") for name in ARRAYS}
        _check_digest(header, members)
        return header, _forest(_Header.model_validate_json(_text(header)), members)
    except Exception as error:  # the readers of ZIP, JSON and arrays raise many kinds
        raise ModelFileError(
            "the stored forest cannot be trusted",
            rule=f"a whole file of schema {SCHEMA}, with the digest that it states",
            value=f"{file}: {error}",
            remedy="take the abz that wrote it, or fit the model again: `abz fit`",
        ) from error


def _check_start(file: Path) -> None:
    """Refuse what is no whole ZIP archive, in words that tell how it is not."""
    with file.open("rb") as content:
        start = content.read(len(ARCHIVE_START))
    if not start:
        raise ValueError("the file is empty")
    if start != ARCHIVE_START:
        raise ValueError(f"no ZIP archive: it starts with {start!r}, as a foreign file")
    if not zipfile.is_zipfile(file):
        raise ValueError("truncated: the list of entries that ends a ZIP archive is not there")


def _check_entries(archive: zipfile.ZipFile, size: int) -> None:
    """Refuse entries that are not ours or that could grow while they are read."""
    entries = archive.infolist()
    found = [entry.filename for entry in entries]
    wanted = ["header.json", *(f"{name}.npy" for name in ARRAYS)]
    if found != wanted:
        raise ValueError(f"entries {found} in place of {wanted}")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("compressed entries")
    if sum(max(entry.file_size, entry.compress_size) for entry in entries) > size:
        raise ValueError(f"entries are larger than the file of {size} bytes")


def _check_digest(header: Any, members: Mapping[str, bytes]) -> None:
    """Refuse a schema that is not ours and a content that is not what was written."""
    if header["schema"] != SCHEMA:
        later = str(header["schema"]).startswith(FAMILY)
        raise ValueError(f"schema {header['schema']!r}{', of another abz' if later else ''}")
    rest = {key: value for key, value in header.items() if key != "sha256"}
    if header["sha256"] != _content_digest(rest, members):
        raise ValueError("the content does not have the digest that the header states")


def _content_digest(header: Mapping[str, Any], members: Mapping[str, bytes]) -> str:
    """SHA-256 of the header without its digest, and of the arrays, in order."""
    total = hashlib.sha256(_text(header).encode())
    for name, content in members.items():
        total.update(f"\0{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _text(header: Mapping[str, Any]) -> str:
    """A header as JSON with sorted keys; NaN is refused."""
    return json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _forest(header: _Header, members: Mapping[str, bytes]) -> FluxForest:
    """The forest that a checked header and its arrays describe."""
    return FluxForest(
        predictors=header.predictors,
        levels=header.levels,
        pooled={name: dict(pairs) for name, pairs in header.pooled.items()},
        unseen=header.unseen,
        quantile=header.quantile,
        **{name: _array(members[f"{name}.npy"], name) for name in ARRAYS},
    )


def _array_bytes(array: np.ndarray, name: str) -> bytes:
    """An array in NumPy's format, in the declared type."""
    buffer = io.BytesIO()
    stored = np.ascontiguousarray(array.astype(ARRAYS[name], casting="safe"))
    np.lib.format.write_array(buffer, stored, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes, name: str) -> np.ndarray:
    """An array from NumPy's format, if it has the declared type, one dimension and all its bytes.

    NumPy reads the description only, so that no object is built and no memory taken on its word.
    """
    buffer = io.BytesIO(content)
    version = np.lib.format.read_magic(buffer)
    if version != (1, 0):
        raise ValueError(f"{name} is of NumPy's format {version}")
    shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
    left = len(content) - buffer.tell()
    if dtype != ARRAYS[name] or len(shape) != 1 or shape[0] * dtype.itemsize != left:
        raise ValueError(f"{name} is {dtype} {shape} of {left} bytes")
    return np.frombuffer(content, dtype, offset=buffer.tell()).copy()
