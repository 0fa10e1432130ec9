"""A file that broke off is refused by name, in whatever format and by whatever library."""

import errno
import os
import shutil
from pathlib import Path

import geopandas as gpd
import pytest

from abz.catalog import CATALOG, Catalog
from abz.errors import InputError, MissingDataError
from abz.readers.intact import intact, open_netcdf, open_plain
from abz.world import World, write_archive

YEARS = range(2004, 2005)
CUT = {
    "cavm": ".tif",
    "ecoregions2017": ".shp",
    "era5_land": ".nc",
    "esa_cci_lc": ".tif",
    "gfed500m": ".nc",
    "gimms3g": ".nc4",
    "merit_cti": ".tif",
    "mod11a2": ".hdf",
    "mod44b": ".hdf",
    "noaa_brw": ".txt",
    "permafrost_map": ".dbf",
    "soilgrids_ph": ".tif",
    "soilgrids_soc": ".tif",
    "terraclimate": ".nc",
    "uio_permafrost": ".tif",
    "vcf5kyr": ".tif",
}
"""Entry to the end of the file that is cut."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_archive(World(resolution_km=400.0), folder, {"fine": YEARS, "coarse": YEARS}, YEARS)
    return folder


def opened(folder, name):
    """All values of a dataset, read in parts where its reader does that."""
    catalog = Catalog.load(CATALOG, folder)
    options = {"lazy": True} if catalog.reads_lazily(name) else {}
    years = list(YEARS) if "{year}" in catalog.pin(name).patterns[0] else None
    data = catalog.open(name, years, **options)
    return data if isinstance(data, gpd.GeoDataFrame) else data.load(scheduler="synchronous")


@pytest.mark.parametrize("name", CUT)
def test_a_file_that_broke_off_is_refused_by_name(archive, tmp_path, name):
    shutil.copytree(archive / name, tmp_path / name)
    path = min((tmp_path / name).glob(f"*{CUT[name]}"))
    assert opened(tmp_path, name) is not None
    os.truncate(path, path.stat().st_size * 2 // 3)
    with pytest.raises(InputError, match="fetch") as refused:
        opened(tmp_path, name)
    assert path.stem in str(refused.value)


def test_the_disk_s_own_faults_pass(tmp_path):
    with pytest.raises(OSError, match="Input/output"), intact(tmp_path / "a.nc"):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("opener", [open_netcdf, open_plain])
def test_what_is_no_netcdf_is_named(tmp_path, opener):
    path = tmp_path / "a.nc"
    with pytest.raises(MissingDataError, match=r"a\.nc"), opener(path):
        pass
    path.write_text("<html>")
    with pytest.raises(InputError, match=r"a\.nc cannot be read"), opener(path):
        pass
