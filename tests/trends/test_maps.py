"""Trends of labelled maps."""

from __future__ import annotations

import dask
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError, UnitsError
from abz.grid import polar_grid
from abz.trends import METHODS, trend, trend_series
from abz.trends import maps as rooms

GRID = polar_grid(1.0e6)
YEARS = np.arange(2001, 2021)


def maps(dtype=np.float32):
    values = np.random.default_rng(1).normal(size=(20, *GRID.shape)).cumsum(axis=0).astype(dtype)
    values[:, 0, 0] = np.nan
    return xr.DataArray(
        values, dims=("year", "y", "x"), coords={**GRID.coords(), "year": YEARS},
        attrs={"units": "g C m-2 yr-1"},
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_cell_is_its_own_series(method):
    da = maps()
    result = trend(da, method)
    cell = trend_series(da.values[:, 3, 4][None], YEARS, method)
    for name in cell.__dataclass_fields__:
        assert result[name].values[3, 4] == getattr(cell, name)[0]
    assert np.isnan(result["slope"].values[0, 0])
    assert result["n_valid"].values[0, 0] == 0


def test_units_and_grid_go_along():
    result = trend(maps())
    assert result["slope"].attrs["units"] == "g C m-2 yr-1 per year"
    assert result["p_value"].attrs["units"] == "1"
    assert all("long_name" in variable.attrs for variable in result.data_vars.values())
    assert type(GRID).of(result) == GRID
    assert "year" not in result.coords


def test_dates_and_the_place_of_the_dimension_do_not_matter():
    da = maps()
    dated = da.rename(year="time").assign_coords(time=np.array(YEARS - 1970, "datetime64[Y]"))
    dated["time"] = dated["time"].astype("datetime64[ns]")
    xr.testing.assert_identical(trend(dated, dim="time"), trend(da))
    xr.testing.assert_identical(trend(da.transpose("y", "x", "year")), trend(da))


def test_one_series_without_other_dimensions():
    assert trend(maps()[:, 2, 2])["slope"].ndim == 0


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day"])
def test_dates_of_any_calendar_are_years(calendar):
    da, dates = maps(), xr.date_range("2001-06-30", periods=20, freq="YS", calendar=calendar)
    dated = da.rename(year="time").assign_coords(time=dates)
    late = da.assign_coords(year=dates.year)
    xr.testing.assert_identical(trend(dated, dim="time"), trend(late))


DAYS = pd.date_range("2001", periods=20, freq="YS")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([str(year) for year in YEARS], "neither years nor dates"),
        (YEARS > 2001, "neither years nor dates"),
        (DAYS - DAYS[0], "neither years nor dates"),
        (DAYS.to_period("Y"), "neither years nor dates"),
        (YEARS + 0.5, "give every value a year"),
        (np.where(YEARS == 2003, np.nan, YEARS), "give every value a year"),
        (np.where(YEARS == 2020, np.inf, YEARS), "give every value a year"),
        (DAYS.where(DAYS.year != 2020), "give every value a year"),
        (YEARS[::-1], "sortby"),
        (YEARS.astype(np.uint16)[::-1], "sortby"),
        (pd.date_range("2001", periods=20, freq="MS"), "groupby"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_labels_that_are_no_years_are_told_at_once_with_the_remedy(labels, told, chunked):
    da = maps().assign_coords(year=labels)
    with pytest.raises(InputError, match=told):
        trend(da.chunk() if chunked else da)


@pytest.mark.parametrize("thing", [maps().values, maps().to_dataset(name="nee")])
def test_what_has_no_labels_is_refused(thing):
    with pytest.raises(InputError, match=r"is an xarray\.DataArray"):
        trend(thing)


def test_units_are_needed():
    with pytest.raises(UnitsError, match="no units"):
        trend(maps().drop_attrs())


@pytest.mark.parametrize("dim", ["time", ["year"], None])
def test_the_dimension_is_needed(dim):
    with pytest.raises(InputError, match="dimension of the years") as error:
        trend(maps(), dim=dim)
    assert repr(dim) in str(error.value)


@given(
    st.sampled_from(list(METHODS)), st.sampled_from([np.float32, np.float64]),
    st.integers(1, 11), st.integers(1, 11), st.permutations(["year", "y", "x"]),
)  # fmt: skip
def test_lazy_is_eager_for_any_chunks(method, dtype, rows, columns, order):
    da = maps(dtype)
    lazy = trend(da.chunk(y=rows, x=columns).transpose(*order), method, draws=49)
    assert all(variable.chunks for variable in lazy.data_vars.values())
    eager = trend(da, method, draws=49)
    xr.testing.assert_identical(lazy.compute().transpose("y", "x"), eager)
    for name, variable in lazy.data_vars.items():
        assert variable.dtype == eager[name].dtype


def test_years_in_chunks_are_joined_with_a_word():
    da = maps()
    with pytest.warns(UserWarning, match="year lies in 20 chunks"):
        lazy = trend(da.chunk(year=1))
    xr.testing.assert_identical(lazy.compute(), trend(da))


@pytest.mark.parametrize("order", [("year", "y", "x"), ("y", "x", "year"), ("y", "year", "x")])
def test_no_more_than_a_row_of_cells_is_copied(order, monkeypatch):
    da, seen = maps().transpose(*order).copy(), []

    def spy(values, *rest, **options):
        seen.append(np.shares_memory(values, da.values))
        return trend_series(values, *rest, **options)

    monkeypatch.setattr(rooms, "trend_series", spy)
    trend(da)
    assert all(seen)


@given(st.sampled_from([m for m in METHODS if m != "zhang"]), st.integers(-50, 50))
def test_level_and_first_year_do_not_matter(method, offset):
    """Nor for `zhang`, unless its iteration is chaotic; the level of a whitened series shrinks."""
    da = maps(np.float64)[:, :, :4]
    moved = (da + offset).assign_coords(year=YEARS + offset).assign_attrs(da.attrs)
    plain, other = (trend(each, method, draws=19) for each in (da, moved))
    for name in ("slope", "lower", "upper", "p_value", "tau", "autocorrelation"):
        np.testing.assert_allclose(other[name], plain[name], atol=1e-9)
    if method not in ("yue_pilon", "three_prewhitening"):
        np.testing.assert_allclose(other["intercept"], plain["intercept"] + offset, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_any_number_of_workers_gives_the_same_bytes(method):
    lazy = trend(maps().chunk(y=2, x=3), method, draws=19)
    with dask.config.set(scheduler="synchronous"):
        alone = lazy.compute()
    for workers in (2, 5):
        with dask.config.set(scheduler="threads", num_workers=workers):
            xr.testing.assert_identical(lazy.compute(), alone)


def test_units_of_a_plain_number_stay_readable():
    result = trend(maps().assign_attrs(units=""))
    assert result["slope"].attrs["units"] == "1 per year"
    assert result["intercept"].attrs["units"] == "1"


def test_attributes_follow_the_conventions():
    result = trend(maps(), "block_bootstrap", draws=9, seed=3)
    assert result.attrs == {
        "method": "block_bootstrap", "preserve_range": 0, "draws": 9, "seed": 3,
        "first_year": 2001, "last_year": 2020,
    }  # fmt: skip
    assert result["slope"].attrs["cell_methods"].startswith("time: median")
    assert result["n_valid"].attrs["standard_name"] == "number_of_observations"
    assert result["n_valid"].attrs["units"] == result["p_value"].attrs["units"] == "1"


def test_the_method_is_checked_before_anything_is_read():
    with pytest.raises(InputError, match="did you mean"):
        trend(maps().chunk(), "hamedrao")


@pytest.mark.parametrize("kind", [np.complex64, "M8[s]", str, object])
def test_values_are_checked_before_anything_is_read(kind):
    chunked = maps().chunk().astype(kind).assign_attrs(units="1")
    with pytest.raises(InputError, match="real numbers"):
        trend(chunked)


@pytest.mark.parametrize(
    ("method", "option"),
    [("hamed_rao", {"lags": 0}), ("block_bootstrap", {"draws": 0}),
     ("block_bootstrap", {"block_length": 11})],
)  # fmt: skip
def test_options_are_checked_before_anything_is_read(method, option):
    with pytest.raises(InputError, match=next(iter(option))):
        trend(maps().chunk(), method, **option)
