"""The catalog that a run's configuration means; what is opened from it is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from abz.catalog import Catalog
from abz.cli.inputs import note_input
from abz.config import Config
from abz.errors import MissingDataError

__all__ = ["LazyArchive", "is_there", "open_catalog"]


@dataclass(frozen=True)
class _NotingCatalog(Catalog):
    """A catalog that notes each dataset that is opened, with its pinned files."""

    def open(self, name: str, years: Sequence[int] | None = None, **options: Any) -> Any:
        """As `Catalog.open`."""
        data = super().open(name, years, **options)
        pin = self.pin(name)
        pinned = {file.path: file.sha256 for file in pin.files}
        paths = self.files(name, years) if pinned else []
        opened = [path.relative_to(self.root).as_posix() for path in paths]
        identity = {"product": pin.product, "version": pin.version, "doi": pin.doi}
        note_input(name, identity, {path: pinned[path] for path in opened})
        return data


def open_catalog(config: Config) -> Catalog:
    """The catalog of the run's product files: the synthetic world's own, or the configured one."""
    path = config.archive / "catalog.yaml" if config.synthetic else config.catalog
    return _NotingCatalog.load(path, config.archive)


def is_there(catalog: Catalog, name: str, years: Sequence[int] | None = None) -> bool:
    """Whether the catalog has a dataset, and its files are there.

    Parameters
    ----------
    catalog : Catalog
        Of the run.
    name : str
        Entry of the catalog.
    years : sequence of int, optional
        Years wanted from a dataset that is split by year.

    Raises
    ------
    PinError
        If a file is there, but is not the pinned one.
    """
    if name not in catalog.names():
        return False
    try:
        return bool(catalog.files(name, years))
    except MissingDataError:
        return False


@dataclass(frozen=True)
class LazyArchive:
    """Datasets of a catalog, of which parts are read when they are asked for, where that can be.

    Parameters
    ----------
    catalog : Catalog
        Opens the datasets.
    """

    catalog: Catalog

    def open(self, name: str, years: Sequence[int] | None = None) -> Any:
        """As `Catalog.open`."""
        options = {"lazy": True} if self.catalog.reads_lazily(name) else {}
        return self.catalog.open(name, years, **options)
