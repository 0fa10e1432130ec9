"""A tiny world's product files become zones, cubes and tables that fit together."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.catalog import write_world_catalog
from abz.cli import cube_job
from abz.cli.cube_job import work
from abz.cli.layout import Layout
from abz.cli.stages import harmonise, sites
from abz.cli.storage import read_json, read_zarr
from abz.config import Config
from abz.vocabulary import FLUXES, PREDICTORS, predictor_names
from abz.world.archive import write_archive
from abz.world.arctic import World

YEARS = {"first_year": 2004, "last_year": 2005}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Config, Layout]:
    config = Config(
        name="tiny",
        output=Path(os.path.relpath(tmp_path_factory.mktemp("runs"))),  # as a command names it
        world={"resolution_km": 400.0},
        sets={"fine": {"cell_m": 4e5, **YEARS}, "coarse": {"cell_m": 5e5, **YEARS}},
        fire=YEARS,
    )
    span = range(2004, 2006)
    world = World(resolution_km=400.0)
    write_archive(world, config.archive, {"fine": span, "coarse": span}, range(0))
    write_world_catalog(config.archive)
    layout = Layout(config.root)
    for model_set in config.sets:
        paths = harmonise.run(config, layout, model_set=model_set)
        assert paths == [layout.zones(model_set), layout.cube(model_set)]
    assert all(path.is_file() for path in sites.run(config, layout))
    return config, layout


@pytest.mark.parametrize("model_set", ["fine", "coarse"])
def test_cubes_cover_the_domain(run, model_set):
    cube, zones = (read_zarr(path(model_set)).load() for path in (run[1].cube, run[1].zones))
    inside = zones["domain"].values == 1
    assert cube.sizes["time"] == 24 and cube["year"].values.tolist() == [2004, 2005]
    for name in predictor_names(model_set)[1:]:
        assert cube[name].attrs["units"] == PREDICTORS[name].units
        if "y" in cube[name].dims and name != "vegetation":
            assert np.isfinite(cube[name].values[..., inside]).mean() > 0.9, name
    np.testing.assert_array_equal(cube["vegetation"], zones["vegetation"])
    assert 10e12 < zones["area"].sum() < 30e12


@pytest.mark.parametrize("model_set", ["fine", "coarse"])
def test_table_and_raster_agree(run, model_set):
    cube = read_zarr(run[1].cube(model_set)).load()
    table = pd.read_parquet(run[1].training(model_set))
    assert len(table) > 50 and set(FLUXES) < set(table)
    for row in table.iloc[::7].itertuples():
        at = {"y": row.row, "x": row.column}
        month = cube.sel(time=f"{row.year}-{row.month:02d}").isel(time=0).sel(year=row.year)
        for name in predictor_names(model_set)[1:]:
            value = month[name].isel(at) if "y" in month[name].dims else month[name]
            np.testing.assert_equal(getattr(row, name), float(value))


@pytest.mark.parametrize("model_set", ["fine", "coarse"])
def test_a_cube_says_what_it_knows_and_leaves_no_receipts(run, model_set):
    layout = run[1]
    cube, zones = (read_zarr(path(model_set)).load() for path in (layout.cube, layout.zones))
    inside = zones["domain"].values == 1
    for name in ("soc", "srad", "tree_cover"):
        known = np.isfinite(cube[name].values).reshape(-1, 2 if name != "soc" else 1, *inside.shape)
        known = known.reshape(-1, *inside.shape)[:, inside]
        assert 0.9 < cube[name].attrs["share_of_domain"] <= 1
        if name == "soc":
            assert cube[name].attrs["share_of_domain"] == pytest.approx(known.mean())
        assert cube[name].attrs["coast_filled_cells"] >= 0
        assert cube[name].attrs["method"] in ("area mean", "bilinear")
    assert not list(layout.cube(model_set).parent.glob("*.tiles"))


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}  # fmt: skip


def test_tiles_workers_and_interruptions_change_no_byte(run, monkeypatch):
    config, layout = run
    whole = bytes_of(layout.cube("fine"))
    monkeypatch.setattr(cube_job, "TILE_CELLS", 16)
    monkeypatch.setitem(cube_job.STORED, "y", 8)
    monkeypatch.setitem(cube_job.STORED, "x", 8)
    made = []

    def dies(job, tile):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(tile.name)
        return work(job, tile)

    monkeypatch.setattr(harmonise, "work", dies)
    alone = config.model_copy(update={"workers": 1})
    with pytest.raises(KeyboardInterrupt):
        harmonise.run(alone, layout, model_set="fine")
    seen, made[:] = set(made), []
    monkeypatch.setattr(
        harmonise, "work", lambda job, tile: made.append(tile.name) or work(job, tile)
    )
    harmonise.run(alone, layout, model_set="fine")
    assert made and not seen & set(made)
    cut = read_zarr(layout.cube("fine")).load()
    monkeypatch.setattr(harmonise, "work", work)
    pieces = bytes_of(layout.cube("fine"))
    harmonise.run(config, layout, model_set="fine")  # in two processes
    assert bytes_of(layout.cube("fine")) == pieces
    monkeypatch.undo()
    harmonise.run(config, layout, model_set="fine")
    assert bytes_of(layout.cube("fine")) == whole
    xr.testing.assert_identical(cut, read_zarr(layout.cube("fine")).load())


def test_a_job_travels_without_its_maps(run):
    config, layout = run
    job = cube_job.job_of(config, layout, "fine")
    size = len(pickle.dumps(job))
    assert job.maker.template().sizes["time"] == 24
    assert len(pickle.dumps(job)) == size < 20_000
    assert pickle.loads(pickle.dumps(job)).maker is job.maker


def test_every_row_is_accounted_for(run):
    log = read_json(run[1].sites / "screening.json")
    lost = sum(entry["rows"] for entry in log["screening"])
    assert log["read"]["rows"] - lost == log["kept"]["rows"]
    for model_set in ("fine", "coarse"):
        part = log[f"training_{model_set}"]
        left_out = sum(entry["rows"] for entry in part["left_out"])
        assert log["kept"]["rows"] - left_out == part["kept"]["rows"]
        table = pd.read_parquet(run[1].training(model_set))
        assert part["in_own_cell"]["rows"] == table["own_cell"].sum() < len(table)
        width = read_zarr(run[1].zones(model_set))["x"].diff("x").values[0]
        assert table["distance"].max() <= part["max_cells"] * width
        compared = {entry["predictor"]: entry for entry in part["agreement"]}
        assert tuple(compared) == predictor_names(model_set)
        for name, entry in compared.items():
            assert entry["unit"] == PREDICTORS[name].units and entry["rows"] == len(table)
            assert entry["missing"] == table[name].isna().sum()
    assert "Lund_Kobbefjord_Ch01" not in set(pd.read_parquet(run[1].training("fine"))["site"])
