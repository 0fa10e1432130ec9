import pandas as pd
import pytest

from abz.applicability.weights import importance_weights, rank_weights
from abz.errors import InputError


@pytest.fixture
def importance():
    rows = [
        ("fine", "nee", "lst", 1.0), ("fine", "nee", "lst", 3.0), ("fine", "nee", "soc", -1.0),
        ("fine", "nee", "cti", 1.0), ("fine", "gpp", "lst", 9.0), ("fine", "gpp", "cti", 10.0),
        ("coarse", "nee", "soc", 99.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["model_set", "flux", "predictor", "rmse_increase"])


def test_means_over_shuffles_in_the_order_asked_for(importance):
    found = importance_weights(importance, ["soc", "lst"], model_set="fine", flux="nee")
    assert found.tolist() == [0.0, 2.0]


def test_ranks_are_averaged_over_the_fluxes_that_have_them(importance):
    found = rank_weights(importance, ["lst", "soc", "cti"], model_set="fine")
    assert found.tolist() == pytest.approx([(1 + 1 / 2) / 2, 1 / 3, (2 / 3 + 1) / 2])


def test_names_what_is_missing(importance):
    with pytest.raises(InputError, match="ndvi"):
        importance_weights(importance, ["ndvi"], model_set="fine", flux="nee")
    with pytest.raises(InputError, match="ndvi"):
        rank_weights(importance, ["ndvi", "lst"], model_set="fine")
