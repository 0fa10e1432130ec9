"""The check finds each way in which a training table can leave its cube."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.errors import InputError, MissingDataError, UnitsError
from abz.grid import polar_grid
from abz.sites import check_agreement, training_table
from abz.vocabulary import PREDICTORS

GRID = polar_grid(5e5)
NAMES = ("month", "lst", "tree_cover", "soc", "vegetation", "co2")
STEPS = {"lst": "time", "co2": "time", "tree_cover": "year"}


@pytest.fixture
def cube() -> xr.Dataset:
    rng = np.random.default_rng(4)
    time = np.arange("2001-01", "2003-01", dtype="datetime64[M]").astype("datetime64[ns]")
    sizes = {"time": 24, "year": 2, "y": GRID.shape[0], "x": GRID.shape[1]}
    maps = {}
    for name in NAMES[1:]:
        dims = (STEPS[name],) if name in STEPS else ()
        dims += () if name == "co2" else ("y", "x")
        values = rng.normal(50, 9, [sizes[dim] for dim in dims]).astype(np.float32)
        if name == "vegetation":
            values = rng.choice([-1, 21, 70], values.shape).astype(np.int16)
        maps[name] = (dims, values, {"units": PREDICTORS[name].units})
    return xr.Dataset(maps, {"time": time, "year": [2001, 2002], **GRID.coords()})


@pytest.fixture
def table(cube) -> pd.DataFrame:
    places = [("a", 61.8, 24.3), ("b", 70.5, -157.4), ("c", 66.1, 120.0)]
    rows = [
        {"site": site, "latitude": lat, "longitude": lon, "year": year, "month": month,
         "flux_method": "EC", "disturbance": None, "biome": "boreal", "nee": -1.0, "gpp": 2.0,
         "reco": 1.0}
        for site, lat, lon in places for year in (2001, 2002) for month in range(1, 13)
    ]  # fmt: skip
    inside = xr.DataArray(np.ones(GRID.shape, np.int8), dims=("y", "x"), coords=GRID.coords())
    return training_table(pd.DataFrame(rows), cube, inside, NAMES)[0]


def test_a_sampled_table_agrees(table, cube):
    cube["lst"][3:6] = np.nan
    table.loc[table["month"].isin([4, 5, 6]) & (table["year"] == 2001), "lst"] = np.nan
    found = check_agreement(table, cube, NAMES).set_index("predictor")
    assert found["rows"].tolist() == [72] * 6
    assert found.loc["lst"].tolist() == ["K", 72, 9]
    assert found["unit"].to_dict() == {name: PREDICTORS[name].units for name in NAMES}
    assert found.loc["vegetation", "missing"] == table["vegetation"].isna().sum()


@pytest.mark.parametrize("name", NAMES[1:])
def test_one_other_value_is_found(table, cube, name):
    table.loc[40, name] = np.float32(table.loc[40, name] + 1 if table[name].notna()[40] else 1)
    where = f"{table.loc[40, 'site']}, {table.loc[40, 'year']}-{table.loc[40, 'month']:02d}"
    with pytest.raises(InputError, match=rf"(?s){name} in the training.*1 of 72 rows.*{where}"):
        check_agreement(table, cube, NAMES)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda table: table.assign(lst=table["lst"] - 273.15), "lst"),
        (lambda table: table.assign(soc=table["soc"] * 10), "soc"),
        (lambda table: table.assign(row=table["row"][::-1].to_numpy()), "lst"),
        (lambda table: table.assign(month=table["month"] % 12 + 1), "lst"),
        (lambda table: table.assign(year=2001), "lst"),
        (lambda table: table.assign(co2=np.nan), "co2"),
    ],
)
def test_other_units_cells_and_months_are_found(table, cube, wrong, named):
    with pytest.raises(InputError, match=f"{named} in the training table is not"):
        check_agreement(wrong(table), cube, NAMES)


def test_the_cube_has_to_say_its_units(table, cube):
    cube["lst"].attrs["units"] = "degC"
    with pytest.raises(UnitsError, match="lst"):
        check_agreement(table, cube, NAMES)
    with pytest.raises(MissingDataError, match="soc"):
        check_agreement(table, cube.drop_vars("soc"), NAMES)
