"""Forests as files of plain arrays: no pickles, one header, one digest, the same bytes every time.

A file is a ZIP archive without compression: `header.json`, then the five arrays of a `FluxForest`
in NumPy's format. NumPy opens it too (`numpy.load`). The header carries the SHA-256 of the rest of
itself and of the arrays. Whatever does not fit is refused before any of it is used.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from abz.errors import InputError, ModelFileError
from abz.modelling.forest import FluxForest
from abz.units import MONTHLY_FLUX
from abz.validation import check_file

__all__ = ["SCHEMA", "load_forest", "read_header", "save_forest"]

SCHEMA = "abz-forest-1"
ARRAYS: dict[str, np.dtype] = {
    "feature": np.dtype("<i2"),
    "threshold": np.dtype("<f4"),
    "child": np.dtype("<i4"),
    "leaf": np.dtype("<f8"),
    "root": np.dtype("<i8"),
}
DAMAGE = (
    zipfile.BadZipFile, InputError, KeyError, TypeError, ValueError, AttributeError, OSError,
    EOFError, RuntimeError,
)  # fmt: skip
"""What reading a damaged or foreign file can raise."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def save_forest(
    forest: FluxForest, path: Path, about: Mapping[str, Any], *, units: str = MONTHLY_FLUX
) -> Path:
    """Write a forest, whole or not at all.

    Parameters
    ----------
    forest : FluxForest
        What is written.
    path : Path
        The file; it ends in .npz.
    about : mapping
        What else the header shall say: model set, flux, seed, summary of the training rows. JSON
        types only.
    units : str, optional
        Units of the predictions.

    Returns
    -------
    Path
        The file. Its bytes depend on nothing but the arguments.
    """
    header = {
        "schema": SCHEMA,
        "units": units,
        "predictors": list(forest.predictors),
        "levels": {name: list(codes) for name, codes in forest.levels.items()},
        "pooled": {name: sorted(pairs.items()) for name, pairs in forest.pooled.items()},
        "unseen": forest.unseen,
        "quantile": forest.quantile,
        "about": dict(about),
    }
    members = {f"{name}.npy": _array_bytes(getattr(forest, name), name) for name in ARRAYS}
    header["sha256"] = _content_digest(header, members)
    text = json.dumps(header, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, content in {"header.json": text.encode(), **members}.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_header(path: Path) -> dict[str, Any]:
    """The header of a forest's file, checked with all that it describes.

    Raises
    ------
    ModelFileError
        If the file is damaged, truncated or foreign.
    """
    return _read(path)[0]


def load_forest(path: Path) -> FluxForest:
    """Read a forest.

    Parameters
    ----------
    path : Path
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
    header, arrays = _read(path)
    try:
        return FluxForest(
            predictors=tuple(str(name) for name in header["predictors"]),
            levels={
                str(name): tuple(int(code) for code in codes)
                for name, codes in header["levels"].items()
            },
            pooled={
                str(name): {int(code): int(other) for code, other in pairs}
                for name, pairs in header["pooled"].items()
            },
            unseen=header["unseen"],
            quantile=header["quantile"],
            **arrays,
        )
    except DAMAGE as error:
        raise _refusal(path, error) from error


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays, if they agree with the digest."""
    check_file(path, "the forest")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive)
            header = json.loads(archive.read("header.json"))
            members = {f"{name}.npy": archive.read(f"{name}.npy") for name in ARRAYS}
        _check_digest(header, members)
        arrays = {name: _array(members[f"{name}.npy"], name) for name in ARRAYS}
    except DAMAGE as error:
        raise _refusal(path, error) from error
    return header, arrays


def _check_digest(header: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Refuse a schema that is not ours and a content that is not what was written."""
    if header["schema"] != SCHEMA:
        raise ValueError(f"schema {header['schema']!r}")
    rest = {key: value for key, value in header.items() if key != "sha256"}
    if header["sha256"] != _content_digest(rest, members):
        raise ValueError("the content does not have the digest that the header states")


def _check_entries(archive: zipfile.ZipFile) -> None:
    """Refuse entries that are not ours or that could grow while they are read."""
    found = [entry.filename for entry in archive.infolist()]
    wanted = ["header.json", *(f"{name}.npy" for name in ARRAYS)]
    if found != wanted:
        raise ValueError(f"entries {found} in place of {wanted}")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise ValueError("compressed entries")


def _content_digest(header: Mapping[str, Any], members: Mapping[str, bytes]) -> str:
    """SHA-256 of the header without its digest, and of the arrays, in order."""
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)
    total = hashlib.sha256(text.encode())
    for name, content in members.items():
        total.update(f"\0{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _array_bytes(array: np.ndarray, name: str) -> bytes:
    """An array in NumPy's format, in the declared type."""
    buffer = io.BytesIO()
    np.lib.format.write_array(
        buffer, np.ascontiguousarray(array, ARRAYS[name]), version=(1, 0), allow_pickle=False
    )
    return buffer.getvalue()


def _array(content: bytes, name: str) -> np.ndarray:
    """An array from NumPy's format, if it has the declared type and one dimension."""
    array: np.ndarray = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if array.dtype != ARRAYS[name] or array.ndim != 1:
        raise ValueError(f"{name} is {array.dtype} {array.shape}")
    return array


def _refusal(path: Path, error: Exception) -> ModelFileError:
    """What is said of a file that is not used."""
    return ModelFileError(
        "the stored forest cannot be trusted",
        rule=f"a whole file of schema {SCHEMA}, with the digest that it states",
        value=f"{path}: {error}",
        remedy="fit the model again: `abz fit`",
    )
