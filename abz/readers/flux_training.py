"""The authors' public 1-km training rows: real site-months with real predictors.

Three tables, one a flux, that share a key of site, year and month. GPP is stored negative there, as
in the in-situ database; it is positive here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import pandas as pd

from abz.errors import InputError
from abz.units import KG_M2_PER_T_HA
from abz.validation import check_columns, check_file, check_single_file

__all__ = ["read_barrow_co2_as_used", "read_flux_training", "read_flux_training_held_out"]

KEY = ["site", "year", "month"]

TABLES = {
    "train_NEE_1km.parquet": ("nee", 1.0),
    "train_GPP_1km.parquet": ("gpp", -1.0),
    "train_Reco_1km.parquet": ("reco", 1.0),
}
"""File name to flux and the factor that gives it the sign used here."""

COLUMNS = {
    "srad_wm2": ("srad", 1.0),
    "vpd_kpa": ("vpd", 1.0),
    "co2_ppm": ("co2", 1.0),
    "snow_cover_pct": ("snow_cover", 1.0),
    "era5_soiltemp_l1_raw": ("soil_temperature", 1.0),
    "swvl1_m3m3": ("soil_moisture", 1.0),
    "ndvi_modis_raw": ("ndvi", 1.0),
    "lst_day_k": ("lst", 1.0),
    "tree_cover_mod44b_raw": ("tree_cover", 1.0),
    "nontree_veg_mod44b_raw": ("nontree_cover", 1.0),
    "nonveg_mod44b_raw": ("nonvegetated_cover", 1.0),
    "soil_ph_soilgrids_raw": ("soil_ph", 0.1),
    "soc_stock_soilgrids_raw": ("soc", KG_M2_PER_T_HA),
    "permafrost_prob_raw": ("permafrost_probability", 1.0),
}
"""Stored column to predictor and the factor to its canonical unit."""

HELD_OUT = {"svm_pred_loso": "svm", "svm_pred_loso_old": "svm_earlier"}
"""Stored held-out prediction to its name."""


def read_flux_training(paths: Sequence[Path]) -> pd.DataFrame:
    """Real site-months of the three fluxes, joined by site, year and month.

    Parameters
    ----------
    paths : sequence of Path
        `train_NEE_1km.parquet`, `train_GPP_1km.parquet`, `train_Reco_1km.parquet`, in any order.

    Returns
    -------
    pandas.DataFrame
        One row a site-month: site, site_name, latitude, longitude, biome, year, month; nee, gpp,
        reco (g C m-2 month-1; NEE below zero is uptake, GPP is positive); the predictors that the
        tables hold, in the units of `abz.vocabulary.PREDICTORS`. A predictor is missing in the
        rows of a flux whose table does not hold it.

    Raises
    ------
    InputError
        If a file is not one of the three tables, or two tables disagree about a predictor.
    """
    tables = [_read_table(check_file(path, "flux training table")) for path in sorted(paths)]
    if not tables:
        raise InputError("no training table is given", rule="one path or more", value=[])
    joined = reduce(_join, tables)
    return joined.sort_values(KEY, ignore_index=True)


def read_flux_training_held_out(paths: Sequence[Path]) -> pd.DataFrame:
    """Predictions of the authors' support vector machines for the sites that they left out.

    Parameters
    ----------
    paths : sequence of Path
        The tables of `read_flux_training`, any of them in any order.

    Returns
    -------
    pandas.DataFrame
        flux, site, year, month; observed, and the held-out predictions of both editions of the
        model, svm and svm_earlier (g C m-2 month-1; GPP is positive), in the order of the tables.

    Raises
    ------
    InputError
        If a file is not one of the tables, or lacks the predictions.
    """
    made = []
    for path in sorted(paths):
        flux, sign = _flux_and_sign(check_file(path, "flux training table"))
        raw = pd.read_parquet(path)
        names = {"outcome_gC_m2_month": "observed", **HELD_OUT}
        check_columns(raw, ["site_uid", "year", "month", *names], path.name)
        key = {"site": raw["site_uid"], "year": raw["year"], "month": raw["month"]}
        signed = {name: sign * raw[stored] for stored, name in names.items()}
        made.append(pd.DataFrame({"flux": flux, **key, **signed}))
    if not made:
        raise InputError("no training table is given", rule="one path or more", value=[])
    return pd.concat(made, ignore_index=True).astype({"year": int, "month": int})


def read_barrow_co2_as_used(paths: Sequence[Path]) -> pd.DataFrame:
    """Monthly CO2 at Utqiagvik as the authors used it.

    Parameters
    ----------
    paths : sequence of Path = (path,)
        `barrow_co2_monthly_as_used.csv`.

    Returns
    -------
    pandas.DataFrame
        year, month, co2 (ppm).

    Raises
    ------
    MissingDataError
        If the file is not there.
    InputError
        If a column is missing, or several files are given.
    """
    path = check_single_file(paths, ".csv", "the CO2 series")
    table = check_columns(pd.read_csv(path), ["year", "month", "co2_ppm"], path.name)
    return table.rename(columns={"co2_ppm": "co2"})


def _flux_and_sign(path: Path) -> tuple[str, float]:
    """Flux of a table, and the factor that gives it the sign used here."""
    if path.name not in TABLES:
        raise InputError(
            "the file is not one of the training tables",
            rule=f"its name is one of {', '.join(TABLES)}",
            value=path.name,
            remedy="give the tables of the entry `flux_training`",
        )
    return TABLES[path.name]


def _read_table(path: Path) -> pd.DataFrame:
    """One table with canonical names, units and sign."""
    flux, sign = _flux_and_sign(path)
    raw = pd.read_parquet(path)
    check_columns(raw, ["site_uid", "year", "month", "outcome_gC_m2_month"], path.name)
    about = raw[["site_name", "latitude", "longitude", "biome"]]
    key = {"site": raw["site_uid"], "year": raw["year"].astype(int), "month": raw["month"]}
    predictors = {name: raw[c] * f for c, (name, f) in COLUMNS.items() if c in raw}
    return pd.DataFrame(
        {**key, **about, flux: sign * raw["outcome_gC_m2_month"], **predictors}
    ).astype({"month": int})


def _join(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Both tables in one, a shared value taken from whichever row holds it."""
    shared = [name for name in left.columns if name in right.columns and name not in KEY]
    both = left.merge(right, on=KEY, how="outer", suffixes=("", "_right"), validate="1:1")
    for name in shared:
        other = both.pop(f"{name}_right")
        clash = both[name].notna() & other.notna() & (both[name] != other)
        if clash.any():
            raise InputError(
                f"two training tables disagree about {name}",
                rule="a site-month has one value of each predictor",
                value=both.loc[clash, KEY].iloc[0].to_dict(),
                remedy="use three tables of one edition",
            )
        both[name] = both[name].where(both[name].notna(), other)
    return both
