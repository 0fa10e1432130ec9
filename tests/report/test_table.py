"""How a table is set."""

import pandas as pd

from abz.report import markdown_table


def test_markdown_escapes_bars():
    assert "a\\|b" in markdown_table(pd.DataFrame({"x": ["a|b"]}))
