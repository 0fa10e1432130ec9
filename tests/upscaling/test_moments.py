import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers, tuples

from abz.upscaling.moments import RunningMoments


@given(arrays(float, tuples(integers(2, 9), integers(1, 4)), elements=floats(-1e4, 1e4)))
def test_equals_numpy(values):
    moments = RunningMoments(values.shape[1:])
    for member in values:
        moments.add(member)
    assert np.allclose(moments.mean, values.mean(axis=0))
    assert np.allclose(moments.sd, values.std(axis=0, ddof=1), atol=1e-6)


def test_too_few_members_have_no_moments():
    moments = RunningMoments((2,))
    assert np.isnan(moments.mean).all()
    moments.add(np.ones(2))
    assert np.isnan(moments.sd).all()
    assert moments.mean.tolist() == [1, 1]
