"""Words beside the authors' own results."""

import pandas as pd
import pytest

from abz.report.authors_words import METHOD_HEADS, flux_words, slope_cell, years_head
from abz.trends import METHODS


def test_methods_are_those_of_the_engine():
    assert set(METHOD_HEADS) <= set(METHODS)


@pytest.mark.parametrize(("converged", "mark"), [(True, ""), (False, "†")])
def test_a_slope_says_whether_it_rests(converged, mark):
    row = pd.Series({"slope": -0.004, "p_value": 0.4, "converged": converged})
    assert slope_cell(row, 2) == f"0.00{mark} (p\xa0=\xa00.40)"


def test_years_are_told_with_their_origin():
    row = pd.Series({"years": "layer", "first_year": 1982, "last_year": 2010, "n": 27})
    assert years_head(row) == "1982–2010, by the layers' names"
    assert years_head(row.replace("layer", "stored")) == "1982–2010"


def test_fluxes_of_models():
    assert flux_words("nee") == "NEE (Rh − NPP)"
    assert flux_words("reco") == "Reco"
