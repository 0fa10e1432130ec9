"""Trends of annual sums at 20 sites, as the authors' code of 2023 left them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abz.validation import (
    check_columns,
    check_distinct,
    check_single_file,
    check_values,
)
from abz.vocabulary import FLUXES

__all__ = ["read_published_site_trends"]

COLUMNS = {
    "Study_ID_Short": "site_name",
    "Latitude": "latitude",
    "Longitude": "longitude",
    **{f"trend_{flux}": flux for flux in FLUXES},
}
LIMIT = 1e3
"""g C m-2 yr-1 per yr that no site exceeds."""


def read_published_site_trends(paths: Sequence[Path]) -> pd.DataFrame:
    r"""Theil–Sen slopes of the annual sums of sites.

    Parameters
    ----------
    paths : sequence of Path = (path,)
        `annual_site_trends.csv`.

    Returns
    -------
    pandas.DataFrame
        site_name, latitude, longitude; nee, gpp, reco: slopes in g C m-2 yr-1 per yr, those of GPP
        of positive GPP. The file tells neither p nor years; the code takes five full years or more.

    Raises
    ------
    MissingDataError
        If the file is not there.
    InputError
        If a column is missing, a site stands there twice or a value cannot be true.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "annual_site_trends.csv"
    ...     text = "Study_ID_Short,trend_nee,trend_gpp,trend_reco,Latitude,Longitude"
    ...     _ = path.write_text(f"{text}\nFI-Hyy,-8,2,-1,61.8,24.3\n")
    ...     read_published_site_trends([path])["nee"].tolist()
    [-8.0]
    """
    path = check_single_file(paths, ".csv", "the authors' trends at sites")
    raw = check_columns(pd.read_csv(path), COLUMNS, path.name)[list(COLUMNS)]
    table = raw.rename(columns=COLUMNS)
    check_distinct(table["site_name"], f"sites of {path.name}")
    numbers = table[[*FLUXES, "latitude", "longitude"]].astype(float)
    limits = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0)}
    for name, values in numbers.items():
        there = values.where(np.isfinite(values), np.inf).to_numpy()
        valid = limits.get(str(name), (-LIMIT, LIMIT))
        check_values(there, valid, f"{path.name}: {name}")
    return table.assign(**{str(name): values for name, values in numbers.items()})[
        ["site_name", "latitude", "longitude", *FLUXES]
    ]
