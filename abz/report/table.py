"""What a table is, and how it is set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abz.report.typography import quantity_text

__all__ = ["Table", "markdown_table", "spread_text"]


@dataclass(frozen=True)
class Table:
    """One table.

    Parameters
    ----------
    caption : str
        What it shows, with units.
    bare : pandas.DataFrame
        Numbers as they are, for CSV.
    shown : pandas.DataFrame
        The same as text, for reading.
    """

    caption: str
    bare: pd.DataFrame
    shown: pd.DataFrame


def markdown_table(shown: pd.DataFrame) -> str:
    """A frame of text as a Markdown table; cells that look like numbers are set to the right.

    Cells that are missing are em dashes.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"zone": ["ABZ"], "NEE": ["−548"]})))
    | zone | NEE |
    |:-----|----:|
    | ABZ | −548 |
    """
    shown = shown.astype(object).where(shown.notna(), "—")
    right = [all(_numeric(cell) for cell in shown[name]) for name in shown]
    heads = [str(name) for name in shown]
    rules = [
        f"{'-' * (len(head) + 1)}:" if flush else f":{'-' * (len(head) + 1)}"
        for head, flush in zip(heads, right, strict=True)
    ]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(rules)}|"]
    for row in shown.itertuples(index=False):
        cells = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _numeric(cell: object) -> bool:
    text = str(cell)
    return not text or text[0] in "−0123456789—"


def spread_text(value: float, spread: float) -> str:
    """Value ± spread without a unit; an em dash where there is no value."""
    return quantity_text(value, "1", spread) if np.isfinite(value) else "—"
