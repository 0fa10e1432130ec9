"""One record for each published number, read with the digits that it was printed with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from abz.errors import InputError
from abz.published.rounding import Rounded, is_number
from abz.units import ANNUAL_FLUX, BUDGET, MONTHLY_FLUX
from abz.validation import check_choice

__all__ = ["FILE", "UNITS", "Record", "parse_records", "published_numbers", "published_record"]

FILE = "abz/published/paper_numbers.yaml"
"""Where the published numbers stand."""

UNITS = MappingProxyType(
    {"Tg": BUDGET, "g": ANNUAL_FLUX, "gm": MONTHLY_FLUX, "Tg/yr": f"{BUDGET} per yr"}
)
"""Short units of the file to those of abz; others are as they stand."""

ABOUT = MappingProxyType({"u": "units", "src": "source", "region": "region", "stat": "stat",
                          "p": "p_value", "note": "note"})  # fmt: skip
"""Keys that tell what a number is, and what a record calls them."""

_ENDS, _SPREAD = ("low", "high"), ("mean", "sd")


@dataclass(frozen=True)
class Record:
    """A published number, or a few that belong together.

    Parameters
    ----------
    id : str
        Its name.
    numbers : mapping of {str: Rounded}
        By the name of the field: `v` alone; `v.low` and `v.high` of a range; `budget.NEE.mean` and
        `budget.NEE.sd` of a row of Table 1.
    words : mapping of {str: str}
        Fields that are no number, such as "May-Aug".
    source : str
        P the paper, R its preprint, fig a figure of the authors' repository.
    units, region, stat, p_value, note : str, optional
        As printed; `units` in the spelling of abz where it has one.
    period : tuple of int = (first, last), optional
        Years.

    Examples
    --------
    >>> record = published_record("abz_nee_budget")
    >>> record.value, record.numbers["sd"].value, record.units, record.period
    (-548.0, 140.0, 'Tg C yr-1', (2001, 2020))
    """

    id: str
    numbers: Mapping[str, Rounded]
    words: Mapping[str, str]
    source: str
    units: str = ""
    region: str = ""
    stat: str = ""
    p_value: str = ""
    note: str = ""
    period: tuple[int, int] | None = field(default=None)

    def number(self, name: str = "v") -> Rounded:
        """One of its numbers.

        Raises
        ------
        InputError
            If it has none of that name.
        """
        check_choice(name, self.numbers, f"field of the published number {self.id!r}")
        return self.numbers[name]

    @property
    def value(self) -> float:
        """The number of a record that is one number."""
        return self.number().value

    @property
    def years(self) -> str:
        """Its period in words, empty where it has none."""
        if self.period is None:
            return ""
        first, last = self.period
        return f"{first}–{last}" if first < last else str(first)


@cache
def published_numbers() -> Mapping[str, Record]:
    """All published numbers, by id, in the order of the file.

    Examples
    --------
    >>> published_numbers()["rmse_range"].number("v.high").text
    '37.3'
    """
    text = files("abz.published").joinpath("paper_numbers.yaml").read_text(encoding="utf-8")
    return parse_records(text)


def published_record(name: str) -> Record:
    """One record.

    Parameters
    ----------
    name : str
        Its id.

    Raises
    ------
    InputError
        If there is none of that id.

    Examples
    --------
    >>> published_record("uptake_months_boreal").words["v"]
    'May-Aug'
    """
    check_choice(name, published_numbers(), "published number")
    return published_numbers()[name]


def parse_records(text: str) -> Mapping[str, Record]:
    """Records of a YAML list.

    Parameters
    ----------
    text : str
        A list of mappings: `id` and `src`, at least one number or word, and what tells about it:
        `u` unit, `region`, `period` (years), `stat`, `p`, `note`.

    Returns
    -------
    mapping of {str: Record}
        In the order of the text.

    Raises
    ------
    InputError
        If the text is no such list, an id or a key stands twice, a source is missing, or a value
        is of another kind.

    Examples
    --------
    >>> parse_records("- {id: fire, v: 237, u: Tg, src: PR}")["fire"].number()
    Rounded(value=237.0, half_unit=0.5, text='237')
    """
    try:
        rows = yaml.load(text, Loader=_Digits)  # noqa: S506 - makes nothing but texts
    except yaml.YAMLError as error:
        raise _refusal("the file is no YAML", "a list of records", error) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _refusal("the file is no list of records", "each record is a mapping", type(rows))
    found: dict[str, Record] = {}
    for row in rows:
        record = _record(row)
        if record.id in found:
            raise _refusal("an id stands twice", "each record has its own", record.id)
        found[record.id] = record
    return MappingProxyType(found)


class _Digits(yaml.BaseLoader):
    """Leaves all digits as they stand, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        if doubled:
            raise _refusal("a key of a record stands twice", "each stands once", doubled)
        return super().construct_mapping(node, deep=deep)


def _record(row: dict[str, Any]) -> Record:
    """One record of the file."""
    name = row.get("id")
    if not isinstance(name, str) or not re.fullmatch(r"\w+", name):
        raise _refusal("a record has no name", "id is of letters, digits and _", row)
    about = {ABOUT[key]: row[key] for key in ABOUT if key in row}
    wrong = [key for key, value in about.items() if not isinstance(value, str) or not value]
    if wrong or "source" not in about:
        rule = "it states its source, and what tells about it is text"
        raise _refusal(f"the record {name!r} is not whole", rule, row)
    about["units"] = UNITS.get(about.get("units", ""), about.get("units", ""))
    rest = {key: value for key, value in row.items() if key not in ABOUT and key != "id"}
    period = _period(name, rest.pop("period", None))
    fields = dict(_fields(rest)) if rest else {}
    words = {key: text for key, text in fields.items() if not is_number(text)}
    if not fields or words.keys() - {"v"}:
        rule = "its fields are numbers, pairs of numbers or mappings of these; v may be words"
        raise _refusal(f"the record {name!r} holds no number", rule, row)
    numbers = {key: Rounded.of(text) for key, text in fields.items() if key not in words}
    return Record(name, MappingProxyType(numbers), MappingProxyType(words), **about, period=period)


def _fields(values: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Names and texts of all that a record holds; pairs are ranges above, mean and SD below."""
    if isinstance(values, str):
        yield path, values
        return
    if isinstance(values, list) and len(values) == len(_ENDS):
        values = dict(zip(_SPREAD if "." in path else _ENDS, values, strict=True))
    if not isinstance(values, dict) or not values:
        raise _refusal(
            "a field is neither number nor pair", "a number, or two", f"{path}: {values}"
        )
    for key, value in values.items():
        yield from _fields(value, f"{path}.{key}".lstrip("."))


def _period(name: str, text: Any) -> tuple[int, int] | None:
    """First and last year."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text) if isinstance(text, str) else None
    years = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if years[0] > years[1]:
        raise _refusal(f"the period of {name!r} is none", "a year, or first-last", text)
    return years


def _refusal(problem: str, rule: str, value: object) -> InputError:
    return InputError(problem, rule=rule, value=value, remedy=f"correct {FILE}")
