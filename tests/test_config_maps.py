"""Tables about maps: steps of precision, places of work, years of fire."""

from typing import get_args

import pytest
from pydantic import ValidationError

from abz.config_maps import Fire, PostFire, Trends, Upscaling
from abz.trends import METHODS


@pytest.mark.parametrize(("given", "step"), [("float32", None), (0.02, 0.02), (1, 1.0)])
def test_a_step_of_precision_is_a_number_or_none(given, step):
    assert Upscaling(precision=given).step == step


@pytest.mark.parametrize("given", [0, -0.1, 1.5, True, "float64", float("nan")])
def test_other_precisions_are_refused(given):
    with pytest.raises(ValidationError, match="precision is"):
        Upscaling(precision=given)


def test_blocks_are_worked_at_one_place():
    with pytest.raises(ValidationError, match="exclude each other"):
        Upscaling(scheduler="tcp://here:8786", cluster="local")


def test_years_of_fire_are_a_range():
    assert Fire(first_year=2003, last_year=2005).years == range(2003, 2006)
    with pytest.raises(ValidationError, match="must not come after"):
        Fire(first_year=2005, last_year=2003)


def test_every_method_of_trends_can_be_configured():
    assert set(get_args(Trends.model_fields["method"].annotation)) == set(METHODS)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_levels_lie_between_none_and_all(alpha):
    for table in (Trends, PostFire):
        with pytest.raises(ValidationError):
            table(alpha=alpha)
