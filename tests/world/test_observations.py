"""What the sites report."""

import numpy as np
import pandas as pd
import pytest

from abz.readers.abcflux import COLUMNS
from abz.world import LARVAL_SITE, World, observe, sites


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return observe(World(sites=60), range(1990, 2021))


def test_size_and_columns(table: pd.DataFrame) -> None:
    assert 1500 < len(table) < 2800
    assert table["site"].nunique() == 61
    assert set(table.columns) == set(COLUMNS) - {"site_reference"}
    assert not table.duplicated(["site", "year", "month"]).any()


def test_signs_and_balance(table: pd.DataFrame) -> None:
    split = table.dropna(subset=["gpp", "reco"])
    assert (split["reco"] >= 0).all()
    july = split[(split["month"] == 7) & (split["flux_method"] == "EC")]
    assert (july["gpp"] > 0).all()
    residual = split["nee"] - (split["reco"] - split["gpp"])
    assert abs(residual.mean()) < 0.2
    assert residual.abs().quantile(0.95) < 2.0


def test_methods_measure_in_their_season(table: pd.DataFrame) -> None:
    months = table.groupby("flux_method")["month"].agg(set)
    assert months["Chamber"] <= {6, 7, 8, 9}
    assert months["Diffusion"] <= {11, 12, 1, 2, 3, 4}
    assert table.loc[table["flux_method"] == "Diffusion", "gpp"].isna().all()


def test_long_sites_have_complete_years(table: pd.DataFrame) -> None:
    months = table.groupby(["site", "year"]).size()
    complete = months[months == 12].groupby("site").size()
    assert (complete > 7).sum() >= 5
    biome = table.groupby("site")["biome"].first()
    assert (biome[complete.index] == "tundra").sum() >= 6


def test_the_larval_outbreak_stands_out(table: pd.DataFrame) -> None:
    outbreak = table.loc[table["site"] == LARVAL_SITE, "nee"]
    assert len(outbreak) > 15
    assert outbreak.mean() < -100


def test_observations_follow_the_truth(table: pd.DataFrame) -> None:
    world = World(sites=60)
    site = sites(world)[0]
    here = world.places(np.array([site.lon]), np.array([site.lat]))
    rows = table[table["site"] == site.name]
    truth = [world.fluxes(here, y, m).nee[0] for y, m in zip(rows.year, rows.month, strict=True)]
    assert np.corrcoef(truth, rows["nee"])[0, 1] > 0.9


def test_years_limit_the_rows() -> None:
    world = World(sites=8)
    whole, part = observe(world, range(1990, 2021)), observe(world, range(2005, 2011))
    wanted = whole[whole["year"].between(2005, 2010)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, wanted)
