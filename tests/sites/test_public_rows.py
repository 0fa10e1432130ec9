"""The one site that screening drops from the numbered rows."""

import pandas as pd
import pytest

from abz.config import Sites
from abz.sites.public_rows import LARVAL_OUTBREAK_SITE, drop_larval_outbreak

ROWS = pd.DataFrame({"site": ["S153", LARVAL_OUTBREAK_SITE, LARVAL_OUTBREAK_SITE, "S155"]})


@pytest.mark.parametrize(("drop", "left"), [(True, ["S153", "S155"]), (False, list(ROWS["site"]))])
def test_the_rule_is_a_switch(drop, left):
    kept, dropped = drop_larval_outbreak(ROWS, Sites(drop_larval_outbreak=drop))
    assert kept["site"].tolist() == left
    assert dropped == len(ROWS) - len(left)


def test_the_dropped_site_is_the_moth_site_of_the_real_rows(real_data):
    rows = pd.read_parquet(real_data / "flux_training" / "train_NEE_1km.parquet")
    moth = rows.loc[rows["site_uid"] == LARVAL_OUTBREAK_SITE, "outcome_gC_m2_month"]
    assert len(moth) == 27
    assert (moth.mean(), moth.min()) == pytest.approx((-157, -376), abs=1)
