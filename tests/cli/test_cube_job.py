"""A cube depends on the files of its own years."""

import os
import shutil

import pytest

from abz.catalog import CATALOG, Catalog
from abz.cli.cube_job import file_states
from abz.errors import MissingDataError
from abz.fetching import Need, lock

HDF5 = b"\x89HDF\r\n\x1a\n"


@pytest.fixture
def catalog(tmp_path):
    """ERA5-Land of two years, both pinned, of which the later has gone."""
    shutil.copy(CATALOG, tmp_path / "catalog.yaml")
    folder = tmp_path / "data/era5_land"
    folder.mkdir(parents=True)
    for year in (2004, 2005):
        (folder / f"era5_land_monthly_{year}.nc").write_bytes(HDF5 + bytes([year % 100]))
    loaded = Catalog.load(tmp_path / "catalog.yaml", tmp_path / "data")
    assert len(lock(loaded, [Need("era5_land")])) == 2
    (folder / "era5_land_monthly_2005.nc").unlink()
    return Catalog.load(loaded.path, loaded.root)


def test_years_that_are_not_read_may_be_elsewhere(catalog):
    ((path, size, changed),) = file_states(catalog, "era5_land", [2004])
    assert (path, size) == ("era5_land/era5_land_monthly_2004.nc", 9)
    os.utime(catalog.root / path, ns=(changed, changed + 1))
    assert file_states(catalog, "era5_land", [2004]) == [(path, 9, changed + 1)]


def test_a_year_that_is_read_has_to_be_there(catalog):
    with pytest.raises(MissingDataError, match="era5_land_monthly_2005"):
        file_states(catalog, "era5_land", [2004, 2005])
