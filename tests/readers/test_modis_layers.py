from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.readers.modis_layers import MCD64A1, MOD11A2, MOD13A1, MOD44B, composite_calendar


@given(st.integers(1900, 2100), st.sampled_from([(8, 46), (16, 23)]))
def test_composites_fill_the_year(year, length_and_number):
    length, number = length_and_number
    starts, days = composite_calendar([year], length)
    assert len(starts) == number
    assert days.sum() == (date(year + 1, 1, 1) - date(year, 1, 1)).days
    for start, lasts, following in zip(starts[:-1], days[:-1], starts[1:], strict=True):
        assert start.item() + timedelta(days=int(lasts)) == following.item()


def test_calendar_of_several_years_runs_on():
    starts, days = composite_calendar(range(2001, 2005), 16)
    assert np.array_equal(starts[1:], (starts + days.astype("timedelta64[D]"))[:-1])
    assert days[-1] == 14


@pytest.mark.parametrize(
    ("product", "name", "grid", "field"),
    [
        (MOD11A2, "MOD11A2", "MODIS_Grid_8Day_1km_LST", "LST_Day_1km"),
        (MOD11A2, "MOD11B2", "MODIS_Grid_8Day_6km_LST", "LST_Day_6km"),
        (MOD13A1, "MOD13A1", "MODIS_Grid_16DAY_500m_VI", "500m 16 days NDVI"),
        (MOD13A1, "MOD13A2", "MODIS_Grid_16DAY_1km_VI", "1 km 16 days NDVI"),
        (MOD44B, "MOD44B", "MOD44B_250m_GRID", "Percent_Tree_Cover"),
        (MCD64A1, "MCD64A1", "MOD_Grid_Monthly_500m_DB_BA", "Burn Date"),
    ],
)
def test_names_in_the_files(product, name, grid, field):
    assert product.grid_name(name) == grid
    assert product.field(name, product.layers[0]) == field
