"""Numbers of drivers: ranks and intervals are those of the tables."""

from abz.report import Results
from abz.report.driver_numbers import driver_numbers


def test_ranks_and_intervals_are_those_of_the_tables(tiny):
    numbers = dict(driver_numbers(tiny.results))
    assert numbers["fine_nee_rank1"].value == "permafrost probability"
    assert numbers["fine_nee_held_out_rank1"].value == "permafrost probability"
    number = numbers["fine_nee_held_out_importance_snow_cover"]
    assert number.value == 2.5
    assert number.text.replace("\xa0", " ") == "2.5 (1.0…4.0) g C m⁻² month⁻¹"
    assert numbers["fine_nee_held_out_clear"].value == 12
    assert numbers["fine_nee_drivers"].value == 17
    table = tiny.results.tables["importance"]
    own = table.query("model_set == 'fine' and flux == 'gpp' and predictor == 'lst'")
    assert numbers["fine_gpp_importance_lst"].value == own["rmse_increase"].median()


def test_groups_have_numbers(tiny):
    numbers = dict(driver_numbers(tiny.results))
    groups = {numbers[f"coarse_reco_held_out_group{k}"].value for k in range(1, 17)}
    assert "downward shortwave radiation, vapour pressure deficit" in groups
    assert numbers["coarse_reco_held_out_group1_importance"].text.startswith("2.0 (1.0…3.0)")


def test_a_run_without_drivers_has_none():
    assert not dict(driver_numbers(Results(name="x")))
