"""Winter soil fluxes: a planted field comes back, on one definition, in cells that both have."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.budgets import zone_membership
from abz.compare.products import (
    at_centres,
    atom_quanta,
    cells_of,
    land_share,
    land_shares,
    per_land,
    soil_quanta,
    winter_rows,
    winter_summary,
    winter_years,
)
from abz.errors import LedgerError, MissingDataError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.harmonise import zones_of_classes
from abz.ledger import FLUX_PARTS, Parts
from abz.readers.winter_flux import read_winter_flux
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.winter_flux import WINTER_LAYOUT, WinterLayout, write_winter_flux

BOUNDS = (-4.6e6, -4.6e6, 4.6e6, 4.6e6)
POLAR = polar_grid(1e5, BOUNDS)
COMMON = lonlat_grid(2.0, (-180.0, 44.0, 180.0, 90.0))
EASE = "EPSG:6931"


@cache
def zones():
    lat = POLAR.lonlat()[1]
    biome, land = np.where(lat < 66, 6, 11), np.where(lat >= 50, 1.0, 0.0)
    return zones_of_classes(POLAR, biome, biome * 0, biome * 0 + 80, land)


ATOMS = {n: zones()[n] for n in map(str, zones().coords) if n.startswith("atom_")}


@cache
def shares_of(cells):
    return land_shares(zones(), cells, COMMON)


def field(grid, years=(2003, 2005)):
    """Reco, GPP and NEE (time, y, x) of land, g C m-2 month-1."""
    lon, lat = grid.lonlat()
    time = pd.date_range(f"{years[0]}-01-01", f"{years[1]}-12-01", freq="MS")
    month, year = (np.asarray(v).reshape(-1, 1, 1) for v in (time.month, time.year))
    wave = 1 + 0.3 * np.cos(np.radians(lon)) + 0.2 * np.sin(np.radians(3 * lat))
    reco = (8 + month + (year - years[0])) * wave
    gpp = np.where((month == 4) | (month == 10), 5.0, 0.0) * wave
    fluxes = {"reco": reco, "gpp": gpp, "nee": reco - gpp}
    coords = {"time": time.to_numpy("datetime64[ns]"), **grid.coords()}
    data = {n: (("time", "y", "x"), v, {"units": "g C m-2 month-1"}) for n, v in fluxes.items()}
    return xr.Dataset(data, coords)


def run_quanta(known=None):
    """Quanta of the run, where another product is known."""
    own = field(POLAR)
    own = own.isel(time=np.isin(own["time"].dt.month, [10, 11, 12, 1, 2, 3, 4]))
    if known is not None:
        own = own.where(xr.DataArray(known, dims=("time", "y", "x")))
    shares = shares_of(POLAR)
    share = land_share(own, shares)
    units = {"units": "g C m-2 month-1"}
    fluxes = {
        str(n): per_land(flux.assign_attrs(units), "land", share, shares) for n, flux in own.items()
    }
    return atom_quanta(fluxes, shares, ATOMS)


def read_planted(folder, grid, layout, factor=1.0, hole=False):
    soil = factor * field(grid)["reco"]
    if hole:
        soil = soil.where(soil["x"] > 0)
    data = soil.to_dataset(name="soil_flux").assign_coords(grid.coords())
    return read_winter_flux(write_winter_flux(data, folder, WinterLayout(layout)))


@settings(max_examples=6)
@given(
    cell=st.sampled_from([1e5, 7.5e4, 1.3e5]),
    crs=st.sampled_from([POLAR.crs, EASE]),
    units=st.sampled_from(["g C m-2 d-1", "umol CO2 m-2 s-1"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
    factor=st.floats(0.5, 3.0),
)
def test_a_planted_flux_comes_back(tmp_path_factory, cell, crs, units, calendar, factor):
    even = polar_grid(cell, (-5.2e6, -5.2e6, 5.2e6, 5.2e6))
    grid = Grid(crs, even.transform, even.shape)
    layout = Layout(units, WINTER_LAYOUT.names, calendar=calendar, fill=-9999.0)
    data = read_planted(tmp_path_factory.mktemp("winter"), grid, layout, factor)
    theirs = soil_quanta(data, shares_of(cells_of(data)), ATOMS, "winter_flux")
    table = winter_years(theirs, run_quanta(), zone_membership(zones()), "fine")
    np.testing.assert_allclose(table["soil_flux_tg"], factor * table["reco_tg"], rtol=0.02)
    np.testing.assert_allclose(table["soil_flux_g_m2"], factor * table["reco_g_m2"], rtol=0.02)
    np.testing.assert_allclose(
        table["soil_nee_g_m2"], table["soil_flux_g_m2"] - table["gpp_g_m2"], rtol=1e-12
    )
    years = table.groupby("season")["year"].unique()
    assert years["Oct-Apr"].tolist() == [2003, 2004, 2005]
    assert years["Oct-Apr, one winter"].tolist() == [2004, 2005]
    summary = winter_summary(table).set_index(["season", "zone"])
    whole = summary.loc[("Oct-Apr", "ABZ")]
    assert whole["n_years"] == 3
    assert whole["higher"] == (3 if factor > 1.05 else 0 if factor < 0.95 else whole["higher"])
    assert whole["given_higher"] >= whole["higher"]


def test_the_run_counts_only_where_theirs_has_a_value(tmp_path):
    data = read_planted(tmp_path, polar_grid(1e5, BOUNDS), WINTER_LAYOUT, hole=True)
    moved = at_centres(data["soil_flux"], cells_of(data), POLAR)
    np.testing.assert_array_equal(moved, data["soil_flux"])  # on its own cells it stays as it is
    assert moved.attrs == data["soil_flux"].attrs
    known = np.isfinite(moved.values)
    assert known.shape == (21, *POLAR.shape)
    assert not known[:, :, POLAR.x < 0].any() and known[:, :, POLAR.x > 1e5].all()
    theirs = soil_quanta(data, shares_of(POLAR), ATOMS, "winter_flux")
    member = zone_membership(zones())
    table = winter_years(theirs, run_quanta(known), member, "fine").set_index(["season", "zone"])
    whole = table.loc[("Oct-Apr", "ABZ")]
    np.testing.assert_allclose(whole["soil_flux_tg"], whole["reco_tg"], rtol=1e-6)
    assert (whole["valid_share"] < 0.7).all()
    unmasked = winter_years(theirs, run_quanta(), member, "fine").set_index(["season", "zone"])
    assert (unmasked.loc[("Oct-Apr", "ABZ"), "reco_tg"] > 1.5 * whole["reco_tg"]).all()


def test_the_ledger_makes_nee_of_it(tmp_path):
    data = read_planted(tmp_path, POLAR, WINTER_LAYOUT, factor=2.0)
    theirs = soil_quanta(data, shares_of(POLAR), ATOMS, "winter_flux")
    table = winter_years(theirs, run_quanta(), zone_membership(zones()), "fine")
    given_, uptake, made, own = winter_rows(table, "fine", ("abz", "ABZ"))
    assert [str(row.parts) for row in (given_, uptake, made, own)] == ["Reco", "GPP", "NEE", "NEE"]
    assert str(made.period) == "2003–2005, Oct-Apr"
    assert made.central == pytest.approx(given_.central + uptake.central)
    assert uptake.central < 0 < own.central < made.central
    assert winter_rows(table, "fine", ("abz", "elsewhere")) == []


@pytest.mark.parametrize(
    "parts", [Parts.of("nee"), Parts.of("reco", "fire"), Parts.of("reco", unknown=["gpp"])]
)
def test_another_definition_is_refused_by_name(tmp_path, parts):
    data = read_planted(tmp_path, POLAR, WINTER_LAYOUT)
    kept = {"units": "g C m-2 month-1", **parts.attrs()}
    bent = data.copy()
    bent["soil_flux"].attrs = kept
    with pytest.raises(LedgerError, match="Natali is on another definition"):
        soil_quanta(bent, shares_of(POLAR), ATOMS, "Natali")
    with pytest.raises(MissingDataError, match="soil_flux"):
        soil_quanta(data.rename(soil_flux="nee"), shares_of(POLAR), ATOMS, "Natali")
    assert FLUX_PARTS["reco"] == Parts.of_attrs(data["soil_flux"].attrs)
