"""The cube from a small archive in memory: values, missing data, fills and blocks."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.errors import AbzError, GridError, InputError, MissingDataError
from abz.grid import Grid, lonlat_grid, polar_grid, sinusoidal_grid
from abz.harmonise import CubeMaker, cell_size, predictor_block, zones_of_classes
from abz.harmonise.sources import Harmoniser
from abz.vocabulary import MODEL_SETS, PREDICTORS, predictor_names

TARGET = polar_grid(1e6)
EVERY = tuple(slice(0, size) for size in TARGET.shape)
ANNUAL = ("mod44b", "vcf5kyr")
STATIC = ("merit_cti", "soilgrids_ph", "soilgrids_soc", "uio_permafrost")


class FakeArchive:
    """Canonical datasets in the middle of each predictor's range, plus a gradient in latitude."""

    def __init__(self, absent: tuple[int, ...] = ()):
        self.absent = absent
        self.opened: list[tuple[str, tuple[int, ...]]] = []
        self.edit = {}

    def open(self, name, years=None):
        years = [year for year in years or () if year not in self.absent]
        self.opened.append((name, tuple(years)))
        dataset = self.make(name, years)
        return self.edit.get(name, lambda data: data)(dataset)

    def make(self, name, years):
        if name == "noaa_brw":
            return xr.Dataset(
                {"co2": ("time", np.full(480, 390.0), {"units": "ppm"})}
            ).assign_coords(time=months_of(range(1985, 2025)))
        modis = name.startswith("mod")
        grid = sinusoidal_grid(2) if modis else lonlat_grid(5.0)
        dims, coords = ("y", "x"), grid.coords()
        if name in ANNUAL:
            dims, coords = ("year", *dims), {"year": np.array(years), **coords}
        elif name not in STATIC:
            dims, coords = ("time", *dims), {**times_of(name, years), **coords}
        shape = tuple(len(coords[dim]) for dim in dims)
        lat = np.nan_to_num(grid.lonlat()[1], nan=45.0)
        variables = {
            variable: (dims, np.broadcast_to(typical(variable, lat), shape).copy(), units(variable))
            for variable in variables_of(name)
        }
        if "ndvi" in variables:
            variables["reliability"] = (dims, np.zeros(shape, np.int8), {})
        return xr.Dataset(variables, coords=coords)


def variables_of(dataset: str) -> list[str]:
    sources = [source for group in MODEL_SETS.values() for source in group.values()]
    return sorted({source.variable for source in sources if source.dataset == dataset})


def units(variable: str) -> dict[str, str]:
    return {"units": PREDICTORS[variable].units}


def typical(variable: str, lat: np.ndarray) -> np.ndarray:
    low, high = PREDICTORS[variable].valid
    return ((low + high) / 2 + (high - low) * (lat - 60) / 400).astype(np.float32)


def months_of(years) -> np.ndarray:
    months = [np.arange(f"{y}-01", f"{y + 1}-01", dtype="datetime64[M]") for y in years]
    return np.concatenate(months).astype("datetime64[ns]")


def times_of(name: str, years) -> dict:
    if name not in ("mod11a2", "mod13a1"):
        return {"time": months_of(years)}
    length = 8 if name == "mod11a2" else 16
    starts, days = [], []
    for year in years:
        after = np.datetime64(f"{year + 1}-01-01")
        first = np.arange(np.datetime64(f"{year}-01-01"), after, length)
        starts.append(first)
        days.append(np.minimum((after - first).astype(int), length))
    return {
        "time": np.concatenate(starts).astype("datetime64[ns]"),
        "days": ("time", np.concatenate(days)),
    }


@pytest.fixture(scope="module")
def zones() -> xr.Dataset:
    full = np.full(TARGET.shape, 6)
    return zones_of_classes(TARGET, full, full * 0, full * 0 + 70, np.ones(TARGET.shape))


def build(archive, model_set, zones, years) -> xr.Dataset:
    """The whole cube in memory, made in one window."""
    return fill(CubeMaker(archive, model_set, zones, years), [None])


def fill(maker, windows) -> xr.Dataset:
    """The cube in memory, made window by window."""
    cube = maker.template().load().copy(deep=True)  # equal lazy arrays may share memory
    for window in windows:
        made = maker.whole() if window is None else maker.window(*window)
        rows, columns = made.sources.window
        pieces = [made.static(), *(made.year(year) for year in maker.years)]
        for number, piece in enumerate(pieces):
            for name, da in piece.items():
                months = slice(12 * (number - 1), 12 * number)
                steps = {"time": (months,), "year": (slice(number - 1, number),)}
                first = steps.get(str(da.dims[0]), ())
                cube[name].values[*first, rows, columns] = da.values
                cube[name].attrs.update(da.attrs)
    return cube


