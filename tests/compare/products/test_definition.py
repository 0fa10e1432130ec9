"""A product on another definition is refused by name; fire is taken out once."""

import numpy as np
import pytest
import xarray as xr

from abz.compare.products import as_nee, nee_field, takes_fire
from abz.errors import LedgerError
from abz.ledger import FLUX_PARTS, Parts, Period, Place, Row
from abz.readers.inversions import LAND_FLUXES

WHERE, WHEN = Place.of("abz", "ABZ", "fine set"), Period(2001, 2020)
FIRE = Row("GFED", np.array(237.0), FLUX_PARTS["fire"], WHERE, WHEN)


def field(value, parts):
    return xr.DataArray([value], dims="time", attrs=parts.attrs())


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (Parts.of("gpp"), "reco: not included"),
        (Parts.of("nee", unknown=["fire"]), "fire: unknown"),
        (Parts.of("nee", "lateral"), "lateral: included"),
        (Parts.of("nee", "fire", unknown=["lateral"]), "lateral: unknown"),
        (LAND_FLUXES["prior"][1], "fire: unknown"),
        (LAND_FLUXES["fossil and rivers"][1], "lateral: unknown"),
    ],
)
def test_other_definitions_are_refused_by_name(parts, said):
    with pytest.raises(LedgerError, match=f"(?s)CAMS is on another definition.*{said}"):
        takes_fire(parts, "CAMS")
    with pytest.raises(LedgerError, match="CAMS"):
        nee_field(field(1.0, parts), field(1.0, FLUX_PARTS["fire"]), "CAMS")


def test_water_is_noted_and_fire_leaves_once():
    parts = LAND_FLUXES["fossil"][1]
    once = nee_field(field(-40.0, parts), field(10.0, FLUX_PARTS["fire"]), "CAMS")
    assert once.item() == -50.0
    assert str(Parts.of_attrs(once.attrs)) == "NEE + lakes + rivers (unknown: harvest)"
    again = nee_field(once, field(10.0, FLUX_PARTS["fire"]), "CAMS")
    assert again.item() == -50.0


def test_no_fire_and_what_is_no_fire():
    land = field(-40.0, Parts.of("nee", "fire"))
    for fire in (None, field(10.0, Parts.of("fire", "harvest"))):
        with pytest.raises(LedgerError, match="CAMS holds fire, and no fire is at hand"):
            nee_field(land, fire, "CAMS")
    row = Row("CAMS", np.array([-700.0]), Parts.of("nee", "fire"), WHERE, WHEN)
    with pytest.raises(LedgerError, match="no fire is at hand"):
        as_nee(row, None)


def test_rows_of_the_ledger():
    row = Row("CAMS", np.array([-700.0, -500.0]), LAND_FLUXES["fossil"][1], WHERE, WHEN)
    made = as_nee(row, FIRE)
    assert made.values.tolist() == [-937.0, -737.0]
    assert as_nee(made, FIRE) is made
    other = Row("GFED", np.array(1.0), FLUX_PARTS["fire"], WHERE, Period(2002, 2020))
    with pytest.raises(LedgerError, match="period"):
        as_nee(row, other)
