"""ABCflux v1 as the public CSV has it: its names, its words, GPP below zero."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abz.readers.abcflux import COLUMNS, FLUX_METHODS
from abz.validation import check_columns

__all__ = ["write_abcflux"]

FILE = "Arctic_Boreal_CO2_Flux.csv"
PUBLIC_NAMES = {"site": "study_id", "month": "interval_month", "year": "meas_year"}
TEXTS = ("site_name", "site_reference", "disturbance", "partition_method")
ACCENTED = {"Lopez-Blanco": "López-Blanco"}
"""Names that the public file spells with a byte of latin-1."""


def write_abcflux(data: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `Arctic_Boreal_CO2_Flux.csv`.

    Parameters
    ----------
    data : pandas.DataFrame
        Site-months with the columns that `abz.readers.read_abcflux` returns; fluxes in
        g C m-2 month-1, GPP positive. `site_reference` may be absent.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file, in latin-1.

    Raises
    ------
    InputError
        If a column is missing.

    Notes
    -----
    A missing number is −9999, a missing text NA. GPP of the file = −gpp.
    """
    check_columns(data, [name for name in COLUMNS if name != "site_reference"], "site-months")
    methods = {canonical: word for word, canonical in FLUX_METHODS.items()}
    table = data.reindex(columns=list(COLUMNS)).assign(
        site=data["site"].replace(ACCENTED, regex=True),
        gpp=0.0 - data["gpp"],
        flux_method=data["flux_method"].map(methods),
        biome=data["biome"].str.title(),
        **{name: data[name].fillna("NA") for name in TEXTS if name in data},
    )
    if "site_reference" not in data:
        table["site_reference"] = "NA"
    public = table.rename(
        columns={name: PUBLIC_NAMES.get(name, s[0]) for name, s in COLUMNS.items()}
    )
    path = Path(folder) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    public.to_csv(path, index=False, na_rep="-9999", encoding="latin-1")
    return [path]
