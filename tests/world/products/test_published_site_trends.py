"""The authors' trends at sites, there and back."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from abz.readers.published_site_trends import read_published_site_trends
from abz.world.products.published_site_trends import write_published_site_trends


@given(seed=st.integers(0, 999), sites=st.integers(1, 20))
def test_there_and_back(tmp_path_factory, seed, sites):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"site_name": [f"Who_XX-{n:03d}_tower1" for n in range(sites)],
         "latitude": rng.uniform(45, 80, sites), "longitude": rng.uniform(-180, 180, sites),
         **{flux: rng.normal(0, 20, sites) for flux in ("nee", "gpp", "reco")}}
    )  # fmt: skip
    again = read_published_site_trends(
        write_published_site_trends(table, tmp_path_factory.mktemp("sites"))
    )
    pd.testing.assert_frame_equal(again, table)
