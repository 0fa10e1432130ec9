"""The authors' importance of predictors: real tables, the mapping of names, broken tables."""

import pytest

from abz.errors import InputError
from abz.readers.published_importance import AUTHORS_NAMES, VARIANTS, read_published_importance
from abz.vocabulary import PREDICTORS

VIP = "_NEE_gC_m2_1km_vip.csv"
QRF = "_NEE_gC_m2_1km_qrf_vip.csv"


@pytest.fixture(scope="module")
def table(real_data):
    folder = real_data / "published" / "abcflux_modeling_vip"
    return read_published_importance([*folder.glob("*.csv")])


def test_names_are_mapped_to_declared_predictors():
    assert set(AUTHORS_NAMES.values()) == set(PREDICTORS) - {"month"}


def test_the_real_order_is_that_known(table):
    best = table.query("flux == 'nee' and resolution == '1 km' and model == 'qrf'")
    best = best[best["variant"] == "full"].nlargest(4, "importance")
    assert best["predictor"].tolist() == ["srad", "vegetation", "ndvi", "co2"]
    assert best["importance"].tolist() == pytest.approx([46.1, 44.9, 39.8, 36.4], abs=0.05)


def test_every_name_of_the_study_is_met_in_the_real_tables(table):
    assert set(table["name"]) >= set(AUTHORS_NAMES)
    assert set(table["variant"]) == set(VARIANTS.values())
    mapped = table.dropna(subset="predictor")
    assert not mapped.duplicated(["flux", "resolution", "model", "variant", "predictor"]).any()


def test_models_use_as_many_predictors_as_their_selection_kept(table):
    used = table[table["model"] == "svm"].groupby(["resolution", "flux"])["used"].sum()
    assert used["1 km"].to_dict() == {"gpp": 15, "nee": 10, "reco": 10}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("_NEE_vip.csv", "", "not one of the authors' tables of importance"),
        ("_NEE_gC_m2_1km_full_model_without_rain_qrf_vip.csv", "", "tables of importance"),
        (VIP, "Variable,Importance,StDev,Model\na,1,1,KNN\n", "model that is unknown"),
        (VIP, "Variable,Importance,StDev,Model\na,1,1,RF\na,2,1,RF\n", "not distinct"),
        (VIP, "Variable,Importance,StDev,Model\na,,1,RF\n", "lacks values"),
        (QRF, "Overall,Variable2,Importance\n1,NDVI,2\n", "contradicts itself"),
        (QRF, "Overall,Importance\n1,1\n", "lacks columns"),
    ],
)
def test_broken_tables_are_refused(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_published_importance([path])


def test_no_table_is_refused():
    with pytest.raises(InputError, match="no file"):
        read_published_importance([])
