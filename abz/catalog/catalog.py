"""The catalog as the stages use it: names, pins, files, data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import intake

from abz.catalog.document import Document, load_yaml, read_document
from abz.catalog.files import locate
from abz.catalog.pins import Pin
from abz.catalog.product import ProductReader
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

    Examples
    --------
    >>> catalog = Catalog.load(CATALOG, Path("data"))
    >>> "terraclimate" in catalog.names(), catalog.pin("abcflux").doi
    (True, '10.3334/ORNLDAAC/1934')
    """

    path: Path
    root: Path
    document: Document

    @classmethod
    def load(cls, path: Path, root: Path) -> Catalog:
        """Read and check a catalog file.

        Parameters
        ----------
        path : Path
            An intake catalog, version 2, such as catalog.yaml.
        root : Path
            Folder of the product files: it holds one folder a dataset.

        Raises
        ------
        ConfigError
            If the file is no catalog, or could run something.
        MissingDataError
            If the file is not there.
        """
        return cls(Path(path), Path(root).resolve(), read_document(Path(path)))

    def names(self) -> tuple[str, ...]:
        """Entries, in alphabetical order."""
        return tuple(sorted(self.document.entries))

    def pin(self, name: str) -> Pin:
        """Identity of a dataset.

        Raises
        ------
        InputError
            If no entry has this name.
        """
        return self.document.pin(check_choice(name, self.names(), "dataset"))

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
            return reader.read(years=years, **options)
        self.files(name, years)
        return reader.read(**options)

    @cached_property
    def _intake(self) -> Any:
        """The intake catalog, with `root` set; intake's imports from catalogs stay off."""
        intake.conf.update(allow_import=False, allow_pickle=False, allow_templates=False)
        return intake.Catalog.from_dict(load_yaml(self.path))(root=str(self.root))
