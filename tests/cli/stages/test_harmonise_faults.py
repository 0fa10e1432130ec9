"""A fault planted in one file of a whole archive stops the run before anything is learned from it.

Every archive is pinned as it is, fault and all, so that digests tell nothing: what refuses a file
is what is wrong with it. Most products are opened lazily, and are checked all the same.
"""

import os
import shutil

import numpy as np
import pytest
import rasterio
from netCDF4 import Dataset
from pyhdf.SD import SD, SDC

from abz.catalog import write_world_catalog
from abz.cli.layout import Layout
from abz.cli.stages import fire, harmonise
from abz.config import Config
from abz.errors import AbzError
from abz.world.archive import write_archive
from abz.world.arctic import World

YEAR = 2005
YEARS = {"first_year": YEAR, "last_year": YEAR}
ERA5 = f"era5_land/era5_land_monthly_{YEAR}.nc"
SRAD = f"terraclimate/TerraClimate_srad_{YEAR}.nc"
GIMMS = f"gimms3g/ndvi3g_geo_v1_1_{YEAR}_0106.nc4"
VCF = f"vcf5kyr/VCF5KYR_{YEAR}001_001_2018224204211.tif"
CCI = "esa_cci_lc/ESACCI-LC-L4-LCCS-Map-300m-P1Y-2015-v2.0.7.tif"
CAVM = "cavm/raster_cavm_v1.tif"
UIO = "uio_permafrost/UiO_PEX_PERPROB_5.0_20181128_2000_2016_NH.tif"
CTI = "merit_cti/dtm_cti_merit.dem_m_250m_s0..0cm_2018_v1.0.tif"
PH = "soilgrids_ph/PHIHOX_M_sl1_250m_ll.tif"
LST = f"mod11a2/MOD11A2.A{YEAR}097.h18v00.006.{YEAR}105000000.hdf"
NDVI = f"mod13a1/MOD13A1.A{YEAR}097.h18v00.006.{YEAR}113000000.hdf"


def netcdf(change):
    """Change a NetCDF file as stored."""

    def plant(path):
        with Dataset(path, "a") as file:
            file.set_auto_maskandscale(False)
            change(file)

    return plant


def upside_down(*names):
    def change(file):
        for name in names:
            file[name][:] = file[name][:][..., ::-1, :]

    return netcdf(change)


def in_radians(*names):
    def change(file):
        for name in names:
            file[name][:] = np.radians(file[name][:])

    return netcdf(change)


def in_celsius(name):
    def change(file):
        file[name][:] = file[name][:] - np.float32(273.15)

    return netcdf(change)


def in_kelvin(name):
    def change(file):
        file[name].add_offset = file[name].add_offset + 273.15

    return netcdf(change)


def without_scale(name):
    return netcdf(lambda file: file[name].delncattr("scale_factor"))


def in_whole_numbers(name):
    """A variable packed as the older files of ERA5-Land are, its scale lost."""

    def change(file):
        dims, values = file[name].dimensions, file[name][:]
        file.renameVariable(name, "before")
        packed = file.createVariable(name, "i2", dims)
        packed.units = file["before"].units
        packed[:] = np.rint(np.nan_to_num(values - values[np.isfinite(values)].min()) * 100)

    return netcdf(change)


def months(first, last):
    """Leave only some months in a NetCDF file."""

    def plant(path):
        whole = path.rename(path.with_name("whole.nc"))
        with Dataset(whole) as old, Dataset(path, "w") as new:
            for dim, size in old.dimensions.items():
                new.createDimension(dim, last - first if dim in TIMES else size.size)
            for name, variable in old.variables.items():
                variable.set_auto_maskandscale(False)
                attrs = {key: variable.getncattr(key) for key in variable.ncattrs()}
                fill = attrs.pop("_FillValue", None)
                copy = new.createVariable(
                    name, variable.dtype, variable.dimensions, fill_value=fill
                )
                copy.set_auto_maskandscale(False)
                copy.setncatts(attrs)
                timed = variable.dimensions[:1] and variable.dimensions[0] in TIMES
                copy[:] = variable[first:last] if timed else variable[:]
        whole.unlink()

    return plant


TIMES = ("time", "valid_time")


def raster(change):
    """Change the numbers of a GeoTIFF."""

    def plant(path):
        with rasterio.open(path) as source:
            values, profile = source.read(), source.profile
        path.unlink()
        with rasterio.open(path, "w", **profile) as target:
            target.write(change(values))

    return plant


