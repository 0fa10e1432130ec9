"""The last step of flux readers: size, sign, unit, parts."""

import numpy as np
import pytest
import xarray as xr

from abz.errors import InputError, UnitsError
from abz.ledger import Parts
from abz.readers.fluxes import FLUX_KINDS, canonical_flux, monthly

JULY = np.array(["2001-07-01"], "datetime64[ns]")


def field(value, y=(61.0, 59.0), units="degrees_north", time=JULY):
    coords = {"time": time, "y": ("y", list(y), {"units": units})}
    values = np.full((1, 2, 3), value, "f8")
    return xr.DataArray(values, coords, ("time", "y", "x"))


@pytest.mark.parametrize("name", FLUX_KINDS)
def test_true_fluxes_pass_with_their_attributes(name):
    value = -40.0 if name in ("nee", "land_flux") else 40.0
    found = canonical_flux(field(value), name, Parts.of("fire"), "a")
    assert found.dtype == np.float32
    assert found.attrs["parts"] == "fire"
    assert found.attrs["units"] == "g C m-2 month-1"
    assert found.name == name
    assert "parts" not in canonical_flux(field(value), name, None, "a").attrs


@pytest.mark.parametrize("name", FLUX_KINDS)
@pytest.mark.parametrize("value", [-1e20, 1e20])
def test_fill_values_and_wrong_units_show(name, value):
    with pytest.raises(InputError, match=f"{name} of a holds values"):
        canonical_flux(field(value), name, None, "a")


def test_fluxes_per_second_are_too_small_but_no_fire_is_true():
    with pytest.raises(InputError, match="gpp of a holds values"):
        canonical_flux(field(1e-8), "gpp", None, "a")
    canonical_flux(field(0.0), "gpp", None, "a")
    canonical_flux(field(1e-8), "emission", None, "a")
    with pytest.raises(InputError, match="emission of a holds values"):
        canonical_flux(field(-1.0), "emission", None, "a")


@pytest.mark.parametrize("name", [name for name in FLUX_KINDS if name != "emission"])
def test_grams_taken_for_kilograms_show(name):
    """The largest flux of a month of a year is some hundreds of g C m-2."""
    sign = -1.0 if name in ("nee", "land_flux") else 1.0
    with pytest.raises(InputError, match=f"{name} of a holds values"):
        canonical_flux(field(sign * 0.4), name, None, "a")
    canonical_flux(field(sign * 2.0), name, None, "a")
    canonical_flux(field(sign * 0.4), name, None, "a", whole=False)
    january = field(sign * 0.4, time=JULY - np.timedelta64(181, "D"))
    if name == "soil_flux":
        with pytest.raises(InputError, match="soil_flux of a holds values"):
            canonical_flux(january, name, None, "a")
    else:
        canonical_flux(january, name, None, "a")


def test_signs():
    with pytest.raises(InputError, match="gpp of a has the opposite sign"):
        canonical_flux(field(-60.0), "gpp", None, "a")
    with pytest.raises(InputError, match="nee of a has the opposite sign"):
        canonical_flux(field(60.0), "nee", None, "a")
    with pytest.raises(InputError, match="nee of a has the opposite sign"):
        canonical_flux(field(60.0, (9e5, -9e5), "m"), "nee", None, "a")


def test_losses_elsewhere_and_at_other_times_are_true():
    canonical_flux(field(60.0, (-59.0, -61.0)), "nee", None, "a")
    canonical_flux(field(60.0, time=JULY + np.timedelta64(180, "D")), "nee", None, "a")
    canonical_flux(field(np.nan), "nee", None, "a")


def test_a_rate_needs_a_unit():
    days = {"days": ("time", [31]), "year_days": ("time", [365])}
    rate = xr.DataArray([2.0], dims="time", coords=days, name="NEE")
    assert monthly(rate, "g C m-2 d-1").item() == 62.0
    stated = rate.assign_attrs(units="kg m-2 s-1")
    assert monthly(stated, "g C m-2 d-1").item() == pytest.approx(2 * 31 * 86400e3)
    with pytest.raises(UnitsError, match="NEE does not state its unit"):
        monthly(rate)
