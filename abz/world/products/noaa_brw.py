"""Monthly CO2 at Utqiaġvik, as NOAA's text file has it since 2021."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

__all__ = ["write_noaa_brw"]

COLUMNS = (
    "site_code year month day hour minute second time_decimal value value_std_dev nvalue "
    "latitude longitude altitude elevation intake_height qcflag"
)
STATION = "71.323 -156.611 27.0 11.0 16.0"
FILE = "co2_brw_surface-insitu_1_ccgg_MonthlyData.txt"
HEADER = (
    "dataset_name : co2_brw_surface-insitu_1_ccgg_MonthlyData",
    "dataset_parameter : co2",
    "site_code : BRW",
    "value:units : micromol mol-1",
    "value:_FillValue : -999.999",
    "qcflag:_FillValue : NA",
    "VARIABLE ORDER",
)


def write_noaa_brw(data: xr.Dataset, folder: Path) -> list[Path]:
    """Write `co2_brw_surface-insitu_1_ccgg_MonthlyData.txt`.

    Parameters
    ----------
    data : xarray.Dataset (time)
        co2 ppm; NaN where missing.
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file.

    Notes
    -----
    Values have two decimals; a missing month is −999.99 with the flag `*..`. The line of column
    names ends the header and is not a comment.
    """
    ordered = data["co2"].sortby("time")
    months = pd.DatetimeIndex(ordered["time"].values)
    rows = [_row(month, float(value)) for month, value in zip(months, ordered.values, strict=True)]
    header = [f"# header_lines : {len(HEADER) + 2}", *(f"# {line}" for line in HEADER), COLUMNS]
    path = Path(folder) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*header, *rows]) + "\n", encoding="utf-8")
    return [path]


def _row(month: pd.Timestamp, value: float) -> str:
    """One month of the record."""
    decimal = month.year + (month.dayofyear - 1) / (366 if month.is_leap_year else 365)
    missing = np.isnan(value)
    measured = "-999.99 -99.99 0" if missing else f"{value:.2f} 0.5 {month.daysinmonth}"
    flag = "*.." if missing else "..."
    return f"BRW {month.year} {month.month} 1 0 0 0 {decimal} {measured} {STATION} {flag}"