def with_code(code):
    def change(values):
        values[:, values.shape[1] // 3, values.shape[2] // 3] = code
        return values

    return raster(change)


def hdf_attribute(field, name, value):
    def plant(path):
        file = SD(str(path), SDC.WRITE)
        dataset = file.select(field)
        dataset.attr(name).set(SDC.FLOAT64, value)
        dataset.endaccess()
        file.end()

    return plant


def of_the_year_before(path):
    """The file that stood for the year before, under this year's name."""
    shutil.copy(path.parent / "before" / path.name, path)


def gone(path):
    path.unlink()


def without_july(path):
    for day in (177, 185, 193, 201, 209):
        for tile in path.parent.glob(f"*.A{YEAR}{day}.*"):
            tile.unlink()


FAULTS = {
    "ERA5-Land upside down": (
        "fine", ERA5, upside_down("stl1", "swvl1", "snowc", "t2m"), "GridError",
        ("stl1", "upside down", "agreement", "turn the rows"),
    ),
    "one variable upside down": (
        "fine", ERA5, upside_down("snowc"), "GridError", ("snowc", "upside down", "agreement"),
    ),
    "TerraClimate upside down": (
        "fine", SRAD, upside_down("srad"), "GridError", ("srad", "upside down", "agreement"),
    ),
    "GIMMS upside down": (
        "coarse", GIMMS, upside_down("ndvi", "percentile"), "GridError",
        ("ndvi", "upside down", "agreement"),
    ),
    "VCF5KYR upside down": (
        "coarse", VCF, raster(lambda v: v[:, ::-1]), "GridError",
        ("covers", "upside down", "agreement"),
    ),
    "soil map upside down": (
        "fine", PH, raster(lambda v: v[:, ::-1]), "GridError",
        ("soil_ph", "upside down", "agreement"),
    ),
    "terrain mirrored": (
        "fine", CTI, raster(lambda v: v[:, :, ::-1]), "GridError", ("cti", "mirrored", "agreement"),
    ),
    "land cover upside down": (
        "fine", CCI, raster(lambda v: v[:, ::-1]), "GridError",
        ("lccs_class", "upside down", "agreement"),
    ),
    "polar land cover upside down": (
        "fine", CAVM, raster(lambda v: v[:, ::-1]), "GridError",
        ("grid_code", "upside down", "agreement"),
    ),
    "polar permafrost turned": (
        "fine", UIO, raster(lambda v: v[:, ::-1, ::-1]), "GridError",
        ("permafrost_probability", "half a turn", "agreement"),
    ),
    "ERA5-Land in radians": (
        "fine", ERA5, in_radians("latitude", "longitude"), "GridError",
        ("in radians", "both are in degrees", "latitude up to 1.5", "convert"),
    ),
    "TerraClimate in radians": (
        "fine", SRAD, in_radians("lat", "lon"), "GridError", ("in radians", "latitude up to 1.5"),
    ),
    "GIMMS in radians": (
        "coarse", GIMMS, in_radians("lat", "lon"), "GridError", ("in radians", "up to 1.5"),
    ),
    "soil temperature in °C": (
        "fine", ERA5, in_celsius("stl1"), "InputError",
        ("soil_temperature", "<= 330 K", "to 18", "check the unit"),
    ),
    "air temperature in °C": (
        "coarse", ERA5, in_celsius("t2m"), "InputError", ("air_temperature", "<= 330 K"),
    ),
    "TerraClimate in K": (
        "terraclimate", f"terraclimate/TerraClimate_tmin_{YEAR}.nc", in_kelvin("tmin"),
        "InputError", ("air_temperature", "<= 330 K", "check the unit"),
    ),
    "TerraClimate without its scale": (
        "fine", SRAD, without_scale("srad"), "InputError",
        ("srad", "without a scale", "scale_factor", "use the file of the archive"),
    ),
    "ERA5-Land without its scale": (
        "fine", ERA5, in_whole_numbers("swvl1"), "InputError",
        ("swvl1", "without a scale", "scale_factor"),
    ),
    "MOD11A2 scaled otherwise": (
        "fine", LST, hdf_attribute("LST_Day_1km", "scale_factor", 1.0), "InputError",
        ("lst", "another way", "0.02", "use the file of the archive"),
    ),
    "MOD13A1 scaled the other way": (
        "fine", NDVI, hdf_attribute("500m 16 days NDVI", "scale_factor", 1e-4), "InputError",
        ("ndvi", "another way", "10000"),
    ),
    "unknown land cover": (
        "fine", CCI, with_code(15), "CategoryError",
        ("lccs_class", "codes are among", "15", "declare the code"),
    ),
    "unknown tundra": (
        "fine", CAVM, with_code(77), "CategoryError", ("grid_code", "codes are among", "77"),
    ),
    "ERA5-Land without December": (
        "fine", ERA5, months(0, 11), "MissingDataError",
        ("era5_land", "twelve months", "10, 11", "fetch the missing"),
    ),
    "TerraClimate without January": (
        "fine", SRAD, months(1, 12), "MissingDataError",
        ("srad and vpd", "the same years", f"{YEAR}-01", "fetch the missing"),
    ),
    "GIMMS without half a year": (
        "coarse", GIMMS, gone, "MissingDataError", ("gimms3g", "_0106.nc4", "no such file"),
    ),
    "MOD11A2 without July": (
        "fine", LST, without_july, "MissingDataError",
        ("mod11a2", "half of the days", "0 of 31 days of month 7", "fetch the missing"),
    ),
    "ERA5-Land of another year": (
        "fine", ERA5, of_the_year_before, "InputError",
        ("another year", f"are of {YEAR}", f"{YEAR - 1}-01", "true name"),
    ),
    "TerraClimate of another year": (
        "fine", SRAD, of_the_year_before, "InputError", ("another year", f"{YEAR - 1}-01"),
    ),
    "GIMMS of another year": (
        "coarse", GIMMS, of_the_year_before, "InputError",
        ("another year", f"are of {YEAR}", f"{YEAR - 1}", "true name"),
    ),
    "a MOD11A2 tile of another year": (
        "fine", LST, of_the_year_before, "InputError",
        ("another date", f"{YEAR}-04-07", f"{YEAR - 1}-04-06", "true name"),
    ),
    "a MOD13A1 tile of another year": (
        "fine", NDVI, of_the_year_before, "InputError", ("another date", f"{YEAR - 1}-04-06"),
    ),
    "fires of another year": (
        "fire", f"gfed500m/GFED500m_{YEAR}.nc", of_the_year_before, "InputError",
        ("another year", f"{YEAR - 1}"),
    ),
}  # fmt: skip
"""Name to what is run, the file, what is done to it, and what the refusal says.

A case names the variable, the rule, the value and, once for each rule, the remedy.
"""


def previous(path):
    """The name that the product gives the same file of the year before."""
    return path.name.replace(str(YEAR), str(YEAR - 1))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A whole archive of one year; the year before lies aside, under names of this year."""
    folder = tmp_path_factory.mktemp("archive")
    span = range(YEAR - 1, YEAR + 1)
    write_archive(World(resolution_km=400.0), folder, {"fine": span, "coarse": span}, span)
    for _, name, plant, *_ in FAULTS.values():
        if plant is of_the_year_before:
            path = folder / name
            aside = path.parent / "before"
            aside.mkdir(exist_ok=True)
            shutil.copy(path.with_name(previous(path)), aside / path.name)
    for path in folder.glob(f"*/*{YEAR - 1}*"):
        if path.is_file() and f".{YEAR}" not in path.name:
            path.unlink()
    return folder


def run_of(kind, archive, output):
    """A run of one set on a copy of the archive."""
    name, cell = ("coarse", 5e5) if kind in ("coarse", "terraclimate") else ("fine", 4e5)
    settings = {"cell_m": cell, **YEARS}
    if kind == "terraclimate":
        settings["air_temperature"] = "terraclimate"
    config = Config(
        name="faulty", output=output, world={"resolution_km": 400.0}, workers=1,
        sets={name: settings}, fire=YEARS,
    )  # fmt: skip
    shutil.copytree(archive, config.archive, copy_function=os.link)
    return config


def start(config, kind):
    """Run; the archive is pinned as it is, unless it was before."""
    if not (config.archive / "catalog.yaml").exists():
        write_world_catalog(config.archive)
    layout = Layout(config.root)
    (model_set,) = config.sets
    harmonise.run(config, layout, model_set=model_set)
    if kind == "fire":
        fire.run(config, layout)


@pytest.mark.parametrize("kind", ["fine", "coarse", "terraclimate", "fire"])
def test_an_archive_without_fault_is_taken(kind, archive, tmp_path):
    start(run_of(kind, archive, tmp_path), kind)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refused_by_name(fault, archive, tmp_path):
    kind, name, plant, error, words = FAULTS[fault]
    config = run_of(kind, archive, tmp_path)
    path = config.archive / name
    content = path.read_bytes()
    path.unlink()  # the archive of the other tests is linked, not copied
    path.write_bytes(content)
    if plant is gone:
        write_world_catalog(config.archive)
    plant(path)
    with pytest.raises(AbzError) as refusal:
        start(config, kind)
    message = str(refusal.value)
    assert type(refusal.value).__name__ == error, message
    for word in ("rule:", "got:", "remedy:", *words):
        assert word in message
    assert path.parent.name in message or path.name in message or words[0] in message


def test_one_year_under_two_names_is_refused(archive, tmp_path):
    """Where nothing in a file tells its year, its bytes do."""
    config = run_of("coarse", archive, tmp_path)
    path = config.archive / VCF
    shutil.copy(path, path.with_name(previous(path)))
    with pytest.raises(AbzError, match=r"(?s)vcf5kyr.*same bytes.*VCF5KYR_2004.*VCF5KYR_2005"):
        start(config, "coarse")
