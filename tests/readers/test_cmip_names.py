"""Names of CMIP files."""

import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.cmip_names import (
    Run,
    cmip6_runs,
    cmip6_years,
    cmip_files,
    files_of,
    reaches,
    single_run,
)

NAMES = [
    "gpp_Lmon_CESM2_historical_r1i1p1f1_gn_185001-201412.nc",
    "gpp_Lmon_CESM2_ssp585_r1i1p1f1_gn_201501-210012.nc",
    "rh_Lmon_HadGEM2-ES_historical_r1i1p1_185912-188411.nc",
    "sftlf_fx_CESM2_piControl_r1i1p1f1_gn.nc",
]


@pytest.fixture
def paths(tmp_path):
    for name in NAMES:
        (tmp_path / name).touch()
    return [tmp_path / name for name in NAMES]


def test_runs_and_their_files(paths):
    runs = cmip6_runs(paths)
    assert runs == [
        Run("CESM2", "historical", "r1i1p1f1", "gn"),
        Run("CESM2", "ssp585", "r1i1p1f1", "gn"),
        Run("HadGEM2-ES", "historical", "r1i1p1", ""),
    ]
    assert str(runs[2]) == "HadGEM2-ES historical r1i1p1"
    files = cmip_files(paths)
    assert single_run(files, ("CESM2", "ssp585", None)) == runs[1]
    assert files_of(files, runs[1], "gpp") == [paths[1]]
    assert files_of(files, runs[1], "sftlf") == [paths[3]]
    assert files_of(files, runs[2], "sftlf") == []


def test_several_or_no_runs(paths):
    files = cmip_files(paths)
    with pytest.raises(InputError, match="CESM2 historical r1i1p1f1 gn; CESM2 ssp585"):
        single_run(files, ("CESM2", None, None))
    with pytest.raises(MissingDataError, match="no such simulation"):
        single_run(files, (None, None, "r2i1p1f1"))
    with pytest.raises(MissingDataError, match="no file of gpp"):
        single_run(cmip_files(paths[3:]), (None, None, None))


def test_months_in_the_name(paths):
    assert reaches(paths[0], (2001, 2014))
    assert not reaches(paths[1], (2001, 2014))
    assert reaches(paths[2], (1884, 1884))
    assert reaches(paths[2], None)
    assert reaches(paths[3], (2001, 2014))


def test_years_are_those_of_all_variables(tmp_path):
    run = Run("M", "historical", "r1i1p1f1", "gn")
    names = ["gpp_Lmon_M_historical_r1i1p1f1_gn_185001-194912.nc",
             "gpp_Lmon_M_historical_r1i1p1f1_gn_195001-201412.nc",
             "rh_Lmon_M_historical_r1i1p1f1_gn_200001-201012.nc",
             "rh_Lmon_M_ssp585_r1i1p1f1_gn_201501-210012.nc",
             "tsl_Lmon_M_historical_r1i1p1f1_gn_185001-185001.nc"]  # fmt: skip
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.touch()
    assert cmip6_years(paths, run) == range(2000, 2011)
    assert cmip6_years(paths[3:], run) == range(0)


def test_soil_alone_is_no_simulation(tmp_path):
    path = tmp_path / "tsl_Lmon_M_historical_r1i1p1f1_gn_185001-185001.nc"
    path.touch()
    assert cmip6_runs([path]) == []


def test_members_are_in_the_order_of_their_numbers(tmp_path):
    members = ["r1i1p1f1", "r1i1p2f1", "r2i1p1f1", "r10i1p1f1"]
    paths = [tmp_path / f"gpp_Lmon_M_historical_{m}_gn_185001-201412.nc" for m in members[::-1]]
    for path in paths:
        path.touch()
    assert [run.member for run in cmip6_runs(paths)] == members
