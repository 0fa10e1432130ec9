"""ABCflux: spellings, bytes, signs and words of the file."""

import pytest

from abz.errors import CategoryError, GridError, InputError, MissingDataError
from abz.readers.abcflux import COLUMNS, read_abcflux

PUBLIC = (
    "study_id,site_name,site_reference,latitude,longitude,country,biome,meas_year,interval_month,"
    "nee,gpp,reco,flux_method,disturbance,disturb_year,gap_fill_perc,partition_method"
)
MODELLING = (
    "id,Study_ID,Study_ID_Short,Latitude,Longitude,Country,Biome,Meas_year,Interval,"
    "NEE_gC_m2,GPP_gC_m2,Reco_gC_m2,Flux_method,Disturbance,Gap_perc,Partition_method"
)
ROW = (
    "Hari_FI-Hyy_tower1,Hyytiala,FI-Hyy,61.8,24.3,Finland,Boreal,2005,7,"
    "-80,-250,170,EC,No,NA,12,Reichstein"
)


def read(folder, text, encoding="utf-8"):
    path = folder / "Arctic_Boreal_CO2_Flux.csv"
    path.write_bytes(text.encode(encoding))
    return read_abcflux([path])


def rows(*changes):
    """The public header and one row for each dict of changes."""
    names = PUBLIC.split(",")
    base = dict(zip(names, ROW.split(","), strict=True))
    return "\n".join([PUBLIC, *(",".join({**base, **change}.values()) for change in changes)])


def test_public_names(tmp_path):
    table = read(tmp_path, rows({}))
    assert list(table) == list(COLUMNS)
    row = table.iloc[0]
    assert (row["site"], row["year"], row["month"]) == ("Hari_FI-Hyy_tower1", 2005, 7)
    assert (row["nee"], row["gpp"], row["reco"]) == (-80.0, 250.0, 170.0)
    assert (row["biome"], row["flux_method"], row["disturbance"]) == ("boreal", "EC", "No")
    assert table["disturbance_year"].isna().all()


@pytest.mark.parametrize("change", [str, str.lower, str.upper])
def test_modelling_names_in_any_case(tmp_path, change):
    row = (
        "Hari_FI-Hyy_tower1_2005_7,Hari_FI-Hyy_tower1,Hari_FI-Hyy,61.8,24.3,Finland,Boreal,2005,7,"
        "-80,-250,170,EC,NA,12,NA"
    )
    table = read(tmp_path, f"{change(MODELLING)}\n{row}\n")
    assert list(table) == list(COLUMNS)
    assert table["site"].tolist() == ["Hari_FI-Hyy"]
    assert table["gpp"].tolist() == [250.0]
    assert table["site_name"].isna().all()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_sites_become_ascii(tmp_path, encoding):
    text = rows({"study_id": "López-Blanco_GL-NuF_tower1", "site_name": "Nuuk fjörður"})
    table = read(tmp_path, text, encoding)
    assert table["site"].tolist() == ["Lopez-Blanco_GL-NuF_tower1"]
    assert table["site_name"].tolist() == ["Nuuk fjörður"]


@pytest.mark.parametrize("missing", ["NA", "-9999", "-9999.0", "-9999.00", ""])
def test_missing_codes(tmp_path, missing):
    table = read(tmp_path, rows({"nee": missing, "gpp": missing, "gap_fill_perc": missing}))
    assert table[["nee", "gpp", "gap_fill_percent"]].isna().all(axis=None)


def test_words_of_the_methods(tmp_path):
    table = read(
        tmp_path, rows(*({"flux_method": word} for word in ("EC", "Ch", "Diff", "Chamber")))
    )
    assert table["flux_method"].tolist() == ["EC", "Chamber", "Diffusion", "Chamber"]


def test_an_age_is_no_year(tmp_path):
    table = read(tmp_path, rows({"disturb_year": "50-300"}, {"disturb_year": "1964"}))
    assert table["disturbance_year"].isna().tolist() == [True, False]
    assert table["disturbance_year"][1] == 1964


def test_positive_gpp_is_refused(tmp_path):
    with pytest.raises(InputError, match="GPP does not have the sign of the public file"):
        read(tmp_path, rows(*[{"gpp": "250"}] * 10))


def test_a_few_positive_values_are_kept(tmp_path):
    changes = [{"gpp": "2.5"}, *[{}] * 19, {"gpp": "300", "interval_month": "1"}]
    table = read(tmp_path, rows(*changes))
    assert table["gpp"].iloc[[0, 1, -1]].tolist() == [-2.5, 250.0, -300.0]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"interval_month": "13"}, InputError, r"month is out of range[\s\S]*13 in data row 1"),
        ({"interval_month": "1.5"}, InputError, "month is not whole"),
        ({"meas_year": "NA"}, InputError, "year is not whole"),
        ({"nee": "low"}, InputError, r"nee is not a number[\s\S]*'low' in data row 1"),
        ({"flux_method": "Eddy"}, CategoryError, r"flux_method[\s\S]*'Eddy' in data row 1"),
        ({"biome": "Steppe"}, CategoryError, "biome holds undeclared words"),
        ({"latitude": "1.08", "longitude": "0.42"}, GridError, r"CO2_Flux\.csv are in radians"),
        ({"latitude": "618.0"}, GridError, "lie off the globe"),
    ],
)
def test_broken_rows_are_named(tmp_path, change, error, message):
    with pytest.raises(error, match=message):
        read(tmp_path, rows(change))


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(InputError, match="missing interval_month / interval / month"):
        read(tmp_path, rows({}).replace("interval_month", "period"))


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(MissingDataError, match="ABCflux"):
        read_abcflux([tmp_path / "none.csv"])
