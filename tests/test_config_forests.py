"""What would change nothing, or not what was meant, is refused."""

import re

import pytest

from abz.config import parse_config
from abz.errors import ConfigError

FINE = {"cell_m": 4e5, "first_year": 2001, "last_year": 2020}


def parsed(**changes):
    return parse_config({"name": "x", "world": {}, "sets": {"fine": FINE}, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"forest": {"mtry": [2, 2]}}, ["`forest.mtry`", "stands there once", "got:    [2, 2]"]),
        ({"forest": {"quantile": 0.9}}, ["`forest`", "quantile_forest", "quantile = 0.9"]),
        ({"validation": {"folds": 1000}}, ["`validation.folds`", "<= 100"]),
        (
            {"validation": {"designs": ["nested"] * 2}},
            ["`validation.designs`", "stands there once"],
        ),
        ({"drivers": {"held_out_folds": 9999}}, ["`drivers.held_out_folds`", "<= 100"]),
        ({"drivers": {"effect_bins": 1}}, ["`drivers.effect_bins`", ">= 2"]),
        ({"drivers": {"pairs": [["lst", "vpd"], ["vpd", "lst"]]}}, ["a pair stands there once"]),
        ({"drivers": {"pairs": [["lst", "lst"]]}}, ["two different predictors"]),
        (
            {"forest": {"engine": "gradient_boosting"}, "validation": {"designs": ["nested"]}},
            ["(whole file)", "without one another"],
        ),
        ({"drivers": {"pairs": [["lst", "elevation"]]}}, ["which elevation is not"]),
    ],
)
def test_settings_without_effect_are_refused(changes, words):
    with pytest.raises(ConfigError) as error:
        parsed(**changes)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_the_quantile_of_a_quantile_forest_is_free():
    forest = {"engine": "quantile_forest", "quantile": 0.9}
    assert parsed(forest=forest).forest.quantile == 0.9


def test_every_key_about_the_forests_is_documented(repository):
    text = (repository / "docs" / "run-it.md").read_text(encoding="utf-8")
    documented = {}
    for cell in re.findall(r"^\| (`\[\w+\] [^|]*) \|", text, re.MULTILINE):
        section = re.search(r"\[(\w+)\]", cell)[1]
        documented.setdefault(section, []).extend(re.findall(r"`(?:\[\w+\] )?(\w+)`", cell))
    for section in ("forest", "validation", "drivers"):
        keys = type(getattr(parsed(), section)).model_fields
        assert sorted(documented[section]) == sorted(keys), section
