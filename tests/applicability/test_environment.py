import numpy as np
import pandas as pd
import xarray as xr

from abz.applicability.environment import annual_means, climatological_year, site_annual_means


def small_cube():
    rng = np.random.default_rng(0)
    time = pd.date_range("2001-01-01", "2003-12-01", freq="MS")
    lst = rng.normal(280, 9, size=(36, 3, 4)).astype(np.float32)
    lst[4, 0, 0] = np.nan
    lst[[5, 17, 29], 1, 1] = np.nan
    return xr.Dataset(
        {
            "lst": (("time", "y", "x"), lst),
            "tree_cover": (("year", "y", "x"), rng.uniform(size=(3, 3, 4)).astype(np.float32)),
            "vegetation": (("y", "x"), rng.choice([-1, 21, 70], (3, 4)).astype(np.int16)),
            "co2": (("time",), np.linspace(370, 380, 36).astype(np.float32)),
        },
        coords={"time": time, "year": [2001, 2002, 2003]},
    )


def test_equals_xarray_and_any_window():
    cube = small_cube()
    names = ["month", "lst", "tree_cover", "vegetation", "co2"]
    whole = climatological_year(cube, slice(0, 3), slice(0, 4), names)
    grouped = cube.astype(float).groupby("time.month").mean()
    assert np.allclose(whole[..., 1], grouped["lst"], equal_nan=True)
    assert np.allclose(whole[..., 2], cube["tree_cover"].mean("year"))
    assert np.allclose(whole[:, 2, 3, 4], grouped["co2"])
    assert np.isnan(whole[5, 1, 1, 1])
    part = climatological_year(cube, slice(1, 3), slice(2, 4), names)
    assert np.array_equal(part, whole[:, 1:3, 2:4], equal_nan=True)


def test_part_of_a_year_has_no_annual_mean():
    means = annual_means(climatological_year(small_cube(), slice(0, 3), slice(0, 4), ["lst"]))
    assert np.isnan(means[..., 0]).sum() == 1
    assert np.isnan(means[1, 1, 0])


def test_sites_weigh_calendar_months_equally():
    whole = pd.DataFrame({"site": "b", "month": range(1, 13), "lst": 2.0})
    again = pd.DataFrame({"site": "b", "month": [7] * 5, "lst": 14.0})
    summer = pd.DataFrame({"site": "a", "month": [6, 7, 8], "lst": 9.0})
    table = pd.concat([again, summer, whole])
    found = site_annual_means(table, ["lst"])["lst"]
    assert found.index.tolist() == ["a", "b"]
    assert np.isnan(found["a"])
    assert np.isclose(found["b"], (11 * 2 + 12) / 12)
