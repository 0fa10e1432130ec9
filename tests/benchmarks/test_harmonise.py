"""The benchmark of harmonising: its files are the products', its cube is whole, peers agree."""

from importlib import import_module

import numpy as np
import pytest

from abz.catalog import write_world_catalog
from abz.cli.layout import Layout
from abz.cli.storage import read_zarr, write_zarr
from abz.harmonise.gapfill import fill_ndvi
from abz.vocabulary import MODEL_SETS, PREDICTORS


@pytest.fixture(scope="module")
def archive(repository):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "benchmarks")
        yield import_module("_harmonise_archive")


@pytest.fixture(scope="module")
def benchmark(archive):
    return import_module("harmonise")


@pytest.fixture(scope="module")
def made(archive, benchmark, tmp_path_factory):
    """The cube of a small window from coarse products, and what the benchmark says of it."""
    folder = tmp_path_factory.mktemp("window")
    config, target = benchmark.configured(folder), archive.window_grid(40)
    layout = Layout(config.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "CELLS_PER_TILE", {"mod11a2": 60, "mod13a1": 120, "mod44b": 240})
        steps = {"era5_land": 2, "terraclimate": 4, "soilgrids": 8}
        patch.setattr(archive, "STEPS_PER_DEGREE", steps)
        for task in archive.tasks(config.archive, target):
            task()
    write_world_catalog(config.archive)
    write_zarr(benchmark.zones_of(target), layout.zones("fine"), benchmark.CHUNKS)
    return benchmark.cube(folder, 1, None), read_zarr(layout.cube("fine")).load(), layout


def test_all_predictors_of_all_products_arrive(made):
    found, cube, layout = made
    inside = read_zarr(layout.zones("fine"))["domain"].values == 1
    assert 0.85 < inside.mean() < 0.95
    sources = {name: source.dataset for name, source in MODEL_SETS["fine"].items()}
    for name in sources:
        if PREDICTORS[name].cadence in ("monthly", "annual", "static"):
            values = cube[name].values[..., inside]
            assert np.isfinite(values).mean() > 0.9 and values.std() > 0, name
    assert set(found["s_by_dataset"]) == {*sources.values()} - {"noaa_brw", "vegetation"}
    assert cube.sizes["time"] == 12


def test_numbers_fit_together(made):
    found, _, layout = made
    domain = int((read_zarr(layout.zones("fine"))["domain"] == 1).sum())
    assert found["cell_months_per_s"] * found["wall_s"] == pytest.approx(12 * domain)
    assert sum(found["s_by_dataset"].values()) < found["wall_s"]
    assert sum(found["s_by_step"].values()) < found["wall_s"]
    assert found["tiles"] == len(found["peak_mb_after_tile"]) == 1
    assert found["peak_mb"] >= found["libraries_mb"] > 0
    assert found["read_mb"] > 0.5


def test_the_window_lies_around_its_centre_and_touches_its_tiles(archive):
    grid = archive.window_grid(1200)
    assert grid.shape == (1200, 1200) and grid.transform.a == 1000.0
    row, column = grid.index(*np.array([archive.CENTRE]).T)
    assert abs(row[0] - 600) <= 1 and abs(column[0] - 600) <= 1
    assert archive.tiles_of(archive.window_grid(2)) == {(23, 2)}
    west, south, east, north = archive.degrees_around(grid)
    assert west < 98 and south < 56 and east > 124 and north > 68


def test_the_peer_fills_the_same_series(benchmark):
    composites = benchmark.series(60)
    assert 0.1 < float(composites["ndvi"].isnull().mean()) < 0.2
    ours = fill_ndvi(composites)["ndvi"].values
    np.testing.assert_allclose(benchmark.by_solveh_banded(composites), ours, atol=1e-6)
