"""Writing whole files or nothing: a temporary name first, the true name last."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from zarr.codecs import ZstdCodec

__all__ = [
    "atomic_path",
    "read_json",
    "read_table",
    "read_zarr",
    "write_json",
    "write_table",
    "write_zarr",
]


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends without an error.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with atomic_path(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     (Path(folder) / "a.txt").read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            temporary.unlink(missing_ok=True)


def write_json(document: Any, path: Path) -> Path:
    """Write JSON with sorted keys, atomically; NaN is refused."""
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def read_json(path: Path) -> Any:
    """Read JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as Parquet (zstd), atomically."""
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, compression="zstd", index=False)
    return path


def read_table(path: Path) -> pd.DataFrame:
    """Read a Parquet table."""
    return pd.read_parquet(path)


def write_zarr(dataset: xr.Dataset, path: Path, chunks: dict[str, int] | None = None) -> Path:
    """Write a dataset as Zarr v3 (zstd), atomically, with the chunks named by dimension.

    Parameters
    ----------
    dataset : xarray.Dataset
        Any dimensions.
    path : Path
        Folder that ends in .zarr; an earlier one is replaced.
    chunks : dict of {dim: int}, optional
        Length of a chunk along each dimension; a whole dimension where none is given.
    """
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        sizes = [
            min(size, (chunks or {}).get(str(dim), size)) for dim, size in variable.sizes.items()
        ]
        if sizes and min(sizes) > 0:
            encoding[str(name)] = {"chunks": tuple(sizes)}
        if name in dataset.data_vars and variable.dtype.kind in "fiu":
            encoding.setdefault(str(name), {})["compressors"] = (ZstdCodec(level=3),)
    clean = dataset.drop_encoding()
    with atomic_path(path) as temporary:
        clean.to_zarr(temporary, mode="w", zarr_format=3, consolidated=False, encoding=encoding)
    return path


def read_zarr(path: Path) -> xr.Dataset:
    """Open a Zarr dataset lazily, without dask."""
    return xr.open_zarr(path, chunks=None, consolidated=False, zarr_format=3)
