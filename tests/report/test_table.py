"""How a table is set."""

import numpy as np
import pandas as pd

from abz.report import markdown_table


def test_markdown_escapes_bars():
    assert "a\\|b" in markdown_table(pd.DataFrame({"x": ["a|b"]}))


def test_what_is_missing_is_an_em_dash():
    rows = pd.DataFrame([{"a": "1", "b": "x"}, {"a": np.nan}, {"a": None, "b": ""}])
    lines = markdown_table(rows).splitlines()
    assert lines[1] == "|--:|:--|"
    assert lines[2:] == ["| 1 | x |", "| — | — |", "| — |  |"]
