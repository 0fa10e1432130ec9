"""Writing whole files or nothing: a temporary name first, the true name last."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
import zarr
from zarr.codecs import ZstdCodec
from zarr.errors import GroupNotFoundError

from abz.errors import InputError, MissingDataError

__all__ = [
    "atomic_path",
    "encoding",
    "read_json",
    "read_table",
    "read_zarr",
    "remove_abandoned",
    "write_json",
    "write_table",
    "write_zarr",
    "write_zarr_pieces",
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
    """Read JSON.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            "a file of the run is damaged",
            rule="it is JSON in UTF-8",
            value=f"{path}: {error}",
            remedy="remove it; `abz all --config FILE` writes it again",
        ) from error


def remove_abandoned(root: Path) -> None:
    """Remove temporary files below `root` whose writing process has ended."""
    for path in sorted(root.rglob(".*.partial*"), reverse=True):
        writer = re.search(r"\.(\d+)\.partial", path.name)
        if writer and not _is_alive(int(writer[1])):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    """Whether a process of this number exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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
    storage = encoding(dataset, chunks or {})
    clean = dataset.drop_encoding()
    with atomic_path(path) as temporary:
        clean.to_zarr(temporary, mode="w", zarr_format=3, consolidated=False, encoding=storage)
    return path


def write_zarr_pieces(
    pieces: Iterable[xr.Dataset], path: Path, chunks: dict[str, int], along: tuple[str, ...]
) -> Path:
    """Write a dataset too large for memory as Zarr v3, atomically, piece by piece.

    Parameters
    ----------
    pieces : iterable of xarray.Dataset
        The first one makes what does not grow; each one continues the variables that grow.
    path : Path
        Folder that ends in .zarr; an earlier one is replaced.
    chunks : dict of {dim: int}
        Length of a chunk along each dimension; a piece's whole dimension where none is given.
    along : tuple of str
        Dimensions along which variables grow; a variable has at most one of them.
    """
    with atomic_path(path) as temporary:
        written: set[str | None] = set()
        coordinates: set[str] = set()
        for piece in pieces:
            coordinates |= {str(name) for name in piece.coords if name not in piece.dims}
            for dim in (None, *along):
                part = _part_along(piece, dim, along)
                if part.variables and not (dim is None and dim in written):
                    _extend(part, temporary, dim if dim in written else None, chunks)
                    written.add(dim)
        group = zarr.open_group(temporary, mode="r+", use_consolidated=False)
        group.attrs["coordinates"] = " ".join(sorted(coordinates))
    return path


def _part_along(piece: xr.Dataset, dim: str | None, along: tuple[str, ...]) -> xr.Dataset:
    """Variables and coordinates that grow along `dim`; those that do not grow where it is None."""
    others = [
        name
        for name, variable in piece.variables.items()
        if next((grow for grow in along if grow in variable.dims), None) != dim
    ]
    return piece.drop_vars(others).drop_encoding()


def _extend(part: xr.Dataset, path: Path, dim: str | None, chunks: dict[str, int]) -> None:
    """Add new variables to a Zarr folder, or continue those along `dim`."""
    options: dict[str, Any] = {"zarr_format": 3, "consolidated": False, "mode": "a"}
    if dim is None:
        part.to_zarr(path, encoding=encoding(part, chunks), **options)
    else:
        part.to_zarr(path, append_dim=dim, **options)


def encoding(dataset: xr.Dataset, chunks: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Chunks and compression of each variable, as `xarray.Dataset.to_zarr` takes them."""
    stored: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        sizes = [min(size, chunks.get(str(dim), size)) for dim, size in variable.sizes.items()]
        if sizes and min(sizes) > 0:
            stored[str(name)] = {"chunks": tuple(sizes)}
        if name in dataset.data_vars and variable.dtype.kind in "fiu":
            stored.setdefault(str(name), {})["compressors"] = (ZstdCodec(level=3),)
    return stored


def read_zarr(path: Path) -> xr.Dataset:
    """Open a Zarr dataset lazily, without dask; its variables in alphabetical order.

    Raises
    ------
    MissingDataError
        If there is none.
    """
    try:
        dataset = xr.open_zarr(path, chunks=None, consolidated=False, zarr_format=3)
    except (FileNotFoundError, GroupNotFoundError) as error:
        raise MissingDataError(
            "an intermediate dataset of the run is not there, or damaged",
            rule="the stage that makes it has ended",
            value=path,
            remedy="`abz all --config FILE` runs what is missing",
        ) from error
    variables = {name: dataset[name] for name in sorted(dataset.data_vars, key=str)}
    return xr.Dataset(variables, dataset.coords, dataset.attrs)
