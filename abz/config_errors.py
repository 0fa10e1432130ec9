"""What is wrong with a configuration, in the words of the TOML file rather than of its checker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined

from abz.errors import ConfigError

__all__ = ["config_error"]

Location = tuple[int | str, ...]

KINDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "path_type": "a path in quotes",
    "list_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
}
"""What a key holds, by the error of a value of another type."""

LIMITS = {
    "greater_than_equal": ("ge", ">= {}"),
    "greater_than": ("gt", "> {}"),
    "less_than_equal": ("le", "<= {}"),
    "less_than": ("lt", "< {}"),
    "too_short": ("min_length", "a list of at least {}"),
    "string_too_short": ("min_length", "text of at least {} characters"),
    "too_long": ("max_length", "a list of at most {}"),
    "string_pattern_mismatch": ("pattern", "text of the pattern {}"),
}
"""What a value has to be, by the error of one that is not."""

LONGEST = 200
"""Characters of a value that are shown."""


def config_error(error: ValidationError, table: type[BaseModel], where: str) -> ConfigError:
    """The first finding with rule, value and remedy; the keys of further findings with it.

    Parameters
    ----------
    error : pydantic.ValidationError
        Of a configuration.
    table : type
        What was to be made of it.
    where : str
        The file.
    """
    findings = error.errors()
    first = findings[0]
    problem, rule, remedy = _words(first, table)
    others = dict.fromkeys(_key(finding["loc"]) for finding in findings[1:])
    if others:
        remedy += f"; also wrong: {', '.join(others)}"
    key = _key(first["loc"]) or "(whole file)"
    value = _written(first["input"])
    shown = value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    return ConfigError(f"{where}, key `{key}`: {problem}", rule=rule, value=shown, remedy=remedy)


def _words(finding: ErrorDetails, table: type[BaseModel]) -> tuple[str, str, str]:
    """Problem, rule and remedy of one finding."""
    kind, location, value = finding["type"], finding["loc"], finding["input"]
    context, key = finding.get("ctx", {}), _key(location)
    if kind == "extra_forbidden":
        allowed = list(_table_at(table, location[:-1]).model_fields)
        remedy = _nearest(str(location[-1]), allowed, "remove it")
        return "unknown key", f"keys here: {', '.join(allowed)}", remedy
    if kind == "missing":
        return "missing key", "this key is required", f"add `{key} = …`"
    if kind == "value_error":
        rule = finding["msg"].removeprefix("Value error, ")
        return "the values do not fit together", rule, "change what is named here"
    name = next((str(part) for part in reversed(location) if isinstance(part, str)), key)
    if kind == "literal_error":
        choices = re.findall("'([^']*)'", context["expected"])
        rule = f"one of {', '.join(map(_written, choices))}"
        return "wrong value", rule, _nearest(str(value), choices, "choose one of these")
    if kind in LIMITS:
        limit, rule = LIMITS[kind]
        return "wrong value", rule.format(context[limit]), _usual(table, location, name)
    return "wrong type", KINDS.get(kind, finding["msg"]), _retyped(kind, name, value)


def _retyped(kind: str, name: str, value: Any) -> str:
    """How a value of the wrong type is written rightly."""
    if kind in ("int_type", "float_type") and isinstance(value, str) and _is_number(value, kind):
        return f"write `{name} = {value}`, without quotes"
    if kind == "int_type" and isinstance(value, float) and value.is_integer():
        return f"write `{name} = {value:.0f}`"
    if kind == "list_type":
        return f"write `{name} = [{_written(value)}]`"
    if kind in ("string_type", "path_type"):
        return f'write `{name} = "{value}"`'
    return f"give `{name}` as {KINDS.get(kind, 'the rule says')}"


def _is_number(text: str, kind: str) -> bool:
    """Whether a text is a number of the kind that is wanted."""
    try:
        int(text) if kind == "int_type" else float(text)
    except ValueError:
        return False
    return True


def _usual(table: type[BaseModel], location: Location, name: str) -> str:
    """A value that is allowed: the default, where there is one."""
    field = _table_at(table, location).model_fields.get(name)
    default = PydanticUndefined if field is None else field.default
    if default is PydanticUndefined or default is None:
        return f"give `{name}` such a value"
    return f"give `{name}` such a value; by default it is {_written(default)}"


def _nearest(value: str, choices: list[str], otherwise: str) -> str:
    """The choice that was meant, if one is near."""
    near = get_close_matches(value, choices, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def _key(location: Location) -> str:
    """A place in the file, such as `validation.designs[0]`."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part != "[key]":
            key += f".{part}" if key else part
    return key


def _table_at(table: type[BaseModel], location: Location) -> type[BaseModel]:
    """The innermost table on the way to a key."""
    for part in location:
        field = table.model_fields.get(str(part))
        inner = [] if field is None else [a for a in _parts(field.annotation) if _is_table(a)]
        table = inner[0] if inner else table
    return table


def _parts(annotation: Any) -> Iterator[Any]:
    """All that an annotation is made of."""
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for part in inner:
        yield from _parts(part)


def _is_table(annotation: Any) -> bool:
    """Whether a part of an annotation is a table of the configuration."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key} = {_written(v)}' for key, v in value.items())}}}"
    return str(value)
