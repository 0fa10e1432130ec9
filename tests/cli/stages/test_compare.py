"""The stage that lays fluxes beside each other, on sets made by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.cli.layout import Layout
from abz.cli.stages import compare
from abz.cli.storage import read_table, read_zarr, write_zarr
from abz.config import Config
from abz.grid import Grid, lonlat_grid, polar_grid, valid_area_quanta, zonal_quanta
from abz.harmonise.zones import zones_of_classes
from abz.units import G_PER_TG
from abz.vocabulary import FLUXES

CELLS = {"fine": 4e5, "coarse": 8e5}
FIRST = {"fine": "2002-01-01", "coarse": "2001-01-01"}
SETS = {
    name: {"cell_m": cell, "first_year": int(FIRST[name][:4]), "last_year": 2003}
    for name, cell in CELLS.items()
}


def zones_on(grid, rng, land=None):
    shape = grid.shape
    land = rng.random(shape) * (rng.random(shape) < 0.8) if land is None else land
    classes = (rng.choice(kinds, shape) for kinds in ([6, 11], [0, 1], [21, 70]))
    return zones_of_classes(grid, *classes, land)


def write_set(layout, name, zones, values, first):
    """Flux maps and totals of values (flux, time, y, x); two members beside the central value."""
    time = pd.date_range(first, periods=values.shape[1], freq="MS")
    maps = {
        flux: (("time", "y", "x"), layer.astype("float32"), {"units": "g C m-2 month-1"})
        for flux, layer in zip(FLUXES, values, strict=True)
    }
    write_zarr(zones, layout.zones(name))
    write_zarr(
        xr.Dataset(maps, coords={"time": time, **Grid.of(zones).coords()}), layout.flux(name)
    )
    where = zones["area"].values, zones["atom"].values, zones.sizes["atom_id"]
    members = np.stack([values, values * 1.1, values + 1.0], axis=1)
    totals = xr.Dataset(
        {
            "grams": (("flux", "member", "time", "atom_id"), zonal_quanta(members, *where)),
            "valid_area": (("time", "atom_id"), valid_area_quanta(values[0], *where)),
        },
        coords={"time": time, "flux": list(FLUXES), "member": [0, 1, 2], **zones.coords},
    ).drop_vars(["y", "x"])
    write_zarr(totals, layout.totals(name))


def make(folder, sets=SETS, **changes):
    fire = {"first_year": 2002, "last_year": 2003}
    config = Config(
        **{"name": "pair", "fire": fire, "output": folder, "world": {}, "sets": sets, **changes}
    )
    return config, Layout(config.root)


@pytest.fixture
def pair(tmp_path):
    """Two sets of random fluxes, with gaps."""
    config, layout = make(tmp_path)
    rng = np.random.default_rng(0)
    for name, years in (("fine", 2), ("coarse", 3)):
        zones = zones_on(polar_grid(CELLS[name]), rng)
        inside = (zones["domain"].values == 1) & (rng.random(zones["domain"].shape) < 0.9)
        values = rng.normal(-3, 10, (3, 12 * years, *inside.shape)).astype("float32")
        write_set(layout, name, zones, np.where(inside, values, np.nan), FIRST[name])
    return config, layout


def test_writes_maps_and_tables_of_both_sets(pair):
    config, layout = pair
    names = {path.name for path in compare.run(config, layout)}
    assert names == {
        "closure_fine.zarr", "closure_coarse.zarr", "closure.parquet", "resolutions.zarr",
        "resolutions.parquet", "resolutions_years.parquet",
    }  # fmt: skip
    maps = read_zarr(layout.compare / "resolutions.zarr")
    assert Grid.of(maps) == Grid.of(read_zarr(layout.zones("coarse")))
    years = read_table(layout.compare / "resolutions_years.parquet")
    assert set(years["year"]) == {2002, 2003}
    assert set(years["flux"]) == set(FLUXES)


def test_unions_have_a_gap_too(tmp_path):
    unions = {"whole": ["biome/boreal", "biome/tundra"]}
    config, layout = make(tmp_path, {"fine": SETS["fine"]}, budgets={"unions": unions})
    zones = zones_on(polar_grid(CELLS["fine"]), np.random.default_rng(0))
    values = np.random.default_rng(1).normal(-3, 10, (3, 24, *zones["domain"].shape))
    write_set(layout, "fine", zones, values, FIRST["fine"])
    compare.run(config, layout)
    table = read_table(layout.compare / "closure.parquet").query("flux == 'gap'")
    union, whole = (table[table["zone"] == name]["tg"].to_numpy() for name in ("whole", "ABZ"))
    np.testing.assert_allclose(union, whole)
    assert union.size > 0


def test_the_gap_of_the_maps_is_that_of_the_budgets(pair):
    config, layout = pair
    compare.run(config, layout)
    table = read_table(layout.compare / "closure.parquet").query("zone == 'ABZ'")
    for name in CELLS:
        maps = read_zarr(layout.compare / f"closure_{name}.zarr")
        area = read_zarr(layout.zones(name))["area"]
        rows = table[(table["model_set"] == name) & (table["period"] == "mean")].set_index("flux")
        for flux in ("nee", "reco_gpp", "gap"):
            mass = float((maps[flux] * area).sum()) / G_PER_TG
            assert mass == pytest.approx(rows.loc[flux, "tg"], rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("rows", [1, 3])
def test_bands_change_nothing(pair, monkeypatch, rows):
    config, layout = pair
    paths = compare.run(config, layout)
    before = [read(path) for path in paths]
    monkeypatch.setattr(compare, "TILE_CELLS", rows)
    for path, known in zip(compare.run(config, layout), before, strict=True):
        assert read(path).equals(known)
        assert not hasattr(known, "attrs") or read(path).attrs == known.attrs


def read(path):
    return read_table(path) if path.suffix == ".parquet" else read_zarr(path).load()


def test_a_fine_set_that_repeats_the_coarse_one_differs_in_nothing(tmp_path):
    config, layout = make(tmp_path)
    rng = np.random.default_rng(1)
    coarse = zones_on(polar_grid(8e5, (-16e5, -16e5, 16e5, 16e5)), rng)
    grid = polar_grid(4e5, (-16e5, -16e5, 16e5, 16e5))
    tile = np.ones((2, 2))
    land = np.kron(coarse["land_fraction"].values, tile)
    classes = (
        np.kron(coarse[name].values, tile).astype(int)
        for name in ("biome", "permafrost", "vegetation")
    )
    fine = zones_of_classes(grid, *classes, land)
    inside = coarse["domain"].values == 1
    values = np.where(inside, rng.normal(-3, 10, (3, 24, *inside.shape)).astype("float32"), np.nan)
    write_set(layout, "coarse", coarse, values, "2002-01-01")
    write_set(layout, "fine", fine, np.kron(values, tile), "2002-01-01")
    compare.run(config, layout)
    maps = read_zarr(layout.compare / "resolutions.zarr").load()
    assert np.nanmax(np.abs(maps["difference"])) < 1e-6
    assert np.array_equal(np.isfinite(maps["difference"][0]), inside)
    table = read_table(layout.compare / "resolutions.parquet").query("zone_set in ('abz', 'biome')")
    assert table["ratio"].to_numpy() == pytest.approx(1, abs=1e-6)
    assert table["map_r"].to_numpy() == pytest.approx(1)
    assert table["compared_m2"].to_numpy() == pytest.approx(table["coarse_land_m2"].to_numpy())


def test_a_run_of_one_set_has_its_closure_alone(pair):
    config, layout = pair
    alone = config.model_copy(update={"sets": {"coarse": config.sets["coarse"]}})
    names = [path.name for path in compare.run(alone, layout)]
    assert names == ["closure_coarse.zarr", "closure.parquet"]
    assert set(read_table(layout.compare / "closure.parquet")["model_set"]) == {"coarse"}


def test_sets_without_a_common_year_are_not_compared(pair):
    config, layout = pair
    zones = read_zarr(layout.zones("coarse")).load()
    values = np.ones((3, 12, *zones["area"].shape))
    write_set(layout, "coarse", zones, values, "1990-01-01")
    assert not any("resolutions" in path.name for path in compare.run(config, layout))


def test_a_climatology_has_a_closure_too(tmp_path):
    sets = {"climatology": {"cell_m": 111_195, "first_year": 2001, "last_year": 2001}}
    config, layout = make(tmp_path, sets, kind="climatology", world=None)
    rng = np.random.default_rng(2)
    zones = zones_on(lonlat_grid(5.0), rng)
    write_set(
        layout, "climatology", zones, rng.normal(size=(3, 12, *zones["area"].shape)), "2001-01-01"
    )
    path, _ = compare.run(config, layout)
    assert Grid.of(read_zarr(path)) == lonlat_grid(5.0)
