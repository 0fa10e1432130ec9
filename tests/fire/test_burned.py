"""How much has burned."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.fire import burned_land, burned_once, burned_shares, burned_years, share_of_land


def monthly(values, first="2002-01"):
    values = np.asarray(values, np.float32)
    time = (np.datetime64(first, "M") + np.arange(len(values))).astype("datetime64[ns]")
    return xr.DataArray(values, dims=("time", "y", "x"), coords={"time": time})


def test_burned_once_is_capped_and_keeps_missing():
    burned = burned_once(monthly([[[0.6, np.nan, 0.0]], [[0.7, np.nan, np.nan]]]))
    np.testing.assert_allclose(burned, [[1.0, np.nan, 0.0]])
    assert burned.attrs["units"] == "1"


def test_only_whole_years_count():
    maps = monthly(np.full((30, 1, 2), 0.01), "2001-07")
    years = burned_years(maps)
    assert years["year"].values.tolist() == [2002, 2003]
    np.testing.assert_allclose(years, 0.12, rtol=1e-6)
    assert burned_years(maps[:5]).shape == (0, 1, 2)


def test_a_year_keeps_missing_and_is_capped():
    maps = np.zeros((12, 1, 3))
    maps[:, 0, 1] = np.nan
    maps[4:6, 0, 2] = 0.7
    np.testing.assert_allclose(burned_years(monthly(maps))[0], [[0.0, np.nan, 1.0]])


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_share_of_land_lies_between_the_share_of_the_cell_and_all(burned, land):
    maps = xr.DataArray([[burned]], dims=("y", "x"))
    share = share_of_land(maps, xr.DataArray([[land]], dims=("y", "x"))).item()
    assert share == 0.0 if land == 0 else burned - 1e-12 <= share <= 1.0


def zones(area, land, atom):
    data = {"area": area, "land_fraction": land, "atom": np.array(atom, np.int32)}
    return xr.Dataset({name: (("y", "x"), np.atleast_2d(v)) for name, v in data.items()})


def membership(held, areas):
    held = np.array(held, np.int64)
    names = [f"z{i}" for i in range(len(held))]
    return xr.DataArray(
        held, dims=("zone_id", "atom_id"),
        coords={"zone_set": ("zone_id", ["set"] * len(held)), "zone": ("zone_id", names),
                "area_m2": ("zone_id", held @ np.array(areas))},
    )  # fmt: skip


def test_shares_of_zones_are_burned_land_over_land():
    burned = xr.DataArray([[0.5, 0.1, 0.0, np.nan]], dims=("y", "x"))
    held = zones([4.0, 8.0, 8.0, 16.0], [0.5, 1.0, 1.0, 1.0], [[0, 1, 1, 1]])
    quanta = burned_land(burned, held, 2)
    table = burned_shares(quanta, membership([[1, 0], [0, 1], [1, 1]], [4.0, 32.0]))
    np.testing.assert_allclose(table["burned_m2"], [4.0, 0.8, 4.8], atol=0.1)
    np.testing.assert_allclose(table["burned_share"], [1.0, 0.8 / 32, 4.8 / 36], atol=0.01)
    assert table["burned_m2"].iloc[2] == table["burned_m2"].iloc[:2].sum()


def test_the_burned_area_of_a_known_world_comes_back(planted):
    once = burned_once(planted.fire["burned_fraction"])
    area = float(once.sum()) * 2.5e9
    # The maps count whole cells of the ellipsoid, the product those of its smaller sphere.
    assert area == pytest.approx(planted.area.sum(), rel=0.01)
    exact = planted.fire["burned_area"].values.sum() * planted.fire["burned_area"].attrs["scale"]
    assert exact == pytest.approx(planted.area.sum(), rel=1e-3)
