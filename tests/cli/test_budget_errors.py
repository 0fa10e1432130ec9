"""What each ± holds, from the files of a run: switches, unions, what is there and what is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.budgets import annual_budgets, fire_totals, with_unions, zone_membership, zone_totals
from abz.cli.budget_errors import ERROR_TABLES, Budgeted, error_tables
from abz.cli.layout import Layout
from abz.cli.storage import write_table, write_zarr
from abz.config import Config
from abz.grid import polar_grid
from abz.harmonise.zones import zones_of_classes
from abz.ledger import FLUX_PARTS
from abz.units import AREA_QUANTUM
from abz.vocabulary import BIOMES, FLUXES, PERMAFROST, VEGETATION

YEARS = (2002, 2003)
SITES = 24
UNIONS = {"all": ["biome/boreal", "biome/tundra"]}


def configured(folder, **budgets):
    sets = {"fine": {"cell_m": 1e6, "first_year": 2002, "last_year": 2003}}
    years = {"first_year": 2002, "last_year": 2003}
    return Config(name="small", output=folder, world={}, sets=sets, fire=years, budgets=budgets)


def held_out(seed, sites=SITES):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {"site": np.repeat([f"s{i:02}" for i in range(sites)], 24),
         "longitude": np.repeat(rng.uniform(-180, 180, sites), 24),
         "latitude": np.repeat(rng.uniform(50, 75, sites), 24),
         "biome": np.repeat(np.where(np.arange(sites) % 2, "Tundra", "Boreal"), 24),
         "year": np.tile(np.repeat(YEARS, 12), sites), "month": np.tile(range(1, 13), 2 * sites),
         "observed": rng.normal(0, 20, 24 * sites)}
    )  # fmt: skip
    error = np.repeat(rng.normal(0, 6, sites), 24) + rng.normal(0, 4, 24 * sites)
    return rows.assign(predicted=rows["observed"] + error)


class World:
    """Zones, totals and held-out predictions of one set below a folder."""

    def __init__(self, folder):
        rng = np.random.default_rng(1)
        self.folder, self.layout = folder, Layout(folder / "small")
        grid = polar_grid(1e6)
        classes = [rng.choice(list(codes), grid.shape) for codes in (BIOMES, PERMAFROST)]
        vegetation = rng.choice(list(VEGETATION)[:3], grid.shape)
        zones = zones_of_classes(grid, *classes, vegetation, rng.uniform(0.2, 1, grid.shape))
        write_zarr(zones, self.layout.zones("fine"))
        months = (np.datetime64("2002-01") + np.arange(24)).astype("datetime64[ns]")
        atoms = {name: zones[name] for name in zones.coords if str(name).startswith("atom_")}
        shape = (3, 4, 24, zones.sizes["atom_id"])
        valid = np.tile(np.rint(zones["atom_area"].values / AREA_QUANTUM).astype(int), (24, 1))
        self.totals = xr.Dataset(
            {"grams": (("flux", "member", "time", "atom_id"),
                       np.rint(rng.normal(-1e13, 4e12, shape)).astype(np.int64)),
             "valid_area": (("time", "atom_id"), valid)},
            coords={"flux": list(FLUXES), "member": range(4), "time": months, **atoms},
        )  # fmt: skip
        self.fire = xr.Dataset(
            {
                "grams": (
                    ("time", "atom_id"),
                    rng.integers(0, 10**12, shape[2:]),
                    FLUX_PARTS["fire"].attrs(),
                )
            },
            coords={"time": months},
        )
        for seed, flux in enumerate(FLUXES):
            self.write(held_out(seed), flux)

    def write(self, rows, flux):
        write_table(rows, self.layout.validation("fine", flux) / "held_out.parquet")

    def tables(self, fire=True, **budgets):
        config = configured(self.folder, **budgets)
        membership = with_unions(zone_membership(self.totals), config.budgets.unions)
        zones = zone_totals(self.totals, membership)
        parts = [zones, *(fire_totals(zones, self.fire, membership) if fire else ())]
        annual = pd.concat([annual_budgets(part, "fine") for part in parts], ignore_index=True)
        made = Budgeted("fine", annual, self.totals, membership, self.fire if fire else None)
        return error_tables(config, self.layout, made)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def row(tables, flux="nee", zone="ABZ"):
    table = tables["uncertainty"]
    return table[
        (table["flux"] == flux) & (table["zone"] == zone) & (table["period"] == "mean")
    ].iloc[0]


def test_all_tables_say_whose_they_are(world):
    tables = world.tables()
    assert set(tables) == set(ERROR_TABLES)
    for name, table in tables.items():
        assert next(iter(table)) == "model_set", name
        assert set(table["model_set"]) == {"fine"}
    assert set(tables["transfer"]["flux"]) == set(FLUXES)
    assert row(tables)["holds"] == "sampling + transfer"
    assert row(tables, "nee_fire")["holds"] == "sampling + transfer + fire"
    assert row(tables, "fire")["holds"] == "fire"
    assert row(tables, "nee_fire")["fire_sd"] == row(tables, "fire")["fire_sd"]


def test_every_component_can_be_switched(world):
    every = world.tables(uncertainty=["sampling", "transfer", "fire", "interannual"])
    assert row(every, "nee_fire")["holds"] == "sampling + transfer + fire + interannual"
    bare = world.tables(uncertainty=["sampling"])
    assert row(bare, "nee_fire")["holds"] == "sampling"
    assert row(bare, "nee_fire")["total_sd"] == row(bare, "nee_fire")["sampling_sd"]


def test_held_out_errors_give_up_what_the_members_show_only_beside_them(world):
    both, alone = world.tables(), world.tables(uncertainty=["transfer"])
    share = both["transfer"].set_index("flux")["sampling_share"]
    assert (share > 0).all()
    assert (alone["transfer"]["sampling_share"] == 0).all()
    ratio = row(both)["transfer_sd"] / row(alone)["transfer_sd"]
    assert ratio == pytest.approx(np.sqrt(1 - share["nee"]))


def test_a_union_is_a_zone_like_others(world):
    tables = world.tables(unions=UNIONS)
    for flux in ("nee", "nee_fire", "fire"):
        union, whole = row(tables, flux, "all"), row(tables, flux)
        for name in ("budget", "sampling_sd", "transfer_sd", "fire_sd", "total_sd"):
            np.testing.assert_allclose(union[name], whole[name], rtol=1e-9)
    pairs = tables["covariance"].query(
        "zone_set == 'biome' and component == 'total' and period == 'mean' and flux == 'nee'"
    )
    assert pairs["covariance"].sum() == pytest.approx(row(tables)["total_sd"] ** 2)


def test_single_years_err_more_than_their_mean(world):
    table = world.tables()["uncertainty"].query("flux == 'nee' and zone == 'ABZ'")
    mean, years = table[table["period"] == "mean"], table[table["period"] == "year"]
    assert (years["transfer_sd"] > mean["transfer_sd"].item()).all()


def test_without_validation_or_fire_they_are_not_held(tmp_path):
    world = World(tmp_path)
    for flux in FLUXES:
        (world.layout.validation("fine", flux) / "held_out.parquet").unlink()
    tables = world.tables(fire=False)
    assert set(tables["uncertainty"]["holds"]) == {"sampling"}
    assert not {"transfer", "correlogram"} & set(tables)
    assert "reconciliation" in tables


def test_too_few_sites_give_no_transfer_error(world):
    world.write(held_out(5, sites=11), "nee")
    tables = world.tables()
    assert set(tables["transfer"]["flux"]) == {"gpp", "reco"}
    assert row(tables)["holds"] == "sampling"
    assert row(tables, "gpp")["holds"] == "sampling + transfer"


def test_sites_without_places_give_no_transfer_error(world):
    for seed, flux in enumerate(FLUXES):
        world.write(held_out(seed).drop(columns=["longitude", "latitude", "biome"]), flux)
    assert set(world.tables()["uncertainty"]["holds"]) == {"sampling", "fire", "sampling + fire"}


def test_reconciliation_can_be_switched(world):
    assert "reconciliation" not in world.tables(reconcile="none")
    for scope in ("domain", "zone"):
        made = world.tables(reconcile=scope)["reconciliation"]
        assert set(made["scope"]) == {scope}
        gap = made[made["flux"] == "gap"]
        np.testing.assert_allclose(gap["after"], 0, atol=1e-9)


def test_the_bias_of_held_out_sites_stands_beside_and_is_in_no_sum(world):
    tables = world.tables(unions=UNIONS)
    mean = tables["transfer"].set_index("flux")["mean_error"]
    land = float(world.totals["atom_area"].sum()) * 1e-12
    assert row(tables)["held_out_bias"] == pytest.approx(mean["nee"] * land)
    assert row(tables, "nee_fire", "all")["held_out_bias"] == row(tables, "nee")["held_out_bias"]
    assert np.isnan(row(tables, "fire")["held_out_bias"])


def test_a_length_can_be_given(world):
    found = world.tables(transfer={"length_km": 300.0})["transfer"]
    assert (found["length_km"].dropna() == 300.0).all()
