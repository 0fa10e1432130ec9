"""What published maps hold is what the zones hold and what they leave out."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import adopted_account
from abz.errors import MissingDataError
from abz.upscaling import ZoneMaps, adopt_block


def totals_of(seed, years=2):
    rng = np.random.default_rng(seed)
    fluxes = rng.normal(0, 50, (3, 12 * years, 6, 6)).astype(np.float32)
    fluxes[rng.random(fluxes.shape) < 0.05] = np.nan
    domain = rng.random((6, 6)) < 0.6
    domain[0, 0] = True
    area = np.where(domain, 1e10, 0.0)
    zones = ZoneMaps(domain, area, np.where(domain, 0, -1).astype(np.int32), 1)
    found = adopt_block(fluxes, zones, np.full((6, 6), 1e10))
    scale = {"scale": 2.0**-4}
    time = xr.date_range("2001-01-01", periods=12 * years, freq="MS")
    variables = {
        "grams": (("flux", "member", "time", "atom_id"), found.grams, scale),
        "valid_area": (("time", "atom_id"), found.valid_area, scale),
        "source_grams": (("flux", "time"), found.source_grams, scale),
        "source_area": (("flux", "time"), found.source_area, scale),
        "partial": ("time", found.partial), "unpredicted": ("time", found.unpredicted),
    }  # fmt: skip
    coords = {"flux": ["nee", "gpp", "reco"], "member": [0], "time": time}
    return xr.Dataset(variables, coords), fluxes, domain


@given(st.integers(0, 999))
def test_parts_add_up_and_are_means_of_years(seed):
    totals, fluxes, domain = totals_of(seed)
    table = adopted_account(totals).set_index("flux")
    np.testing.assert_allclose(table["source"], table["held"] + table["outside"], atol=1e-9)
    every = np.isfinite(fluxes).all(0) & domain
    for place, flux in enumerate(("nee", "gpp", "reco")):
        whole = np.nansum(fluxes[place].astype(float)) * 1e10 / 1e12 / 2
        held = fluxes[place].astype(float)[every].sum() * 1e10 / 1e12 / 2
        assert table.loc[flux, "source"] == pytest.approx(whole, abs=1e-6)
        assert table.loc[flux, "held"] == pytest.approx(held, abs=1e-6)
    assert (table["held_area"] <= table["source_area"]).all()
    assert table["unpredicted"].iloc[0] == (domain & ~np.isfinite(fluxes).all(0)).sum()


def test_totals_of_forests_have_no_account():
    with pytest.raises(MissingDataError, match="source_grams"):
        adopted_account(totals_of(0)[0].drop_vars("source_grams"))
