"""The CMIP6 totals of the permafrost region, there and back."""

import numpy as np
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.readers.cmip6_permafrost_region import read_cmip6_permafrost_region
from abz.world.products.cmip6_permafrost_region import write_cmip6_permafrost_region


def totals(seed, models, years):
    """Totals of models, the first of which lacks its respiration."""
    rng = np.random.default_rng(seed)
    shape = (models, len(years))
    npp = rng.uniform(2000, 5000, shape)
    rh = rng.uniform(1000, 4000, shape)
    rh[0] = np.nan if models > 1 else rh[0]
    fluxes = {"gpp": npp + 1000, "npp": npp, "rh": rh, "nbp": rng.normal(0, 300, shape),
              "c_veg": rng.uniform(1e4, 5e4, shape), "c_soil": rng.uniform(1e4, 5e5, shape),
              "air_temperature": rng.uniform(260, 275, shape),
              "precipitation": rng.uniform(1, 2, shape)}  # fmt: skip
    experiment = np.where(np.array(years) <= 2014, "historical", "ssp370")
    return xr.Dataset(
        {name: (("model", "year"), values) for name, values in fluxes.items()},
        {"model": [f"M{n}" for n in range(models)], "year": list(years),
         "experiment": ("year", experiment)},
    )  # fmt: skip


@settings(max_examples=8)
@given(seed=st.integers(0, 999), models=st.integers(1, 5), first=st.integers(2008, 2016),
       count=st.integers(1, 12))  # fmt: skip
def test_there_and_back(tmp_path_factory, seed, models, first, count):
    data = totals(seed, models, range(first, first + count))
    paths = write_cmip6_permafrost_region(data, tmp_path_factory.mktemp("cmip6"))
    again = read_cmip6_permafrost_region(paths)
    for name in data.data_vars:
        np.testing.assert_allclose(again[name], data[name], rtol=1e-14)
    assert again["experiment"].values.tolist() == data["experiment"].values.tolist()
    assert again["model"].values.tolist() == data["model"].values.tolist()


def test_names_and_layout_are_those_of_the_real_files(tmp_path, real_data):
    real = sorted((real_data / "cmip6_permafrost_region").glob("*.csv"))
    made = sorted(write_cmip6_permafrost_region(read_cmip6_permafrost_region(real), tmp_path))
    assert [path.name for path in made] == [path.name for path in real]
    for ours, theirs in zip(made, real, strict=True):
        heads = [path.read_text().splitlines()[0].split(", ") for path in (ours, theirs)]
        assert heads[0][0] == heads[1][0] == "year"
        assert sorted(heads[0]) == sorted(heads[1])
