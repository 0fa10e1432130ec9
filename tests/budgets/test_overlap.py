"""What members and held-out errors both hold is taken out once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.budgets import Correlogram, TransferModel, held_share, sampling_share
from abz.errors import MissingDataError
from abz.units import AREA_QUANTUM, GRAM_QUANTUM

AREA = np.array([2e12, 1e12])


def model(sd=50.0):
    correlogram = Correlogram(0.5, 500.0, 1.0, 100.0, 4000.0, pd.DataFrame())
    return TransferModel(pd.DataFrame(), 0.0, {"all": sd}, correlogram, 0.0, 1.5)


def totals(per_area, held=(1.0, 1.0)):
    """Members of one flux with so many g C m-2 yr-1 (member, atom), alike in all months."""
    per_area = np.asarray(per_area, float)
    grams = np.rint(per_area / 12 * AREA * held / GRAM_QUANTUM).astype(np.int64)
    valid = np.rint(AREA * held / AREA_QUANTUM).astype(np.int64)
    return xr.Dataset(
        {"grams": (("flux", "member", "time", "atom_id"), np.tile(grams[None, :, None], (12, 1))),
         "valid_area": (("time", "atom_id"), np.tile(valid, (12, 1)))},
        coords={"flux": ["nee"], "atom_area": ("atom_id", AREA),
                "atom_biome": ("atom_id", [6, 11])},
    )  # fmt: skip


def test_share_is_the_area_weighted_variance_of_the_members():
    found = sampling_share(model(), totals([[9, 9], [-10, 20], [10, 20], [0, 50]]), "nee")
    variance = np.array([np.var([-10, 10, 0], ddof=1), np.var([20, 20, 50], ddof=1)])
    assert found == pytest.approx((AREA @ variance) / (AREA.sum() * 2500))


def test_it_never_exceeds_the_whole_and_needs_members():
    wide = totals([[0, 0], [-900, 0], [900, 0]])
    assert sampling_share(model(), wide, "nee") == 1.0
    assert sampling_share(model(0.0), wide, "nee") == 0.0
    assert sampling_share(model(), wide.isel(member=[0, 1]), "nee") == 0.0


def test_land_without_a_flux_has_no_part_in_it():
    found = sampling_share(model(), totals([[0, 0], [-10, 7], [10, 9]], (1.0, 0.0)), "nee")
    assert found == pytest.approx(200 / 2500)


def test_held_share_is_a_mean_over_the_months():
    made = totals([[0, 0]] * 3, (0.5, 0.0))
    np.testing.assert_allclose(held_share(made), [0.5, 0.0])
    made["valid_area"][:6] = 0
    np.testing.assert_allclose(held_share(made), [0.25, 0.0])


def test_missing_totals_are_named():
    with pytest.raises(MissingDataError, match="valid_area"):
        held_share(totals([[0, 0]] * 3).drop_vars("valid_area"))
