"""The catalog that a run's configuration means."""

from __future__ import annotations

from abz.catalog import Catalog
from abz.config import Config

__all__ = ["open_catalog"]


def open_catalog(config: Config) -> Catalog:
    """The catalog of the run's product files: the synthetic world's own, or the configured one."""
    path = config.archive / "catalog.yaml" if config.synthetic else config.catalog
    return Catalog.load(path, config.archive)
