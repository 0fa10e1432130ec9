"""The CMIP6 totals of the permafrost region: real ones, and broken ones that are refused."""

import numpy as np
import pytest

from abz.errors import InputError
from abz.readers.cmip6_permafrost_region import read_cmip6_permafrost_region

NAME = "CMIP6_historical_{}_Permafrost_2013-2014.csv"


@pytest.fixture(scope="module")
def real(real_data):
    return read_cmip6_permafrost_region([*(real_data / "cmip6_permafrost_region").glob("*.csv")])


def test_real_totals_are_those_known(real):
    late = real.sel(year=slice(2001, 2014)).mean("year")
    assert dict(real.sizes) == {"model": 16, "year": 251}
    assert float(late["gpp"].mean()) == pytest.approx(8700, abs=60)
    assert float(late["nbp"].mean()) == pytest.approx(300, abs=10)
    assert real["nbp"].attrs["units"] == "Tg C yr-1"
    lacking = real["model"].values[real["rh"].isnull().any("year").values]
    assert lacking.tolist() == ["INM-CM4-8", "INM-CM5-0"]


def test_columns_are_matched_by_name(real):
    """Net ecosystem production exceeds what is left of it after fire and land use, in every model.

    The order of the columns differs between the files; matched by place, this would not hold.
    """
    late = real.sel(year=slice(2001, 2014)).mean("year")
    lost = (late["npp"] - late["rh"] - late["nbp"]).dropna("model")
    assert lost.size == 14
    assert float(lost.min()) > -1.0


def test_experiments_follow_each_other(real):
    experiment = real["experiment"].to_series()
    assert experiment.loc[2014] == "historical"
    assert experiment.loc[2015] == "ssp370"
    assert np.isnan(real["c_soil"].sel(model="GFDL-ESM4", year=2015))


def write(folder, variable, text, name=NAME):
    path = folder / name.format(variable)
    path.write_text(text)
    return path


GOOD = "year, A, B\n2013, 5.0, 6.0\n2014, 5.1, 6.1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("year, A, B\n2013, 5.0, 6.0\n", "does not hold the years of its name"),
        ("A, year, B\n2013, 5.0, 6.0\n2014, 5.1, 6.1\n", "does not hold the years"),
        (GOOD.replace("B", "A"), "not distinct"),
        (GOOD.replace("6.1", "nan"), "out of range"),
        (GOOD.replace("6.1", "6100"), "out of range"),
    ],
)
def test_broken_files_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_cmip6_permafrost_region([write(tmp_path, "gpp", text)])


def test_mixed_up_columns_are_refused(tmp_path):
    paths = [
        write(tmp_path, "gpp", GOOD.replace("6.", "3.")),
        write(tmp_path, "npp", "year, A, B\n2013, 2.0, 4.0\n2014, 2.0, 4.0\n"),
    ]
    with pytest.raises(InputError, match=r"NPP exceeds its GPP[\s\S]*B"):
        read_cmip6_permafrost_region(paths)


def test_years_that_two_files_tell_of_are_refused(tmp_path):
    other = NAME.replace("historical", "ssp370")
    paths = [write(tmp_path, "gpp", GOOD), write(tmp_path, "gpp", GOOD, other)]
    with pytest.raises(InputError, match="two files tell of the same years"):
        read_cmip6_permafrost_region(paths)


def test_another_file_and_none_are_refused(tmp_path):
    with pytest.raises(InputError, match="not one of the CMIP6 totals"):
        read_cmip6_permafrost_region([write(tmp_path, "ra", GOOD)])
    with pytest.raises(InputError, match="no file"):
        read_cmip6_permafrost_region([])
