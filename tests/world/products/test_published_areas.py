"""Tables of the authors' 8-km model, there and back."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from abz.readers.published_areas import (
    AREAS,
    DECADES,
    ENVIRONMENT,
    read_published_budgets_8km,
    read_published_environment_8km,
    read_published_months_8km,
)
from abz.vocabulary import MONTHS, PREDICTORS
from abz.world.products.published_areas import (
    write_published_budgets_8km,
    write_published_environment_8km,
    write_published_months_8km,
)

NAMES = list(AREAS.values())


def rows_of(**columns):
    keys = {name: values for name, values in columns.items() if name != "value"}
    index = pd.MultiIndex.from_product(keys.values(), names=keys)
    return index.to_frame(index=False)


@settings(max_examples=10)
@given(
    seed=st.integers(0, 999),
    count=st.integers(1, 4),
    fluxes=st.sets(st.sampled_from(["nee", "gpp", "reco"]), min_size=1),
)
def test_budgets(tmp_path_factory, seed, count, fluxes):
    table = rows_of(flux=sorted(fluxes), area=NAMES, year=range(1990, 1990 + count))
    table["tg"] = np.random.default_rng(seed).uniform(0, 4000, len(table))
    shuffled = table.sample(frac=1, random_state=seed)
    folder = tmp_path_factory.mktemp("budgets")
    again = read_published_budgets_8km(write_published_budgets_8km(shuffled, folder))
    pd.testing.assert_frame_equal(again, table)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), bins=st.sets(st.sampled_from(sorted(DECADES)), min_size=1))
def test_months(tmp_path_factory, seed, bins):
    table = rows_of(area=NAMES, first_year=sorted(bins), month=MONTHS)
    table.insert(2, "last_year", table["first_year"].map(DECADES))
    table["nee"] = np.random.default_rng(seed).normal(0, 30, len(table))
    shuffled = table.sample(frac=1, random_state=seed)
    paths = write_published_months_8km(shuffled, tmp_path_factory.mktemp("months"))
    pd.testing.assert_frame_equal(read_published_months_8km(paths), table, rtol=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), stored=st.sets(st.sampled_from(sorted(ENVIRONMENT)), min_size=1))
def test_environment_comes_back_with_the_years_that_are_true(tmp_path_factory, seed, stored):
    layers = {ENVIRONMENT[name].variable: ENVIRONMENT[name] for name in stored}
    table = rows_of(variable=sorted(layers), area=NAMES, stored_year=range(1990, 1994))
    low, high = zip(*(PREDICTORS[name].valid for name in table["variable"]), strict=True)
    table["value"] = np.random.default_rng(seed).uniform(low, high)
    gap = {1990: 1982, 1991: 1983, 1992: 1984, 1993: 1986}
    kinds = table["variable"].map(lambda name: layers[name].years)
    table["year"] = table["stored_year"].where(kinds == "stored", table["stored_year"].map(gap))
    paths = write_published_environment_8km(table, tmp_path_factory.mktemp("environment"))
    again = read_published_environment_8km(paths)
    assert again["year"].isna().tolist() == (kinds == "unknown").tolist()
    known = again["year"].notna()
    assert (again.loc[known, "year"] == table.loc[known, "year"]).all()
    np.testing.assert_allclose(again["value"], table["value"], rtol=1e-9, atol=1e-9)
    assert (again["stored_year"] == table["stored_year"]).all()
    assert (again["units"] == [PREDICTORS[name].units for name in again["variable"]]).all()


def test_the_layout_is_that_of_the_real_files(tmp_path, real_data):
    folder = real_data / "published" / "abcfluxv1_modeling"
    for path in write_published_budgets_8km(
        read_published_budgets_8km([*folder.glob("*budgets.csv")]), tmp_path
    ):
        made, real = (
            pd.read_csv(p, dtype=str).iloc[:, 1:].set_index(["area", "year"]).sort_index()
            for p in (path, folder / path.name)
        )
        assert list(made) == list(real)
        np.testing.assert_allclose(made.astype(float), real.astype(float), rtol=1e-13)
