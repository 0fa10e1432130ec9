"""A field that is written as a product of others comes back with its own budgets."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.budgets import annual_budgets, zone_membership, zone_totals
from abz.compare.products import align, cells_of, fire_on_cells, land_shares
from abz.grid import Grid, lonlat_grid, overlap, polar_grid
from abz.harmonise import zones_of_classes
from abz.readers.cmip6 import read_cmip6_land_fluxes
from abz.readers.cmip_names import Run
from abz.readers.fluxcom import read_fluxcom_x_base, read_fluxcom_x_base_fine
from abz.readers.gfed5 import read_gfed5
from abz.readers.inversions import read_gcb2022_inversions
from abz.readers.ornl_2377 import read_ornl_2377
from abz.world.products.cmip6 import write_cmip6_land_fluxes
from abz.world.products.fluxcom import write_fluxcom_x_base
from abz.world.products.gfed5 import write_gfed5
from abz.world.products.inversions import write_gcb2022_inversions
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.ornl_2377 import write_ornl_2377

BOUNDS = (-4.6e6, -4.6e6, 4.6e6, 4.6e6)
YEARS = range(2003, 2005)


def make_zones(cell_m=1e5, box=(-180.0, 50.0, 180.0, 90.0)):
    """Boreal south of 66° N, tundra north of it; half of some cells is sea, as is the Atlantic."""
    grid = polar_grid(cell_m, BOUNDS)
    lon, lat = grid.lonlat()
    biome = np.where(lat < 66, 6, 11)
    land = np.where((np.floor(lon / 3) % 2 == 0) & (lon > 0), 0.5, 1.0)
    west, south, east, north = box
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    land = np.where(inside & ~((lon > -50) & (lon < -10)), land, 0.0)
    return zones_of_classes(grid, biome, biome * 0, biome * 0 + 80, land)


def fluxes(lon, lat, years=YEARS):
    """Monthly nee, gpp, reco and fire (time, ...) of land at points, g C m-2 month-1."""
    time = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-12-01", freq="MS")
    shape = (-1, *[1] * np.ndim(lon))
    month, year = (np.asarray(v).reshape(shape) for v in (time.month, time.year))
    summer = np.clip(np.sin(np.pi * (month - 3.5) / 7), 0, None)
    wave = 1 + 0.3 * np.cos(np.radians(lon)) + 0.2 * np.sin(np.radians(3 * lat))
    gpp = 100 * summer * wave * (1 + 0.02 * (year - years[0]))
    reco = (10 + 55 * summer) * (1.2 - 0.2 * np.cos(np.radians(lon)))
    fire = np.where(month == 8, 6.0, 0.0) * wave
    return time, {"nee": reco - gpp, "gpp": gpp, "reco": reco, "fire": fire}


def truth_table(zones, years=YEARS):
    """Annual budgets (flux, zone, year) of the field, summed over our own cells one by one."""
    lon, lat = Grid.of(zones).lonlat()
    time, held = fluxes(lon, lat, years)
    member = zone_membership(zones)
    rows = []
    for flux, values in held.items():
        for place in range(len(member)):
            inside = np.isin(zones["atom"], np.flatnonzero(member[place] == 1))
            weight = np.where(inside, zones["area"], 0.0)
            for year in years:
                grams = (np.nan_to_num(values[time.year == year]) * weight).sum()
                zone = {n: str(member[n].values[place]) for n in ("zone_set", "zone")}
                rows.append({"flux": flux, **zone, "year": year, "tg": grams / 1e12})
    return pd.DataFrame(rows).set_index(["flux", "zone_set", "zone", "year"])["tg"]


def budgets(aligned, zones):
    """Annual budgets of an aligned product."""
    annual = annual_budgets(zone_totals(aligned.totals, zone_membership(zones)), "product")
    return annual.set_index(["flux", "zone_set", "zone", "year"])


def field(grid, names=("nee", "gpp", "reco", "fire"), years=YEARS):
    """The field on a longitude-latitude grid, or between its own bounds."""
    time, held = fluxes(*grid.lonlat(), years)
    coords = {"time": time.to_numpy("datetime64[ns]"), **grid.coords()}
    dims = ("time", "y", "x")
    return xr.Dataset({n: (dims, held[n].astype(np.float32)) for n in names}, coords)


COMMON = lonlat_grid(2.0, (-180.0, 44.0, 180.0, 90.0))
BOX = (-180.0, 40.0, 180.0, 90.0)
ZONES = make_zones()
TRUTH = truth_table(ZONES)
WITHIN = 0.02
"""A field this smooth changes by less between our cells and those of a product."""


@cache
def land_share(grid):
    """Share of our land in each cell, by the areas that cells share."""
    shared = overlap(Grid.of(ZONES), grid, samples=12)
    with np.errstate(invalid="ignore"):
        return shared.sums(ZONES["land_fraction"].values) / shared.covered


@cache
def our_land(grid):
    return land_shares(ZONES, grid, COMMON)


def aligned(data, name="a product", zones=ZONES, fire=None):
    atoms = {n: zones[n] for n in map(str, zones.coords) if n.startswith("atom_")}
    cells = cells_of(data)
    kept = zones is ZONES and isinstance(cells, Grid)
    shares = our_land(cells) if kept else land_shares(zones, cells, COMMON)
    return align(data, shares, atoms, name, fire)


def assert_planted(found, fluxes, truth=TRUTH, zones=ZONES, within=WITHIN):
    table = budgets(found, zones)
    for flux, planted in fluxes.items():
        known = table.loc[[flux]]
        expected = truth.loc[planted].reindex(known.droplevel(0).index)
        size = truth.loc["gpp"].reindex(known.droplevel(0).index)
        gap = np.abs(known["tg"].to_numpy() - expected.to_numpy())
        held = size.to_numpy() > 0
        assert held.any()
        assert (gap[held] < within * size.to_numpy()[held]).all(), (flux, (gap / size.to_numpy()))
        assert (known["valid_share"].to_numpy()[held] > 0.98).all()


@settings(max_examples=6)
@given(
    step=st.sampled_from([1.0, 2.0, 2.5]),
    units=st.sampled_from(["PgC m-2 yr-1", "kgC m-2 h-1"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    turned=st.booleans(),
    downward=st.booleans(),
)
def test_inversions_hold_fire_and_count_the_whole_cell(
    tmp_path_factory, step, units, calendar, turned, downward
):
    folder = tmp_path_factory.mktemp("inversions")
    grid, fine = lonlat_grid(step, BOX), lonlat_grid(step / 2, BOX)
    made, burning = field(grid), field(fine, ["fire"])
    share = land_share(grid)
    land = (made["nee"] + made["fire"]) * np.nan_to_num(share)
    whole = xr.concat([land, 2 * land], "member").assign_coords(member=["ONE", "TWO"])
    layout = Layout(
        units=units, calendar=calendar, south_up=turned, from_greenwich=turned, fill=-9999.0,
        names={"member": "ensemble_member", "time": "time", "y": "latitude", "x": "longitude"},
        order=("member", "time", "y", "x"),
    )  # fmt: skip
    given_flux = whole.to_dataset(name="land_flux")
    paths = write_gcb2022_inversions(given_flux, folder, layout, downward=downward)
    emission = burning["fire"] * np.nan_to_num(land_share(fine))
    fires = write_gfed5(emission.to_dataset(name="emission").assign_coords(burning.coords), folder)
    data = read_gcb2022_inversions(paths, members=["ONE"]).isel(member=0)
    data = data.assign_attrs(per_area="cell")
    fire = fire_on_cells(read_gfed5(fires)["emission"], Grid.of(data))
    found = aligned(data, "ONE", fire=fire)
    assert_planted(found, {"nee": "nee", "fire": "fire"})
    assert str(found.parts) == "NEE + lakes + rivers (unknown: harvest)"
    table = budgets(found, ZONES)["tg"]
    np.testing.assert_allclose(
        table.loc["given"] - table.loc["fire"], table.loc["nee"], rtol=0, atol=1e-6
    )


@settings(max_examples=8)
@given(
    step=st.sampled_from([1.0, 1.25, 2.5]),
    calendar=st.sampled_from(["360_day", "noleap", "standard"]),
    from_greenwich=st.booleans(),
    variables=st.sampled_from([("gpp", "ra", "rh"), ("nep",), ("nep", "gpp")]),
    land=st.booleans(),
)
def test_simulations_in_their_calendar(
    tmp_path_factory, step, calendar, from_greenwich, variables, land
):
    grid = lonlat_grid(step, BOX)
    made = field(grid)
    made = made.assign(ra=0.6 * made["reco"], rh=0.4 * made["reco"])
    if land:
        share = np.clip(np.nan_to_num(land_share(grid), nan=1.0), 0, 1)
        made = made.assign(land_fraction=(("y", "x"), share))
    layout = Layout(
        "kg m-2 s-1", calendar=calendar, from_greenwich=from_greenwich, south_up=True, fill=1e20,
        time_bounds=True,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("cmip6")
    run = Run("SYN-ESM", "historical", "r1i1p1f1", "gn")
    paths = write_cmip6_land_fluxes(made, folder, layout, run=run, variables=variables)
    data = read_cmip6_land_fluxes(paths)
    assert data.attrs["calendar"] in (calendar, "gregorian", "standard")
    planted = {"nee": "nee", "gpp": "gpp", "reco": "reco"}
    held = {flux: planted[flux] for flux in planted if flux in data}
    assert_planted(aligned(data, "SYN-ESM"), held)


def test_simulations_on_uneven_rows(tmp_path):
    edges = np.concatenate([90 - np.cumsum([0, *np.linspace(1.2, 2.2, 29)]), [40.0]])
    even = lonlat_grid(2.0, BOX)
    lat = (edges[1:] + edges[:-1]) / 2
    lon2, lat2 = np.meshgrid(even.x, lat)
    time, held = fluxes(lon2, lat2)
    west = even.x - 1.0
    coords = {"time": time.to_numpy("datetime64[ns]"), "y": lat, "x": even.x}
    made = xr.Dataset({n: (("time", "y", "x"), held[n]) for n in ("gpp", "reco")}, coords)
    made = made.assign(
        ra=0.5 * made["reco"], rh=0.5 * made["reco"],
        y_bounds=(("y", "edge"), np.stack([edges[:-1], edges[1:]], 1)),
        x_bounds=(("x", "edge"), np.stack([west, west + 2.0], 1)),
    )  # fmt: skip
    data = read_cmip6_land_fluxes(write_cmip6_land_fluxes(made, tmp_path))
    assert "spatial_ref" not in data.coords
    assert_planted(aligned(data, "SYN-ESM"), {"nee": "nee", "gpp": "gpp"})


FORMS = st.builds(
    Layout,
    units=st.sampled_from(["gC m-2 d-1", "umol CO2 m-2 s-1", "kg m-2 s-1"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    south_up=st.booleans(),
    from_greenwich=st.booleans(),
    fill=st.sampled_from([-9999.0, np.nan]),
)
"""Forms of files of upscaled fluxes."""


@settings(max_examples=4)
@given(form=FORMS)
def test_upscaled_fluxes_of_half_a_degree(tmp_path_factory, form):
    made = field(lonlat_grid(0.5, BOX), ["nee", "gpp"], range(2003, 2004))
    paths = write_fluxcom_x_base(made, tmp_path_factory.mktemp("x_base"), form)
    found = aligned(read_fluxcom_x_base(paths), "X-BASE")
    assert_planted(
        found, {"nee": "nee", "gpp": "gpp"}, TRUTH.xs(2003, level="year", drop_level=False)
    )


@cache
def small_land():
    """A piece of the north on cells of 50 km, and the truth on it."""
    zones = make_zones(5e4, (20.0, 60.0, 40.0, 69.0))
    return zones, truth_table(zones, range(2003, 2004))


@settings(max_examples=4)
@given(form=FORMS)
def test_upscaled_fluxes_of_a_twentieth_of_a_degree(tmp_path_factory, form):
    zones, truth = small_land()
    made = field(lonlat_grid(0.05, (19.0, 59.0, 41.0, 70.0)), ["nee"], range(2003, 2004))
    folder = tmp_path_factory.mktemp("x_base")
    data = read_fluxcom_x_base_fine(write_fluxcom_x_base(made, folder, form, step="005"))
    assert_planted(aligned(data, "X-BASE", zones), {"nee": "nee"}, truth, zones)


@pytest.mark.parametrize("cell", [1e5, 5e4, 1.3e5])
def test_maps_of_the_published_form(tmp_path, cell):
    grid = polar_grid(cell, (-5.0e6, -5.0e6, 5.0e6, 5.0e6))
    made = field(grid, ["nee", "gpp", "reco"], range(2003, 2004))
    data = read_ornl_2377(write_ornl_2377(made, tmp_path))
    found = aligned(data, "the published maps")
    planted = {name: name for name in ("nee", "gpp", "reco")}
    assert_planted(found, planted, TRUTH.xs(2003, level="year", drop_level=False))
