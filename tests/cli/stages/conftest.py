"""A small run: random cube, zones and training table, as the earlier stages leave them."""

import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.stages import upscale
from abz.cli.storage import write_table, write_zarr
from abz.config import Config
from abz.grid import polar_grid
from abz.vocabulary import FLUXES, PREDICTORS, predictor_names

SMALL = {
    "name": "small",
    "seed": 5,
    "workers": 2,
    "world": {},
    "sets": {"fine": {"cell_m": 5e5, "first_year": 2002, "last_year": 2003}},
    "fire": {"first_year": 2002, "last_year": 2003},
    "forest": {
        "trees": 4, "tuning_trees": 2, "member_trees": 3, "members": 2, "mtry": [2, 17],
        "unseen": "missing",
    },
    "upscaling": {"block_cells": 64},
    "drivers": {"shuffles": 2, "curve_points": 5},
}  # fmt: skip


@pytest.fixture(scope="session")
def make_run():
    """A function that lays out the inputs of the small run below a folder."""

    def make(output, **changes):
        config = Config(**{**SMALL, "output": output, **changes})
        layout = Layout(config.root)
        grid = polar_grid(config.sets["fine"].cell_m)
        rng = np.random.default_rng(0)
        zones = zones_of(grid, rng)
        write_zarr(zones, layout.zones("fine"))
        write_zarr(cube_of(grid, zones, rng), layout.cube("fine"))
        write_table(training_of(rng), layout.training("fine"))
        return config, layout

    return make


def zones_of(grid, rng):
    domain = rng.random(grid.shape) < 0.6
    atom = np.where(domain, rng.integers(0, 5, grid.shape), -1).astype(np.int32)
    maps = {"domain": domain.astype(np.int8), "area": np.where(domain, 2.5e11, 0.0), "atom": atom}
    zones = xr.Dataset({name: (("y", "x"), values) for name, values in maps.items()})
    codes = {f"atom_{k}": ("atom_id", np.int16([1, 2, 3, 4, 5])) for k in ("biome", "region")}
    return zones.assign_coords(
        **grid.coords(), **codes, atom_area=("atom_id", np.full(5, 1e12), {"units": "m2"})
    )


def cube_of(grid, zones, rng):
    months = pd.date_range("2002-01-01", "2003-12-01", freq="MS")
    lengths = {"monthly": len(months), "annual": 2}
    dims = {"monthly": ("time",), "annual": ("year",)}
    cube = xr.Dataset(coords={"time": months, "year": [2002, 2003], **grid.coords()})
    inside = zones["domain"].values == 1
    for name in predictor_names("fine")[1:]:
        cadence = PREDICTORS[name].cadence
        if cadence == "series":
            cube[name] = ("time", rng.normal(size=len(months)).astype(np.float32))
        elif cadence == "category":
            codes = rng.choice([21, 30, 70, 160], grid.shape, p=[0.4, 0.3, 0.25, 0.05])
            cube[name] = (("y", "x"), np.where(inside, codes, -1).astype(np.int16))
        else:
            shape = (*([lengths[cadence]] if cadence in lengths else []), *grid.shape)
            values = np.where(inside, rng.normal(size=shape), np.nan)
            cube[name] = ((*dims.get(cadence, ()), "y", "x"), values.astype(np.float32))
    return cube


def training_of(rng, rows=120):
    table = pd.DataFrame({name: rng.normal(size=rows) for name in predictor_names("fine")})
    table["month"] = np.arange(rows) % 12 + 1
    table["vegetation"] = rng.choice([21, 30, 70], rows)
    table["site"] = rng.choice(list("abcd"), rows)
    table["year"] = 2002
    for number, flux in enumerate(FLUXES):
        table[flux] = table["lst"] * (number + 1) + rng.normal(size=rows) / 4
    table.loc[:4, "nee"] = np.nan
    table.loc[2:5, "soc"] = np.nan
    return table


@pytest.fixture(scope="session")
def fitted_run(make_run, tmp_path_factory):
    """The small run with its forests."""
    from abz.cli.stages import fit

    config, layout = make_run(tmp_path_factory.mktemp("fitted"))
    for flux in FLUXES:
        fit.run(config, layout, model_set="fine", flux=flux)
    return config, layout


@pytest.fixture
def run_of(fitted_run, tmp_path):
    """A function that copies the fitted run and changes its configuration, `[upscaling]` too."""
    config, layout = fitted_run

    def make(name, **changes):
        table = config.upscaling
        place = {key: changes.pop(key) for key in [*changes] if key in type(table).model_fields}
        upscaling = changes.pop("upscaling", table).model_copy(update=place)
        update = {"output": tmp_path / name, "upscaling": upscaling, **changes}
        copy = config.model_copy(update=update)
        shutil.copytree(layout.root, copy.root)
        return copy, Layout(copy.root)

    return make


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(upscale, "TILE_CELLS", 8)


@pytest.fixture(scope="session")
def maps_of():
    """A function: names and bytes of all that upscaling made."""

    def read(layout):
        return {
            path.relative_to(layout.root).as_posix(): path.read_bytes()
            for folder in ("flux", "totals")
            for path in (layout.root / folder).rglob("*")
            if path.is_file() and path.name != "fingerprint.json"
        }

    return read


PUBLISHED = {
    "name": "published",
    "kind": "published_maps",
    "workers": 1,
    "world": {"resolution_km": 400},
    "sets": {"fine": {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}},
}


@pytest.fixture(scope="session")
def published_archive(tmp_path_factory):
    """A run on synthetic published maps, of which the world alone is made."""
    from abz.cli.stages import world

    config = Config(**PUBLISHED, output=tmp_path_factory.mktemp("published"))
    layout = Layout(config.root)
    world.run(config, layout)
    return config, layout


@pytest.fixture
def published_copy(published_archive, tmp_path):
    """A function: a run of its own with a copy of that archive, changed as one likes."""
    _, layout = published_archive

    def make(**changes):
        copy = Config(**{**PUBLISHED, "output": tmp_path / "copy", **changes})
        shutil.copytree(layout.root, copy.root)
        return copy, Layout(copy.root)

    return make


@pytest.fixture(scope="session")
def adopted_run(published_archive, tmp_path_factory):
    """The same with its maps, fire, trends, mean maps and budgets."""
    from abz.cli.stages import adopt, budgets, fire, mean_maps, trends

    original, source = published_archive
    config = original.model_copy(update={"output": tmp_path_factory.mktemp("adopted")})
    layout = Layout(config.root)
    shutil.copytree(source.root, layout.root)
    adopt.run(config, layout, model_set="fine")
    fire.run(config, layout)
    trends.run(config, layout, model_set="fine")
    mean_maps.run(config, layout, model_set="fine")
    budgets.run(config, layout)
    return config, layout
