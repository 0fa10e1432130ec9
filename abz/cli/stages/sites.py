"""Screen the site-months, sum complete years, and sample the predictor cubes at the sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.storage import read_table, read_zarr, write_json, write_table
from abz.config import Config
from abz.sites import MAX_CELLS, annual_sums, check_agreement, screen, training_table
from abz.vocabulary import predictor_names

__all__ = ["run"]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write the folder sites: site-months, annual sums, training tables, the log of all rows.

    Each written training table is compared with its cube again, value by value.
    """
    table = open_catalog(config).open("abcflux")
    kept, log = screen(table, config.sites)
    document: dict[str, Any] = {
        "read": _counts(table), "screening": log.to_dict("records"), "kept": _counts(kept)
    }  # fmt: skip
    paths = [
        write_table(kept, layout.sites / "site_months.parquet"),
        write_table(annual_sums(kept), layout.sites / "annual.parquet"),
    ]
    for model_set in config.sets:
        cube, zones = read_zarr(layout.cube(model_set)), read_zarr(layout.zones(model_set))
        names = predictor_names(model_set)
        training, left_out = training_table(kept, cube, zones["domain"], names)
        paths.append(write_table(training, layout.training(model_set)))
        agreement = check_agreement(read_table(paths[-1]), cube, names)
        document[f"training_{model_set}"] = {
            "left_out": left_out.to_dict("records"), "kept": _counts(training),
            "in_own_cell": _counts(training[training["own_cell"]]),
            "max_cells": MAX_CELLS, "agreement": agreement.to_dict("records"),
        }  # fmt: skip
    return [*paths, write_json(document, layout.sites / "screening.json")]


def _counts(table: pd.DataFrame) -> dict[str, int]:
    """Rows and sites of a table."""
    return {"rows": len(table), "sites": int(table["site"].nunique())}
