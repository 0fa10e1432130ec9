"""The authors' trends at sites."""

import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.published_site_trends import read_published_site_trends

HEADS = "Study_ID_Short,trend_nee,trend_gpp,trend_reco,Latitude,Longitude\n"


def test_the_real_sites(real_data):
    path = real_data / "published" / "abcfluxv1_modeling" / "annual_site_trends.csv"
    table = read_published_site_trends([path]).set_index("site_name")
    assert len(table) == 20
    assert (table["nee"] > 0).sum() == 14
    assert table.loc["Vesala_FI-Hyy_tower1", "nee"] == pytest.approx(-7.96, abs=0.01)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,1,2,3,60,20\na,1,2,3,60,20\n", "not distinct"),
        ("a,1,,3,60,20\n", "gpp is out of range"),
        ("a,1,2,3,160,20\n", "latitude is out of range"),
    ],
)
def test_broken_tables_are_refused(tmp_path, rows, message):
    path = tmp_path / "annual_site_trends.csv"
    path.write_text(HEADS + rows)
    with pytest.raises(InputError, match=message):
        read_published_site_trends([path])


def test_an_absent_table_is_asked_for():
    with pytest.raises(MissingDataError, match="trends at sites"):
        read_published_site_trends([])
