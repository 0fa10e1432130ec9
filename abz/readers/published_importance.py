"""Importance of predictors in the authors' models of 2022, in their names and in those used here.

Two kinds of tables. `_NEE_gC_m2_1km_vip.csv` and the like hold the permutation importance of three
models, as a rise of the RMSE. `_NEE_gC_m2_1km_qrf_vip.csv` and its variants hold what randomForest
calls %IncMSE: the mean rise of the squared out-of-bag error of a tree, divided by its standard
error. The two cannot be compared in size, only in order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from abz.errors import InputError
from abz.units import MONTHLY_FLUX
from abz.validation import check_columns, check_distinct, check_file

__all__ = ["AUTHORS_NAMES", "VARIANTS", "read_published_importance"]

AUTHORS_NAMES = MappingProxyType(
    {
        "Solar radiation": "srad",
        "srad_terraclimate_sites": "srad",
        "Vapor pressure deficit": "vpd",
        "vpd_terraclimate_sites": "vpd",
        "Atmospheric CO2": "co2",
        "Barrow_CO2_conc_Barrow_CO2conc": "co2",
        "Vegetation type": "vegetation",
        "ESACCI_cavm_general_ESAwaterfix_broadevfix_mixfix_cropfix_nowaterglacier_"
        "ESACCI_CAVM_merged": "vegetation",
        "Snow cover": "snow_cover",
        "Snow.cover_era5_soilmoist_temp_snow": "snow_cover",
        "Soil temperature": "soil_temperature",
        "Soil.temperature.level.1_era5_soilmoist_temp_snow": "soil_temperature",
        "Volumetric soil water": "soil_moisture",
        "Volumetric.soil.water.layer.1_era5_soilmoist_temp_snow": "soil_moisture",
        "NDVI": "ndvi",
        "NDVI_whittaker_constant_monthly_mean": "ndvi",
        "ndvi3g_lowest_gapfilled_mean_GIMMS3g_NDVI_sites_low_quality_gapfilled": "ndvi",
        "Land surface temperature (daytime)": "lst",
        "LST_Day_1km_MOD11A2v006_LST_Day_sites_low_quality": "lst",
        "Monthly air temperature": "air_temperature",
        "tmean_terraclimate_sites": "air_temperature",
        "Compound topographic index": "cti",
        "dtm_cti_merit.dem_m_250m_s0..0cm_2018_v1.0_MERIT_topo_indices_250m": "cti",
        "Percent non-tree vegetation": "nontree_cover",
        "Percent_NonTree_Vegetation_MOD44B_sites": "nontree_cover",
        "Percent_NonTree_Vegetation_AVHRR_VCF5KYR": "nontree_cover",
        "Percent non-vegetated": "nonvegetated_cover",
        "Percent_NonVegetated_MOD44B_sites": "nonvegetated_cover",
        "Percent_NonVegetated_AVHRR_VCF5KYR": "nonvegetated_cover",
        "Percent tree cover": "tree_cover",
        "Percent_Tree_Cover_MOD44B_sites": "tree_cover",
        "Percent_TreeCover_AVHRR_VCF5KYR": "tree_cover",
        "Soil pH": "soil_ph",
        "PHIHOX_M_sl1_250m_ll_SoilGrids": "soil_ph",
        "Soil organic carbon stock": "soc",
        "SoilGrids_SOC_SoilGrids_SOCstock": "soc",
        "Permafrost probability": "permafrost_probability",
        "UiO_PEX_PERPROB_5.0_20181128_2000_2016_NH_UiO_PEX_20181128_2000_2016_NH": (
            "permafrost_probability"
        ),
    }
)
"""The authors' name of a predictor to that of `PREDICTORS`.

Predictors that the final study dropped have none, nor have the single levels of a category.
"""

VARIANTS = MappingProxyType(
    {
        "": "full",
        "full_model_simple": "simple",
        "full_model_without_srad": "without srad",
        "full_model_without_vegtype": "without vegetation",
        "full_model_without_larvaloutbreak": "without the moth outbreak",
    }
)
"""Part of a file's name to the variant of the model."""

_PERMUTED: Final = re.compile(r"_(NEE|GPP|Reco)_gC_m2_(1|20)km_vip\.csv")
_QUANTILE: Final = re.compile(
    r"_(NEE|GPP|Reco)_gC_m2_(1|20)km_(?:(full_model_\w+)_)?qrf(?:_(full_model_\w+))?_vip\.csv"
)
_MODELS = MappingProxyType({"GBM": "gbm", "SVM": "svm", "RF": "rf"})

COLUMNS = [
    "flux", "resolution", "model", "variant", "name", "predictor", "importance", "spread", "used",
    "units",
]  # fmt: skip


