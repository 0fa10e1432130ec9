import numpy as np
import pytest

from abz.applicability.clusters import cluster_table, fit_clusters
from abz.errors import InputError


@pytest.fixture(scope="module")
def places():
    rng = np.random.default_rng(0)
    truth = rng.choice(3, 300, p=[0.6, 0.3, 0.1])
    return np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])[truth] + rng.normal(size=(300, 2)), truth


def test_finds_planted_clusters_and_their_number(places):
    rows, truth = places
    found = fit_clusters(rows, np.ones(2), clusters=range(2, 6), seed=1)
    assert max(found.silhouette, key=found.silhouette.get) == 3
    assert np.array_equal(found.assign(rows), truth)
    assert sorted(found.silhouette) == [2, 3, 4, 5]


def test_largest_first(places):
    found = fit_clusters(places[0], np.ones(2), clusters=5, seed=1)
    sizes = np.bincount(found.assign(places[0]))
    assert (np.diff(sizes) <= 0).all()


def test_the_order_of_rows_changes_no_bit(places):
    rows = places[0]
    order = np.random.default_rng(2).permutation(len(rows))
    one = fit_clusters(rows, np.ones(2), clusters=4, seed=1)
    two = fit_clusters(rows[order], np.ones(2), clusters=4, seed=1)
    assert np.array_equal(one.centres, two.centres)
    assert np.array_equal(one.assign(rows)[order], two.assign(rows[order]))


def test_units_do_not_matter(places):
    rows = places[0]
    one = fit_clusters(rows, np.ones(2), clusters=3, seed=1).assign(rows)
    two = fit_clusters(rows * [1e3, 1] + [5, 0], np.ones(2), clusters=3, seed=1)
    assert np.array_equal(one, two.assign(rows * [1e3, 1] + [5, 0]))


def test_a_missing_value_belongs_to_none(places):
    rows = np.vstack([places[0], [[np.nan, 0.0]]])
    found = fit_clusters(rows, np.ones(2), clusters=3, seed=1)
    assert found.assign(rows)[-1] == -1


def test_counts_add_up():
    rng = np.random.default_rng(3)
    labels, area = rng.integers(-1, 4, (6, 7)), rng.choice([0.0, 2.0, 3.0], (6, 7))
    site_labels, months = rng.integers(-1, 4, 20), rng.integers(1, 99, 20)
    table = cluster_table(labels, area, site_labels, months)
    assert table["cells"].sum() == (area > 0).sum()
    assert table["area_m2"].sum() == area.sum()
    assert table["area_share"].sum() == pytest.approx(1)
    assert table["sites"].sum() == 20
    assert table["site_months"].sum() == months.sum()
    for row in table.itertuples():
        assert row.site_months == months[site_labels == row.cluster].sum()
        assert row.area_m2 == area[labels == row.cluster].sum()


@pytest.mark.parametrize(("clusters", "match"), [(9, "too few"), ([], "too few"), (1, "clusters")])
def test_refuses_what_cannot_be_clustered(clusters, match):
    with pytest.raises(InputError, match=match):
        fit_clusters(np.arange(9.0)[:, None], np.ones(1), clusters=clusters, seed=0)
