"""Tables like those of the CMIP6 totals of the permafrost region."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from abz.readers.cmip6_permafrost_region import TOTALS

__all__ = ["write_cmip6_permafrost_region"]


def write_cmip6_permafrost_region(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `CMIP6_historical_gpp_Permafrost_1850-2014.csv` and the like.

    Parameters
    ----------
    data : xarray.Dataset (model, year)
        Variables of `read_cmip6_permafrost_region`, with `experiment` (year); the years of an
        experiment follow each other. A model without a value in an experiment gets no column.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        One file a variable and experiment, each with the models in an order of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for stored, total in TOTALS.items():
        if total.name not in data:
            continue
        for experiment in np.unique(data["experiment"].values):
            array = data[total.name].sel(year=data["experiment"] == experiment) / total.factor
            array = array.transpose("year", "model").dropna("model", how="all")
            years = array["year"].values
            array = array.roll(model=len(paths), roll_coords=True)
            heads = ", ".join(["year", *map(str, array["model"].values)])
            path = folder / f"CMIP6_{experiment}_{stored}_Permafrost_{years[0]}-{years[-1]}.csv"
            table = np.column_stack([years, array.values])
            np.savetxt(path, table, delimiter=", ", header=heads, comments="")
            paths.append(path)
    return paths
