import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli import cells
from abz.cli.cells import cells_of, sample_cells, site_cells, site_environments, years_at
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


def table(**columns):
    """Three sites with two rows each, in no order."""
    return pd.DataFrame({"site": list("bacbac"), "month": 1, "lst": range(6), **columns})


def test_a_row_lies_in_its_cell_in_that_of_its_place_or_nowhere():
    maps = zones().assign(domain=(("y", "x"), np.ones(GRID.shape, np.int8)))
    assert cells_of(table(row=4, column=[1, 2, 3] * 2), maps)[:2].tolist() == [[4, 1], [4, 2]]
    lon, lat = (axis[5, [7, 8, 9]] for axis in GRID.lonlat())
    places = table(longitude=np.tile(lon, 2), latitude=[lat[0], np.nan, -80.0] * 2)
    assert cells_of(places, maps).tolist() == [[5, 7], [-1, -1], [-1, -1]] * 2
    assert (cells_of(table(), maps) == -1).all()


def test_sites_that_have_a_cell_come_in_order_of_their_names():
    maps = zones()
    found = site_cells(table(row=[2, 1, -1] * 2, column=[3, 0, -1] * 2), maps)
    width = GRID.shape[1]
    assert found.to_dict() == {"a": width, "b": 2 * width + 3}
    assert list(found.index) == ["a", "b"]
    assert site_cells(table(), maps).empty


def test_a_site_has_the_means_of_its_cell_or_of_its_own_rows():
    months = pd.DataFrame({"site": np.repeat(list("abc"), 12), "month": [*range(1, 13)] * 3})
    rows = months.assign(lst=np.repeat([1.0, 2.0, 3.0], 12), vpd=0.5)
    cells = pd.Series([8, 9], pd.Index(["b", "c"], name="site"))
    means = np.array([[20.0, 7.0], [30.0, np.nan]], np.float32)
    found = site_environments(rows, ["lst", "vpd"], cells, means)
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.to_numpy().tolist() == [[1, 0.5], [20, 7], [3, 0.5]]
    nowhere = site_environments(rows, ["lst", "vpd"], cells[:0], means[:0])
    assert nowhere.to_numpy().tolist() == [[1, 0.5], [2, 0.5], [3, 0.5]]
