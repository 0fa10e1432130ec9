"""What the forests recovered."""

import numpy as np
import xarray as xr

from abz.report import recovery


def test_budgets_and_likeness():
    rng = np.random.default_rng(0)
    truth, noise, area = rng.normal(size=(3, 6, 7))
    truth[0, 0] = np.nan
    made = truth + noise
    layers = [xr.DataArray(v, dims=("y", "x")) for v in (truth, made, np.abs(area))]
    found = recovery(*layers)
    both = np.isfinite(truth)
    assert np.isclose(found["true_budget"], 1e-12 * (truth * np.abs(area))[both].sum())
    assert np.isclose(found["r2"], np.corrcoef(truth[both], made[both])[0, 1] ** 2)


def test_constant_maps_have_no_likeness():
    flat = xr.DataArray(np.ones((2, 2)), dims=("y", "x"))
    assert np.isnan(recovery(flat, flat, flat)["r2"])
