"""The archive: every entry, twice the same bytes, read back as it was."""

from pathlib import Path

import numpy as np
import pytest

from abz.digest import sha256_tree
from abz.readers.abcflux import read_abcflux
from abz.readers.era5_land import read_era5_land
from abz.readers.gfed import read_gfed500m
from abz.readers.modis import read_mod13a1
from abz.world import Footprints, World, dataset_years, timelines, write_archive

SETS = {"fine": range(2002, 2004), "coarse": range(2000, 2003)}
ENTRIES = {
    "abcflux", "cavm", "ecoregions2017", "era5_land", "esa_cci_lc", "gfed500m", "gimms3g",
    "merit_cti", "mod11a2", "mod13a1", "mod44b", "noaa_brw", "permafrost_map", "soilgrids_ph",
    "soilgrids_soc", "terraclimate", "uio_permafrost", "vcf5kyr",
}  # fmt: skip


def write(world: World, folder: Path) -> list[Path]:
    return write_archive(world, folder, SETS, range(2002, 2004))


@pytest.fixture(scope="module")
def archive(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    write(world, folder)
    return folder


def test_every_entry_has_a_folder(archive: Path) -> None:
    assert {path.name for path in archive.iterdir()} == ENTRIES


def test_two_writes_give_the_same_bytes(archive: Path, world: World, tmp_path: Path) -> None:
    again = World(world.seed, world.resolution_km, world.sites)
    paths = write(again, tmp_path / "elsewhere" / "again")
    assert len(paths) == len(set(paths))
    assert sha256_tree(tmp_path / "elsewhere" / "again") == sha256_tree(archive)


def test_years_follow_the_sets(archive: Path) -> None:
    years = dataset_years(SETS, range(2002, 2004))
    assert years["era5_land"] == range(2000, 2004)
    assert years["gimms3g"] == range(2000, 2003)
    assert years["gfed500m"] == range(2002, 2004)
    assert len(list((archive / "era5_land").iterdir())) == 4
    assert not list((archive / "vcf5kyr").glob("*2000001*"))


def test_fields_read_back_as_they_were(archive: Path, world: World) -> None:
    known = Footprints(world)
    era5 = read_era5_land(sorted((archive / "era5_land").glob("*2003*")))
    expected = timelines.era5_land(world, known["lonlat"], 2003)
    for name in expected:
        assert np.allclose(era5[name], expected[name], atol=1e-3, equal_nan=True), name
    ndvi = read_mod13a1(sorted((archive / "mod13a1").glob("*.A2003*")))
    expected = timelines.mod13a1(world, known["sinusoidal"], 2003)
    assert np.allclose(ndvi["ndvi"], expected["ndvi"], atol=1e-4, equal_nan=True)
    fire = read_gfed500m(sorted((archive / "gfed500m").glob("*2003*")))
    expected = timelines.gfed500m(world, known["sinusoidal_fine"], 2003)
    assert np.allclose(fire["emission"], expected["emission"], equal_nan=True)


def test_site_table_reads_back(archive: Path) -> None:
    table = read_abcflux(sorted((archive / "abcflux").iterdir()))
    assert table["year"].between(2000, 2003).all()
    assert {"boreal", "tundra"} == set(table["biome"])


def test_grids_divide_the_map() -> None:
    for size in (25.0, 93.0, 100.0, 150.0, 400.0):
        grid = Footprints(World(resolution_km=size)).grid("lonlat")
        assert grid.bounds == pytest.approx((-180.0, 45.0, 180.0, 90.0))
        fine = Footprints(World(resolution_km=size)).grid("lonlat_fine")
        assert fine.shape == (4 * grid.shape[0], 4 * grid.shape[1])
