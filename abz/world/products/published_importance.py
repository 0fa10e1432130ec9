"""Tables like those of the importance of predictors in the authors' models."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from abz.readers.published_areas import FLUX_FILES
from abz.readers.published_importance import VARIANTS

__all__ = ["write_published_importance"]

_MODELS = {"gbm": "GBM", "svm": "SVM", "rf": "RF"}
_STORED_FLUX = {flux: stored for stored, flux in FLUX_FILES.items()}
_STORED_VARIANT = {words: stored for stored, words in VARIANTS.items()}
_LAST = "full_model_without_larvaloutbreak"
"""The one variant whose name stands behind that of the model."""


def write_published_importance(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `_NEE_gC_m2_1km_vip.csv`, `_NEE_gC_m2_1km_qrf_vip.csv` and the like.

    Parameters
    ----------
    table : pandas.DataFrame
        flux, resolution, model, variant, name, importance, spread, as `read_published_importance`
        returns them.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    quantile = table["model"] == "qrf"
    paths = []
    for (flux, resolution), rows in table[~quantile].groupby(["flux", "resolution"]):
        largest = rows.groupby("name")["importance"].transform("max")
        columns = zip(
            rows["name"], rows["importance"], rows["spread"], rows["model"].map(_MODELS), largest,
            rows["name"], strict=True,
        )  # fmt: skip
        heads = ["Variable", "Importance", "StDev", "Model", "Importance_max", "Variable2"]
        path = folder / f"{_stem(str(flux), str(resolution))}_vip.csv"
        paths.append(_write(path, heads, columns))
    keys = ["flux", "resolution", "variant"]
    for (flux, resolution, variant), rows in table[quantile].groupby(keys):
        stored = _STORED_VARIANT[str(variant)]
        parts = [stored, "qrf"] if stored != _LAST else ["qrf", stored]
        name = "_".join([_stem(str(flux), str(resolution)), *filter(None, parts), "vip.csv"])
        columns = zip(rows["importance"], rows["name"], rows["importance"], strict=True)
        paths.append(_write(folder / name, ["Overall", "Variable2", "Importance"], columns))
    return paths


def _stem(flux: str, resolution: str) -> str:
    """Beginning of a file's name."""
    return f"_{_STORED_FLUX[flux]}_gC_m2_{resolution.replace(' ', '')}"


def _write(path: Path, heads: list[str], rows: zip) -> Path:
    """Texts quoted, numbers bare, no row names."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerows([heads, *rows])
    return path
