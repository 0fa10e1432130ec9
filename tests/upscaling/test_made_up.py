"""Made-up forests and landscapes."""

import numpy as np
import pytest

from abz.upscaling.made_up import GROWN, first_trees, made_up_block, made_up_forest
from abz.vocabulary import VEGETATION, predictor_names

NAMES = predictor_names("fine")


def test_repeated_trees_are_the_grown_ones():
    forest = made_up_forest(["lst", "soc"], trees=2 * GROWN + 3, mtry=2)
    grown = first_trees(forest, GROWN)
    X = np.random.default_rng(0).normal(size=(50, 2))
    each = [tree.predict(X) for tree in forest.each_tree()]
    assert np.array_equal(each[:GROWN], each[GROWN : 2 * GROWN])
    assert np.array_equal(each[:3], each[2 * GROWN :])
    assert np.allclose(grown.predict(X), np.mean(each[:GROWN], axis=0))


def test_a_made_up_forest_has_the_size_of_a_real_one():
    """Thousands of nodes a tree, as 4,900 noisy site-months give."""
    forest = made_up_forest(NAMES, trees=3, mtry=6)
    assert 1000 < forest.feature.size / 3 < 4900 * 2


@pytest.mark.parametrize("smooth", [True, False])
def test_a_landscape_is_smooth_and_noise_is_not(smooth):
    block = made_up_block(NAMES, 64, smooth=smooth)
    assert block.shape == (12, 64, 64, 17)
    assert block.dtype == np.float32
    assert np.isfinite(block).all()
    soc = block[0, ..., NAMES.index("soc")]
    alike = np.corrcoef(soc[:, 1:].ravel(), soc[:, :-1].ravel())[0, 1]
    assert (alike > 0.9) == smooth
    assert set(np.unique(block[..., NAMES.index("vegetation")])) <= set(VEGETATION)
    assert (block[:, :1, :1, NAMES.index("co2")] == block[..., NAMES.index("co2")]).all()
    assert (block[0, ..., NAMES.index("soc")] == block[11, ..., NAMES.index("soc")]).all()
    assert np.ptp(block[:, 5, 5, NAMES.index("lst")]) > 1
