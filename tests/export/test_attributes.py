import pytest

from abz.errors import UnitsError
from abz.export.attributes import file_attributes, layer_attributes, support_attributes
from abz.export.layers import FluxYear


def test_maps_say_what_area_they_are_an_amount_of(year):
    over = " over all_area_types" if year.per == "cell" else ""
    found = {name: layer_attributes(year, name) for name in year.fluxes}
    methods = f"tm: sum area: mean where land{over}"
    assert found["nee"]["cell_methods"] == methods
    assert found["nee_sd"]["cell_methods"] == f"{methods} realization: standard_deviation"
    for attributes in found.values():
        assert f"per area of {year.per}" in attributes["long_name"]


def test_the_uncertainty_is_ancillary_to_the_flux(year):
    assert layer_attributes(year, "nee")["ancillary_variables"] == (
        "NEE_mean NEE_sd NEE_outside_range NEE_level_support"
    )
    bare = FluxYear("nee", year.maps.drop_vars(["nee_level_support", "nee_outside_range"]), 7)
    assert layer_attributes(bare, "nee")["ancillary_variables"] == "NEE_mean NEE_sd"
    assert "ancillary_variables" not in layer_attributes(year, "nee_sd")


def test_flags_have_the_type_of_their_map(year):
    attributes = support_attributes(year)
    assert attributes["flag_values"].dtype == year.maps["nee_level_support"].dtype
    assert len(attributes["flag_values"]) == len(attributes["flag_meanings"].split())


def test_other_units_are_refused(year):
    maps = year.maps.copy()
    maps["nee"] = maps["nee"].assign_attrs(units="kg m-2 s-1")
    with pytest.raises(UnitsError):
        layer_attributes(FluxYear("nee", maps, 7), "nee")


@pytest.mark.parametrize(("synthetic", "label"), [(True, "synthetic"), (False, "real")])
def test_synthetic_files_say_so(synthetic, label):
    found = file_attributes(
        run="a", model_set="fine", per="cell", synthetic=synthetic, version="1", maps_sha256="0"
    )
    assert found["data"] == label
    assert ("Synthetic" in found["title"]) == synthetic
    assert all(isinstance(value, str) and value for value in found.values())
