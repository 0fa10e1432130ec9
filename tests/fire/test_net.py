"""NEE + fire."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from abz.errors import LedgerError, UnitsError
from abz.fire import nee_plus_fire
from abz.units import MONTHLY_FLUX


def maps(values, first="2001-12", units=MONTHLY_FLUX, parts="nee"):
    time = (np.datetime64(first, "M") + np.arange(len(values))).astype("datetime64[ns]")
    return xr.DataArray(
        np.asarray(values, np.float32), dims=("time", "y", "x"), coords={"time": time},
        attrs={"units": units, "parts": parts},
    )  # fmt: skip


LAND = xr.DataArray(np.array([[1.0, 0.25, 0.0]], np.float32), dims=("y", "x"))
NEE = maps(np.full((3, 1, 3), -10.0))
EMISSION = maps(np.full((3, 1, 3), 2.0), "2002-01", parts="fire")


def test_masses_add_up_on_land():
    net = nee_plus_fire(NEE, EMISSION, LAND)
    area = np.array([[1e6, 1e6, 1e6]])
    mass = (net * area * LAND).sum("x", skipna=True)
    expected = (NEE * area * LAND + EMISSION * area).isel(x=slice(0, 2)).sum("x")
    np.testing.assert_allclose(mass, expected)


def test_only_common_months_are_kept():
    net = nee_plus_fire(NEE, EMISSION, LAND)
    assert net["time"].dt.strftime("%Y-%m").values.tolist() == ["2002-01", "2002-02"]


def test_missing_stays_missing_and_water_has_none():
    nee = NEE.copy()
    nee[1, 0, 0] = np.nan
    net = nee_plus_fire(nee, EMISSION, LAND)
    assert np.isnan(net.values[0, 0, 0])
    assert np.isnan(net.values[:, 0, 2]).all()
    assert np.isfinite(net.values[1, 0, 0])


def test_units_are_checked():
    with pytest.raises(UnitsError):
        nee_plus_fire(maps(NEE.values, units="g C m-2 yr-1"), EMISSION, LAND)


def test_years_work_as_months_do():
    years = [2001, 2002, 2003]
    nee, emission = (
        da.rename(time="year").assign_coords(year=years).assign_attrs(units="g C m-2 yr-1")
        for da in (NEE, EMISSION)
    )
    net = nee_plus_fire(nee, emission[1:], LAND)
    assert net["year"].values.tolist() == [2002, 2003]
    np.testing.assert_allclose(net.values[0, 0, :2], [-8.0, -2.0])


def test_fire_is_not_added_twice():
    net = nee_plus_fire(NEE, EMISSION, LAND)
    with pytest.raises(LedgerError, match=r"the NEE \(NEE \+ fire\) and the emission \(fire\)"):
        nee_plus_fire(net, EMISSION, LAND)


def test_a_flux_without_a_definition_is_refused():
    with pytest.raises(LedgerError, match="does not say which parts"):
        nee_plus_fire(NEE, EMISSION.drop_attrs().assign_attrs(units=MONTHLY_FLUX), LAND)
