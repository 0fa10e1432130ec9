import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abz.errors import InputError
from abz.modelling.map_sample import cells_by_area

AREAS = hnp.arrays(float, (4, 5), elements=st.sampled_from([0.0, 1.0, 2.5, 7.0]))


@given(AREAS, st.integers(1, 60))
def test_each_cell_comes_as_often_as_its_area_allows(area, most):
    cells = cells_by_area(area, most)
    if area.sum() == 0:
        assert cells.size == 0
        return
    assert cells.size == most
    assert (area.ravel()[cells] > 0).all()
    expected = most * area.ravel() / area.sum()
    assert (np.abs(np.bincount(cells, minlength=20) - expected) < 1 + 1e-9).all()


def test_equal_cells_are_evenly_spread():
    assert cells_by_area(np.ones((10, 10)), 5).tolist() == [9, 29, 49, 69, 89]


def test_a_number_is_needed():
    with pytest.raises(InputError, match="most"):
        cells_by_area(np.ones((2, 2)), 0)
