"""Monthly atmospheric CO2 at Utqiaġvik (Barrow, Alaska), in both layouts of NOAA's text files."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import InputError
from abz.readers.calendars import check_no_gap
from abz.readers.canonical import canonical
from abz.readers.labels import provenance
from abz.readers.months import join_months
from abz.validation import check_columns, check_single_file

__all__ = ["read_noaa_brw"]

HEADER_LINES = re.compile(r"^#\s*header_lines\s*:\s*(\d+)", re.MULTILINE)


def read_noaa_brw(paths: Sequence[Path]) -> xr.Dataset:
    """Monthly mean CO2 at the Barrow observatory.

    Parameters
    ----------
    paths : sequence of Path
        One text file, `co2_brw_surface-insitu_1_ccgg_MonthlyData*.txt`. Its line of column names
        ends the header, with a leading # (to 2016) or without (since 2021).

    Returns
    -------
    xarray.Dataset (time)
        co2, ppm; NaN where missing (−999.99) or rejected by the station (first quality flag is
        not a point). Every month of the file, in order.

    Raises
    ------
    MissingDataError
        If the file is missing, or a month of it.
    InputError
        If the header does not tell its length, columns are missing, a line is cut off or a month
        occurs twice.

    References
    ----------
    .. [1] NOAA Global Monitoring Laboratory, doi:10.15138/yaf1-bk21.
    """
    path = check_single_file(paths, ".txt", "NOAA's CO2 record")
    table = _table(path)
    rejected = ~table["qcflag"].astype(str).str.startswith(".")
    value = table["value"].where((table["value"] > 0) & ~rejected)
    months = pd.to_datetime(table[["year", "month"]].assign(day=1)).to_numpy("datetime64[ns]")
    co2 = xr.DataArray(value.to_numpy(float), {"time": months}, ("time",))
    check_no_gap(months, path.name)
    made = join_months([canonical(co2, "co2").to_dataset()])
    return made.assign_attrs(provenance("NOAA GML, Barrow observatory", [path]))


def _table(path: Path) -> pd.DataFrame:
    """The record with its own column names."""
    text = path.read_text(encoding="utf-8")
    match = HEADER_LINES.search(text)
    lines = text.splitlines()
    if match is None or not 0 < int(match[1]) <= len(lines):
        raise InputError(
            f"{path.name} does not say where its data begin",
            rule="a line `# header_lines : N`, N within the file",
            value="no such line" if match is None else match[0],
            remedy="fetch the file again; it may be cut off",
        )
    end = int(match[1])
    names = lines[end - 1].lstrip("# ").split()
    short = [line for line in lines[end:] if line.strip() and len(line.split()) != len(names)]
    if short:
        raise InputError(
            f"{path.name} holds a line that is cut off",
            rule=f"{len(names)} columns in each: {', '.join(names)}",
            value=short[0],
            remedy="fetch the file again; it may be cut off",
        )
    body = io.StringIO("\n".join(lines[end:]))
    table = pd.read_csv(body, sep=r"\s+", names=names, keep_default_na=False)
    check_columns(table, ["year", "month", "value", "qcflag"], path.name)
    return table.astype({"year": np.int64, "month": np.int64, "value": float})
