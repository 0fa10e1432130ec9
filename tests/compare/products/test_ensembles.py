"""Monthly means of members that are added one by one."""

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.compare.products import MonthlyMean


def member(rng, fluxes=("nee", "gpp")):
    shape = (len(fluxes), 3, 2, 2)
    land = np.where(rng.random(shape) < 0.2, 0.0, rng.uniform(1.0, 5.0, shape))
    amount = np.where(land > 0, rng.normal(size=shape), 0.0)
    dims = ("flux", "time", "y", "x")
    return xr.Dataset({"amount": (dims, amount), "land": (dims, land)}, {"flux": list(fluxes)})


@given(seed=st.integers(0, 99), members=st.integers(1, 4))
def test_the_mean_is_that_of_all_at_once(seed, members):
    rng = np.random.default_rng(seed)
    every, mean = [member(rng) for _ in range(members)], MonthlyMean()
    for one in every:
        mean.add(one)
    assert mean.members == members
    for place, (name, flux) in enumerate(mean.fluxes.items()):
        with np.errstate(invalid="ignore"):
            each = [one["amount"].values[place] / one["land"].values[place] for one in every]
        np.testing.assert_allclose(flux, np.mean(each, axis=0), atol=1e-12, err_msg=name)
        assert flux.attrs["units"] == "g C m-2 month-1"


def test_a_flux_that_one_member_lacks_is_none_of_the_ensemble():
    rng, mean = np.random.default_rng(0), MonthlyMean()
    for fluxes in (("nee", "gpp", "reco"), ("nee", "reco"), ("nee", "gpp")):
        mean.add(member(rng, fluxes))
    assert list(mean.fluxes) == ["nee"]