@pytest.mark.parametrize("model_set", ["fine", "coarse"])
def test_all_predictors_arrive_with_units_values_and_gaps(model_set, zones):
    archive = FakeArchive()
    if model_set == "coarse":
        archive.edit["gimms3g"] = lambda data: data.rename(reliability="flag").assign_coords(
            days=("time", data["time"].dt.days_in_month.values)
        )
    cube = build(archive, model_set, zones, range(2001, 2003))
    inside = zones["domain"].values == 1
    _, lat = TARGET.lonlat()
    for name in predictor_names(model_set)[1:]:
        da = cube[name]
        assert da.attrs["units"] == PREDICTORS[name].units and da.attrs["source"]
        if name in ("co2", "vegetation"):
            continue
        assert da.dtype == np.float32
        assert np.isnan(da.values[..., ~inside]).all()
        low, high = PREDICTORS[name].valid
        error = np.abs(da.values - typical(name, lat))[..., inside].max()
        assert error < 0.02 * (high - low), name
    assert cube.sizes["time"] == 24 and cube["year"].values.tolist() == [2001, 2002]
    assert Grid.of(cube) == TARGET
    assert cube["ndvi_filled"].attrs["units"] == "1"
    assert cube["ndvi"].attrs["method"] in ("area mean", "bilinear")


@pytest.mark.parametrize("dataset", ["era5_land", "terraclimate"])
def test_the_dataset_of_the_air_temperature_is_a_switch(dataset, zones):
    class BothTemperatures(FakeArchive):
        def make(self, name, years):
            made = super().make(name, years)
            if name == "terraclimate":
                made["air_temperature"] = made["srad"].copy(data=made["srad"] * 0 + 250.0)
                made["air_temperature"].attrs["units"] = "K"
            return made

    archive = BothTemperatures()
    archive.edit["gimms3g"] = lambda data: data.rename(reliability="flag").assign_coords(
        days=("time", data["time"].dt.days_in_month.values)
    )
    maker = CubeMaker(archive, "coarse", zones, range(2001, 2002), dataset)
    temperature = maker.whole().year(2001)["air_temperature"]
    assert temperature.attrs["source"] == dataset
    inside = zones["domain"].values == 1
    assert (temperature.values[:, inside] == 250.0).all() == (dataset == "terraclimate")


def test_years_that_a_product_lacks_have_stand_ins(zones):
    archive = FakeArchive()
    domain = zones["domain"].values == 1
    harmoniser = Harmoniser(archive, TARGET, domain, range(1990, 2017)).window(*EVERY)
    for year, source in ((1994, 1993), (2000, 1999), (1995, 1995)):
        found = harmoniser.annual("vcf5kyr", ["tree_cover"], year)
        assert found["year"].values.tolist() == [year]
        assert archive.opened[-1] == ("vcf5kyr", (source,))
    archive.absent = (1996,)
    with pytest.raises(MissingDataError, match="1996"):
        harmoniser.annual("vcf5kyr", ["tree_cover"], 1996)


def test_ndvi_of_a_year_does_not_depend_on_where_the_series_is_cut(zones):
    def noisy(data):
        rng = np.random.default_rng(int(data["time"].dt.year[0]))
        data["ndvi"] += rng.normal(0, 0.1, data["ndvi"].shape).astype(np.float32)
        return data

    archive = FakeArchive()
    archive.edit["mod13a1"] = noisy
    domain = zones["domain"].values == 1
    long = Harmoniser(archive, TARGET, domain, range(2001, 2007)).window(*EVERY)
    for year in (2001, 2002, 2003):
        whole = long.monthly("mod13a1", ["ndvi"], year)
    other = Harmoniser(archive, TARGET, domain, range(2001, 2007)).window(*EVERY)
    alone = other.monthly("mod13a1", ["ndvi"], 2003)
    xr.testing.assert_identical(whole, alone)
    assert [years for name, years in archive.opened[:4]] == [(2001,), (2002,), (2003,), (2004,)]


@pytest.mark.parametrize(
    ("dataset", "edit", "error", "message"),
    [
        ("era5_land", lambda d: d.assign(soil_temperature=d.soil_temperature - 273.15),
         InputError, "soil_temperature"),
        ("era5_land", lambda d: d.drop_vars("snow_cover"), MissingDataError, "snow_cover"),
        ("terraclimate", lambda d: d.isel(time=slice(0, 11)), MissingDataError, "whole year"),
        ("merit_cti", lambda d: d.isel(y=slice(None, None, -1)), GridError, "y coordinate"),
        ("mod11a2", lambda d: d.assign(lst=(d.lst * 50).assign_attrs(d.lst.attrs)),
         InputError, "lst"),
    ],
)  # fmt: skip
def test_wrong_sources_are_refused(dataset, edit, error, message, zones):
    archive = FakeArchive()

    def edited(data):
        attrs = {name: data[name].attrs for name in data.data_vars}
        changed = edit(data)
        for name in changed.data_vars:
            changed[name].attrs = attrs[name]
        return changed

    archive.edit[dataset] = edited
    with pytest.raises(error, match=message):
        build(archive, "fine", zones, range(2001, 2002))


