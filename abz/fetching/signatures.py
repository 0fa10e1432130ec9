"""First bytes by which formats are known: a web page is no data file, whatever its name says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

__all__ = ["SIGNATURES", "fault_of"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_NETCDF = (b"CDF\x01", b"CDF\x02", b"CDF\x05", _HDF5)

SIGNATURES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        ".dbf": (b"\x03", b"\x83", b"\x8b"),
        ".hdf": (b"\x0e\x03\x13\x01", _HDF5),
        ".hdf5": (_HDF5,),
        ".nc": _NETCDF,
        ".nc4": _NETCDF,
        ".parquet": (b"PAR1",),
        ".shp": (b"\x00\x00\x27\x0a",),
        ".shx": (b"\x00\x00\x27\x0a",),
        ".tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
        ".zip": (b"PK\x03\x04",),
    }
)
"""Suffix to the ways in which such a file can begin."""

_PAGES = (b"<!doctype html", b"<html", b"<head", b"<?xml")


def fault_of(path: Path, name: str = "") -> str | None:
    """What is wrong with the beginning of a file, or None.

    Parameters
    ----------
    path : Path
        A file.
    name : str, optional
        The name that it is meant for; its own where not given.

    Returns
    -------
    str or None
        In words. Formats without a signature, such as text, only have to hold something and be no
        web page.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.nc"
    ...     _ = path.write_bytes(b"<!DOCTYPE html><title>Log in</title>")
    ...     fault_of(path)
    'a web page'
    """
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        return "an empty file"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "a web page"
    suffix = PurePosixPath(name or path.name).suffix.lower()
    known = SIGNATURES.get(suffix, ())
    if known and not head.startswith(known):
        return f"no {suffix} file by its first bytes, {head[:8].hex(' ')}"
    return None
