"""ABCflux, there and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.readers.abcflux import COLUMNS, read_abcflux
from abz.world.products.abcflux import write_abcflux

FLUX = st.one_of(st.floats(-200, 600, width=32), st.just(np.nan))
ROWS = st.fixed_dictionaries(
    {
        "site": st.sampled_from(["Hari_FI-Hyy_tower1", "Lopez-Blanco_GL-NuF_tower1"]),
        "site_name": st.sampled_from(["Hyytiälä", "Nuuk, fen", np.nan]),
        "latitude": st.floats(48, 83),
        "longitude": st.floats(-180, 180),
        "country": st.just("Finland"),
        "biome": st.sampled_from(["boreal", "tundra"]),
        "year": st.integers(1989, 2020),
        "month": st.integers(1, 12).filter(lambda month: month != 7),
        "nee": FLUX,
        "gpp": FLUX,
        "reco": FLUX,
        "flux_method": st.sampled_from(["EC", "Chamber", "Diffusion"]),
        "disturbance": st.sampled_from(["No", "Fire", "Larval Outbreak", np.nan]),
        "disturbance_year": st.one_of(st.just(np.nan), st.integers(1900, 2020).map(float)),
        "gap_fill_percent": st.one_of(st.just(np.nan), st.floats(0, 100)),
        "partition_method": st.sampled_from(["Reichstein", "Lasslop", np.nan]),
    }
)


@given(rows=st.lists(ROWS, min_size=1, max_size=10))
def test_there_and_back(tmp_path_factory, rows):
    data = pd.DataFrame(rows)
    again = read_abcflux(write_abcflux(data, tmp_path_factory.mktemp("abcflux")))
    assert list(again) == list(COLUMNS)
    assert again["site_reference"].isna().all()
    for name in data:
        if again[name].dtype.kind in "fi":
            np.testing.assert_array_equal(again[name], data[name])
        else:
            expected = [None if pd.isna(value) else value for value in data[name]]
            assert [None if pd.isna(value) else value for value in again[name]] == expected


SPELLINGS = {
    "public": {},
    "modelling": {
        "study_id": "Study_ID_Short", "meas_year": "Meas_year", "interval_month": "Interval",
        "nee": "NEE_gC_m2", "gpp": "GPP_gC_m2", "reco": "Reco_gC_m2", "gap_fill_perc": "Gap_perc",
    },
}  # fmt: skip
"""Header to the names that it has for those of the public file."""


@given(
    rows=st.lists(ROWS, min_size=1, max_size=6),
    spelling=st.sampled_from(sorted(SPELLINGS)),
    case=st.sampled_from([str, str.upper, str.lower]),
    encoding=st.sampled_from(["latin-1", "utf-8", "utf-8-sig"]),
    missing=st.sampled_from(["NA", "-9999", "-9999.0", ""]),
    seed=st.integers(0, 99),
)
def test_a_file_written_otherwise_holds_the_same(
    tmp_path_factory, rows, spelling, case, encoding, missing, seed
):
    """Other names, case, order of columns, bytes and missing codes; columns that nobody reads."""
    (path,) = write_abcflux(pd.DataFrame(rows), tmp_path_factory.mktemp("abcflux"))
    whole = read_abcflux([path])
    text = pd.read_csv(path, dtype=str, encoding="latin-1", keep_default_na=False)
    text = text.replace(["-9999", "-9999.0", "NA"], missing).assign(par_ppfd=missing)
    names = SPELLINGS[spelling]
    text = text.rename(columns=lambda name: case(names.get(name, name)))
    text.sample(frac=1, axis=1, random_state=seed).to_csv(path, index=False, encoding=encoding)
    pd.testing.assert_frame_equal(read_abcflux([path]), whole)


def table():
    row = dict.fromkeys(COLUMNS, np.nan)
    row |= {"site": "Lopez-Blanco_GL-Zaf_tower1", "biome": "tundra", "flux_method": "Diffusion"}
    row |= {"year": 2010, "month": 7, "gpp": 55.0, "nee": -20.0, "latitude": 74.5}
    return pd.DataFrame([row])


def test_the_public_file(tmp_path):
    (path,) = write_abcflux(table(), tmp_path / "new")
    assert path.name == "Arctic_Boreal_CO2_Flux.csv"
    content = path.read_bytes()
    assert b"L\xf3pez-Blanco_GL-Zaf_tower1" in content
    raw = pd.read_csv(path, encoding="latin-1", keep_default_na=False).iloc[0]
    assert raw[["gpp", "nee", "reco"]].tolist() == [-55.0, -20.0, -9999]
    assert (raw["flux_method"], raw["biome"], raw["disturbance"]) == ("Diff", "Tundra", "NA")
    assert {"study_id", "meas_year", "interval_month", "gap_fill_perc"} <= set(raw.index)


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(InputError, match="missing reco"):
        write_abcflux(table().drop(columns="reco"), tmp_path)
