"""The catalog as the stages use it: names, pins, files, data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from pathlib import Path
from typing import Any

import intake

from abz.catalog.document import Document, load_yaml, read_document
from abz.catalog.files import locate
from abz.catalog.lock import Lock, LockedEntry, read_lock
from abz.catalog.pins import Pin
from abz.catalog.product import ProductReader, product_reader
from abz.validation import check_choice

__all__ = ["CATALOG", "Catalog"]

CATALOG = Path(__file__).resolve().parents[2] / "catalog.yaml"
"""The catalog of the checkout: every input dataset of the study."""


@dataclass(frozen=True)
class Catalog:
    """Datasets below one folder.

    Parameters
    ----------
    path : Path
        The catalog file.
    root : Path
        Folder of the product files.
    document : Document
        Its checked content.
    lock : Lock
        The bytes that its lock file holds to.

    Examples
    --------
    >>> catalog = Catalog.load(CATALOG, Path("data"))
    >>> "terraclimate" in catalog.names(), catalog.pin("abcflux").doi
    (True, '10.3334/ORNLDAAC/1934')
    """

    path: Path
    root: Path
    document: Document
    lock: Lock = field(default_factory=Lock)

    @classmethod
    def load(cls, path: Path, root: Path) -> Catalog:
        """Read and check a catalog file and the lock file beside it.

        Parameters
        ----------
        path : Path
            An intake catalog, version 2, such as catalog.yaml.
        root : Path
            Folder of the product files: it holds one folder a dataset.

        Raises
        ------
        ConfigError
            If the file is no catalog, or could run something, or its lock file is damaged.
        MissingDataError
            If the file is not there.
        """
        path = Path(path)
        return cls(path, Path(root).resolve(), read_document(path), read_lock(path))

    def names(self) -> tuple[str, ...]:
        """Entries, in alphabetical order."""
        return tuple(sorted(self.document.entries))

    def pin(self, name: str) -> Pin:
        """Identity of a dataset, with the files that the catalog or its lock file pins.

        Raises
        ------
        InputError
            If no entry has this name.
        """
        if name not in self._pins:
            pin = self.document.pin(check_choice(name, self.names(), "dataset"))
            self._pins[name] = self.lock.pin(name, pin)
        return self._pins[name]

    def locked(self, name: str) -> LockedEntry:
        """What the lock file holds of a dataset, with what its archive listed; empty if nothing."""
        pin = self.pin(name)
        empty = LockedEntry(product=pin.product, version=pin.version)
        return self.lock.entries.get(name, empty)

    def files(self, name: str, years: Sequence[int] | None = None) -> list[Path]:
        """Files of a dataset, all present and as pinned.

        Parameters
        ----------
        name : str
            Entry of the catalog.
        years : sequence of int, optional
            Years wanted from a dataset that is split by year; all that are there where not given.

        Raises
        ------
        MissingDataError
            Naming the entry, the pattern, the folder and how to get the files.
        PinError
            Naming the file and both digests.
        """
        return locate(name, self.pin(name), self.root, years)

    def open(self, name: str, years: Sequence[int] | None = None, **options: Any) -> Any:
        """Data of an entry in canonical names and units, through intake, after its pin is checked.

        Parameters
        ----------
        name : str
            Entry of the catalog.
        years : sequence of int, optional
            Years wanted from a dataset that is split by year.
        **options
            Options of the product's reader, such as `bounds` of a static map.

        Returns
        -------
        xarray.Dataset, pandas.DataFrame or geopandas.GeoDataFrame
            What the product's reader in `abz.readers` returns; for the real sample tables and
            grids, what pandas or xarray returns.

        Raises
        ------
        InputError
            If no entry has this name, or nothing reads its product.
        MissingDataError, PinError
            As `files`.
        """
        reader = self._intake[check_choice(name, self.names(), "dataset")]
        if isinstance(reader, ProductReader):
            return reader.read(years=years, pin=self.pin(name), **options)
        self.files(name, years)
        return reader.read(**options)

    def reads_lazily(self, name: str) -> bool:
        """Whether the reader of an entry has the option `lazy`: parts are read when asked for.

        Examples
        --------
        >>> catalog = Catalog.load(CATALOG, Path("data"))
        >>> catalog.reads_lazily("mod13a1"), catalog.reads_lazily("noaa_brw")
        (True, False)
        """
        reader = self._intake[check_choice(name, self.names(), "dataset")]
        if not isinstance(reader, ProductReader):
            return False
        return "lazy" in signature(product_reader(name)).parameters

    @cached_property
    def _pins(self) -> dict[str, Pin]:
        """Pins by name, each made once: the tiles of an archive are many."""
        return {}

    @cached_property
    def _intake(self) -> Any:
        """The intake catalog, with `root` set; intake's imports from catalogs stay off."""
        intake.conf.update(allow_import=False, allow_pickle=False, allow_templates=False)
        return intake.Catalog.from_dict(load_yaml(self.path))(root=str(self.root))
