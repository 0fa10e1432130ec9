"""Rows of the comparison with R: the public tables with the oracle's columns, or with the study's.

The oracle's columns are those that its R run used: every predictor of a table, vegetation as dummy
columns. The study's columns are those of its 17 predictors that the tables hold, month and
vegetation as classes; the class is put together again from the dummy columns of the NEE table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from abz.digest import sha256_file
from abz.modelling import complete_cases
from abz.readers import read_flux_training
from abz.vocabulary import predictor_names

FLUXES = {"nee": "NEE", "gpp": "GPP", "reco": "Reco"}
SIGN = {"nee": 1, "gpp": -1, "reco": 1}
CLASSES = ("month", "vegetation")
REST = 0
"""Code of the vegetation types that the tables do not tell apart."""
SHARE = 0.95
"""A predictor that fewer rows of a flux know is left out, not the rows."""
TWICE = "veg_class_31_oldcoding"
"""A second coding of a column that the table holds already; the oracle did without it."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What a forest is trained on and judged by.

    Parameters
    ----------
    X : numpy.ndarray (n, p)
        Predictors.
    y : numpy.ndarray (n,)
        Flux, g C m-2 month-1; GPP positive.
    names : list of str
        Names of the columns.
    sites, groups : numpy.ndarray (n,)
        Site of each row, and its group in the oracle's grouped ten-fold validation.
    oracle : mapping of {str: numpy.ndarray (n,)}
        Held-out predictions of R by design; empty where the columns are not the oracle's.
    classes : tuple of str
        Columns that are unordered codes.
    """

    X: np.ndarray
    y: np.ndarray
    names: list[str]
    sites: np.ndarray
    groups: np.ndarray
    oracle: dict[str, np.ndarray] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    def without(self, site: str) -> Rows:
        """The rows of all other sites; their oracle saw that site, so it is dropped."""
        kept = self.sites != site
        return replace(
            self, X=self.X[kept], y=self.y[kept], sites=self.sites[kept],
            groups=self.groups[kept], oracle={},
        )  # fmt: skip


def folder_files(folder: Path) -> dict[str, Path]:
    """The files that the comparison rests on, by their name below the folder."""
    names = ["column_name_map.json"]
    for flux in FLUXES.values():
        names += [f"train_{flux}_1km.parquet", f"oracle/pred_{flux}_1km.parquet"]
    return {name: folder / name for name in names}


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each of these files."""
    return {name: sha256_file(path) for name, path in folder_files(folder).items()}


def oracle_rows(folder: Path, flux: str) -> Rows:
    """Rows with the columns, groups and predictions of the R run."""
    files, name = folder_files(folder), FLUXES[flux]
    known = set(json.loads(files["column_name_map.json"].read_text("utf-8"))) - {TWICE}
    table = pd.read_parquet(files[f"train_{name}_1km.parquet"])
    names = [column for column in table if column in known]
    oracle = pd.read_parquet(files[f"oracle/pred_{name}_1km.parquet"])
    oracle = oracle.set_index("row_id").loc[table["row_id"]]
    return Rows(
        table[names].to_numpy(np.float32),
        SIGN[flux] * table["outcome_gC_m2_month"].to_numpy(np.float64),
        in_order(names),
        table["site_uid"].to_numpy(str),
        oracle["group10"].to_numpy(),
        {
            "sites": SIGN[flux] * oracle["pred_ranger_loso"].to_numpy(),
            "groups": SIGN[flux] * oracle["pred_ranger_group10"].to_numpy(),
        },
    )


def in_order(names: Iterable[str]) -> list[str]:
    """The names with numbers before them, so that forests take the columns in this order."""
    return [f"{number:02d}_{name}" for number, name in enumerate(names)]


def study_rows(folder: Path, flux: str) -> Rows:
    """Complete rows with the study's predictors as far as the tables hold them."""
    files = folder_files(folder)
    table = read_flux_training([files[f"train_{name}_1km.parquet"] for name in FLUXES.values()])
    key = ["site", "year", "month"]
    table = table.merge(vegetation(files["train_NEE_1km.parquet"]), on=key, how="left")
    measured = table[table[flux].notna()]
    names = [name for name in predictor_names("fine") if name in table]
    names = [name for name in names if measured[name].notna().mean() >= SHARE]
    cases = complete_cases(table, flux, names)
    oracle = pd.read_parquet(files[f"oracle/pred_{FLUXES[flux]}_1km.parquet"])
    group = oracle.drop_duplicates("site_uid").set_index("site_uid")["group10"]
    groups = group.loc[cases.sites].to_numpy()
    return Rows(cases.X, cases.y, names, cases.sites, groups, classes=CLASSES)


def vegetation(path: Path) -> pd.DataFrame:
    """Vegetation code of each site-month of the NEE table, `REST` where no dummy column is set."""
    table = pd.read_parquet(path)
    dummies = table.filter(regex=r"^veg_class_\d+$")
    codes = dummies.columns.str.removeprefix("veg_class_").astype(int)
    if (dummies.sum(axis=1) > 1).any():
        raise SystemExit("a site-month has two vegetation types")
    code = np.where(dummies.any(axis=1), dummies.to_numpy() @ codes.to_numpy(), REST)
    key = {"site": table["site_uid"], "year": table["year"].astype(int), "month": table["month"]}
    return pd.DataFrame({**key, "vegetation": code.astype(np.int64)})


def encoded(rows: Rows, encoding: str) -> Rows:
    """The rows with their classes made into columns that trees can split.

    `mean order` leaves the classes to the forest; `code order` passes the codes as numbers; `one
    column a level` makes a 0/1 column of each level; `left out` drops the classes.
    """
    if encoding in ("as given", "mean order", "each node"):
        return rows
    if encoding == "code order":
        return replace(rows, classes=())
    table = pd.DataFrame(rows.X, columns=rows.names)
    if encoding == "left out":
        table = table.drop(columns=list(rows.classes))
    else:
        table = pd.get_dummies(table, columns=list(rows.classes), dtype=np.float32)
    kept = [name for name in table if name in rows.names]
    names = [*kept, *in_order(table.columns[len(kept) :])]
    return replace(rows, X=table.to_numpy(np.float32), names=names, classes=())
