import pytest

from abz.export.names import PER, PUBLISHED_NAMES, file_name, published_name
from abz.vocabulary import FLUXES


def test_every_flux_has_a_published_name():
    assert set(PUBLISHED_NAMES) == set(FLUXES)
    assert len(set(PUBLISHED_NAMES.values())) == len(FLUXES)


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("nee", 2001, "CO2Fluxes_Arctic_Boreal_NEE_2001.tif"),
        ("reco_mean", 2020, "CO2Fluxes_Arctic_Boreal_Reco_mean_2020.tif"),
        ("gpp_level_support", None, "CO2Fluxes_Arctic_Boreal_GPP_level_support.tif"),
    ],
)
def test_files_are_called_as_those_of_the_product(name, year, expected):
    assert file_name(name, year, "tif") == expected
    assert published_name(name) in expected


def test_the_eight_kilometre_set_is_published_per_area_of_the_cell():
    assert dict(PER) == {"fine": "land", "coarse": "cell"}
