"""The correction against a known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from abz.report import Results
from abz.report.fire_truth import corrected_errors


def test_the_errors_are_those_of_the_maps(tiny):
    results = tiny.results
    found = corrected_errors(results).set_index("zone")
    assert set(found.index) == {"ABZ", "boreal", "tundra"}
    area = results.zones["fine"]["area"].values
    truth, made = (source["fine"]["nee"].values for source in (results.truth, results.flux))
    known = np.isfinite(truth) & np.isfinite(made)
    before = np.where(known, (made - truth) * area, 0.0).sum() * 1e-12
    assert found.loc["ABZ", "error_before"] == pytest.approx(before, rel=1e-4)
    # The correction adds one to each month of each cell.
    added = np.where(known, area, 0.0).sum() * 1e-12
    change = found["error_after"] - found["error_before"]
    assert change["ABZ"] == pytest.approx(added, rel=1e-5)
    assert change["boreal"] + change["tundra"] == pytest.approx(added, rel=1e-5)


def test_without_truth_or_maps_nothing_is_known(tiny):
    assert corrected_errors(replace(tiny.results, truth={})).empty
    assert corrected_errors(replace(tiny.results, flux={})).empty
    assert corrected_errors(Results(name="x")).empty
