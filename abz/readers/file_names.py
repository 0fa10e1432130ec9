"""What the name of a product file says: product, date, tile."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from abz.errors import InputError, MissingDataError
from abz.validation import check_file

__all__ = ["parse_names"]


def parse_names(
    paths: Sequence[Path],
    pattern: re.Pattern[str],
    product: str,
    example: str,
    years: Collection[int] | None = None,
) -> list[tuple[Path, dict[str, str]]]:
    r"""The parts of each file name, files sorted by name.

    Parameters
    ----------
    paths : sequence of Path
        Files of one product.
    pattern : re.Pattern
        The whole name, its parts as named groups.
    product : str
        What the files should be, for messages.
    example : str
        A true name, for messages.
    years : collection of int, optional
        The years that were asked for; a file whose group `year` is another is an error.

    Raises
    ------
    MissingDataError
        If there is no file at all, or one does not exist.
    InputError
        If a name is not the product's, or its year was not asked for.

    Examples
    --------
    >>> import re
    >>> pattern = re.compile(r"a_(?P<year>[0-9]{4})\.nc")
    >>> parse_names([Path("b_2001.nc")], pattern, "product A", "a_2001.nc")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: a file is not of product A
      rule:   its name looks like a_2001.nc
      got:    b_2001.nc
      remedy: give this reader only the files of its own catalog entry
    """
    if not paths:
        raise MissingDataError(
            f"no file of {product} was given",
            rule="at least one file",
            value=[],
            remedy="fetch the product, or ask for years that it covers",
        )
    found = sorted((Path(path) for path in paths), key=lambda path: path.name)
    return [(path, _parts(path, pattern, product, example, years)) for path in found]


def _parts(
    path: Path,
    pattern: re.Pattern[str],
    product: str,
    example: str,
    years: Collection[int] | None,
) -> dict[str, str]:
    """The named groups of one file name."""
    match = pattern.fullmatch(path.name)
    if match is None:
        raise InputError(
            f"a file is not of {product}",
            rule=f"its name looks like {example}",
            value=path.name,
            remedy="give this reader only the files of its own catalog entry",
        )
    parts = match.groupdict()
    if years is not None and int(parts["year"]) not in years:
        raise InputError(
            f"a file of {product} is of another year",
            rule=f"years are among {sorted(years)}",
            value=path.name,
            remedy="ask for this year too, or leave the file out",
        )
    check_file(path, product)
    return parts
