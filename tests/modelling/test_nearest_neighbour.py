import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from abz.errors import InputError
from abz.modelling.designs import colocated, leave_one_group_out
from abz.modelling.distances import great_circle
from abz.modelling.nearest_neighbour import held_out_distances, match_folds, mismatch
from abz.modelling.spaces import Space, feature_space, geographic_space

DOMAIN = np.random.default_rng(7).uniform([0, 55], [60, 75], (1500, 2))


def names(count):
    return np.array([f"s{i:03d}" for i in range(count)])


def random_sites(seed, count=80):
    """Sites drawn as the map is."""
    return np.random.default_rng(seed).uniform([0, 55], [60, 75], (count, 2))


def clustered_sites(seed, clusters=8, each=10):
    """Sites in tight clusters, far from most of the map."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform([5, 57], [55, 73], (clusters, 2))
    return np.repeat(centres, each, axis=0) + rng.normal(0, 0.15, (clusters * each, 2))


def space_of(points, domain=DOMAIN):
    return geographic_space(names(len(points)), *points.T, *domain.T)


def test_distances_are_those_of_a_naive_search():
    points = random_sites(3, 20)
    space = space_of(points)
    between = great_circle(*points.T, *points.T)
    to_map = great_circle(*DOMAIN.T, *points.T).min(axis=1)
    np.testing.assert_allclose(space.between, between, atol=1e-8)
    np.testing.assert_allclose(space.prediction, to_map, atol=1e-8)
    fold = np.arange(20) % 3
    expected = [min(between[i, j] for j in range(20) if fold[j] != fold[i]) for i in range(20)]
    np.testing.assert_allclose(held_out_distances(space, fold), expected, atol=1e-8)


def test_w_is_the_area_between_the_distribution_functions():
    space = space_of(clustered_sites(1))
    found = held_out_distances(space, np.arange(80))
    r = np.linspace(0, max(found.max(), space.prediction.max()), 20_000)
    ecdf = [
        np.searchsorted(np.sort(d), r, side="right") / d.size for d in (found, space.prediction)
    ]
    area = np.abs(ecdf[0] - ecdf[1]).sum() * (r[1] - r[0])
    assert mismatch(space, np.arange(80)) == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_sites_drawn_as_the_map_get_random_folds(seed):
    matched = match_folds(space_of(random_sites(seed)), 10)
    assert matched.clusters is None
    assert matched.p_value >= 0.05
    assert sorted(np.bincount(matched.fold)) == [8] * 10
    assert matched.w < 0.3 * np.median(matched.prediction)


def test_a_regular_grid_of_sites_gets_random_folds():
    lon, lat = np.meshgrid(np.linspace(3, 57, 10), np.linspace(56, 74, 7))
    matched = match_folds(space_of(np.column_stack([lon.ravel(), lat.ravel()])), 5)
    assert matched.clusters is None


@pytest.mark.parametrize("clustering", ["complete", "average", "kmeans"])
@pytest.mark.parametrize("seed", range(2))
def test_clustered_sites_are_held_out_by_clusters(seed, clustering):
    space = space_of(clustered_sites(seed))
    matched = match_folds(space, 5, clustering=clustering)
    random = np.random.default_rng(seed).permutation(np.arange(80) % 5)
    assert matched.clusters is not None
    assert np.median(matched.held_out) > 5 * np.median(matched.sample)
    assert matched.w < 0.5 * mismatch(space, np.arange(80))
    assert matched.w < 0.5 * mismatch(space, random)
    assert matched.w == mismatch(space, matched.fold)
    assert np.unique(matched.fold).tolist() == [0, 1, 2, 3, 4]
    assert np.bincount(matched.fold).max() <= 40


def test_tight_clusters_are_never_split_where_the_map_is_far_away():
    points = clustered_sites(4, clusters=5, each=6)
    matched = match_folds(space_of(points), 5)
    assert (matched.fold.reshape(5, 6) == matched.fold[::6, None]).all()


def test_a_fold_holds_no_more_than_its_largest_share():
    points = np.concatenate([clustered_sites(2, 1, 48), clustered_sites(3, 4, 3)])
    space = space_of(points)
    free = match_folds(space, 5, max_fold=1)
    held = match_folds(space, 5, max_fold=0.3)
    assert np.bincount(free.fold).max() > 18
    assert np.bincount(held.fold).max() <= 18
    assert free.w <= held.w


@settings(max_examples=10)
@given(st.integers(0, 100), st.floats(-360, 360))
def test_folds_do_not_depend_on_the_origin_of_longitudes(seed, turn):
    points = clustered_sites(seed, each=5)
    shift = np.array([turn, 0])
    found, again = (
        match_folds(space_of(points + by, DOMAIN[:400] + by), 5, clustering="average")
        for by in (0 * shift, shift)
    )
    assert again.w == pytest.approx(found.w, rel=1e-6)
    np.testing.assert_array_equal(again.fold, found.fold)


def test_folds_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(0)
    number = np.concatenate([np.arange(40), rng.integers(40, size=60)])
    sites, points = names(40)[number], clustered_sites(0, each=5)[number]
    rows, cells = rng.normal(size=(100, 3)) + points[:, :1], rng.normal(20, 30, (50, 3))
    for order in (rng.permutation(100) for _ in range(3)):
        pairs = [
            [geographic_space(sites[o], *points[o].T, *DOMAIN.T) for o in (slice(None), order)],
            [feature_space(sites[o], rows[o], cells) for o in (slice(None), order)],
        ]
        for found, again in pairs:
            np.testing.assert_array_equal(again.points, found.points)
            np.testing.assert_array_equal(again.prediction, found.prediction)
            np.testing.assert_array_equal(match_folds(again).fold, match_folds(found).fold)


def test_random_folds_follow_the_seed():
    space = space_of(random_sites(0))
    folds = [match_folds(space, seed=seed).fold.tolist() for seed in (1, 1, 2)]
    assert folds[0] == folds[1] != folds[2]


def test_all_rows_of_a_site_take_its_fold():
    number = np.random.default_rng(1).permutation(np.repeat(np.arange(80), 3))
    points = clustered_sites(5)
    sites = names(80)[number]
    matched = match_folds(geographic_space(sites, *points[number].T, *DOMAIN.T), 5)
    np.testing.assert_array_equal(matched.of_rows(sites), matched.fold[number])
    folds = leave_one_group_out(matched.of_rows(sites), sites)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(240))
    with pytest.raises(InputError, match="XX-New"):
        matched.of_rows(np.array(["XX-New"]))


def test_groups_of_colocated_sites_can_be_the_units():
    points = clustered_sites(6, each=4)
    sites = names(32)
    groups = colocated(sites, *points.T, within_km=15)
    matched = match_folds(geographic_space(groups, *points.T, *DOMAIN.T), 3)
    assert len(leave_one_group_out(matched.of_rows(groups), groups)) == 3
    assert matched.sample.min() > 0


def test_sites_of_one_kind_are_held_out_together_among_predictors():
    rng = np.random.default_rng(4)
    kinds = np.repeat(rng.uniform(-3, 3, (8, 4)), 8, axis=0)
    rows, cells = kinds + rng.normal(0, 0.02, kinds.shape), rng.uniform(-3, 3, (800, 4))
    space = feature_space(names(64), rows, cells)
    matched = match_folds(space, 4)
    assert matched.w < 0.5 * mismatch(space, np.arange(64))
    assert np.median(matched.held_out) > 5 * np.median(matched.sample)


def test_sites_at_one_point_can_be_clustered():
    points = np.repeat(clustered_sites(8, clusters=4, each=1), 5, axis=0)
    for clustering in ("complete", "kmeans"):
        matched = match_folds(space_of(points), 4, clustering=clustering)
        assert np.bincount(matched.fold).tolist() == [5, 5, 5, 5]
        assert matched.held_out.min() > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 1}, "k is out of range"),
        ({"k": 81}, "k is out of range"),
        ({"k": 5, "max_fold": 0.1}, "max_fold is out of range"),
        ({"k": 5, "clustering": "ward"}, "clustering is unknown"),
    ],
)
def test_impossible_folds_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        match_folds(space_of(clustered_sites(0)), **arguments)


def test_a_single_fold_is_refused():
    rows = np.array([[1.0, 2.0], [1.0, 3.0]])
    with pytest.raises(InputError, match="at least two folds"):
        held_out_distances(feature_space(["a", "b"], rows, rows), np.array([1, 1]))


def r_uniforms(seed, count):
    """What R draws by `set.seed(seed); runif(count)`: its way into the Mersenne Twister."""
    state = [seed]
    for _ in range(675):
        state.append((69069 * state[-1] + 1) % 2**32)
    generator = np.random.RandomState()
    generator.set_state(("MT19937", np.array(state[-624:], np.uint32), 624))
    return generator.randint(0, 2**32, count, dtype=np.uint32) * 2.3283064365386963e-10


SIDE = 10.0
"""Edge of the square of the published examples: of the plane, or degrees."""


def r_random(count, side):
    """Points in a square at the origin, as `sf::st_sample` draws them after `set.seed(1)`."""
    return side * r_uniforms(1, 2 * count).reshape(2, count).T


def r_regular(count):
    """Regular points in the whole square, as `sf::st_sample` lays them after `set.seed(1)`."""
    step = SIDE / np.sqrt(count)
    first = SIDE * r_uniforms(1, 2) % step
    lon, lat = (np.arange(start, SIDE, step) for start in first)
    return np.array([(x, y) for x in lon for y in lat])


def plane(points, cells):
    """The space of points of a plane."""
    return Space(names(len(points)), points, cells)


SIX = np.array([(1, 1), (1, 2), (2, 2), (2, 3), (1, 4), (5, 4)], float)
"""Training points of the published examples."""


@pytest.mark.parametrize("clustering", ["complete", "average", "kmeans"])
@pytest.mark.parametrize(("cells", "w"), [(20, 1.091896), (1000, 1.2004)])
def test_matches_the_published_six_points_of_a_plane(clustering, cells, w):
    """W and number of clusters that CAST, the software of the authors, gives in its own tests.

    Numbers: HannaMeyer/CAST, tests/testthat/test-knndm.R; k = 2, at most 80 % in a fold.
    """
    matched = match_folds(plane(SIX, r_regular(cells)), 2, max_fold=0.8, clustering=clustering)
    assert matched.w == pytest.approx(w, abs=5e-5)
    assert matched.clusters == 3
    assert (matched.fold == matched.fold[0]).tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize(("cells", "w"), [(20, 121.0952), (1000, 133.1874275)])
def test_matches_the_published_six_points_of_a_sphere(cells, w):
    """As in the plane; CAST's sphere has a radius of 6371.01 km."""
    space = geographic_space(names(6), *SIX.T, *r_regular(cells).T)
    matched = match_folds(space, 2, max_fold=0.8, clustering="average")
    assert matched.w == pytest.approx(w, rel=5e-7)
    assert matched.clusters == 3


