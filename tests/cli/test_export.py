"""Exporting the maps of a run: what is asked for, whole, and nothing that is not finished."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import xarray as xr
from rio_cogeo.cogeo import cog_validate

from abz.cli.blocks import Ledger
from abz.cli.export import Order, export
from abz.cli.layout import Layout
from abz.cli.main import main
from abz.cli.storage import write_json, write_zarr
from abz.config import load_config
from abz.errors import ConfigError, InputError, MissingDataError
from abz.grid import polar_grid
from abz.upscaling import Packing, map_storage, map_template
from abz.vocabulary import FLUXES

RUN = """
name = "small"
output = "{folder}"
[world]
[sets.fine]
cell_m = 5e5
first_year = 2001
last_year = 2002
[sets.coarse]
cell_m = 5e5
first_year = 1999
last_year = 2000
[fire]
first_year = 2001
last_year = 2002
"""
FRACTION = 0.25
MEMBERS = 13
"""Behind the maps; the configuration may have changed since."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with finished maps of both sets: every flux is 8 g C m-2 of land in every month."""
    folder = tmp_path_factory.mktemp("run")
    path = folder / "run.toml"
    path.write_text(RUN.format(folder=folder / "runs"))
    layout = Layout(load_config(path).root)
    for model_set, first in (("fine", 2001), ("coarse", 1999)):
        grid = polar_grid(5e5)
        months = xr.date_range(f"{first}-01-01", periods=24, freq="MS")
        time = xr.DataArray(months, dims="time", coords={"time": months})
        maps = map_template(list(FLUXES), time, grid, ["vegetation"])
        maps = maps.load().copy(deep=True)  # they share one array of nothing
        for name in maps.data_vars:
            maps[name].values[:] = 0 if "level" in name else 8
        maps["gpp"].values[12:] = np.nan
        storage = map_storage(maps, (12, *grid.shape), Packing(0.02))
        maps.to_zarr(layout.flux(model_set), zarr_format=3, consolidated=False, encoding=storage)
        share = (("y", "x"), np.full(grid.shape, FRACTION, np.float32))
        write_zarr(xr.Dataset({"land_fraction": share}, grid.coords()), layout.zones(model_set))
        totals = xr.Dataset(coords={"member": np.arange(1 + MEMBERS)})
        write_zarr(totals, layout.totals(model_set))
        pin = {"sha256": f"pin of {model_set}", "bytes": 1}
        receipt = {"stage": "upscale", "outputs": {f"flux/{model_set}.zarr": pin}}
        write_json(receipt, layout.receipts / f"upscale_{model_set}.json")
    return path


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_the_command_writes_the_files_of_the_product(run, capsys):
    command = ["export", "--config", str(run), "--what", "nee", "gpp", "--years", "2001-2002"]
    assert main(command) == 0
    folder = run.parent / "runs/small/export/fine"
    expected = [f"CO2Fluxes_Arctic_Boreal_{f}_{y}.nc" for f in ("GPP", "NEE") for y in (2001, 2002)]
    assert names(folder) == expected
    assert sorted(capsys.readouterr().out.split()) == [str(folder / name) for name in expected]
    with xr.open_dataset(folder / expected[2]) as stored:
        np.testing.assert_allclose(stored["NEE"], 8, atol=1e-9)
        assert stored.attrs["maps_sha256"] == "pin of fine"
        assert "Synthetic" in stored.attrs["title"]
        assert stored["realization"] == MEMBERS
    with xr.open_dataset(folder / expected[1]) as stored:
        assert np.isnan(stored["GPP"]).all()


def test_geotiffs_of_all_maps_and_one_of_the_support(run, tmp_path):
    order = Order(fluxes=["reco"], formats=["cog"], destination=tmp_path / "out")
    paths = export(load_config(run), order)
    kinds = ["2001", "2002", "level_support", "mean_2001", "mean_2002", "sd_2001", "sd_2002"]
    expected = [f"CO2Fluxes_Arctic_Boreal_Reco_{kind}.tif" for kind in kinds]
    assert names(tmp_path / "out") == sorted(path.name for path in paths) == expected
    for path in paths:
        assert cog_validate(path, strict=True)[0]
    with rasterio.open(tmp_path / "out" / expected[0]) as raster:
        assert (raster.read(1) * raster.scales[0] == 8).all()


@pytest.mark.parametrize(
    ("model_set", "per", "value"),
    [("fine", None, 8), ("fine", "cell", 2), ("coarse", None, 2), ("coarse", "land", 8)],
)
def test_the_coarse_set_is_multiplied_by_the_land_fraction(run, tmp_path, model_set, per, value):
    """As published: the 8-km maps are per area of the cell, of which a quarter is land here."""
    order = Order(model_set, ["nee"], per=per, destination=tmp_path / "out")
    for path in export(load_config(run), order):
        with xr.open_dataset(path) as stored:
            for name in ("NEE", "NEE_mean", "NEE_sd"):
                np.testing.assert_allclose(stored[name], value, atol=1e-6)
            assert ("over all_area_types" in stored["NEE"].attrs["cell_methods"]) == (value == 2)


def test_files_are_replaced_on_demand_only(run, tmp_path):
    order = Order(fluxes=["nee"], years=[2001], destination=tmp_path / "out")
    (path,) = export(load_config(run), order)
    whole = path.read_bytes()
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="1 of 2 files are there already"):
        export(load_config(run), Order(fluxes=["nee"], destination=tmp_path / "out"))
    assert (path.read_bytes(), names(tmp_path / "out")) == (b"mine", [path.name])
    export(load_config(run), Order(**{**vars(order), "overwrite": True}))
    assert path.read_bytes() == whole


def test_what_a_killed_export_left_is_removed(run, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder = tmp_path / "out"
    folder.mkdir()
    name = "CO2Fluxes_Arctic_Boreal_NEE_2001.nc"
    alive = folder / f".{name}.{os.getpid()}.partial.nc.other"
    for left in (folder / f".{name}.{ended.pid}.partial.nc", alive):
        left.write_bytes(b"half")
    export(load_config(run), Order(fluxes=["nee"], years=[2001], destination=folder))
    assert names(folder) == [alive.name, name]


def test_unfinished_maps_are_not_exported(run, tmp_path):
    config = load_config(run).model_copy(update={"output": tmp_path / "runs"})
    shutil.copytree(load_config(run).root, config.root)
    layout, order = Layout(config.root), Order("coarse", destination=tmp_path / "out")
    ledger = Ledger(layout.flux("coarse").with_suffix(".blocks"), layout.flux("coarse"), "inputs")
    ledger.start()
    with pytest.raises(MissingDataError, match="maps of the set `coarse` are not finished"):
        export(config, order)
    ledger.settle([layout.flux("coarse")])
    (layout.receipts / "upscale_coarse.json").unlink()
    with pytest.raises(MissingDataError, match="not finished"):
        export(config, order)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (Order("climatology"), "no model set `climatology`"),
        (Order("fine", years=[1999, 2001]), "does not hold all these years"),
    ],
)
def test_what_the_run_does_not_hold_is_refused(run, order, problem):
    with pytest.raises(ConfigError, match=problem) as error:
        export(load_config(run), order)
    assert "remedy:" in str(error.value)


@pytest.mark.parametrize("years", ["2005-2001", "20x1", "2001-"])
def test_years_that_are_none_are_refused(run, years, capsys):
    with pytest.raises(SystemExit):
        main(["export", "--config", str(run), "--years", years])
    assert years in capsys.readouterr().err
