import numpy as np
import pytest

from abz.errors import InputError
from abz.modelling.ensemble import bootstrap_members
from abz.modelling.monte_carlo import jackknife_sd_error
from abz.modelling.spread import annual_spread, halves, monthly_spread

NAMES = ["month", "lst", "ndvi"]


@pytest.fixture(scope="module")
def ensemble():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3)).astype(np.float32)
    X[:, 0] = np.arange(150) % 12 + 1
    y = 5 * X[:, 1] + rng.normal(size=150)
    return X, list(bootstrap_members(X, y, NAMES, members=5, trees=4, mtry=2))


def test_halves_have_the_member_as_their_mean(ensemble):
    X, members = ensemble
    both = halves(members, X, NAMES, split=True)
    assert both.shape == (2, 5, 150)
    expected = np.array([member.predict(X[:, 1:]) for member in members])
    assert both.mean(axis=0) == pytest.approx(expected)
    assert (both[0] != both[1]).any()


def test_a_row_that_one_member_cannot_predict_counts_for_none(ensemble):
    X, members = ensemble
    lacking = X.copy()
    lacking[3, 1] = np.nan
    both = halves(members, lacking, NAMES, split=True)
    assert np.isnan(both[:, :, 3]).all()
    assert not np.isnan(np.delete(both, 3, axis=2)).any()


def test_the_annual_spread_is_that_of_the_members_sums_over_months(ensemble):
    X, members = ensemble
    month = X[:, 0].astype(int)
    predicted = np.array([member.predict(X[:, 1:]) for member in members])
    annual = [sum(p[month == m].mean() for m in range(1, 13)) for p in predicted]
    found = annual_spread(halves(members, X, NAMES, split=True), month, trees=4)
    assert (found.members, found.mean) == (5, pytest.approx(np.mean(annual)))
    assert found.sd == pytest.approx(np.std(annual, ddof=1))
    assert found.sd_error == pytest.approx(found.sd / np.sqrt(8))
    assert found.sd_error_jackknife == pytest.approx(float(jackknife_sd_error(np.array(annual))))
    assert found.sd_corrected <= found.sd


def test_the_monthly_spread_averages_variances(ensemble):
    X, members = ensemble
    predicted = np.array([member.predict(X[:, 1:]) for member in members])
    found = monthly_spread(halves(members, X, NAMES, split=True), trees=4)
    assert found.sd == pytest.approx(np.sqrt(predicted.var(axis=0, ddof=1).mean()))
    assert 0 < found.sd_corrected < found.sd
    assert np.isnan(found.sd_error_jackknife)


def test_trees_that_have_no_halves_say_nothing_of_their_noise(ensemble):
    X, members = ensemble
    both = halves(members, X, NAMES, split=False)
    assert np.array_equal(both[0], both[1])
    found = annual_spread(both, X[:, 0].astype(int), trees=4)
    assert np.isnan([found.sd_corrected, found.trees_needed]).all()
    assert found.sd > 0


def test_no_predicted_row_is_told(ensemble):
    X, members = ensemble
    with pytest.raises(InputError, match="no row is predicted"):
        monthly_spread(halves(members, np.full_like(X, np.nan), NAMES, split=True), trees=4)
