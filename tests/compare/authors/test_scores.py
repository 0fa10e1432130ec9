"""Scores of the authors' models, and of a forest on the same site-months."""

import numpy as np
import pandas as pd
import pytest

from abz.compare.authors.scores import same_rows, score_rows
from abz.errors import InputError
from abz.readers import read_flux_training_held_out


def held_out(rng, n=40):
    site = np.repeat([f"S{i}" for i in range(n // 4)], 4)
    observed = rng.normal(0, 30, n)
    return pd.DataFrame({
        "flux": "nee", "site": site, "year": 2005, "month": np.tile([1, 4, 7, 10], n // 4),
        "observed": observed, "svm": observed + rng.normal(0, 5, n),
        "svm_earlier": observed + 3.0,
    })  # fmt: skip


def test_scores_are_plain_ones():
    rows = held_out(np.random.default_rng(1))
    found = score_rows(rows).set_index("model")
    error = rows["svm"] - rows["observed"]
    assert found.loc["svm", "rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert found.loc["svm", "r2"] == pytest.approx(rows["svm"].corr(rows["observed"]) ** 2)
    assert found.loc["svm_earlier", ["mbe", "mae"]].tolist() == pytest.approx([3.0, 3.0])
    assert (found["rows"] == 40).all()
    assert (found["sites"] == 10).all()


def test_real_scores_are_those_known(real_data):
    paths = [*(real_data / "flux_training").glob("train_*.parquet")]
    found = score_rows(read_flux_training_held_out(paths)).set_index(["flux", "model"])
    known = {
        ("gpp", "svm"): (38.73, 0.7571, 22.81, -0.362),
        ("gpp", "svm_earlier"): (38.59, 0.7594, 22.40, -1.603),
        ("nee", "svm"): (26.18, 0.3940, 15.02, 1.272),
        ("nee", "svm_earlier"): (24.34, 0.4768, 14.23, 0.884),
        ("reco", "svm"): (31.50, 0.7281, 18.71, -2.361),
        ("reco", "svm_earlier"): (33.05, 0.7029, 20.06, -4.459),
    }
    for key, numbers in known.items():
        got = found.loc[key, ["rmse", "r2", "mae", "mbe"]].tolist()
        assert got == pytest.approx(numbers, rel=5e-4), key


def test_the_same_rows_are_those_that_both_predict():
    rows = held_out(np.random.default_rng(2))
    ours = rows[["flux", "site", "year", "month", "observed"]].assign(
        predicted=rows["observed"] + np.where(rows["site"] == "S0", 0.0, 9.0)
    )
    ours.loc[5, "predicted"] = np.nan
    found = same_rows(ours.iloc[:-4], rows).set_index("model")
    assert found.loc["svm", ["rows", "sites"]].tolist() == [35, 9]
    kept = rows.drop(index=[5, *range(36, 40)])
    error = kept["svm"] - kept["observed"]
    assert found.loc["svm", "rmse_theirs"] == pytest.approx(np.sqrt((error**2).mean()))
    assert found.loc["svm_earlier", "rmse_theirs"] == pytest.approx(3.0)
    assert found.loc["svm_earlier", "ours_closer"] == pytest.approx(1 / 9)
    assert found.loc["svm", "correlation"] == pytest.approx(
        ours.loc[kept.index, "predicted"].corr(kept["svm"])
    )


def test_tables_of_another_sign_are_refused():
    rows = held_out(np.random.default_rng(3))
    ours = rows.assign(predicted=0.0, observed=-rows["observed"])
    with pytest.raises(InputError, match="disagree about what was observed"):
        same_rows(ours, rows)
