"""ABCflux v1, the monthly in-situ fluxes of the Arctic–boreal zone: CSV to a canonical table."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from abz.errors import CategoryError, InputError
from abz.readers.axes import check_degrees
from abz.validation import check_columns, check_single_file
from abz.vocabulary import BIOMES

__all__ = ["COLUMNS", "FLUX_METHODS", "read_abcflux"]

COLUMNS = MappingProxyType(
    {
        "site": ("study_id_short", "study_id"),
        "site_name": ("site_name",),
        "site_reference": ("site_reference",),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "country": ("country",),
        "biome": ("biome",),
        "year": ("meas_year", "year"),
        "month": ("interval_month", "interval", "month"),
        "nee": ("nee", "nee_gc_m2"),
        "gpp": ("gpp", "gpp_gc_m2"),
        "reco": ("reco", "reco_gc_m2"),
        "flux_method": ("flux_method",),
        "disturbance": ("disturbance",),
        "disturbance_year": ("disturb_year",),
        "gap_fill_percent": ("gap_fill_perc", "gap_perc"),
        "partition_method": ("partition_method",),
    }
)
"""Canonical column to its spellings in lower case, the preferred one first."""

OPTIONAL = (
    "site_name",
    "site_reference",
    "disturbance",
    "disturbance_year",
    "gap_fill_percent",
    "partition_method",
)
WHOLE = ("year", "month")
NUMBERS = (*WHOLE, "latitude", "longitude", "nee", "gpp", "reco", "gap_fill_percent")

FLUX_METHODS = MappingProxyType({"EC": "EC", "Ch": "Chamber", "Diff": "Diffusion"})
"""Word of the file to canonical word."""

MISSING = ("NA", "-9999", "-9999.0", "")
SIGN_SHARE = 0.9
SIGN_FLOOR = 1.0


def read_abcflux(paths: Sequence[Path]) -> pd.DataFrame:
    """Site-months of ABCflux in canonical names and signs.

    Parameters
    ----------
    paths : sequence of Path
        `Arctic_Boreal_CO2_Flux.csv`, UTF-8 or latin-1, with the public column names or those of
        the modelling tables, in upper or lower case.

    Returns
    -------
    pandas.DataFrame
        A row is a site-month: site, site_name, site_reference, latitude, longitude (degrees),
        country, biome ("boreal" or "tundra"), year, month (int64), nee, gpp, reco
        (g C m-2 month-1; NEE < 0 is uptake, GPP and Reco positive), flux_method (EC, Chamber,
        Diffusion), disturbance, disturbance_year, gap_fill_percent (%), partition_method. Rows in
        the order of the file. A text in place of a disturbance's year, such as a range of ages,
        becomes missing.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If a column is missing, a number is not one, a month is not 1 to 12, or GPP is not
        negative in the file, as the public version has it.
    CategoryError
        If a flux method or biome is not declared.
    GridError
        If coordinates of sites are no degrees.

    Notes
    -----
    gpp = −GPP of the file. Site names are recoded to ASCII, which concerns two sites of
    López-Blanco.

    References
    ----------
    .. [1] Virkkala et al. (2022), doi:10.5194/essd-14-179-2022; data doi:10.3334/ORNLDAAC/1934.
    """
    path = check_single_file(paths, ".csv", "ABCflux")
    raw = pd.read_csv(
        io.StringIO(_decoded(path)),
        dtype=str,
        keep_default_na=False,
        na_values=list(MISSING),
        skipinitialspace=True,
    )
    table = _with_numbers(_renamed(raw, path.name))
    check_degrees(table["longitude"].to_numpy(), table["latitude"].to_numpy(), path.name)
    table["site"] = table["site"].map(_ascii)
    table["flux_method"] = _words(table, "flux_method", _accepted(FLUX_METHODS))
    table["biome"] = _words(table, "biome", {name.title(): name for name in BIOMES.values()})
    _check_sign(table)
    return table.assign(gpp=0.0 - table["gpp"])


def _decoded(path: Path) -> str:
    """Text of the file; what is not UTF-8 is latin-1."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _renamed(raw: pd.DataFrame, name: str) -> pd.DataFrame:
    """The canonical columns, whichever of their spellings the file has."""
    spelled = raw.rename(columns=lambda column: str(column).strip().lower())
    found = {
        canonical: next((s for s in spellings if s in spelled), None)
        for canonical, spellings in COLUMNS.items()
    }
    missing = [" / ".join(COLUMNS[c]) for c, s in found.items() if s is None and c not in OPTIONAL]
    check_columns(spelled, missing, name)
    empty = pd.Series(np.nan, index=raw.index, dtype=raw.dtypes.iloc[0])
    return pd.DataFrame({c: empty if s is None else spelled[s] for c, s in found.items()})


