import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.judging import Inputs, central_forest, judged_rows, open_inputs, places_of
from abz.cli.layout import Layout
from abz.cli.storage import write_table, write_zarr
from abz.config import Config
from abz.errors import InputError, MissingDataError
from abz.grid import polar_grid
from abz.modelling import Cases, fit_forest, save_forest

SETS = {"fine": {"cell_m": 5e5, "first_year": 2001, "last_year": 2020}}


def inputs(folder, table):
    """A forest of one predictor on a grid whose halves are two regions."""
    layout, grid, rng = Layout(folder), polar_grid(5e5), np.random.default_rng(0)
    half = np.indices(grid.shape)[1] > grid.shape[1] // 2
    maps = {"domain": np.ones(grid.shape, np.int8), "area": np.full(grid.shape, 2.5e11),
            "region": np.where(half, 2, 1).astype(np.int16)}  # fmt: skip
    zones = xr.Dataset({name: (("y", "x"), v) for name, v in maps.items()}, grid.coords())
    months = pd.date_range("2002-01-01", "2003-12-01", freq="MS")
    lst = rng.normal(size=(24, *grid.shape)).astype(np.float32)
    cube = xr.Dataset({"lst": (("time", "y", "x"), lst)}, {"time": months, **grid.coords()})
    write_zarr(zones, layout.zones("fine"))
    write_zarr(cube, layout.cube("fine"))
    row = {"model_set": ["fine"], "flux": ["nee"], "predictor": ["lst"], "rmse_increase": [2.0]}
    write_table(pd.DataFrame(row), layout.drivers / "importance.parquet")
    X, y = table[["lst"]].to_numpy(np.float32), table["lst"].to_numpy()
    forest = fit_forest(X, y, ["lst"], trees=2, mtry=1)
    config = Config(name="a", sets=SETS)
    return Inputs(config, layout, "fine", "nee", Cases(X, y, table, {}), table, forest, 1), lst


def rows(**columns):
    site = np.repeat(["a", "b", "c"], 12)
    return pd.DataFrame(
        {"site": site, "year": 2002, "month": np.tile(range(1, 13), 3),
         "lst": np.random.default_rng(1).normal(size=36), **columns}
    )  # fmt: skip


def test_cells_are_those_of_the_rows_where_these_tell(tmp_path):
    cell = np.repeat([3, 5, 5], 12), np.repeat([2, 9, 9], 12)
    found, lst = inputs(tmp_path, rows(row=cell[0], column=cell[1]))
    places = places_of(found)
    assert places.cell.tolist() == np.stack(cell, axis=1).tolist()
    sites, means = found.site_means()
    assert sites.tolist() == ["a", "b", "c"]
    assert np.allclose(means[1, 0], lst[:, 5, 9].mean(), atol=1e-6)
    assert places.geography is None
    assert places.features.sites.tolist() == ["a", "b", "c"]


def test_places_without_cells_are_located_and_the_unknown_stay_unknown(tmp_path):
    lat = np.repeat([61.8, 70.0, np.nan], 12)
    found, lst = inputs(tmp_path, rows(latitude=lat, longitude=np.repeat([24.3, -150.0, 10.0], 12)))
    places = places_of(found)
    known = np.isfinite(lat)
    assert (places.cell[known] >= 0).all()
    assert (places.cell[~known] == -1).all()
    assert set(places.region[known]) <= {1, 2}
    assert (places.region[~known] == -1).all()
    assert places.geography.sites.tolist() == ["a", "b"]
    sites, means = found.site_means()
    assert sites.tolist() == ["a", "b", "c"]
    at_cell = lst[:, *places.cell[0]].mean()
    own = rows()["lst"].astype(np.float32).to_numpy()[24:].mean()
    assert np.allclose(means[[0, 2], 0], [at_cell, own], atol=1e-6)


def test_sites_without_a_whole_year_have_no_place_among_the_predictors(tmp_path):
    table = rows().iloc[:30]
    found, _ = inputs(tmp_path, table)
    assert places_of(found).features.sites.tolist() == ["a", "b"]


def test_what_is_not_there_names_the_command_that_makes_it(tmp_path):
    found, _ = inputs(tmp_path, rows(nee=1.0))
    layout, models = found.layout, found.layout.models("fine", "nee")

    def refused(what, typed):
        with pytest.raises(MissingDataError, match=what) as error:
            open_inputs(found.config, layout, "fine", "nee")
        assert f"run `{typed}` first" in str(error.value)

    refused("the forest is not there", "abz fit --set fine --flux nee")
    models.mkdir(parents=True)
    save_forest(found.central, models / "central.npz", {})
    refused("the training table is not there", "abz sites")
    write_table(rows(nee=1.0), layout.training("fine"))
    refused("held-out predictions is not there", "abz fit --set fine --flux nee")
    write_table(rows(), models / "held_out.parquet")
    refused("the tuning is not there", "abz fit --set fine --flux nee")
    (layout.drivers / "importance.parquet").unlink()
    with pytest.raises(MissingDataError, match="run `abz drivers` first"):
        _ = found.weights


def test_held_out_predictions_are_those_of_the_training_rows(tmp_path):
    found, _ = inputs(tmp_path, rows(nee=1.0))
    layout, models = found.layout, found.layout.models("fine", "nee")
    models.mkdir(parents=True)
    save_forest(found.central, models / "central.npz", {})
    write_table(rows(nee=1.0), layout.training("fine"))
    write_table(rows(), models / "held_out.parquet")
    central, cases, held_out = judged_rows(layout, "fine", "nee")
    assert central.predictors == ("lst",)
    assert cases.y.tolist() == [1.0] * 36
    assert held_out["site"].tolist() == cases.table["site"].tolist()
    assert (central_forest(layout, "fine", "nee")[1].X == cases.X).all()
    write_table(rows()[::-1], models / "held_out.parquet")
    with pytest.raises(InputError, match="held-out") as error:
        judged_rows(layout, "fine", "nee")
    assert "`abz fit --set fine --flux nee`" in str(error.value)
