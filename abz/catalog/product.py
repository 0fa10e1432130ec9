"""The reader that intake calls: files found, pins checked, product read into canonical form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from intake.readers.readers import BaseReader

from abz.catalog.files import locate
from abz.catalog.pins import Pin
from abz.errors import InputError

__all__ = ["ProductReader", "product_reader"]


def product_reader(product: str) -> Callable[..., Any]:
    """The function of `abz.readers` that reads a product.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> product_reader("snow_depth")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: snow_depth is catalogued, but nothing reads it yet
      rule:   abz.readers has read_snow_depth
      got:    no such function
      remedy: take the checked paths from Catalog.files and open them yourself, or add the reader \
(recipe in CONTRIBUTING.md)
    """
    readers = import_module("abz.readers")
    function = getattr(readers, f"read_{product}", None)
    if function is None:
        raise InputError(
            f"{product} is catalogued, but nothing reads it yet",
            rule=f"abz.readers has read_{product}",
            value="no such function",
            remedy="take the checked paths from Catalog.files and open them yourself, or add the "
            "reader (recipe in CONTRIBUTING.md)",
        )
    return function


class ProductReader(BaseReader):
    """Opens an entry of the catalog with the reader of its product in `abz.readers`.

    intake makes it from the catalog: `data` holds the file patterns, `product` is the entry's
    name, `folder` the folder of the product files, and the metadata carry the pin.
    """

    def _read(
        self,
        data: Any,
        product: str,
        folder: str,
        years: Sequence[int] | None = None,
        pin: Pin | None = None,
        **options: Any,
    ) -> Any:
        """Canonical data of the wanted years; `options` go to the product's reader.

        The pin is the catalog's own where none is given; `abz.catalog.Catalog` gives the locked
        one.
        """
        read = product_reader(product)
        if pin is not None:
            return read(locate(product, pin, Path(folder), years), **options)
        urls = [data.url] if isinstance(data.url, str) else data.url
        patterns = tuple(url.removeprefix(f"{folder}/") for url in urls)
        pin = Pin.model_validate(self.metadata["pin"]).model_copy(update={"patterns": patterns})
        return read(locate(product, pin, Path(folder), years), **options)
