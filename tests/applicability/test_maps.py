import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.applicability import fit_applicability, fit_clusters
from abz.applicability.maps import Judges, applicability_template, window_maps
from abz.grid import polar_grid
from abz.modelling import fit_forest

NAMES = ("month", "lst", "soc")


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(0)
    grid = polar_grid(1e6)
    time = pd.date_range("2001-01-01", "2002-12-01", freq="MS")
    season = 280 + 15 * np.sin(np.arange(24) * np.pi / 6)[:, None, None]
    lst = (season + rng.normal(size=(24, *grid.shape))).astype(np.float32)
    lst[:, 0, 0] += 300
    lst[6, 0, 1] = lst[18, 0, 1] = np.nan
    soc = rng.normal(size=grid.shape).astype(np.float32)
    cube = xr.Dataset(
        {"lst": (("time", "y", "x"), lst), "soc": (("y", "x"), soc)}, coords={"time": time}
    ).assign_coords(grid.coords())
    month = np.arange(240) % 12 + 1
    X = np.column_stack(
        [month, season[month - 1, 0, 0] + rng.normal(size=240), rng.normal(size=240)]
    )
    folds = np.arange(240) // 24
    forest = fit_forest(X, X[:, 1] - 280, NAMES, trees=4, mtry=2)
    area = fit_applicability(forest.encode(X.astype(np.float32)), folds, np.array([1, 4.0, 1]))
    means = np.column_stack([lst.mean(axis=0)[2:].ravel(), soc[2:].ravel()])
    clusters = fit_clusters(means, np.ones(2), clusters=2, seed=0)
    judges = Judges({"nee": forest}, {"nee": area}, ("lst", "soc"), means, clusters)
    return cube, grid, judges


def test_an_alien_cell_is_outside_and_a_gap_unknown(scene):
    cube, grid, judges = scene
    domain = np.ones(grid.shape, bool)
    domain[3, 3] = False
    maps = window_maps(cube, slice(None), slice(None), domain, judges)
    assert (maps["inside"][0, :, 0, 0] == 0).all()
    assert maps["inside"][0, 6, 0, 1] == -1
    assert (maps["inside"][0, :, 3, 3] == -1).all()
    assert (maps["inside"][0] == 1).mean() > 0.8
    assert maps["mess"][0, 0] < 0
    assert judges.predictors[maps["most_dissimilar"][0, 0]] == "lst"
    assert maps["cluster"][0, 1] == maps["cluster"][3, 3] == -1


def test_a_window_is_a_part_of_the_whole(scene):
    cube, grid, judges = scene
    domain = np.ones(grid.shape, bool)
    whole = window_maps(cube, slice(None), slice(None), domain, judges)
    part = window_maps(cube, slice(0, 4), slice(1, 6), domain[:4, 1:6], judges, workers=3)
    for name, values in part.items():
        assert np.array_equal(values, whole[name][..., :4, 1:6], equal_nan=values.dtype.kind == "f")


def test_the_template_fits_the_maps_and_describes_them(scene):
    cube, grid, judges = scene
    template = applicability_template(judges, grid, 4)
    maps = window_maps(cube, slice(None), slice(None), np.zeros(grid.shape, bool), judges)
    for name, values in maps.items():
        assert template[name].dtype == values.dtype
        assert np.array_equal(template[name].values, values, equal_nan=values.dtype.kind == "f")
        assert template[name].attrs["long_name"]
    assert template["most_dissimilar"].attrs["flag_meanings"] == "lst soc"
    assert template["threshold"].values == judges.areas["nee"].threshold
