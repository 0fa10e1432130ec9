"""All land of a map is in a zone, in no zone of a set, or outside the domain for one reason."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.budgets import left_out, zone_membership
from abz.budgets.land_account import HELD, NO_ZONE, OUTSIDE, WITHOUT_LAND
from abz.errors import MissingDataError
from abz.grid import Grid, lonlat_grid, polar_grid
from abz.harmonise import ZoneMap, zones_of_classes
from abz.harmonise.climatology import climatology_zones
from abz.units import AREA_QUANTUM

SETS = {"abz", "biome", "permafrost", "region", "vegetation", "parks"}


def zones_of(seed, grid=None):
    grid = grid or polar_grid(7e5)
    rng = np.random.default_rng(seed)
    choices = ([-1, 4, 6, 11, 11], [0, 1, 4], [-1, 21, 70])
    maps = [rng.choice(codes, grid.shape) for codes in choices]
    land = np.where(rng.random(grid.shape) < 0.2, 0.0, rng.random(grid.shape))
    codes = rng.choice([-1, 1, 2], grid.shape).astype(np.int16)
    parks = ZoneMap(("a", "b", "far"), codes, rng.random(grid.shape), overlap_m2=3.0)
    return zones_of_classes(grid, *maps, land, own={"parks": parks})


@given(st.integers(0, 9999))
def test_the_parts_of_each_set_are_all_land_exactly(seed):
    zones = zones_of(seed)
    grid = Grid.of(zones)
    land = zones["land_fraction"].values.astype(float) * grid.cell_area()
    north = grid.lonlat()[1] >= 49
    whole = sum(Fraction(round(area / AREA_QUANTUM)) for area in land[north])
    rows = left_out(zones)
    assert set(rows["zone_set"]) == SETS
    for _, part in rows.groupby("zone_set"):
        areas = [Fraction(area) / Fraction(AREA_QUANTUM) for area in part["area_m2"]]
        assert sum(areas) == whole
        assert part["area_m2"].sum() == float(whole) * AREA_QUANTUM
        assert part["cells"].sum() == np.count_nonzero(north)


@given(st.integers(0, 9999))
def test_rows_are_those_of_a_plain_count(seed):
    zones = zones_of(seed)
    rows = left_out(zones).set_index(["zone_set", "part", "reason"])
    inside = zones["domain"].values == 1
    held = inside & (zones["parks"].values > 0)
    assert rows.loc[("parks", HELD, ""), "cells"] == held.sum()
    assert rows.loc[("parks", NO_ZONE, "no zone holds it"), "cells"] == (inside & ~held).sum()
    assert rows.loc[("parks", WITHOUT_LAND, "far"), "cells"] == 0
    assert rows.loc[("parks", HELD, ""), "overlap_m2"] == 3.0
    member = zone_membership(zones)
    rest = member["area_m2"].values[
        (member["zone_set"] == "parks").values & (member["zone"] == "left out").values
    ]
    assert rows.loc[("parks", NO_ZONE, "no zone holds it"), "area_m2"] == pytest.approx(rest.item())
    for name in SETS - {"parks"}:
        assert rows.loc[(name, HELD, ""), "cells"] == inside.sum()
    reasons = zones["outside"].attrs["reasons"]
    for place, reason in enumerate(reasons[1:], 2):
        count = int((zones["outside"].values == place).sum())
        found = rows["cells"].get(("biome", OUTSIDE, reason), 0)
        assert found == count


def test_permafrost_none_is_a_zone():
    zones = zones_of(1)
    assert (zones["permafrost"].values == 0).any()
    rows = left_out(zones).query("zone_set == 'permafrost'")
    assert NO_ZONE not in set(rows["part"])


def test_bands_do_not_matter(monkeypatch):
    zones = zones_of(2)
    whole = left_out(zones)
    monkeypatch.setattr("abz.budgets.land_account.ROWS_AT_ONCE", 3)
    assert whole.equals(left_out(zones))


def test_maps_that_a_climatology_does_not_have():
    grid = lonlat_grid(5.0)
    import xarray as xr

    rng = np.random.default_rng(0)
    fields = {
        "biome": (("y", "x"), rng.choice([6, 11, 4], grid.shape)),
        "land_fraction": (("y", "x"), rng.choice([0.0, 0.4, 0.9], grid.shape)),
    }
    zones = climatology_zones(xr.Dataset(fields, coords=grid.coords()))
    rows = left_out(zones)
    vegetation = rows[rows["zone_set"] == "vegetation"].set_index("part")
    assert vegetation.loc[HELD, "cells"] == 0
    assert vegetation.loc[NO_ZONE, "reason"] == "the run has no map of vegetation"
    outside = rows[rows["part"] == OUTSIDE]
    assert "land of at most 50% of the cell" in set(outside["reason"])
    assert rows.groupby("zone_set")["area_m2"].sum().nunique() == 1


def test_zones_without_reasons_are_refused():
    with pytest.raises(MissingDataError, match="outside"):
        left_out(zones_of(0).drop_vars("outside"))
