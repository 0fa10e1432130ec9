"""The graph of a run's stages, asked from the scheduler and drawn as a small SVG."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path

from abz.cli.sources import repository
from abz.cli.storage import atomic_path
from abz.errors import AbzError

__all__ = ["draw_graph", "layers", "parse_graph", "reduced", "write_graph"]

Edge = tuple[str, str]

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 112, 34, 28, 42


def parse_graph(mermaid: str) -> list[Edge]:
    r"""Edges between rules from the scheduler's Mermaid text; the gathering rule is left out.

    Examples
    --------
    >>> parse_graph("id0[all]\nid1[fit]\nid2[sites]\nid2 --> id1\nid1 --> id0")
    [('sites', 'fit')]
    """
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", mermaid))
    edges = re.findall(r"(id\d+) --> (id\d+)", mermaid)
    return sorted(
        {(names[a], names[b]) for a, b in edges if "all" not in (names[a], names[b]) and a != b}
    )


def reduced(edges: Sequence[Edge]) -> list[Edge]:
    """Edges without those that a longer way implies.

    Examples
    --------
    >>> reduced([("sites", "fit"), ("fit", "upscale"), ("sites", "upscale")])
    [('sites', 'fit'), ('fit', 'upscale')]
    """
    reached = set(edges)
    for middle in {name for edge in edges for name in edge}:
        into = [above for above, below in reached if below == middle]
        out_of = [below for above, below in reached if above == middle]
        reached |= {(above, below) for above in into for below in out_of}
    return [
        (above, below)
        for above, below in edges
        if not any(a == above and (b, below) in reached for a, b in edges)
    ]


def layers(edges: Sequence[Edge]) -> list[list[str]]:
    """Rules in rows: each stands below all that it rests on.

    Examples
    --------
    >>> layers([("sites", "fit"), ("fit", "upscale"), ("sites", "upscale")])
    [['sites'], ['fit'], ['upscale']]
    """
    depth: dict[str, int] = {name: 0 for edge in edges for name in edge}
    for _ in depth:
        for above, below in edges:
            depth[below] = max(depth[below], depth[above] + 1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in sorted(depth):
        rows[depth[name]].append(name)
    return rows


def draw_graph(edges: Sequence[Edge]) -> str:
    """SVG of the graph, with colours that follow the page it stands in.

    Examples
    --------
    >>> draw_graph([("sites", "fit")]).count("<rect")
    2
    """
    rows = layers(edges)
    width = max(map(len, rows)) * (BOX_WIDTH + GAP_X) + GAP_X
    height = len(rows) * (BOX_HEIGHT + GAP_Y)
    place = {
        name: (
            (width - len(row) * (BOX_WIDTH + GAP_X) + GAP_X) / 2 + i * (BOX_WIDTH + GAP_X),
            r * (BOX_HEIGHT + GAP_Y) + GAP_Y / 4,
        )
        for r, row in enumerate(rows)
        for i, name in enumerate(row)
    }
    lines = [_arrow(place[above], place[below]) for above, below in edges]
    boxes = [_box(name, *place[name]) for name in sorted(place)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" role="img" aria-label="Graph of the stages" '
            'fill="none" stroke="currentColor" font-family="sans-serif" font-size="14">',
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def _box(name: str, x: float, y: float) -> str:
    """One rule."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6" '
        'style="fill:var(--md-default-bg-color,Canvas)"/>'
        f'<text x="{x + BOX_WIDTH / 2:g}" y="{y + BOX_HEIGHT / 2 + 5:g}" text-anchor="middle" '
        f'fill="currentColor" stroke="none">{escape(name)}</text>'
    )


def _arrow(above: tuple[float, float], below: tuple[float, float]) -> str:
    """A curve from the foot of one box to the head of another."""
    x0, y0 = above[0] + BOX_WIDTH / 2, above[1] + BOX_HEIGHT
    x1, y1 = below[0] + BOX_WIDTH / 2, below[1]
    bend = (y1 - y0) / 2
    return (
        f'<path opacity="0.45" d="M{x0:g} {y0:g} C{x0:g} {y0 + bend:g} '
        f'{x1:g} {y1 - bend:g} {x1:g} {y1:g}"/>'
    )


def write_graph(
    command: Sequence[str], path: Path, environment: dict[str, str], shape: str
) -> Path:
    """Draw the graph of a run, unless the one that is there is of the same rules and shape.

    Parameters
    ----------
    command : sequence of str
        Command line of the scheduler, without a request.
    path : Path
        The SVG file.
    environment : dict of str
        Environment of the scheduler.
    shape : str
        The part of the configuration that decides which rules there are.

    Raises
    ------
    AbzError
        If the scheduler cannot read its rules.
    """
    rules = [*sorted((repository() / "tasks").rglob("*.smk")), repository() / "tasks/Snakefile"]
    kinds = [rule.read_bytes() for rule in rules] + [Path(__file__).read_bytes(), shape.encode()]
    stamp = f"<!-- {hashlib.sha256(b''.join(kinds)).hexdigest()} -->"
    if path.is_file() and path.read_text(encoding="utf-8").rstrip().endswith(stamp):
        return path
    answer = subprocess.run(
        [*command, "--rulegraph", "mermaid-js"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise AbzError("the scheduler cannot read its rules", value=answer.stderr.strip())
    with atomic_path(path) as temporary:
        temporary.write_text(
            draw_graph(reduced(parse_graph(answer.stdout))) + stamp + "\n", "utf-8"
        )
    return path
