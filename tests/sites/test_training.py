"""The training table holds exactly what the cube holds at the site's cell and month."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import KDTree

from abz.errors import MissingDataError
from abz.grid import polar_grid
from abz.sites import locate_sites, training_table

GRID = polar_grid(5e5)
NAMES = ("month", "lst", "tree_cover", "soc", "vegetation", "co2")


@pytest.fixture
def cube() -> xr.Dataset:
    rng = np.random.default_rng(1)
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    ny, nx = GRID.shape
    return xr.Dataset(
        {
            "lst": (("time", "y", "x"), rng.normal(270, 5, (24, ny, nx)).astype(np.float32)),
            "tree_cover": (("year", "y", "x"), rng.random((2, ny, nx)).astype(np.float32)),
            "soc": (("y", "x"), rng.random((ny, nx)).astype(np.float32)),
            "vegetation": (("y", "x"), rng.choice([21, 70], (ny, nx)).astype(np.int16)),
            "co2": (("time",), np.linspace(360, 370, 24).astype(np.float32)),
        },
        coords={"time": time, "year": [2001, 2002], **GRID.coords()},
    )


@pytest.fixture
def domain() -> xr.DataArray:
    inside = GRID.lonlat()[1] > 55
    return xr.DataArray(inside.astype(np.int8), dims=("y", "x"), coords=GRID.coords())


def site_months(*places: tuple[str, float, float]) -> pd.DataFrame:
    rows = [
        {
            "site": site, "latitude": lat, "longitude": lon, "year": year, "month": month,
            "flux_method": "EC", "disturbance": None, "biome": "boreal",
            "nee": -1.0, "gpp": 2.0, "reco": 1.0,
        }
        for site, lat, lon in places
        for year in (2001, 2002, 2003)
        for month in (12, 7)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_table_and_raster_agree_for_every_predictor(cube, domain):
    table, _ = training_table(
        site_months(("FI-Hyy", 61.8, 24.3), ("US-Atq", 70.5, -157.4)), cube, domain, NAMES
    )
    assert len(table) == 8
    for row in table.itertuples():
        y, x = row.row, row.column
        step = (row.year - 2001) * 12 + row.month - 1
        assert row.lst == cube["lst"].values[step, y, x]
        assert row.tree_cover == cube["tree_cover"].values[row.year - 2001, y, x]
        assert row.soc == cube["soc"].values[y, x]
        assert row.vegetation == cube["vegetation"].values[y, x]
        assert row.co2 == cube["co2"].values[step]
        here = GRID.index(np.array([row.longitude]), np.array([row.latitude]))
        assert (y, x) == (here[0].item(), here[1].item()) and row.own_cell


def test_losses_are_counted(cube, domain):
    table, log = training_table(
        site_months(("FI-Hyy", 61.8, 24.3), ("far", 35.0, 10.0)), cube, domain, NAMES
    )
    assert log[["rows", "sites"]].values.tolist() == [[4, 0], [4, 1]]
    assert set(table["site"]) == {"FI-Hyy"}


def test_a_site_beside_the_domain_takes_the_nearest_cell(domain):
    sites = pd.DataFrame({"latitude": [53.0], "longitude": [60.0]})
    found = locate_sites(sites, domain, max_cells=1.5).iloc[0]
    x, y = GRID.from_lonlat(np.array([60.0]), np.array([53.0]))
    away = np.hypot(x - GRID.x[None, :], y - GRID.y[:, None])
    nearest = np.where(domain.values == 1, away, np.inf)
    assert away[int(found["row"]), int(found["column"])] == nearest.min()
    assert found["distance"] == pytest.approx(nearest.min())
    assert not found["own_cell"]
    assert locate_sites(sites, domain, max_cells=0.1)["row"].item() == -1


@given(
    seed=st.integers(0, 999),
    share=st.sampled_from([0.001, 0.02, 0.5]),
    max_cells=st.floats(0.1, 30.0),
)
def test_places_are_those_of_a_search_over_all_cells(seed, share, max_cells):
    """On land of any shape, for sites on the map and beyond it."""
    rng = np.random.default_rng(seed)
    inside = rng.random(GRID.shape) < share
    inside[rng.integers(GRID.shape[0]), rng.integers(GRID.shape[1])] = True
    domain = xr.DataArray(inside.astype(np.int8), dims=("y", "x"), coords=GRID.coords())
    sites = pd.DataFrame(
        {"latitude": rng.uniform(25, 89, 30), "longitude": rng.uniform(-180, 180, 30)}
    )
    found = locate_sites(sites, domain, max_cells)
    x, y = GRID.from_lonlat(sites["longitude"].to_numpy(), sites["latitude"].to_numpy())
    rows, columns = np.nonzero(inside)
    centres = np.stack([GRID.x[columns], GRID.y[rows]], axis=1)
    away, nearest = KDTree(centres).query(np.stack([x, y], axis=1))
    row, column = GRID.cell_of(x, y)
    own = (row >= 0) & inside[row, column]
    near = own | (away <= max_cells * GRID.transform.a)
    np.testing.assert_array_equal(found["own_cell"], own)
    np.testing.assert_array_equal(found["row"], np.where(near, rows[nearest], -1))
    np.testing.assert_array_equal(found["column"], np.where(near, columns[nearest], -1))
    np.testing.assert_allclose(found["distance"], away, rtol=1e-12)


def test_a_large_map_needs_no_list_of_its_cells():
    grid = polar_grid(4000.0)
    inside = np.ones(grid.shape, np.int8)
    domain = xr.DataArray(inside, dims=("y", "x"), coords=grid.coords())
    sites = pd.DataFrame({"latitude": [30.0, 61.8], "longitude": [10.0, 24.3]})
    tracemalloc.start()
    found = locate_sites(sites, domain, max_cells=1.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["own_cell"].tolist() == [False, True]
    assert peak < 4 * inside.size


def test_missing_values_stay_in_the_table(cube, domain):
    cube["lst"][:] = np.nan
    cube["vegetation"][:] = -1
    table, _ = training_table(site_months(("FI-Hyy", 61.8, 24.3)), cube, domain, NAMES)
    assert len(table) == 4 and table[["lst", "vegetation"]].isna().all(axis=None)


def test_a_predictor_that_the_cube_lacks_is_an_error(cube, domain):
    with pytest.raises(MissingDataError, match="ndvi"):
        training_table(site_months(("a", 61.8, 24.3)), cube, domain, [*NAMES, "ndvi"])
