"""The seasonal cycle of the authors' 8-km model."""

import numpy as np
import pandas as pd
import pytest

from abz.compare.authors.months import cycle_amplitudes, month_changes
from abz.readers import read_published_months_8km


def test_a_cycle_that_doubles():
    wave = -np.cos(2 * np.pi * np.arange(12) / 12)
    months = pd.concat(
        pd.DataFrame({"area": area, "first_year": first, "last_year": first + 9,
                      "month": range(1, 13), "nee": -size * wave})
        for area in ("b", "a") for first, size in ((1990, 1.0), (2000, 2.0), (2010, 3.0))
    )  # fmt: skip
    found = cycle_amplitudes(months)
    assert found["area"].tolist() == ["b"] * 3 + ["a"] * 3
    assert found["amplitude"].tolist() == pytest.approx([2.0, 4.0, 6.0] * 2)
    expected = [np.nan, 100.0, 50.0]
    assert found["change"].tolist() == pytest.approx(expected * 2, nan_ok=True)
    assert found["change_of_all"].tolist()[:3] == pytest.approx([np.nan, 100, 200], nan_ok=True)
    assert found["annual"].abs().max() < 1e-9
    changes = month_changes(months)
    assert changes["area"].tolist() == ["b"] * 12 + ["a"] * 12
    assert changes["change"].to_numpy()[:12] == pytest.approx(-wave)


def test_the_real_cycle_changes_as_known(real_data):
    path = real_data / "published/abcfluxv1_modeling/NEE_gC_m2_8km_monthly_mean_bins.csv"
    months = read_published_months_8km([path])
    found = cycle_amplitudes(months).set_index(["area", "first_year"])
    assert found.loc[("ABZ", 2010), "change"] == pytest.approx(9.4, abs=0.05)
    assert found.loc[("ABZ", 2010), "change_of_all"] == pytest.approx(16.6, abs=0.05)
    assert found.loc[("ABZ", 2000), "annual"] == pytest.approx(-8.5, abs=0.05)
    changes = month_changes(months).set_index(["area", "month"])["change"]
    assert changes["boreal", 7] == pytest.approx(-3.26, abs=0.005)
    assert changes["tundra", 7] == pytest.approx(-4.08, abs=0.005)
    assert changes["boreal", 9] == pytest.approx(-0.46, abs=0.005)
