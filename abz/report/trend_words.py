"""Words that the tables, numbers and figures of trends share."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from abz.published import published_record
from abz.report.number import FLUX_NAMES
from abz.report.typography import number_text
from abz.trends import METHODS
from abz.vocabulary import PREDICTORS

__all__ = ["MAIN_ZONE_SETS", "METHOD_WORDS", "SEASON_WORDS", "chance_of", "method_words",
           "published_value", "share_text", "variable_words"]  # fmt: skip

MAIN_ZONE_SETS = ("abz", "biome", "permafrost_region")
"""Zone sets that the tables of trends show."""

METHOD_WORDS = MappingProxyType(
    {
        "none": "Mann–Kendall on the series as it is",
        "prewhiten": "prewhitening",
        "trend_free_prewhitening": "trend-free prewhitening",
        "yue_pilon": "trend-free prewhitening, slope of the whitened series",
        "zhang": "Zhang's iterated prewhitening",
        "three_prewhitening": "three prewhitenings",
        "hamed_rao": "Hamed and Rao's variance",
        "block_bootstrap": "block bootstrap",
    }
)
"""Methods in words, in the order of the pages."""

SEASON_WORDS = MappingProxyType(
    {"annual": "year", "MAM": "March–May", "JJA": "June–August", "SON": "September–November"}
)
PERCENT = "\N{NO-BREAK SPACE}%"


def method_words(method: str) -> str:
    """A method in words; its own name where there are none.

    Examples
    --------
    >>> method_words("prewhiten")
    'prewhitening'
    """
    return METHOD_WORDS.get(method, method.replace("_", " ") if method in METHODS else method)


def variable_words(name: str) -> str:
    """A flux or predictor as tables call it.

    Examples
    --------
    >>> variable_words("nee"), variable_words("vpd")
    ('NEE', 'vapour pressure deficit')
    """
    return FLUX_NAMES.get(name) or PREDICTORS[name].long_name


def chance_of(expected: float, measured: float) -> float:
    """The share that chance makes: at the measured size of the test, where it is known, %.

    Examples
    --------
    >>> chance_of(2.5, 3.1), chance_of(2.5, float("nan"))
    (3.1, 2.5)
    """
    return expected if pd.isna(measured) else measured


def share_text(share: float, chance: float) -> str:
    r"""A share of significant land, never without the share that chance makes.

    Examples
    --------
    >>> share_text(18.09, 2.63).replace("\xa0", " ")
    '18.1 % (chance: 2.6 %)'
    """
    return (
        f"{number_text(share, 1)}{PERCENT} (chance:\N{NO-BREAK SPACE}"
        f"{number_text(chance, 1)}{PERCENT})"
    )


def published_value(name: str) -> float:
    """A published number.

    Examples
    --------
    >>> published_value("greening")
    49.0
    """
    return published_record(name).value
