"""NOAA's CO2 record: both layouts of the real files, and broken ones."""

import numpy as np
import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.noaa_brw import read_noaa_brw

HEADER = "# header_lines : 2\n"
NAMES = "site_code year month day hour minute second value nvalue qcflag\n"


@pytest.fixture
def samples(real_data):
    return sorted((real_data / "samples" / "noaa_brw").glob("*.txt"))


def test_the_layout_of_2016(samples):
    co2 = read_noaa_brw([samples[0]])["co2"]
    assert co2.sizes["time"] == 516
    assert str(co2["time"].values[0])[:10] == "1973-01-01"
    assert float(co2.sel(time="2015-12-01")) == pytest.approx(407.4)
    assert np.isnan(co2.values[:3]).all()
    assert co2.attrs["units"] == "ppm"
    assert 320 < float(co2.min()) < float(co2.max()) < 410


def test_the_layout_of_2021(samples):
    co2 = read_noaa_brw([samples[1]])["co2"]
    assert co2.sizes["time"] == 13
    assert float(co2.sel(time="1973-12-01")) == pytest.approx(334.6)
    assert np.isnan(co2.values[0])


def test_both_layouts_agree(samples):
    """The scales differ (X2007, X2019) by less than a ppm."""
    earlier, later = (read_noaa_brw([path])["co2"] for path in samples)
    difference = later - earlier
    assert difference.notnull().sum() > 0
    assert float(abs(difference).max()) < 1.0


def test_rejected_months_are_missing(tmp_path):
    path = tmp_path / "co2.txt"
    rows = "BRW 2001 1 1 0 0 0 370.1 30 N..\nBRW 2001 2 1 0 0 0 371.2 30 ..X\n"
    path.write_text(HEADER + NAMES + rows)
    assert read_noaa_brw([path])["co2"].values == pytest.approx([np.nan, 371.2], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (NAMES + "BRW 2001 1 1 0 0 0 370.1 30 ...\n", "does not say where its data begin"),
        ("# header_lines : 90\n" + NAMES, "does not say where its data begin"),
        (HEADER + "site year month co2\nBRW 2001 1 370\n", "missing value, qcflag"),
        (HEADER + NAMES + "BRW 2001 1 1 0 0 0 370 30 ...\n" * 2, "a month occurs twice"),
    ],
)
def test_broken_files_are_refused(tmp_path, text, message):
    path = tmp_path / "co2.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_noaa_brw([path])


def test_an_absent_record_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="NOAA"):
        read_noaa_brw([tmp_path / "none.txt"])


def test_a_missing_month_is_named(tmp_path):
    path = tmp_path / "co2.txt"
    rows = "".join(f"BRW 2001 {month} 1 0 0 0 370.1 30 ...\n" for month in (1, 2, 4))
    path.write_text(HEADER + NAMES + rows)
    with pytest.raises(MissingDataError, match=r"(?s)co2\.txt lacks months.*2001-03"):
        read_noaa_brw([path])
