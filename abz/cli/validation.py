"""The tables of the validation of all forests of a run, each in one piece."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abz.cli.layout import Layout
from abz.cli.storage import read_json, read_table
from abz.cli.tables import labelled
from abz.config import Config
from abz.modelling import Intervals
from abz.vocabulary import FLUXES

__all__ = ["VALIDATION", "validation_tables"]

VALIDATION = (
    "skill", "relative_skill", "components", "site_skill", "designs", "coverage", "ensemble"
)  # fmt: skip
"""Tables that every forest has."""


def validation_tables(config: Config, layout: Layout) -> dict[str, pd.DataFrame]:
    """Tables by name, with `model_set` and `flux` in front; absent ones are left out.

    Parameters
    ----------
    config : Config
        Of the run.
    layout : Layout
        Of the run.

    Returns
    -------
    dict of {str: pandas.DataFrame}
        Those of `VALIDATION`, and `intervals`: the fields of `StratumQuantiles`, with `level`,
        `minimum_sites`, `unscored` and the `message` of `Intervals`.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for model_set in config.sets:
        for flux in FLUXES:
            folder = layout.validation(model_set, flux)
            if folder.is_dir():
                for name, table in _tables_of(folder).items():
                    found.setdefault(name, []).append(labelled(table, model_set, flux))
    return {name: pd.concat(tables, ignore_index=True) for name, tables in found.items()}


def _tables_of(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of one forest."""
    intervals = Intervals.from_dict(read_json(folder / "intervals.json"))
    about = {name: getattr(intervals, name) for name in ("level", "minimum_sites", "unscored")}
    tables = {name: read_table(folder / f"{name}.parquet") for name in VALIDATION}
    table = intervals.quantiles.assign(**about, message=intervals.message)
    return {**tables, "intervals": table}
