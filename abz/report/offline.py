"""Whether a built site works without a network."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["remote_resources"]

_TAG = re.compile(r"<(script|img|iframe|source|link|object|embed)\b[^>]*>", re.I)
_REMOTE = re.compile(r"\b(?:src|href|data)\s*=\s*[\"']?(?:https?:)?//", re.I)
_HARMLESS = re.compile(r"\brel\s*=\s*[\"']?(?:canonical|alternate|author|next|prev)\b", re.I)
_STYLE = re.compile(r"(?:@import\s+|url\()\s*[\"']?(?:https?:)?//", re.I)


def remote_resources(site: Path) -> list[str]:
    """Scripts, styles, images and frames that a built site would load from elsewhere.

    Parameters
    ----------
    site : Path
        Folder of the built site.

    Returns
    -------
    list of str
        `page: tag`; empty if the site works without a network. Plain hyperlinks do not count.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder) / "index.html"
    ...     _ = page.write_text('<a href="https://a.b">a</a><img src="https://a.b/c.png">')
    ...     remote_resources(Path(folder))
    ['index.html: <img src="https://a.b/c.png">']
    """
    found = []
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for match in _TAG.finditer(text):
            tag = match[0]
            if _REMOTE.search(tag) and not _HARMLESS.search(tag):
                found.append(f"{path.relative_to(site).as_posix()}: {tag}")
    for path in sorted(site.rglob("*.css")):
        if _STYLE.search(path.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(site).as_posix()}: a style sheet loads from elsewhere")
    return found
