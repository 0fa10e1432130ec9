"""Records of measurements on real data, kept in docs/records, as tables and numbers of the pages.

A record was made once, by a benchmark, on public tables; it is no result of the run that the site
shows. In a page,

| in the page | becomes |
|---|---|
| `{{ record:ranger_scores }}`, alone in its paragraph | the table with its caption |
| `{{ record:ranger_date }}`, in a line | the word or number |

A name that no record knows stops the build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor

from abz.errors import InputError
from abz.report.ranger_tables import ranger_numbers, ranger_tables
from abz.report.table import Table, markdown_table
from abz.report.trend_records import trend_size_numbers, trend_size_tables
from abz.validation import check_file

__all__ = ["RecordExtension", "RecordFolder", "makeExtension"]

Makers = tuple[
    Callable[[Mapping[str, Any]], dict[str, Table]], Callable[[Mapping[str, Any]], dict[str, str]]
]
MAKERS: Mapping[str, Makers] = MappingProxyType(
    {
        "ranger": (ranger_tables, ranger_numbers),
        "trend_size": (trend_size_tables, trend_size_numbers),
    }
)
"""Record, by the name of its file, to what makes tables and numbers of it."""


class RecordFolder:
    """The records of a folder, read when they are first asked for.

    Parameters
    ----------
    root : Path
        Folder of the records, one JSON file each.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def tables(self) -> dict[str, Table]:
        """All tables, by name."""
        return {
            k: v for name, (make, _) in MAKERS.items() for k, v in make(self._read(name)).items()
        }

    @cached_property
    def numbers(self) -> dict[str, str]:
        """All words and numbers of running text, by name."""
        return {
            k: v for name, (_, make) in MAKERS.items() for k, v in make(self._read(name)).items()
        }

    def _read(self, name: str) -> Mapping[str, Any]:
        path = check_file(self.root / f"{name}.json", "the record")
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def table(self, name: str) -> Table:
        """One table, or an error that names the nearest ones."""
        if name not in self.tables:
            raise _unknown("table", name, self.tables)
        return self.tables[name]

    def number(self, name: str) -> str:
        """One word or number, or an error that names the nearest ones."""
        if name not in self.numbers:
            raise _unknown("number", name, self.numbers)
        return self.numbers[name]


def _unknown(what: str, name: str, known: Mapping[str, Any]) -> InputError:
    near = get_close_matches(name, list(known), n=3)
    return InputError(
        f"a page names an unknown {what} of a record",
        rule=f"the {what} is one that abz/report makes of docs/records",
        value=repr(name),
        remedy=f"did you mean {', '.join(near)}?" if near else f"correct the {what}'s name",
    )


class _RecordTable(BlockProcessor):
    """Replaces a paragraph that is one table of a record."""

    PATTERN = re.compile(r"^\{\{\s*record:([a-z0-9_]+)\s*\}\}\s*$")

    def __init__(self, parser: Any, folder: RecordFolder) -> None:
        super().__init__(parser)
        self.folder = folder

    def test(self, parent: Element, block: str) -> bool:
        return bool(self.PATTERN.match(block.strip()))

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = self.PATTERN.match(blocks.pop(0).strip())
        name = match[1] if match else ""
        table = self.folder.table(name)
        box = SubElement(parent, "div", {"class": f"abz-table abz-table-{name}"})
        box.set("data-search-exclude", "")
        SubElement(box, "p", {"class": "abz-caption"}).text = table.caption
        self.parser.parseBlocks(box, [markdown_table(table.shown)])


class _RecordNumber(InlineProcessor):
    """Replaces `{{ record:name }}` in a line by its text."""

    def __init__(self, md: Markdown, folder: RecordFolder) -> None:
        super().__init__(r"\{\{\s*record:([a-z0-9_]+)\s*\}\}", md)
        self.folder = folder

    def handleMatch(  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        span = Element("span", {"class": "abz-record"})
        span.text = self.folder.number(m[1])
        return span, m.start(0), m.end(0)


class RecordExtension(Extension):
    """Tables and numbers of records in Markdown.

    Parameters
    ----------
    folder : str, optional
        Folder of the records; docs/records by default.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {"folder": ["docs/records", "folder of the records"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register the processors before those of the run; called by Markdown."""
        folder = RecordFolder(Path(self.getConfig("folder")))
        md.parser.blockprocessors.register(_RecordTable(md.parser, folder), "abz_record_table", 97)
        md.inlinePatterns.register(_RecordNumber(md, folder), "abz_record_number", 187)


def makeExtension(**options: Any) -> RecordExtension:  # noqa: N802
    """The extension, as Markdown asks for it by the name of this module.

    Examples
    --------
    >>> makeExtension(folder="docs/records").getConfig("folder")
    'docs/records'
    """
    return RecordExtension(**options)
