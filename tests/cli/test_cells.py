import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli import cells
from abz.cli.cells import sample_cells, years_at
from abz.grid import polar_grid

GRID = polar_grid(5e5)
NAMES = ["month", "lst", "soc"]


def zones():
    rng = np.random.default_rng(0)
    domain = rng.random(GRID.shape) < 0.5
    area = np.where(domain, rng.choice([1e11, 2.5e11], GRID.shape), 0.0)
    maps = {"domain": (("y", "x"), domain.astype(np.int8)), "area": (("y", "x"), area)}
    return xr.Dataset(maps, coords=GRID.coords())


def cube():
    rng = np.random.default_rng(1)
    months = pd.date_range("2002-01-01", "2003-12-01", freq="MS")
    return xr.Dataset(
        {
            "lst": (("time", "y", "x"), rng.normal(size=(24, *GRID.shape)).astype(np.float32)),
            "soc": (("y", "x"), rng.normal(size=GRID.shape).astype(np.float32)),
        },
        coords={"time": months, **GRID.coords()},
    )


def test_years_are_the_means_of_each_calendar_month():
    chosen = np.array([100, 7, 100, 55])
    data = cube()
    found = years_at(data, zones(), chosen, NAMES)
    assert found.shape == (12, 4, 3)
    lst = data["lst"].values.reshape(2, 12, -1).mean(axis=0)
    np.testing.assert_allclose(found[..., 1], lst[:, chosen], rtol=1e-6)
    assert (found[..., 0] == np.arange(1, 13)[:, None]).all()
    assert (found[..., 2] == data["soc"].values.ravel()[chosen]).all()


@pytest.mark.parametrize("tile", [3, 11])
def test_tiles_change_nothing(monkeypatch, tile):
    chosen = np.arange(0, GRID.shape[0] * GRID.shape[1], 7)
    whole = years_at(cube(), zones(), chosen, NAMES)
    monkeypatch.setattr(cells, "TILE_CELLS", tile)
    assert np.array_equal(years_at(cube(), zones(), chosen, NAMES), whole)


def test_the_sample_stands_for_the_area(monkeypatch):
    maps = zones()
    domain, area = maps["domain"].values.ravel() == 1, maps["area"].values.ravel()
    chosen = sample_cells(maps)
    assert domain[chosen].all()
    assert len(chosen) == cells.SAMPLED_CELLS
    assert area[chosen].mean() == pytest.approx((area**2).sum() / area.sum(), rel=0.02)


def test_a_large_map_is_read_in_some_tiles_only(monkeypatch):
    monkeypatch.setattr(cells, "TILE_CELLS", 4)
    monkeypatch.setattr(cells, "SAMPLED_TILES", 5)
    maps = zones()
    row, column = np.unravel_index(sample_cells(maps), GRID.shape)
    tiles = set(zip(row // 4, column // 4, strict=True))
    occupied = {(r // 4, c // 4) for r, c in np.argwhere(maps["domain"].values == 1)}
    assert 3 <= len(tiles) <= 5 < len(occupied)
    assert len(row) == pytest.approx(cells.SAMPLED_CELLS, rel=0.4)
