"""GeoTIFF: laid out for the cloud, georeferenced, scaled, labelled."""

import errno
import os

import numpy as np
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate

from abz.cli.faults import storage_fault
from abz.export import geotiff, layers
from abz.export.geotiff import write_geotiff_flags, write_geotiff_support, write_geotiff_year
from abz.export.layers import flux_year
from abz.upscaling import NO_FLUX


@pytest.fixture
def path(year, about, tmp_path):
    return write_geotiff_year(year, "nee_sd", tmp_path / "a.tif", about)


def test_it_is_cloud_optimised(path, year, about, tmp_path):
    support = write_geotiff_support(year, tmp_path / "support.tif", about)
    flags = write_geotiff_flags(year, tmp_path / "flags.tif", about)
    for file in (path, support, flags):
        assert cog_validate(file, strict=True) == (True, [], [])
    assert {file.name for file in tmp_path.iterdir()} == {"a.tif", "flags.tif", "support.tif"}


def test_bands_are_months_with_values_units_scale_and_origin(path, year):
    packing = year.packing("nee_sd")
    with rasterio.open(path) as raster:
        assert raster.descriptions == tuple(f"NEE_sd 2002-{month:02d}" for month in range(1, 13))
        assert set(raster.units) == {"g C m-2 month-1"}
        assert set(raster.scales) == {packing.step or 1.0}
        assert set(raster.offsets) == {0.0}
        assert set(raster.dtypes) == {packing.dtype.name}
        assert tuple(raster.transform)[:6] == tuple(year.grid.transform)[:6]
        assert raster.crs.to_dict() == rasterio.crs.CRS.from_wkt(year.grid.crs).to_dict()
        tags = raster.tags()
        assert (tags["data"], tags["run"], tags["per"]) == ("synthetic", "small", year.per)
        assert "Conventions" not in tags
        values = raster.read(masked=True).astype(float).filled(np.nan) * raster.scales[0]
    expected = year.read("nee_sd", slice(None), slice(None))
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=(packing.step or 0) / 2 + 1e-9)


def test_the_support_names_its_codes(year, about, tmp_path):
    path = write_geotiff_support(year, tmp_path / "a.tif", about)
    with rasterio.open(path) as raster:
        assert raster.count == 1
        assert raster.tags()["codes"].split()[:2] == ["-1=unknown", "0=supported"]
        np.testing.assert_array_equal(raster.read(1), year.maps["nee_level_support"])


def test_flags_name_their_bits(year, about, tmp_path):
    path = write_geotiff_flags(year, tmp_path / "a.tif", about)
    with rasterio.open(path) as raster:
        assert raster.descriptions[6] == "NEE_outside_range 2002-07"
        assert raster.tags()["bits"].split() == ["1=lst", "2=ndvi", f"{NO_FLUX}=no_flux"]
        np.testing.assert_array_equal(raster.read(), year.maps["nee_outside_range"])


def test_bytes_repeat(path, year, about, tmp_path):
    again = write_geotiff_year(year, "nee_sd", tmp_path / "b.tif", about)
    assert again.read_bytes() == path.read_bytes()


def test_overviews_are_means_of_known_cells(planted, tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "WINDOW_CELLS", 128)
    monkeypatch.setattr(geotiff, "BLOCK_CELLS", 128)
    maps, _ = planted(5e4, ["nee"])
    year = flux_year(maps, "nee", 2001, 5)
    path = write_geotiff_year(year, "nee", tmp_path / "a.tif", {})
    assert cog_validate(path, strict=True) == (True, [], [])
    whole = maps["nee"].values[0]
    with rasterio.open(path) as raster:
        np.testing.assert_array_equal(raster.read(1), whole)
        assert raster.overviews(1) == [2]
    with rasterio.open(path, overview_level=0) as half:
        found = half.read(1)
    quarters = whole.reshape(85, 2, 100, 2)
    known = np.isfinite(quarters).all(axis=(1, 3))
    assert known.any()
    np.testing.assert_allclose(found[known], quarters.mean(axis=(1, 3))[known], rtol=0, atol=1e-4)
    assert np.array_equal(np.isnan(found), np.isnan(quarters).all(axis=(1, 3)))


def test_a_failed_write_leaves_nothing(year, about, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no space")

    monkeypatch.setattr(geotiff, "copy_raster", fail)
    with pytest.raises(OSError, match="no space"):
        write_geotiff_year(year, "nee", tmp_path / "a.tif", about)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [20_000, 200_000])
def test_a_full_disk_is_an_error_with_a_number_and_leaves_nothing(
    year, about, tmp_path, full_disk, size
):
    with full_disk(size), pytest.raises(OSError, match="GDAL did not write it") as error:
        write_geotiff_year(year, "nee", tmp_path / "a.tif", about)
    assert storage_fault(error.value)
    assert error.value.filename == str(tmp_path / "a.tif")
    assert not (tmp_path / "a.tif.plain.tif").exists()


@pytest.mark.parametrize("lost", [16, 2000, 0.5])
def test_a_file_that_gdal_did_not_write_whole_is_noticed(year, about, tmp_path, monkeypatch, lost):
    """GDAL says nothing where the disk takes no more of what it still holds when it closes."""
    write = geotiff.copy_raster

    def cut_short(source, path, **options):
        write(source, path, **options)
        size = path.stat().st_size
        os.truncate(path, size - (lost if lost >= 1 else int(size * lost)))

    monkeypatch.setattr(geotiff, "copy_raster", cut_short)
    with pytest.raises(OSError, match="GDAL") as error:
        write_geotiff_year(year, "nee", tmp_path / "a.tif", about)
    assert error.value.errno == errno.EIO


def test_other_values_are_noticed(year, about, tmp_path, monkeypatch):
    write = geotiff.copy_raster

    def change(source, path, **options):
        with rasterio.open(source, "r+") as raster:
            before = raster.read(7)
            raster.write(np.zeros_like(before), 7)
        write(source, path, **options)
        with rasterio.open(source, "r+") as raster:
            raster.write(before, 7)

    monkeypatch.setattr(geotiff, "copy_raster", change)
    with pytest.raises(OSError, match="other values"):
        write_geotiff_year(year, "nee", tmp_path / "a.tif", about)
