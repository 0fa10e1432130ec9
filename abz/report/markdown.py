r"""A Markdown extension that puts a run into pages: numbers, tables, figures, references.

What a page may say, in text and in docstrings:

| in the page | becomes |
|---|---|
| `{{ fine_abz_nee_budget }}` | the number as text; its label, function and inputs on hover |
| `{{ table:scores }}` | the table with its caption, alone in its paragraph |
| `{{ figure:nee_map_fine \| caption }}` | the figure, alone in its paragraph |
| `{{ references }}` | the list of references |
| `{{ dag }}` | the graph of the stages, if the run drew it |
| `[@virkkala2025; @ploton2020]` | links to the list of references |
| `<!-- when fine and fire -->` … `<!-- end -->` | left out unless the run holds both |

A name that the run does not know stops the build.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import yaml
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor

from abz.errors import InputError, MissingDataError
from abz.validation import check_file

__all__ = ["ReportExtension", "RunFolder", "holds", "makeExtension", "run_folder"]


def run_folder() -> Path:
    """Folder of the run that the site shows: `$ABZ_RUN`, or runs/demo."""
    return Path(os.environ.get("ABZ_RUN", "runs/demo"))


@dataclass(frozen=True)
class RunFolder:
    """The results of a run, read when they are first asked for.

    Parameters
    ----------
    root : Path
        Folder of the run.

    Examples
    --------
    >>> RunFolder(Path("runs/none")).words
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: the run has no results to show
      rule:   the folder that ABZ_RUN names holds results/contents.json
      got:    runs/none/results/contents.json
      remedy: run `abz report` first, or set ABZ_RUN
    """

    root: Path

    @cached_property
    def contents(self) -> Mapping[str, Any]:
        """What the run holds: name, title, words, captions of its tables."""
        return self._read("contents.json")

    @property
    def words(self) -> frozenset[str]:
        """Words that `when` and `requires` may ask for."""
        return frozenset(self.contents["words"])

    @cached_property
    def numbers(self) -> Mapping[str, Mapping[str, Any]]:
        """The run's numbers.json."""
        return self._read("numbers.json")

    def _read(self, name: str) -> Mapping[str, Any]:
        """One of the JSON files that the report stage writes."""
        path = self.root / "results" / name
        if not path.is_file():
            raise MissingDataError(
                "the run has no results to show",
                rule=f"the folder that ABZ_RUN names holds results/{name}",
                value=path,
                remedy="run `abz report` first, or set ABZ_RUN",
            )
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def number(self, key: str) -> Mapping[str, Any]:
        """One number, or an error that names the nearest keys."""
        if key not in self.numbers:
            raise _unknown("number", key, self.numbers)
        return self.numbers[key]

    def table(self, name: str) -> tuple[str, str]:
        """Caption and Markdown of a table."""
        tables = self.contents["tables"]
        if name not in tables:
            raise _unknown("table", name, tables)
        path = self.root / "results" / "tables" / f"{name}.md"
        return str(tables[name]), path.read_text(encoding="utf-8")

    def figure(self, name: str) -> str:
        """File name of a figure."""
        if name not in self.contents["figures"]:
            raise _unknown("figure", name, self.contents["figures"])
        return f"{name}.png"


def _unknown(what: str, name: str, known: Iterable[str]) -> InputError:
    """The error of a page that names something the run does not have."""
    near = get_close_matches(name, list(known), n=3)
    return InputError(
        f"a page names an unknown {what}",
        rule=f"every {what} on the site is one of the run's results",
        value=repr(name),
        remedy=f"did you mean {', '.join(near)}?" if near else f"correct the {what}'s name",
    )


def holds(condition: str, words: frozenset[str]) -> bool:
    """Whether a condition holds: words joined by `and`, each maybe after `not`.

    Examples
    --------
    >>> holds("fine and not fire", frozenset({"fine"})), holds("fire", frozenset({"fine"}))
    (True, False)
    """
    parts = [part.split() for part in condition.split(" and ")]
    return all(
        (part[-1] in words) != (part[0] == "not" and len(part) == 2) for part in parts if part
    )


