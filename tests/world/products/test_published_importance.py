"""The authors' importance of predictors, there and back."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.readers.published_importance import AUTHORS_NAMES, VARIANTS, read_published_importance
from abz.world.products.published_importance import write_published_importance

KEYS = ["flux", "resolution", "model", "variant", "name"]


def table_of(seed):
    """Two fluxes, both resolutions, all models and variants, with predictors drawn at random."""
    rng = np.random.default_rng(seed)
    kinds = [
        ("gbm", "full"),
        ("rf", "full"),
        ("svm", "full"),
        *(("qrf", v) for v in VARIANTS.values()),
    ]
    rows = [
        (flux, resolution, model, variant, name, rng.uniform(0.1, 40), rng.uniform(0.1, 1))
        for flux in ("nee", "gpp")
        for resolution in ("1 km", "20 km")
        for model, variant in kinds
        for name in rng.choice([*AUTHORS_NAMES, "Snow depth", "PDSI"], 5, replace=False)
    ]
    table = pd.DataFrame(rows, columns=[*KEYS, "importance", "spread"])
    table.loc[table["model"] == "qrf", "spread"] = np.nan
    lacking = (table["model"] == "svm") & (rng.random(len(table)) < 0.4)
    table.loc[lacking, ["importance", "spread"]] = 0.0
    return table.assign(used=~lacking)


@settings(max_examples=5)
@given(seed=st.integers(0, 999))
def test_there_and_back(tmp_path_factory, seed):
    table = table_of(seed)
    paths = write_published_importance(table, tmp_path_factory.mktemp("vip"))
    again = read_published_importance(paths)
    columns = [*KEYS, "importance", "spread", "used"]
    made, wanted = (t[columns].sort_values(KEYS, ignore_index=True) for t in (again, table))
    pd.testing.assert_frame_equal(made, wanted)
    assert again["predictor"].isna().equals(~again["name"].isin(list(AUTHORS_NAMES)))


def test_names_are_those_of_the_real_files(tmp_path, real_data):
    folder = real_data / "published" / "abcflux_modeling_vip"
    real = {path.name for path in folder.glob("*.csv")}
    table = read_published_importance([*folder.glob("*.csv")])
    assert {path.name for path in write_published_importance(table, tmp_path)} == real
