"""What cannot be aligned is refused; years and bands put together are the whole."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from abz.compare.products import align, in_sequence, land_shares, side_by_side
from abz.errors import CategoryError, InputError, LedgerError, UnitsError
from abz.grid import lonlat_grid, polar_grid
from abz.harmonise import zones_of_classes
from abz.ledger import FLUX_PARTS, Parts

POLAR = polar_grid(5e5, (-4e6, -4e6, 4e6, 4e6))
TAIGA = np.full(POLAR.shape, 6)
ZONES = zones_of_classes(POLAR, TAIGA, TAIGA * 0, TAIGA * 0 + 80, np.ones(POLAR.shape))
ATOMS = {n: ZONES[n] for n in map(str, ZONES.coords) if n.startswith("atom_")}
GRID = lonlat_grid(5.0)
SHARES = land_shares(ZONES, GRID, GRID)


def product_of(years=(2001, 2002), parts=FLUX_PARTS["nee"], grid=GRID, **attrs):
    time = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-12-01", freq="MS")
    values = np.random.default_rng(0).normal(-5, 3, (24, *grid.shape))[: len(time)]
    coords = {"time": time.to_numpy("datetime64[ns]"), **grid.coords()}
    units = {"units": "g C m-2 month-1"}
    flux = xr.DataArray(values, coords, ("time", "y", "x"), attrs={**units, **parts.attrs()})
    return flux.to_dataset(name="nee").assign_attrs({"per_area": "land", **attrs})


def test_refusals():
    good = product_of()
    with pytest.raises(InputError, match="X holds no net flux"):
        align(good.rename(nee="npp"), SHARES, ATOMS, "X")
    with pytest.raises((InputError, CategoryError), match="per_area"):
        align(good.assign_attrs(per_area="hectare"), SHARES, ATOMS, "X")
    with pytest.raises(LedgerError, match="X is on another definition"):
        align(product_of(parts=Parts.of("nee", "harvest", "lateral")), SHARES, ATOMS, "X")
    burning = product_of(parts=Parts.of("nee", "fire"))
    with pytest.raises(LedgerError, match="X holds fire, and no fire"):
        align(burning, SHARES, ATOMS, "X")
    fire = product_of((2001, 2001), FLUX_PARTS["fire"])["nee"]
    with pytest.raises(InputError, match=r"(?s)fire to take from X lacks months.*2002-01"):
        align(burning, SHARES, ATOMS, "X", fire)
    wrong = good.assign(gpp=good["nee"])
    with pytest.raises(InputError, match="gpp of X is on another definition"):
        align(wrong, SHARES, ATOMS, "X")
    wrong = good.assign(nee=good["nee"].assign_attrs(units="kg m-2 s-1"))
    with pytest.raises(UnitsError):
        align(wrong, SHARES, ATOMS, "X")


def test_years_one_by_one_are_the_whole():
    data = product_of()
    whole = align(data, SHARES, ATOMS, "X")
    years = [data.isel(time=data["time"].dt.year == year) for year in (2001, 2002)]
    parts = in_sequence(align(year, SHARES, ATOMS, "X") for year in years)
    xr.testing.assert_equal(parts.totals, whole.totals)
    xr.testing.assert_equal(parts.annual, whole.annual)
    with pytest.raises(InputError, match="nothing to align"):
        in_sequence([])


def test_bands_one_by_one_are_the_whole():
    data = product_of(grid=POLAR)
    whole = align(data, land_shares(ZONES, POLAR, GRID), ATOMS, "X")
    pieces = []
    for rows in (slice(0, 7), slice(7, 16)):
        window = POLAR.window(rows, slice(None))
        band = data.isel(y=rows).assign_coords(window.coords())
        pieces.append(align(band, land_shares(ZONES, window, GRID, rows=rows), ATOMS, "X"))
    both = side_by_side(pieces)
    gap = np.abs(both.totals["grams"] - whole.totals["grams"])
    assert int(gap.max()) <= 2
    np.testing.assert_allclose(both.annual, whole.annual, rtol=1e-9)


def test_no_more_than_a_few_bands_are_in_memory():
    piece, living, most = align(product_of(), SHARES, ATOMS, "X"), weakref.WeakSet(), 0

    def bands():
        nonlocal most
        for _ in range(12):
            band = replace(piece)
            living.add(band)
            gc.collect()
            most = max(most, len(living))
            yield band

    whole = side_by_side(bands())
    assert most <= 3
    assert (whole.totals["grams"] == 12 * piece.totals["grams"]).all()
    with pytest.raises(InputError, match="nothing to align"):
        side_by_side([])


def test_a_missing_month_leaves_the_land_of_that_year_out():
    data = product_of()
    data["nee"][5, :9] = np.nan
    found = align(data, SHARES, ATOMS, "X")
    assert found.annual.sel(year=2001).isnull().sum() > found.annual.sel(year=2002).isnull().sum()
    assert (
        found.totals["valid_area"].isel(time=5).sum()
        < found.totals["valid_area"].isel(time=6).sum()
    )
