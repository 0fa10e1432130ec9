"""The stage that lays a run beside products of others, on a synthetic archive."""

from shutil import copytree, rmtree

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.budgets import zone_membership, zone_totals
from abz.budgets.atom_totals import atom_totals
from abz.catalog import CATALOG, Catalog, write_world_catalog
from abz.cli import product_fire
from abz.cli.layout import Layout
from abz.cli.product_land import OurLand
from abz.cli.products import _inversions
from abz.cli.stages import products
from abz.cli.storage import read_json, read_table, read_zarr, write_zarr
from abz.config import Config
from abz.grid import conserve, lonlat_grid, overlap, polar_grid
from abz.harmonise import zones_of_classes
from abz.ledger import FLUX_PARTS
from abz.readers import Run
from abz.world import World, true_fluxes, write_comparisons, write_published, write_winter
from abz.world.comparisons import FACTORS
from abz.world.products.cmip6 import write_cmip6_land_fluxes, write_cmip6_soil

YEARS = range(2003, 2006)
CELL = 4e5


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive of products, and a run whose NEE is the truth."""
    output = tmp_path_factory.mktemp("products")
    config = Config(
        name="small", output=output, world={"resolution_km": 400},
        sets={"fine": {"cell_m": CELL, "first_year": 2003, "last_year": 2005}},
        fire={"first_year": 2003, "last_year": 2005},
    )  # fmt: skip
    layout, world, grid = Layout(config.root), World.of(config.world), polar_grid(CELL)
    config.archive.mkdir(parents=True)
    write_comparisons(world, config.archive, lonlat_grid(2.5), YEARS)
    write_published(world, config.archive, grid, YEARS)
    write_winter(world, config.archive, polar_grid(2 * CELL), YEARS)
    write_world_catalog(config.archive)
    truth = true_fluxes(world, grid, YEARS)
    lat = grid.lonlat()[1]
    biome = np.where(lat < 66, 6, 11)
    land = truth["domain_fraction"].values
    zones = zones_of_classes(grid, biome, biome * 0, biome * 0 + 80, land)
    flux = truth[["nee", "gpp", "reco"]].where(zones["area"] > 0)
    write_zarr(zones, layout.zones("fine"))
    write_zarr(flux.assign_coords(grid.coords()), layout.flux("fine"))
    names = xr.Variable("flux", list(flux.data_vars))
    sums = [atom_totals(flux[n].expand_dims(member=[0]), zones) for n in flux.data_vars]
    totals = xr.concat(sums, "flux", coords="minimal", compat="override")
    totals = totals.assign_coords(flux=names)
    totals["valid_area"] = totals["valid_area"].isel(flux=0, member=0)
    write_zarr(totals, layout.totals("fine"))
    return config, layout


def test_planted_factors_come_back(archive):
    config, layout = archive
    assert products.run(config, layout) == [layout.products]
    notes = read_json(layout.products / "notes.json")
    assert notes["absent"] == ["fluxcom", "fluxcom_x_base_fine"]
    assert notes["refused"] == {}
    summary = read_table(layout.products / "summary.parquet")
    whole = summary[summary["zone"] == "ABZ"].set_index(["product", "flux"])
    assert (whole["n_years"] == 3).all()
    mean = {name: np.mean(list(held.values())) for name, held in FACTORS.items()}
    planted = {
        ("ornl_2377", "nee"): 0.95, ("ornl_2377", "gpp"): 1.0, ("fluxcom_x_base", "gpp"): 1.1,
        ("cmip6_land_fluxes", "gpp"): mean["cmip6_land_fluxes"],
        ("fluxcom_x_base", "nee"): 1.5, ("cmip6_land_fluxes", "nee"): mean["cmip6_land_fluxes"],
        ("gcb2022_inversions", "nee"): mean["gcb2022_inversions"],
    }  # fmt: skip
    for key, factor in planted.items():
        within = 1e-3 if key[0] == "ornl_2377" else 0.2
        assert whole.loc[key, "factor"] == pytest.approx(factor, rel=within), key
    members = read_table(layout.products / "members.parquet")
    inversions = members[(members["product"] == "gcb2022_inversions") & (members["zone"] == "ABZ")]
    means = inversions[inversions["flux"] == "nee"].groupby("member")["tg"].mean()
    assert means["UoE"] / means["CAMS"] == pytest.approx(2.0 / 1.2, rel=0.02)


def test_maps_and_tables_are_whole(archive):
    config, layout = archive
    products.run(config, layout)
    maps = read_zarr(layout.products / "maps.zarr")
    assert maps["product"].values.tolist()[-1] == "ornl_2377"
    likeness = read_table(layout.products / "likeness.parquet").set_index(["product", "layer"])
    assert likeness.loc[("ornl_2377", "mean"), "r_land"] > 0.999
    assert likeness.loc[("ornl_2377", "mean"), "sd_ratio"] == pytest.approx(0.95, abs=0.01)
    ledger = read_table(layout.products / "ledger.parquet")
    fire = ledger[ledger["name"].str.contains("fire")].iloc[0]
    given, left = ledger[ledger["name"] == "gcb2022_inversions"]["value"]
    assert given - fire["value"] == pytest.approx(left)
    steps = read_table(layout.products / "steps.parquet")
    assert "gfed5 taken out" in set(steps["to"])


def test_each_step_says_what_the_files_have(archive):
    config, layout = archive
    products.run(config, layout)
    steps = read_table(layout.products / "steps.parquet").set_index(["product", "step"])
    assert steps.loc[("cmip6_land_fluxes", "calendar"), "from"] == "noleap, 360_day"
    assert steps.loc[("cmip6_land_fluxes", "unit"), "from"] == "kg m-2 s-1"
    assert steps.loc[("gcb2022_inversions", "unit"), "from"] == "PgC m-2 yr-1"
    assert steps.loc[("gcb2022_inversions", "area"), "from"] == "cell"
    assert steps.loc[("fluxcom_x_base", "unit"), "from"] == "gC m-2 d-1"
    assert steps.loc[("winter_flux", "sign"), "from"] == "release from the soil is positive"
    units = steps.xs("unit", level="step")["to"]
    assert set(units) == {"g C m-2 month-1"} and len(units) == 5
    assert (steps.xs("sign", level="step")["from"] != "").all()


def test_models_without_layers_or_flux_are_left_out_by_name(archive, tmp_path):
    config, layout = archive
    folder = tmp_path / "archive"
    copytree(config.archive / "cmip6_land_fluxes", folder / "cmip6_land_fluxes")
    source, target = folder / "cmip6_land_fluxes", lonlat_grid(5.0)
    time = pd.date_range("2003-01-01", periods=36, freq="MS").to_numpy("datetime64[ns]")
    shape = (36, *target.shape)
    data = xr.Dataset(
        {name: (("time", "y", "x"), np.full(shape, 20.0)) for name in ("gpp", "ra", "rh", "nee")},
        {"time": time, **target.coords()},
    )
    for model, names in (("FLAT", ("nep",)), ("HALF", ("gpp", "rh")), ("BARE", ("nep", "gpp"))):
        run = Run(model, "historical", "r1i1p1f1", "gn")
        write_cmip6_land_fluxes(data.assign(nee=-data["nee"]), source, run=run, variables=names)
    write_cmip6_soil(source, Run("FLAT", "historical", "r1i1p1f1", "gn"), 1)
    catalog = Catalog.load(CATALOG, folder)
    ours = OurLand(config, catalog, "fine", read_zarr(layout.zones("fine")), lonlat_grid(2.0))
    beside = products._aligned(ours, layout, "cmip6_land_fluxes")
    assert sorted(beside.members) == ["BARE", "SYN-ESM1", "SYN-ESM2"]
    assert beside.held == 5
    notes = {note.partition(":")[0]: note for note in beside.notes}
    assert "its soil has one layer" in notes["FLAT"]
    assert "HALF of cmip6_land_fluxes holds no net flux" in notes["HALF"]
    assert "no tsl tells" in notes["BARE"]


def test_a_system_with_a_gap_is_left_out_by_name(archive, tmp_path):
    """Its hole would else be one in the maps of the ensemble."""
    config, layout = archive
    for entry in ("gcb2022_inversions", "gfed5"):
        copytree(config.archive / entry, tmp_path / entry)
    (path,) = (tmp_path / "gcb2022_inversions").glob("*.nc")
    with netCDF4.Dataset(path, "a") as file:
        flux = file["land_flux_only_fossil_cement_adjusted"]
        assert flux.dimensions[:2] == ("ensemble_member", "time")
        flux[1, 12:24] = np.ma.masked
    catalog = Catalog.load(CATALOG, tmp_path)
    ours = OurLand(config, catalog, "fine", read_zarr(layout.zones("fine")), lonlat_grid(2.5))
    beside = products._aligned(ours, layout, "gcb2022_inversions")
    assert (beside.held, list(beside.members)) == (3, ["CAMS", "UoE"])
    assert beside.notes == ["CarboScope: not all of 2003–2005"]
    assert beside.take_months().fluxes["nee"].notnull().any(("y", "x")).all()


def test_winters_stand_beside_the_run(archive):
    config, layout = archive
    products.run(config, layout)
    winter = read_table(layout.products / "winter.parquet").set_index(["season", "zone"])
    whole = winter.xs("ABZ", level="zone")
    assert whole["n_years"].to_dict() == {"Oct-Apr": 3, "Oct-Apr, one winter": 2}
    ratio = whole["soil_flux_g_m2"] / whole["reco_g_m2"]
    assert ratio.to_numpy() == pytest.approx(FACTORS["winter_flux"]["soil_flux"], rel=0.1)
    assert (whole["higher"] == whole["n_years"]).all()
    ledger = read_table(layout.products / "ledger.parquet").set_index("name")["value"]
    made = ledger["winter_flux"] + ledger["GPP of the run"]
    assert ledger["winter_flux less GPP of the run"] == pytest.approx(made)


def test_benchmark_files_hold_the_budgets(archive):
    config, layout = archive
    products.run(config, layout)
    years = read_table(layout.products / "years.parquet")
    held = {"ornl_2377": {"nep", "gpp", "reco"}, "fluxcom_x_base": {"nep", "gpp"},
            "cmip6_land_fluxes": {"nep", "gpp", "reco"}, "gcb2022_inversions": {"nep"},
            "run": {"nep", "gpp", "reco"}}  # fmt: skip
    for entry, names in held.items():
        with xr.open_dataset(layout.products / f"benchmark_{entry}.nc") as file:
            assert {"nep", "gpp", "reco"} & set(file.data_vars) == names
            assert file.sizes["time"] == 36
            assert file.attrs["data"] == "synthetic"
    maps = read_zarr(layout.products / "maps.zarr").sel(product="ornl_2377")
    rows = years[(years["product"] == "ornl_2377") & (years["zone"] == "ABZ")]
    with xr.open_dataset(layout.products / "benchmark_ornl_2377.nc") as file:
        seconds = file["time_bnds"].diff("bnds").isel(bnds=0) / np.timedelta64(1, "s")
        land = maps["land"].isel(y=slice(None, None, -1)).values
        land = land[:, np.argsort(maps["x"].values % 360)]
        for name, flux, sign in (("nep", "nee", -1), ("gpp", "gpp", 1), ("reco", "reco", 1)):
            total = (1e3 * file[name] * seconds).sum("time").values * land
            expected = 3 * rows[rows["flux"] == flux]["tg"].mean()
            assert sign * np.nansum(total) / 1e12 == pytest.approx(expected, rel=0.02), name


def test_the_run_lends_its_own_fire(archive, monkeypatch):
    config, layout = archive
    monkeypatch.setattr(product_fire, "FIRES", ("elsewhere",))
    monkeypatch.setattr(products, "PRODUCTS", {"gcb2022_inversions": _inversions})
    products.run(config, layout)
    refused = read_json(layout.products / "notes.json")["refused"]["gcb2022_inversions"]
    assert "holds fire, and no fire is at hand to take out" in refused
    assert "give the emissions of GFED" in refused
    notes = read_table(layout.products / "notes.parquet").set_index("product")
    assert notes.loc["gcb2022_inversions", "status"] == "refused"
    source, grid = lonlat_grid(2.5), polar_grid(CELL)
    truth = true_fluxes(World.of(config.world), source, YEARS)
    burning = (truth["fire"] * truth["domain_fraction"]).fillna(0.0)
    emission = conserve(burning, overlap(source, grid)).fillna(0.0)
    attrs = {"units": "g C m-2 month-1", **FLUX_PARTS["fire"].attrs()}
    write_zarr(emission.assign_attrs(attrs).to_dataset(name="emission"), layout.fire)
    try:
        products.run(config, layout)
    finally:
        rmtree(layout.fire)
    steps = read_table(layout.products / "steps.parquet").set_index("step")
    assert steps.loc["fire", "to"] == "gfed500m of the run taken out"
    summary = read_table(layout.products / "summary.parquet").set_index(["flux", "zone"])
    mean = np.mean(list(FACTORS["gcb2022_inversions"].values()))
    assert summary.loc[("nee", "ABZ"), "factor"] == pytest.approx(mean, rel=0.2)
    years = read_table(layout.products / "years.parquet")
    fire = years[(years["flux"] == "fire") & (years["zone"] == "ABZ")]["tg"].mean()
    planted = float((burning * source.cell_area()).sum()) / 1e12 / len(YEARS)
    assert fire == pytest.approx(planted, rel=0.1)


def test_a_product_that_cannot_be_aligned_is_refused_by_name(archive, monkeypatch):
    config, layout = archive

    def prior(catalog, entry, years):
        for one in products_inversions(catalog, entry, years):
            yield one.__class__(
                one.member,
                one.years,
                lambda year, one=one: map(_without_fire_known, one.pieces(year)),
            )

    from abz.cli.products import PRODUCTS

    products_inversions = PRODUCTS["gcb2022_inversions"]
    monkeypatch.setattr(products, "PRODUCTS", {"gcb2022_inversions": prior})
    products.run(config, layout)
    notes = read_json(layout.products / "notes.json")
    assert "gcb2022_inversions is on another definition" in notes["refused"]["gcb2022_inversions"]
    assert not (layout.products / "summary.parquet").exists()


def _without_fire_known(piece):
    from abz.ledger import Parts

    attrs = {k: v for k, v in piece["land_flux"].attrs.items() if not k.startswith("parts")}
    parts = Parts.of("nee", unknown=["fire"]).attrs()
    return piece.assign(land_flux=piece["land_flux"].assign_attrs(parts | attrs))


def test_the_run_is_its_own_yardstick(archive):
    """Totals of the run on the common map are those of its atoms."""
    _, layout = archive
    zones, totals = read_zarr(layout.zones("fine")), read_zarr(layout.totals("fine")).load()
    held = zone_totals(totals, zone_membership(zones))
    assert float(held["valid_share"].min()) > 0.5
