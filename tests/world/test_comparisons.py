"""Products for comparison give the truth back, bent by their factors."""

import numpy as np
import pytest

from abz.catalog import CATALOG, Catalog
from abz.grid import lonlat_grid, polar_grid
from abz.world.arctic import World
from abz.world.comparisons import CALENDARS, FACTORS, write_comparisons, write_published
from abz.world.truth import true_fluxes

GRID, YEARS = lonlat_grid(5.0), range(2004, 2006)
WORLD = World(resolution_km=400.0)


@pytest.fixture(scope="module")
def truth():
    return true_fluxes(WORLD, GRID, YEARS)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    write_comparisons(WORLD, folder, GRID, YEARS)
    return Catalog.load(CATALOG, folder)


def assert_close(found, expected, rtol=2e-5, atol=1e-3):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def test_inversions_see_fire_and_the_whole_cell(catalog, truth):
    data = catalog.open("gcb2022_inversions")
    for system, factor in FACTORS["gcb2022_inversions"].items():
        expected = (factor * truth["nee"] + truth["fire"]) * truth["domain_fraction"]
        assert_close(data["land_flux"].sel(member=system), expected)
    assert data["first_year"].values.tolist() == [2004] * 3


@pytest.mark.parametrize("model", CALENDARS)
def test_simulations_keep_their_calendar(catalog, truth, model):
    data = catalog.open("cmip6_land_fluxes", model=model)
    assert data.attrs["calendar"] == CALENDARS[model]
    factor = FACTORS["cmip6_land_fluxes"][model]
    for name in ("gpp", "reco"):
        assert_close(data[name], factor * truth[name])
    assert_close(data["nee"], factor * (truth["reco"] - truth["gpp"]))
    assert_close(data["land_fraction"], truth["domain_fraction"])


def test_upscaled_fluxes(catalog, truth):
    data = catalog.open("fluxcom_x_base", years=YEARS)
    for name, factor in FACTORS["fluxcom_x_base"].items():
        assert_close(data[name], factor * truth[name])


@pytest.mark.parametrize("entry", ["gfed4", "gfed5"])
def test_fires_lose_nothing(catalog, truth, entry):
    data = catalog.open(entry, years=YEARS)
    expected = (truth["fire"] * truth["domain_fraction"]).fillna(0.0)
    assert_close(data["emission"], expected)
    assert float(expected.sum()) > 0


def test_published_maps(tmp_path):
    grid = polar_grid(400_000)
    write_published(WORLD, tmp_path, grid, range(2004, 2005))
    data = Catalog.load(CATALOG, tmp_path).open("ornl_2377", years=[2004])
    truth = true_fluxes(WORLD, grid, [2004])
    for name, factor in FACTORS["ornl_2377"].items():
        assert_close(data[name], factor * truth[name])