def test_matches_the_published_hundred_points_in_a_corner():
    """Sites in 16 % of the map: W of CAST's k-means within 1.5 %, from two to ten folds."""
    space = plane(r_random(100, 4.0), r_random(1000, SIDE))
    assert space.prediction[0] == pytest.approx(1.3886, abs=5e-5)
    published = [2.184, 2.286, 2.468, 2.554, 2.570, 2.634, 2.678, 2.694, 2.688]
    for k, w in enumerate(published, 2):
        matched = match_folds(space, k, max_fold=1 / k + 0.1, clustering="kmeans")
        assert matched.w <= 1.015 * w, k
        assert matched.w > 0.95 * w, k
        assert matched.w < mismatch(space, np.arange(100))


def test_ten_random_points_get_random_folds_as_published():
    assert match_folds(plane(r_random(10, SIDE), r_regular(20)), 2, max_fold=0.8).clusters is None


@given(st.integers(0, 500), st.integers(2, 6))
def test_w_is_the_distance_of_wasserstein(seed, k):
    rng = np.random.default_rng(seed)
    points, cells = rng.uniform(size=(24, 2)), rng.uniform(size=(40, 2))
    space, fold = plane(points, cells), rng.permutation(np.arange(24) % k)
    far = cdist(points, points)
    far[fold[:, None] == fold] = np.inf
    nearest = cdist(cells, points).min(axis=1)
    expected = wasserstein_distance(far.min(axis=1), nearest)
    assert mismatch(space, fold) == pytest.approx(expected, rel=1e-12)
    ends = np.sort(np.concatenate([far.min(axis=1), nearest]))
    below = [
        np.searchsorted(np.sort(part), ends[:-1], "right") / part.size
        for part in (far.min(axis=1), nearest)
    ]
    area = (np.abs(below[0] - below[1]) * np.diff(ends)).sum()
    assert mismatch(space, fold) == pytest.approx(area, rel=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 200), st.integers(2, 3))
def test_folds_lie_between_the_best_of_all_partitions_and_leaving_one_out(seed, k):
    rng = np.random.default_rng(seed)
    pairs = np.repeat(rng.uniform(size=(3, 2)), 2, axis=0) + rng.normal(0, 0.01, (6, 2))
    space = plane(pairs, rng.uniform(size=(60, 2)))
    every = np.stack(np.meshgrid(*[np.arange(k)] * 6), axis=-1).reshape(-1, 6)
    best = min(mismatch(space, fold) for fold in every if np.unique(fold).size == k)
    matched = match_folds(space, k, max_fold=1)
    assert matched.clusters is not None
    assert best - 1e-12 <= matched.w < mismatch(space, np.arange(6))
