"""The declared words fit together."""

from abz.vocabulary import (
    MODEL_SETS,
    PREDICTORS,
    SEASONS,
    VEGETATION,
    VEGETATION_MERGES,
    WINTERS,
    predictor_names,
)


def test_the_study_has_seventeen_predictors_in_each_set():
    assert len(predictor_names("fine")) == len(predictor_names("coarse")) == 17
    assert set(predictor_names("fine")) ^ set(predictor_names("coarse")) == {
        "lst",
        "air_temperature",
    }


def test_every_predictor_of_a_set_is_declared():
    assert {name for names in MODEL_SETS.values() for name in names} < set(PREDICTORS)


def test_two_predictors_are_categories():
    categories = {name for name, p in PREDICTORS.items() if p.is_category}
    assert categories == {"month", "vegetation"}


def test_summer_and_non_summer_make_the_year():
    assert sorted(SEASONS["JJA"] + SEASONS["non-summer"]) == list(range(1, 13))
    assert sorted(SEASONS["May-Sep"] + SEASONS["Oct-Apr"]) == list(range(1, 13))


def test_a_winter_is_a_stretch_that_ends_in_its_year():
    for name, months in WINTERS.items():
        assert list(months) == list(range(months[0], months[-1] + 1))
        calendar = {(month - 1) % 12 + 1 for month in months}
        assert calendar == set(SEASONS[name.partition(",")[0]])
    assert not set(WINTERS) & set(SEASONS)


def test_merged_classes_are_gone_and_their_targets_declared():
    assert not set(VEGETATION_MERGES) & set(VEGETATION)
    assert set(VEGETATION_MERGES.values()) <= set(VEGETATION)
