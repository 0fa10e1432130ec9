"""GRIB files, where cfgrib is installed; the refusal without it is tested with ERA5-Land."""

import numpy as np
import pytest

from abz.readers.era5_land import read_era5_land

pytest.importorskip("cfgrib")
eccodes = pytest.importorskip("eccodes")

PARAMETERS = {"stl1": 139, "swvl1": 39, "snowc": 260038, "t2m": 167}
SPANS = {"stl1": (240, 300), "swvl1": (0, 1), "snowc": (0, 100), "t2m": (230, 300)}
LAT, LON = np.arange(60.4, 59.95, -0.1), np.arange(0.0, 0.55, 0.1)


def message(name, month, values):
    """One field as the Climate Data Store encodes it, NaN as missing."""
    edition = 2 if name == "snowc" else 1  # the first edition has no number for it
    handle = eccodes.codes_grib_new_from_samples(f"regular_ll_sfc_grib{edition}")
    keys = {
        "Ni": LON.size, "Nj": LAT.size, "date": 20010000 + 100 * month + 1, "time": 0,
        "latitudeOfFirstGridPointInDegrees": LAT[0], "latitudeOfLastGridPointInDegrees": LAT[-1],
        "longitudeOfFirstGridPointInDegrees": LON[0], "longitudeOfLastGridPointInDegrees": LON[-1],
        "iDirectionIncrementInDegrees": 0.1, "jDirectionIncrementInDegrees": 0.1,
        "paramId": PARAMETERS[name], "bitmapPresent": 1, "missingValue": -9999.0,
        "bitsPerValue": 24,
    }  # fmt: skip
    for key, value in keys.items():
        eccodes.codes_set(handle, key, value)
    eccodes.codes_set_values(handle, np.nan_to_num(values, nan=-9999.0).ravel())
    content = eccodes.codes_get_message(handle)
    eccodes.codes_release(handle)
    return content


def test_months_return(tmp_path):
    rng = np.random.default_rng(1)
    shape = (2, LAT.size, LON.size)
    fields = {name: rng.uniform(*span, shape) for name, span in SPANS.items()}
    fields["swvl1"][:, 0, 0] = np.nan
    path = tmp_path / "era5_land_monthly_2001.grib"
    path.write_bytes(
        b"".join(
            message(name, month + 1, fields[name][month]) for name in SPANS for month in range(2)
        )
    )
    found = read_era5_land([path])
    assert found["time"].dt.month.values.tolist() == [1, 2]
    np.testing.assert_allclose(found["y"], LAT, atol=1e-6)
    np.testing.assert_allclose(found["x"], LON, atol=1e-6)
    names = {"stl1": "soil_temperature", "swvl1": "soil_moisture"}
    names |= {"snowc": "snow_cover", "t2m": "air_temperature"}
    for short, name in names.items():
        np.testing.assert_allclose(found[name], fields[short], rtol=1e-4, atol=1e-5)
