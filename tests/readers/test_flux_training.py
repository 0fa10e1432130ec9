"""The authors' training rows: signs, units, the join of three tables."""

import pandas as pd
import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.flux_training import read_barrow_co2_as_used, read_flux_training


def write(folder, flux, rows):
    table = pd.DataFrame(rows).assign(site_name="a", latitude=60.0, longitude=20.0, biome="boreal")
    path = folder / f"train_{flux}_1km.parquet"
    table.to_parquet(path)
    return path


def row(month, outcome, **more):
    return {"site_uid": "S001", "year": 2005, "month": month, "outcome_gC_m2_month": outcome} | more


def test_signs_and_units(tmp_path):
    soil = {"soil_ph_soilgrids_raw": 55, "soc_stock_soilgrids_raw": 400.0}
    paths = [
        write(tmp_path, "NEE", [row(7, -60.0, **soil)]),
        write(tmp_path, "GPP", [row(7, -240.0, **soil)]),
        write(tmp_path, "Reco", [row(7, 180.0, **soil)]),
    ]
    (found,) = read_flux_training(paths).to_dict("records")
    assert (found["nee"], found["gpp"], found["reco"]) == (-60.0, 240.0, 180.0)
    assert found["soil_ph"] == pytest.approx(5.5)
    assert found["soc"] == pytest.approx(40.0)


def test_rows_of_one_flux_alone_stay(tmp_path):
    paths = [
        write(tmp_path, "NEE", [row(7, -60.0, lst_day_k=290.0), row(8, -30.0, lst_day_k=288.0)]),
        write(tmp_path, "Reco", [row(7, 180.0, lst_day_k=290.0, tree_cover_mod44b_raw=20.0)]),
    ]
    joined = read_flux_training(paths).set_index("month")
    assert joined["lst"].tolist() == [290.0, 288.0]
    assert joined["reco"].isna().tolist() == [False, True]
    assert joined["tree_cover"].isna().tolist() == [False, True]


def test_tables_that_disagree_are_refused(tmp_path):
    paths = [
        write(tmp_path, "NEE", [row(7, -60.0, lst_day_k=290.0)]),
        write(tmp_path, "GPP", [row(7, -240.0, lst_day_k=291.0)]),
    ]
    with pytest.raises(InputError, match="lst"):
        read_flux_training(paths)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.parquet"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"other\.parquet"):
        read_flux_training([path])


def test_co2(tmp_path):
    path = tmp_path / "barrow.csv"
    path.write_text("year,month,co2_ppm\n2005,7,375.1\n")
    assert read_barrow_co2_as_used([path]).to_dict("list") == {
        "year": [2005], "month": [7], "co2": [375.1]
    }  # fmt: skip
    with pytest.raises(MissingDataError, match="CO2"):
        read_barrow_co2_as_used([])