class _When(Preprocessor):
    """Leaves out what stands between `when` and `end` if the condition does not hold."""

    WHEN = re.compile(r"^\s*<!--\s*when\s+(.+?)\s*-->\s*$")
    END = re.compile(r"^\s*<!--\s*end\s*-->\s*$")

    def __init__(self, md: Markdown, run: RunFolder) -> None:
        super().__init__(md)
        self.run_folder = run

    def run(self, lines: list[str]) -> list[str]:
        kept: list[str] = []
        open_blocks: list[bool] = []
        for line in lines:
            start = self.WHEN.match(line)
            if start:
                open_blocks.append(holds(start[1], self.run_folder.words))
                kept.append("")
            elif self.END.match(line) and open_blocks:
                open_blocks.pop()
                kept.append("")
            elif all(open_blocks):
                kept.append(line)
        if open_blocks:
            raise InputError(
                "a page leaves a condition open",
                rule="each `<!-- when … -->` has its `<!-- end -->`",
                value=f"{len(open_blocks)} open",
                remedy="add `<!-- end -->`",
            )
        return kept


class _Footnotes(Preprocessor):
    """Turns numbered references of docstrings into a numbered list."""

    ITEM = re.compile(r"^(\s*)\.\. \[(\d+)\] ")

    def run(self, lines: list[str]) -> list[str]:
        return [self.ITEM.sub(r"\1\2. ", line) for line in lines]


