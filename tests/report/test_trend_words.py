"""Words of trends: every method and every layer has some, no share stands alone."""

from abz.cli.trend_layers import ENVIRONMENT_SEASONS, FLUX_SEASONS
from abz.report.trend_words import (
    METHOD_WORDS,
    SEASON_WORDS,
    method_words,
    share_text,
    variable_words,
)
from abz.trends import METHODS, TREND_SEASONS
from abz.vocabulary import FLUXES, PREDICTORS


def test_every_method_variable_and_season_has_words():
    assert set(METHODS) == set(METHOD_WORDS)
    assert {*FLUX_SEASONS, *ENVIRONMENT_SEASONS} <= set(SEASON_WORDS) == set(TREND_SEASONS)
    assert all(variable_words(name) for name in (*FLUXES, "nee_fire", *PREDICTORS))
    assert method_words("another_one") == "another_one"


def test_a_share_is_told_with_its_chance():
    assert share_text(7.123, 2.5).replace("\xa0", " ") == "7.1 % (chance: 2.5 %)"
