"""Earth system models in the terms of the study."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from abz.compare.authors.earth_models import (
    ENSEMBLE,
    MODEL_FLUXES,
    beside_published_region,
    ensemble_spread,
    model_fluxes,
    model_trends,
)
from abz.errors import MissingDataError
from abz.ledger import Parts
from abz.published import published_table1
from abz.readers import read_cmip6_permafrost_region

YEARS = np.arange(2001, 2015)


def totals(npp_slopes, seed=0):
    """Models whose NPP rises by known slopes, with constant respiration and NBP."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(3000, 5000, len(npp_slopes))
    npp = level[:, None] + np.outer(npp_slopes, YEARS - 2001)
    rh = np.tile(level[:, None] - 300.0, YEARS.size)
    made = {"gpp": 2 * npp, "npp": npp, "rh": rh, "nbp": npp - rh - 100.0}
    coords = {"model": [f"M{n}" for n in range(len(npp_slopes))], "year": YEARS}
    return xr.Dataset({n: (("model", "year"), v) for n, v in made.items()}, coords)


@given(slopes=st.lists(st.floats(-40, 40), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_fluxes_close_and_say_what_they_hold(slopes, seed):
    fluxes = model_fluxes(totals(slopes, seed))
    np.testing.assert_allclose(fluxes["nee"], fluxes["reco"] - fluxes["gpp"], atol=1e-8)
    np.testing.assert_allclose(fluxes["minus_nbp"], fluxes["nee"] + fluxes["removal"], atol=1e-8)
    np.testing.assert_allclose(fluxes["removal"], 100.0, atol=1e-8)
    for name, about in MODEL_FLUXES.items():
        assert Parts.of_attrs(fluxes[name].attrs) == about.parts
        assert fluxes[name].attrs["units"] == "Tg C yr-1"
    assert Parts.of_attrs(fluxes["minus_nbp"].attrs).state("fire") == "unknown"
    assert Parts.of_attrs(fluxes["nee"].attrs).state("fire") == "not included"


def test_trends_and_their_spread_are_those_of_the_models():
    table = model_trends(model_fluxes(totals([10.0, 20.0, -3.0])), methods=["none"])
    assert table["model"].unique().tolist() == [ENSEMBLE, "M0", "M1", "M2"]
    nee = table[table["flux"] == "nee"].set_index("model")
    assert nee["slope"].to_dict() == pytest.approx({ENSEMBLE: -9, "M0": -10, "M1": -20, "M2": 3})
    means = [-300 - 6.5 * slope for slope in (10, 20, -3)]
    assert nee["mean"].tolist()[1:] == pytest.approx(means)
    assert nee.loc[ENSEMBLE, "mean"] == pytest.approx(np.mean(means))
    found = ensemble_spread(table).set_index("flux").loc["nee"]
    assert found["mean_sd"] == pytest.approx(np.std(means, ddof=1))
    assert (found["models"], found["below_zero"], found["falling"]) == (3, 3, 2)
    assert (found["falling_clearly"], found["rising_clearly"]) == (2, 1)
    assert found["slope_sd"] == pytest.approx(np.std([10, 20, -3], ddof=1))


def test_models_without_respiration_are_left_out():
    data = totals([1.0, 2.0])
    data["rh"][0] = np.nan
    assert model_fluxes(data)["model"].values.tolist() == ["M1"]
    with pytest.raises(MissingDataError, match="rh"):
        model_fluxes(data.drop_vars("rh"))


def test_a_comparison_names_in_what_the_definitions_differ():
    found = beside_published_region(
        model_trends(model_fluxes(totals([0.5, 1.0]))), published_table1()
    ).set_index("flux")
    assert found["beside"].to_dict() == {
        "nee": "nee", "gpp": "gpp", "reco": "reco", "minus_nbp": "nee_fire"
    }  # fmt: skip
    assert found.loc["nee", "published"] == -249
    assert found.loc["nee", "ratio"] == pytest.approx(found.loc["nee", "mean"] / -249)
    assert found.loc["gpp", "ratio"] > 0
    assert "fire" not in found.loc["nee", "unlike"]
    assert "2001–2014 / 2001–2020" in found.loc["nee", "unlike"]
    assert "fire: unknown / included" in found.loc["minus_nbp", "unlike"]
    assert "2001–2014 / 2002–2020" in found.loc["minus_nbp", "unlike"]


def test_real_models_all_take_up_carbon(real_data):
    paths = [*(real_data / "cmip6_permafrost_region").glob("*.csv")]
    fluxes = model_fluxes(read_cmip6_permafrost_region(paths))
    table = model_trends(fluxes)
    found = ensemble_spread(table).set_index(["flux", "method"]).loc[("nee", "zhang")]
    assert (found["models"], found["below_zero"]) == (14, 14)
    late = fluxes["nee"].sel(year=slice(2001, 2014))
    assert found["mean"] == pytest.approx(float(late.mean()))
    ensemble = table.query("model == @ENSEMBLE and flux == 'nee' and method == 'zhang'").iloc[0]
    naive = pd.Series(late.mean("model").values)
    assert ensemble["mean"] == pytest.approx(naive.mean())
    assert ensemble["slope"] == pytest.approx(-15.9, abs=0.1)
