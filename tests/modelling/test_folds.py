import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abz.errors import InputError
from abz.modelling.folds import check_sites, leave_one_site_out


@given(st.lists(st.sampled_from("abcdef"), min_size=2).filter(lambda s: len(set(s)) > 1))
def test_each_site_is_left_out_once_and_never_on_both_sides(names):
    sites = np.array(names)
    folds = list(leave_one_site_out(sites))
    assert [set(sites[test]) for _, test in folds] == [{name} for name in sorted(set(names))]
    for train, test in folds:
        assert not set(sites[train]) & set(sites[test])
        assert sorted([*train, *test]) == list(range(len(names)))


def test_one_site_cannot_be_left_out():
    with pytest.raises(InputError, match="at least two sites"):
        list(leave_one_site_out(np.array(["a", "a"])))


@pytest.mark.parametrize("sites", [["a", None, "b"], ["a", "b"], [["a"], ["b"], ["c"]]])
def test_each_row_has_a_site(sites):
    with pytest.raises(InputError, match="rows have no site"):
        check_sites(np.array(sites, object), 3)
