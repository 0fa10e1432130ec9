"""A climatology as the cube of one nominal year."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.errors import MissingDataError
from abz.grid import Grid, lonlat_grid
from abz.harmonise.climatology import climatology_cube, climatology_zones
from abz.vocabulary import MODEL_SETS, PREDICTORS

GRID = lonlat_grid(5.0)
MONTHLY = [n for n in MODEL_SETS["climatology"] if PREDICTORS[n].cadence == "monthly"]
COVERS = [n for n in MODEL_SETS["climatology"] if PREDICTORS[n].cadence == "annual"]


@pytest.fixture
def climatology() -> xr.Dataset:
    month = np.broadcast_to(np.arange(1.0, 13.0)[:, None, None], (12, *GRID.shape))
    fields = dict.fromkeys(MONTHLY, (("month", "y", "x"), month))
    fields |= {name: (("y", "x"), np.full(GRID.shape, 30.0)) for name in COVERS}
    land = np.where(GRID.lonlat()[0] < 0, 0.5, 0.8)
    fields |= {"biome": (("y", "x"), np.full(GRID.shape, 6)), "land_fraction": (("y", "x"), land)}
    return xr.Dataset(fields, {"month": range(1, 13), **GRID.coords()})


def test_cells_of_half_sea_are_outside(climatology):
    zones = climatology_zones(climatology)
    lon, lat = GRID.lonlat()
    assert np.array_equal(zones["domain"].values == 1, (lon > 0) & (lat >= 49))
    assert set(np.unique(zones["permafrost"])) == {-1}
    expected = 0.8 * GRID.cell_area()[(lon > 0) & (lat >= 49)].sum()
    assert float(zones["area"].sum()) == pytest.approx(expected)


def test_months_become_those_of_the_nominal_year(climatology):
    zones = climatology_zones(climatology)
    years = pd.DataFrame({"year": np.repeat([2000, 2001, 2002], 12), "month": 3 * [*range(1, 13)]})
    co2 = years.assign(co2=300.0 + 10.0 * (years["year"] - 2000) + years["month"])
    cube = climatology_cube(climatology, co2, zones, 2010, range(2001, 2003))
    assert Grid.of(cube) == GRID
    assert cube["time"].dt.year.values.tolist() == 12 * [2010]
    inside = zones["domain"].values == 1
    assert np.isnan(cube["ndvi"].values[:, ~inside]).all()
    assert (cube["ndvi"].values[6, inside] == 7).all()
    assert cube["tree_cover"].dims == ("y", "x")
    assert cube["co2"].values.tolist() == [315.0 + month for month in range(1, 13)]
    assert all(cube[name].attrs["units"] == PREDICTORS[name].units for name in cube.data_vars)


def test_a_missing_predictor_is_named(climatology):
    zones = climatology_zones(climatology)
    with pytest.raises(MissingDataError, match="vpd"):
        climatology_cube(climatology.drop_vars("vpd"), pd.DataFrame(), zones, 2010)
