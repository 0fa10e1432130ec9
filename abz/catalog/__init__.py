"""What each dataset is, where it comes from and which bytes are meant; opening it through intake.

`catalog.yaml` is an intake catalog (version 2). Its *data* say where files lie below one folder,
the user parameter `root`; its *entries* say how they are read; each entry's `metadata.pin` says
what they are: product, version, DOI, licence, where they can be fetched and, where known, the
SHA-256 of every file. `catalog.lock` beside it holds the SHA-256 of what was fetched first. Nothing
is opened before its pin is checked, and a catalog can name only the readers declared in
`abz.catalog.document`, so it cannot run shell or Python.
"""

from __future__ import annotations

from abz.catalog.catalog import CATALOG, Catalog
from abz.catalog.document import DATATYPES, READERS, Document, read_document
from abz.catalog.files import locate
from abz.catalog.lock import WHOLE, Lock, LockedEntry, forget, lock_path, read_lock, record
from abz.catalog.origins import Copernicus, Earthdata, Http, Origin
from abz.catalog.pins import Pin, PinnedFile
from abz.catalog.product import ProductReader
from abz.catalog.writing import write_world_catalog

__all__ = [
    "CATALOG",
    "DATATYPES",
    "READERS",
    "WHOLE",
    "Catalog",
    "Copernicus",
    "Document",
    "Earthdata",
    "Http",
    "Lock",
    "LockedEntry",
    "Origin",
    "Pin",
    "PinnedFile",
    "ProductReader",
    "forget",
    "locate",
    "lock_path",
    "read_document",
    "read_lock",
    "record",
    "write_world_catalog",
]
