"""Every catalogued product has its reader, and comparison products open through the catalog."""

import shutil

import numpy as np
import pytest
import xarray as xr

from abz import readers
from abz.catalog import CATALOG, Catalog
from abz.catalog.document import PRODUCT_READER
from abz.fetching import Need, adopt
from abz.grid import FINE_CELL_M, lonlat_grid, polar_grid, sinusoidal_grid
from abz.ledger import Parts
from abz.world import products

LONLAT = lonlat_grid(5.0, (-180.0, 40.0, 180.0, 90.0))
POLAR = polar_grid(FINE_CELL_M * 800)


def test_every_product_has_its_reader():
    document = Catalog.load(CATALOG, CATALOG.parent).document
    ours = {name for name, entry in document.entries.items() if entry.reader == PRODUCT_READER}
    assert not {name for name in ours if not hasattr(readers, f"read_{name}")}


def test_readers_and_writers_are_on_their_pages():
    for room in (readers, products):
        assert all(hasattr(room, name) for name in room.__all__)
        assert len(set(room.__all__)) == len(room.__all__)


def monthly(grid, years=(2003,), **levels):
    """Whole years of fluxes, each constant, on a grid."""
    time = np.concatenate(
        [np.arange(f"{y}-01", f"{y + 1}-01", dtype="datetime64[M]") for y in years]
    )
    shape = (time.size, *grid.shape)
    data = {name: (("time", "y", "x"), np.full(shape, value)) for name, value in levels.items()}
    return xr.Dataset(data, {"time": time.astype("datetime64[ns]"), **grid.coords()})


def inversions():
    data = monthly(LONLAT, land_flux=-20.0)
    return data.expand_dims(member=["CAMS", "UoE"])


def maps():
    level = (("y", "x"), np.full(POLAR.shape, -20.0), {"period": "2002-2020"})
    return xr.Dataset({"nee": level, "nee_fire": level}, POLAR.coords())


def trends():
    level = (("y", "x"), np.full(POLAR.shape, -0.5), {"period": "2002-2020"})
    return xr.Dataset({"nee_trend": level}, POLAR.coords())


def simulation():
    data = monthly(LONLAT, gpp=60.0, ra=20.0, rh=20.0)
    return data.assign(land_fraction=(("y", "x"), np.ones(LONLAT.shape)))


FIRE = {"emission": 5.0, "burned_fraction": 0.1}
NEE = {"nee": "NEE", "gpp": "GPP"}
MODIS = sinusoidal_grid(3, (16, 20), (2, 4))
PRODUCTS = {
    "gcb2022_inversions": (
        inversions, {"land_flux": "NEE + fire + lakes + rivers (unknown: harvest)"}
    ),
    "cmip6_land_fluxes": (simulation, {**NEE, "reco": "Reco"}),
    "fluxcom": (lambda: monthly(LONLAT, nee=-20.0), {"nee": "NEE"}),
    "fluxcom_x_base": (
        lambda: monthly(lonlat_grid(0.5, (0.0, 60.0, 5.0, 64.0)), nee=-20.0, gpp=60.0), NEE
    ),
    "gfed4": (lambda: monthly(LONLAT, **FIRE), {"emission": "fire"}),
    "gfed5": (lambda: monthly(LONLAT, **FIRE), {"emission": "fire"}),
    "gfed500m": (lambda: monthly(MODIS, **FIRE), {"emission": "fire"}),
    "ornl_2377": (lambda: monthly(POLAR, nee=-20.0, gpp=60.0, reco=40.0), {**NEE, "reco": "Reco"}),
    "winter_flux": (lambda: monthly(POLAR, soil_flux=12.0), {"soil_flux": "Reco"}),
    "ornl_2377_trends": (trends, {"nee_trend": "NEE"}),
    "ornl_2377_means": (maps, {"nee": "NEE", "nee_fire": "NEE + fire"}),
}  # fmt: skip
"""Entry to its content, and the flux names of what opens with the parts they hold."""


@pytest.mark.parametrize("entry", PRODUCTS)
def test_comparison_products_open_through_the_catalog(tmp_path, entry):
    content, expected = PRODUCTS[entry]
    getattr(products, f"write_{entry}")(content(), tmp_path / entry)
    catalog = Catalog.load(CATALOG, tmp_path)
    data = catalog.open(entry, years=[2003])
    assert {name: str(Parts.of_attrs(data[name].attrs)) for name in expected} == expected
    assert set(expected) <= set(catalog.pin(entry).canonical)
    assert data.attrs["source"]
    assert data.attrs["files"]
    for name in expected:
        assert data[name].attrs["units"].startswith("g C m-2")
        assert data[name].attrs["long_name"]


def test_burned_area_opens_through_the_catalog(tmp_path):
    day = monthly(MODIS, burn_day=0).astype(np.int16).isel(time=slice(5, 8))
    products.write_mcd64a1(day, tmp_path / "mcd64a1")
    data = Catalog.load(CATALOG, tmp_path).open("mcd64a1", years=[2003])
    assert set(data) == {"burn_day", "burned_fraction"}
    assert data.sizes["time"] == 3


def test_no_entry_leads_to_samples(tmp_path):
    catalog = Catalog.load(CATALOG, tmp_path)
    patterns = [pattern for name in catalog.names() for pattern in catalog.pin(name).patterns]
    assert not [pattern for pattern in patterns if "samples" in pattern]


def test_countries_are_found_on_disk_and_open_through_the_catalog(real_data, tmp_path):
    shutil.copy(CATALOG, tmp_path / "catalog.yaml")
    catalog = Catalog.load(tmp_path / "catalog.yaml", tmp_path / "data")
    assert adopt(catalog, [Need("countries")], real_data / "samples").failures == []
    assert len(catalog.open("countries")) == 177
