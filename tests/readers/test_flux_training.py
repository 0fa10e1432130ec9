"""The authors' training rows: signs, units, the join of three tables."""

import pandas as pd
import pytest

from abz.errors import InputError, MissingDataError
from abz.readers.flux_training import (
    read_barrow_co2_as_used,
    read_flux_training,
    read_flux_training_held_out,
)


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


def test_held_out_predictions_have_the_sign_of_the_fluxes(tmp_path):
    predicted = {"svm_pred_loso": -200.0, "svm_pred_loso_old": -190.0}
    path = write(tmp_path, "GPP", [row(7, -240.0, **predicted)])
    assert read_flux_training_held_out([path]).to_dict("records") == [
        {"flux": "gpp", "site": "S001", "year": 2005, "month": 7, "observed": 240.0, "svm": 200.0,
         "svm_earlier": 190.0}
    ]  # fmt: skip
    with pytest.raises(InputError, match="svm_pred_loso"):
        read_flux_training_held_out([write(tmp_path, "NEE", [row(7, -60.0)])])
    with pytest.raises(InputError, match="no training table"):
        read_flux_training_held_out([])


def test_real_held_out_predictions_have_the_authors_errors(real_data):
    found = read_flux_training_held_out([*(real_data / "flux_training").glob("train_*.parquet")])
    squares = (found["svm"] - found["observed"]) ** 2
    rmse = squares.groupby(found["flux"]).mean() ** 0.5
    assert rmse.to_dict() == pytest.approx({"gpp": 38.73, "nee": 26.18, "reco": 31.50}, abs=0.005)


def test_co2(tmp_path):
    path = tmp_path / "barrow.csv"
    path.write_text("year,month,co2_ppm\n2005,7,375.1\n")
    assert read_barrow_co2_as_used([path]).to_dict("list") == {
        "year": [2005], "month": [7], "co2": [375.1]
    }  # fmt: skip
    with pytest.raises(MissingDataError, match="CO2"):
        read_barrow_co2_as_used([])