class _FootnoteMark(InlineProcessor):
    """Raises the mark `[1]_` of a numbered reference."""

    def handleMatch(  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        mark = Element("sup")
        mark.text = f"[{m[1]}]"
        return mark, m.start(0), m.end(0)


class _Number(InlineProcessor):
    """Replaces `{{ key }}` by the number's text."""

    def __init__(self, pattern: str, md: Markdown, run: RunFolder) -> None:
        super().__init__(pattern, md)
        self.run_folder = run

    def handleMatch(  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        if not re.fullmatch(r"[a-z0-9_]+", m[1]):
            raise InputError(
                "a page has a placeholder that cannot stand there",
                rule="in a line stand numbers; tables and figures stand alone in their paragraph",
                value=m[0],
                remedy="put empty lines around it, or correct it",
            )
        number = self.run_folder.number(m[1])
        period = f" ({number['period']})" if number["period"] else ""
        origin = "synthetic data; " if number["synthetic"] else ""
        span = Element("span")
        span.set("class", "abz-number abz-synthetic" if number["synthetic"] else "abz-number")
        inputs = ", ".join(number["inputs"])
        span.set("title", f"{number['label']}{period}; {origin}{number['function']} of {inputs}")
        span.text = str(number["text"])
        return span, m.start(0), m.end(0)


class _Citation(InlineProcessor):
    """Replaces `[@key; @key]` by links into the list of references."""

    def __init__(self, pattern: str, md: Markdown, references: Mapping[str, Any]) -> None:
        super().__init__(pattern, md)
        self.references = references

    def handleMatch(  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        cite = Element("span", {"class": "abz-cite"})
        cite.text = "("
        keys = [key.strip().removeprefix("@") for key in m[1].split(";")]
        for place, key in enumerate(keys):
            if key not in self.references:
                raise _unknown("reference", key, self.references)
            link = SubElement(cite, "a", {"href": f"abz-reference:#ref-{key}"})
            link.text = self.references[key]["label"]
            link.tail = ")" if place == len(keys) - 1 else "; "
        return cite, m.start(0), m.end(0)


class _Blocks(BlockProcessor):
    """Replaces a paragraph that is one table, one figure or the list of references."""

    PATTERN = re.compile(
        r"^\{\{\s*(?:(table|figure):([a-z0-9_]+)\s*(?:\|\s*(.+?)\s*)?|(references|dag)\s*)\}\}\s*$",
        re.S,
    )

    def __init__(self, parser: Any, run: RunFolder, references: Mapping[str, Any]) -> None:
        super().__init__(parser)
        self.run_folder = run
        self.references = references

    def test(self, parent: Element, block: str) -> bool:
        return bool(self.PATTERN.match(block.strip()))

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = self.PATTERN.match(blocks.pop(0).strip())
        kind, name, caption, whole = match.groups() if match else (None, None, None, "")
        if whole == "dag":
            self._graph(parent)
        elif kind == "table":
            self._table(parent, str(name), caption)
        elif kind == "figure":
            self._figure(parent, str(name), caption or "")
        else:
            self._references(parent)

    def _table(self, parent: Element, name: str, caption: str | None) -> None:
        own_caption, text = self.run_folder.table(name)
        box = SubElement(parent, "div", {"class": f"abz-table abz-table-{name}"})
        box.set("data-search-exclude", "")
        SubElement(box, "p", {"class": "abz-caption"}).text = caption or own_caption
        self.parser.parseBlocks(box, [text.strip()])
        foot = SubElement(box, "p", {"class": "abz-download"})
        SubElement(foot, "a", {"href": f"abz-download:tables/{name}.csv"}).text = f"{name}.csv"

    def _figure(self, parent: Element, name: str, caption: str) -> None:
        source = f"abz-download:figures/{self.run_folder.figure(name)}"
        figure = SubElement(parent, "figure", {"class": "abz-figure"})
        link = SubElement(figure, "a", {"href": source})
        alt = re.sub(r"[*_`$\\{}\[\]]", "", caption) or name
        SubElement(link, "img", {"src": source, "alt": alt, "loading": "lazy"})
        SubElement(figure, "figcaption").text = caption

    def _graph(self, parent: Element) -> None:
        path = self.run_folder.root / "dag.svg"
        if path.is_file():
            box = SubElement(parent, "div", {"class": "abz-dag"})
            box.text = self.parser.md.htmlStash.store(path.read_text(encoding="utf-8"))

    def _references(self, parent: Element) -> None:
        entries = SubElement(parent, "ul", {"class": "abz-references"})
        for key, reference in sorted(self.references.items(), key=lambda item: item[1]["text"]):
            item = SubElement(entries, "li", {"id": f"ref-{key}"})
            item.text = f"{reference['text']} "
            if "doi" in reference:
                url = f"https://doi.org/{reference['doi']}"
                SubElement(item, "a", {"href": url}).text = f"doi:{reference['doi']}"
            elif "url" in reference:
                SubElement(item, "a", {"href": reference["url"]}).text = reference["url"]


class ReportExtension(Extension):
    """Numbers, tables, figures and references of a run in Markdown.

    Parameters
    ----------
    references : str
        YAML file: key to `label`, `text` and `doi` or `url`.
    run : str, optional
        Folder of the run; `$ABZ_RUN`, or runs/demo, where it is not given.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {
            "references": ["docs/references.yml", "YAML file of the references"],
            "run": ["", "folder of the run; $ABZ_RUN by default"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register the processors; called by Markdown."""
        run = RunFolder(Path(self.getConfig("run") or run_folder()))
        path = check_file(self.getConfig("references"), "list of references")
        references: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        md.preprocessors.register(_When(md, run), "abz_when", 28)
        md.preprocessors.register(_Footnotes(md), "abz_footnotes", 22)
        md.parser.blockprocessors.register(_Blocks(md.parser, run, references), "abz_blocks", 96)
        number = _Number(r"\{\{\s*(.+?)\s*\}\}", md, run)
        md.inlinePatterns.register(number, "abz_number", 186)
        keys = r"\[(@[\w-]+(?:;\s*@[\w-]+)*)\]"
        md.inlinePatterns.register(_Citation(keys, md, references), "abz_citation", 185)
        md.inlinePatterns.register(_FootnoteMark(r"\[(\d+)\]_", md), "abz_footnote", 184)


def makeExtension(**options: Any) -> ReportExtension:  # noqa: N802
    """The extension, as Markdown asks for it by the name of this module.

    Examples
    --------
    >>> makeExtension(run="runs/ci").getConfig("run")
    'runs/ci'
    """
    return ReportExtension(**options)
