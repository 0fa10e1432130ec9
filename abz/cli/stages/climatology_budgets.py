"""Budgets of the climatological year beside the published ones."""

from __future__ import annotations

from pathlib import Path

from abz.budgets import annual_budgets, left_out, zone_membership, zone_totals
from abz.budgets.beside import beside_published
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr, write_table
from abz.config import Config
from abz.published import published_table1

__all__ = ["run"]

MODEL_SET = "climatology"


def run(config: Config, layout: Layout) -> list[Path]:
    """Write budgets/climatology.parquet and budgets/left_out.parquet."""
    totals = read_zarr(layout.totals(MODEL_SET)).load()
    annual = annual_budgets(zone_totals(totals, zone_membership(totals)), MODEL_SET)
    table = beside_published(annual, published_table1())
    apart = left_out(read_zarr(layout.zones(MODEL_SET))).assign(model_set=MODEL_SET)
    return [
        write_table(table, layout.budgets / "climatology.parquet"),
        write_table(apart, layout.budgets / "left_out.parquet"),
    ]