def read_published_importance(paths: Sequence[Path]) -> pd.DataFrame:
    """Importance of the predictors in the authors' models.

    Parameters
    ----------
    paths : sequence of Path
        `_FLUX_gC_m2_{1,20}km_vip.csv`, `_FLUX_gC_m2_{1,20}km_qrf_vip.csv` and its variants, any of
        them in any order.

    Returns
    -------
    pandas.DataFrame
        flux; resolution ("1 km", "20 km"); model ("gbm", "svm", "rf": permutation importance, g C
        m-2 month-1; "qrf": %IncMSE of randomForest, a number without unit); variant (a value of
        `VARIANTS`); name (the authors'); predictor (that of `PREDICTORS`, missing where the study
        dropped it); importance; spread, the SD over permutations (missing for qrf); used, whether
        the model has the predictor: those that it lacks are stored as exactly zero without spread;
        units.

    Raises
    ------
    InputError
        If a file is another one, a column is missing, a model is unknown, a predictor stands there
        twice in a model, an importance is missing, or the two columns of a table that hold it
        differ.

    References
    ----------
    .. [1] Breiman (2001), Random forests, Machine Learning 45, 5-32.
    .. [2] Liaw & Wiener (2002), Classification and regression by randomForest, R News 2, 18-22.
    """
    tables = [_read(check_file(path, "the authors' importance")) for path in sorted(paths)]
    if not tables:
        raise InputError(
            "no file of the authors' importance is given",
            rule="one file or more",
            value="none",
            remedy="give the files that the catalog names",
        )
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _read(path: Path) -> pd.DataFrame:
    """One file, in the order of its rows."""
    permuted, quantile = _PERMUTED.fullmatch(path.name), _QUANTILE.fullmatch(path.name)
    match = permuted or quantile
    if match is None or (quantile and _variant(quantile) not in VARIANTS):
        raise InputError(
            "the file is not one of the authors' tables of importance",
            rule=f"its name is like {_PERMUTED.pattern} or {_QUANTILE.pattern}",
            value=path.name,
            remedy="give the files that the catalog names for this entry",
        )
    table = _of_three_models(path) if permuted else _of_quantile_forest(path)
    for (model, variant), rows in table.assign(
        variant=VARIANTS[_variant(quantile)] if quantile else "full"
    ).groupby(["model", "variant"]):
        check_distinct(rows["name"], f"predictors of {model}, {variant}, in {path.name}")
    if not np.isfinite(table["importance"]).all():
        raise InputError(
            f"{path.name} lacks values",
            rule="every predictor has its importance",
            value=table.loc[~np.isfinite(table["importance"]), "name"].tolist(),
            remedy="fetch the file again; it may be damaged",
        )
    return table.assign(
        flux=match[1].lower(),
        resolution=f"{match[2]} km",
        variant=VARIANTS[_variant(quantile)] if quantile else "full",
        predictor=table["name"].map(AUTHORS_NAMES),
    )


def _variant(match: re.Match[str]) -> str:
    """The part of a name that tells the variant."""
    return match[3] or match[4] or ""


def _of_three_models(path: Path) -> pd.DataFrame:
    """Permutation importance of three models; what a model lacks is zero without spread."""
    wanted = ["Variable", "Importance", "StDev", "Model"]
    raw = check_columns(pd.read_csv(path), wanted, path.name)
    unknown = sorted(set(raw["Model"]) - set(_MODELS))
    if unknown:
        raise InputError(
            f"{path.name} holds a model that is unknown",
            rule=f"a model is one of {', '.join(_MODELS)}",
            value=unknown,
            remedy="give the table as the authors wrote it",
        )
    return pd.DataFrame(
        {
            "model": raw["Model"].map(_MODELS),
            "name": raw["Variable"],
            "importance": raw["Importance"].astype(float),
            "spread": raw["StDev"].astype(float),
            "used": (raw["Importance"] != 0) | (raw["StDev"] != 0),
            "units": MONTHLY_FLUX,
        }
    )


def _of_quantile_forest(path: Path) -> pd.DataFrame:
    """%IncMSE of a quantile forest."""
    raw = check_columns(pd.read_csv(path), ["Overall", "Variable2", "Importance"], path.name)
    if not np.array_equal(raw["Overall"], raw["Importance"], equal_nan=True):
        raise InputError(
            f"{path.name} contradicts itself",
            rule="Overall and Importance are the same column",
            value=raw.loc[raw["Overall"] != raw["Importance"], "Variable2"].tolist(),
            remedy="fetch the file again; it may be damaged",
        )
    return pd.DataFrame(
        {
            "model": "qrf",
            "name": raw["Variable2"],
            "importance": raw["Importance"].astype(float),
            "spread": np.nan,
            "used": True,
            "units": "1",
        }
    )
