"""A table like that of the authors' trends at sites."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abz.readers.published_site_trends import COLUMNS
from abz.world.products.published_areas import write_r_table

__all__ = ["write_published_site_trends"]


def write_published_site_trends(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `annual_site_trends.csv`.

    Parameters
    ----------
    table : pandas.DataFrame
        site_name, latitude, longitude; nee, gpp, reco (g C m-2 yr-1 per yr).
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.
    """
    order = [name for name in COLUMNS if name.startswith("trend")]
    heads = ["Study_ID_Short", *order, "Latitude", "Longitude"]
    cells = table[[COLUMNS[head] for head in heads]].itertuples(index=False)
    return [write_r_table(folder / "annual_site_trends.csv", heads, cells)]
