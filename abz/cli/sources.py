"""Which source files of the package a module rests on, read from its imports.

The scheduler takes them as inputs of each rule, so that a stage runs again when the code under it
changes, and only then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import abz

__all__ = ["PACKAGE", "module_sources", "repository"]

PACKAGE = Path(abz.__file__).resolve().parent


def repository() -> Path:
    """The checkout that holds the package, `tasks/`, `docs/` and `catalog.yaml`."""
    return PACKAGE.parent


def module_sources(module: str) -> list[Path]:
    """Files of the package that `module` imports, directly or not, itself included.

    Parameters
    ----------
    module : str
        Dotted name, such as "abz.cli.stages.trends".

    Returns
    -------
    list of Path
        Sorted.

    Examples
    --------
    >>> [path.name for path in module_sources("abz.errors")]
    ['__init__.py', 'errors.py']
    """
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or _path(name) is None:
            continue
        seen.add(name)
        parents = name.split(".")[:-1]
        waiting.extend(".".join(parents[: i + 1]) for i in range(len(parents)))
        waiting.extend(_imports(name))
    return sorted(path for path in map(_path, seen) if path is not None)


@cache
def _path(module: str) -> Path | None:
    """The file of a module of the package, or None if there is no such module."""
    parts = module.split(".")
    if parts[0] != PACKAGE.name:
        return None
    base = PACKAGE.joinpath(*parts[1:])
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Modules of the package that a module names in its import statements."""
    path = _path(module)
    tree = ast.parse(path.read_text(encoding="utf-8")) if path else ast.Module([], [])
    return tuple(name for node in ast.walk(tree) for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    """Names that one import statement may bind to modules of the package."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.startswith("abz"))
    elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("abz"):
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