def test_coasts_are_filled_within_reach_and_counted(zones):
    archive = FakeArchive()

    def masked(data):
        data["soc"] = data["soc"].where((data["x"] > 60) & (data["x"] < 120))
        data["soc"].attrs = units("soc")
        return data

    archive.edit["soilgrids_soc"] = masked
    domain = zones["domain"].values == 1
    window = Harmoniser(archive, TARGET, domain, range(2001, 2002)).window(*EVERY)
    found = window.static("soilgrids_soc", ["soc"])
    count = found["soc"].attrs["coast_filled_cells"]
    assert count > 0
    assert np.isfinite(found["soc"].values[domain]).sum() > count
    assert np.isnan(found["soc"].values[domain]).any()


@given(st.integers(3, 9), st.integers(3, 9), st.booleans())
@settings(max_examples=3)
def test_a_cube_has_the_same_bytes_in_windows_of_any_size(zones, height, width, lazy):
    def ragged(data):
        rng = np.random.default_rng(5)
        for name in data.data_vars:
            if name not in ("reliability", "co2"):
                data[name] = data[name].where(rng.random(data[name].shape) < 0.7)
                data[name].attrs = units(name)
        return data.chunk(x=25, y=5) if lazy else data

    archive = FakeArchive()
    archive.edit = dict.fromkeys((*STATIC, "mod11a2", "mod13a1", "terraclimate"), ragged)
    maker = CubeMaker(archive, "fine", zones, range(2001, 2003))
    windows = [
        (slice(top, min(top + height, 10)), slice(left, min(left + width, 10)))
        for top in range(0, 10, height)
        for left in range(0, 10, width)
    ]
    xr.testing.assert_equal(fill(maker, windows[::-1]), build(archive, "fine", zones, maker.years))


def test_blocks_equal_the_cube_cell_by_cell(zones):
    cube = build(FakeArchive(), "fine", zones, range(2001, 2003))
    names = predictor_names("fine")
    times = cube["time"].values[[3, 13, 14]]
    block = predictor_block(cube, times, slice(2, 6), slice(1, 8), names)
    assert block.dtype == np.float32 and block.shape == (3, 4, 7, 17)
    for step, time in enumerate(times):
        for position, name in enumerate(names):
            if name == "month":
                expected = cube["time"].sel(time=time).dt.month.values
            else:
                da = cube[name]
                da = da.sel(time=time) if "time" in da.dims else da
                da = da.sel(year=cube["time"].sel(time=time).dt.year) if "year" in da.dims else da
                expected = da.isel(y=slice(2, 6), x=slice(1, 8)) if "y" in da.dims else da
                expected = np.where(expected.values == -1, np.nan, expected.values)
            np.testing.assert_array_equal(
                block[step, ..., position], np.broadcast_to(expected, (4, 7)).astype(np.float32)
            )
    steps = predictor_block(cube, slice(13, 15), slice(2, 6), slice(1, 8), names)
    np.testing.assert_array_equal(steps, block[1:])


def test_blocks_outside_the_cube_are_refused(zones):
    cube = build(FakeArchive(), "fine", zones, range(2001, 2002))
    later = np.array(["2005-01-01"], dtype="datetime64[ns]")
    with pytest.raises(MissingDataError, match="steps of lst"):
        predictor_block(cube, later, slice(0, 1), slice(0, 1), ["lst"])
    with pytest.raises(AbzError, match="lacks variables"):
        predictor_block(cube, later, slice(0, 1), slice(0, 1), ["air"])


def test_cell_size_is_that_of_the_domain_latitudes():
    assert cell_size(polar_grid(5e4)) == 5e4
    assert cell_size(lonlat_grid(1.0)) < 111e3 * np.sqrt(np.cos(np.radians(49)))


@pytest.mark.parametrize("kept", [slice(None, -1), slice(1, None)])
def test_a_record_of_co2_that_does_not_reach_over_the_years_is_told(zones, kept):
    archive = FakeArchive()
    archive.edit["noaa_brw"] = lambda data: data.sel(time=months_of([2001])[kept])
    with pytest.raises(MissingDataError, match=r"(?s)every month of 2001 to 2001.*1 without a"):
        CubeMaker(archive, "fine", zones, range(2001, 2002)).template()