def _with_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Numeric columns as numbers; `disturbance_year` keeps what is a year."""
    for column in NUMBERS:
        table[column] = _number(table[column], column)
    table["disturbance_year"] = pd.to_numeric(table["disturbance_year"], errors="coerce")
    for column in WHOLE:
        if not (table[column] % 1 == 0).all():
            raise InputError(
                f"{column} is not whole",
                rule=f"every row has a whole {column}",
                value=_first(table, column, table[column] % 1 != 0),
                remedy="correct or drop the row",
            )
        table[column] = table[column].astype(np.int64)
    wrong = ~table["month"].between(1, 12)
    if wrong.any():
        raise InputError(
            "month is out of range",
            rule="1 <= month <= 12",
            value=_first(table, "month", wrong),
            remedy="give calendar months",
        )
    return table


def _number(column: pd.Series, name: str) -> pd.Series:
    """Text as float64, −9999 in any spelling as NaN."""
    values = pd.to_numeric(column, errors="coerce").astype(float)
    broken = values.isna() & column.notna()
    if broken.any():
        raise InputError(
            f"{name} is not a number",
            rule="a number, NA or -9999",
            value=_first(column.to_frame(name), name, broken),
            remedy="correct the file",
        )
    return values.where(values != -9999.0)


def _accepted(words: MappingProxyType[str, str]) -> dict[str, str]:
    """The words of the file and the canonical words themselves."""
    return {**{word: word for word in words.values()}, **words}


def _words(table: pd.DataFrame, column: str, words: dict[str, str]) -> pd.Series:
    """The canonical word of each row."""
    canonical = table[column].str.strip().map(words)
    if canonical.isna().any():
        raise CategoryError(
            f"{column} holds undeclared words",
            rule=f"one of {', '.join(words)}",
            value=_first(table, column, canonical.isna()),
            remedy="correct the file, or declare the word in abz.readers.abcflux",
        )
    return canonical


def _first(table: pd.DataFrame, column: str, wrong: pd.Series) -> str:
    """The first wrong value and the row in which it stands."""
    row = int(np.flatnonzero(wrong.to_numpy())[0])
    return f"{table[column].tolist()[row]!r} in data row {row + 1}"


def _ascii(site: str) -> str:
    """A site name without diacritics."""
    return unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode("ascii")


def _check_sign(table: pd.DataFrame) -> None:
    """GPP of the file is uptake below zero: so it must be in July under the towers."""
    july = table.loc[(table["month"] == 7) & (table["flux_method"] == "EC"), "gpp"]
    clear = july[july.abs() > SIGN_FLOOR]
    if clear.size and (clear < 0).mean() <= SIGN_SHARE:
        raise InputError(
            "GPP does not have the sign of the public file",
            rule=f"more than {SIGN_SHARE:.0%} of July tower GPP is negative in the file",
            value=f"{(clear < 0).mean():.0%} of {clear.size} rows",
            remedy="give the file as published; the reader turns GPP positive itself",
        )
