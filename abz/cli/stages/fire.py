"""Fire emission and burned fraction on the grid of the set whose years cover those of the fire.

The map is made tile by tile and the product read year by year, so that neither has to fit in
memory. Where there are several, as many are worked at once as the configuration has workers, and a
killed run goes on after the last finished one; neither changes a byte.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import zarr

from abz.cli.archive import open_catalog
from abz.cli.blocks import remove_leftovers
from abz.cli.fire_job import DATASET, blocks_of, job_of, start, work
from abz.cli.layout import Layout
from abz.cli.products import years_held
from abz.cli.tiles import Tile, arrays_of, finish
from abz.config import Config

__all__ = ["run"]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write fire/fine.zarr; nothing if no set covers the years of the fire.

    A run on the published maps does without the product where no file of it is there.
    """
    years = config.fire.years
    covering = [name for name, chosen in config.sets.items() if set(years) <= set(chosen.years)]
    if not covering:
        return []
    if config.kind == "published_maps" and not years_held(open_catalog(config), DATASET, years):
        shutil.rmtree(layout.fire, ignore_errors=True)  # that of an earlier product
        return []
    job = job_of(config, layout, covering[0])
    start(job)
    blocks = list(blocks_of(job))
    # Processes take longer to begin than a map of one tile takes.
    workers = config.workers if sum(isinstance(block, Tile) for block in blocks) > 1 else 1
    finish(job.ledger, partial(work, job), blocks, workers=workers, label="fire")
    remove_leftovers(job.store)
    account = job.sources.account()
    for arrays in arrays_of(job.ledger, blocks):
        account.add_arrays(arrays)
    for name, total in account.close().data_vars.items():
        zarr.open_array(job.store / str(name), mode="r+", zarr_format=3)[:] = total.values
    job.ledger.close()
    return [layout.fire]
