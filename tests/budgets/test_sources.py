"""Share of source area."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.budgets import source_area_share
from abz.errors import UnitsError
from abz.units import ANNUAL_FLUX

SHAPE = (20, 30)
RNG = np.random.default_rng(0)
NEE = xr.DataArray(RNG.normal(0, 20, SHAPE), dims=("y", "x"), attrs={"units": ANNUAL_FLUX}).where(
    RNG.random(SHAPE) > 0.1
)
AREA = RNG.random(SHAPE) * 1e9
ATOM = RNG.integers(-1, 3, SHAPE).astype(np.int32)
ZONES = xr.Dataset({"area": (("y", "x"), AREA), "atom": (("y", "x"), ATOM)})
MEMBERSHIP = xr.DataArray([[1, 1, 1], [0, 1, 0]], dims=("zone_id", "atom_id"))


@pytest.mark.parametrize("band", [0.0, 5.0])
def test_share_is_area_weighted(band):
    nee = NEE.assign_attrs(units=ANNUAL_FLUX)
    got = source_area_share(nee, ZONES, MEMBERSHIP, band)
    for share, atoms in zip(got, ([0, 1, 2], [1]), strict=True):
        inside = np.isin(ATOM, atoms) & np.isfinite(NEE.values)
        assert share == pytest.approx(AREA[inside & (NEE.values > band)].sum() / AREA[inside].sum())


def test_no_value_no_share():
    empty = xr.full_like(NEE, np.nan).assign_attrs(units=ANNUAL_FLUX)
    assert np.isnan(source_area_share(empty, ZONES, MEMBERSHIP)).all()


def test_units_are_checked():
    with pytest.raises(UnitsError):
        source_area_share(NEE.assign_attrs(units="kg"), ZONES, MEMBERSHIP)
