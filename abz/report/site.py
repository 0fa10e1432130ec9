"""Hooks of mkdocs: pages and navigation that fit the run, its files, links between both.

The source tree stays as it is: the run's figures, tables and numbers, and one API page a room, are
added to the build as generated files.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from abz.report.markdown import RunFolder, holds, run_folder

__all__ = [
    "api_pages",
    "kept_navigation",
    "on_config",
    "on_files",
    "on_post_page",
    "on_post_template",
]

_REMOTE_SHIM = re.compile(r"https://unpkg\.com/iframe-worker/shim")
_OWN_SHIM = "assets/worker.js"

RUN_FILES = "assets/run"
"""Folder of the run's files in the built site."""

_PACKAGE = Path(__file__).resolve().parents[1]
_CORE = (
    "config",
    "config_budgets",
    "config_forests",
    "config_maps",
    "config_zones",
    "config_errors",
    "errors",
    "units",
    "vocabulary",
    "validation",
    "digest",
    "compiled",
    "seeds",
    "lanes",
    "eights",
)
_CLI = ("pipeline", "receipts", "manifest", "crate", "storage", "progress", "sources")
_SCHEMES = re.compile(r"(href|src)=\"abz-(reference|download):([^\"]*)\"")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Title and navigation of the run."""
    run = RunFolder(run_folder())
    title = run.contents["title"] or run.contents["name"]
    config.site_name = f"{config.site_name}: {title}"
    config.extra["run"] = {"synthetic": "synthetic" in run.words, "title": title}
    nav = [item for item in config.nav or [] if item != {"API": "api"}]
    config.nav = kept_navigation(nav, Path(config.docs_dir), run.words)
    config.nav.append({"API": [{title: path} for path, (title, _) in api_pages().items()]})
    return config


def kept_navigation(items: list[Any], docs: Path, words: frozenset[str]) -> list[Any]:
    """Navigation without the pages whose `requires` the run does not meet.

    Parameters
    ----------
    items : list
        As in mkdocs.yml: {title: page or list}.
    docs : Path
        Folder of the pages.
    words : frozenset of str
        What the run holds.

    Returns
    -------
    list
        Sections without pages are gone too.
    """
    kept: list[Any] = []
    for item in items:
        title, target = next(iter(item.items()))
        if isinstance(target, list):
            inner = kept_navigation(target, docs, words)
            if inner:
                kept.append({title: inner})
        elif _wanted((docs / target).read_text(encoding="utf-8"), words):
            kept.append(item)
    return kept


def _wanted(text: str, words: frozenset[str]) -> bool:
    """Whether the run holds what the front matter of a page requires."""
    head = re.match(r"---\n(.*?)\n---\n", text, re.S)
    meta = yaml.safe_load(head[1]) if head else {}
    return all(holds(str(word), words) for word in meta.get("requires", []))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files of the run and the API pages; drop pages the run has no data for."""
    root = run_folder().resolve()
    run = RunFolder(root)
    for file in files.documentation_pages():
        if not _wanted(file.content_string, run.words):
            files.remove(file)
    results = root / "results"
    for path in sorted(results.rglob("*")):
        if path.is_file() and path.suffix in {".png", ".csv", ".json", ".svg"}:
            _add(files, config, f"{RUN_FILES}/{path.relative_to(results).as_posix()}", path)
    if (root / "dag.svg").is_file():
        _add(files, config, f"{RUN_FILES}/dag.svg", root / "dag.svg")
    for name, (title, module) in api_pages().items():
        alone = "\n    options:\n      show_root_heading: false" if len(module) == 1 else ""
        text = f"# {title}\n\n" + "\n\n".join(f"::: {part}{alone}" for part in module)
        files.append(File.generated(config, name, content=text + "\n"))
    return files


def _add(files: Files, config: MkDocsConfig, name: str, path: Path) -> None:
    files.append(File.generated(config, name, abs_src_path=str(path)))


def api_pages() -> dict[str, tuple[str, tuple[str, ...]]]:
    """API pages: path to title and modules; a room is a package whose `__init__` says what it is.

    A package inside a room is shown below it. The command line has no functions of its own to
    re-export; its page shows its modules.

    Examples
    --------
    >>> api_pages()["api/grid.md"]
    ('abz.grid', ('abz.grid',))
    """
    core = tuple(f"abz.{name}" for name in _CORE)
    pages = {"api/core.md": ("abz", core)}
    for path in sorted(_PACKAGE.glob("*/__init__.py")):
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            module = f"abz.{path.parent.name}"
            inner = (f"{module}.{name}" for name in _inner_rooms(path.parent))
            pages[f"api/{path.parent.name}.md"] = (module, (module, *inner))
    pages["api/cli.md"] = ("abz.cli", tuple(f"abz.cli.{name}" for name in _CLI))
    return pages


def _inner_rooms(room: Path) -> list[str]:
    """Packages inside a room."""
    return sorted(path.parent.name for path in room.glob("*/__init__.py"))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Point citations, downloads and the stand-in for workers to the site's own files."""
    references = "references.html" if not config.use_directory_urls else "references/"

    def target(match: re.Match[str]) -> str:
        attribute, scheme, rest = match.groups()
        base = references if scheme == "reference" else f"{RUN_FILES}/{rest}"
        tail = rest if scheme == "reference" else ""
        return f'{attribute}="{get_relative_url(base, page.url)}{tail}"'

    return _own_shim(_SCHEMES.sub(target, output), page.url)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """The same for pages that have no Markdown, such as 404.html."""
    return _own_shim(output_content, template_name)


def _own_shim(html: str, url: str) -> str:
    """The page, with the theme's remote stand-in for workers replaced by the site's own."""
    return _REMOTE_SHIM.sub(get_relative_url(_OWN_SHIM, url), html)
