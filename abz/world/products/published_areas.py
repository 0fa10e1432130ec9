"""Tables like those of the authors' 8-km model, as R's `write.csv` writes them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from abz.readers.published_areas import AREAS, ENVIRONMENT, FLUX_FILES

__all__ = [
    "write_published_budgets_8km",
    "write_published_environment_8km",
    "write_published_months_8km",
    "write_r_table",
]

STORED_AREAS = {name: stored for stored, name in AREAS.items()}


def write_published_budgets_8km(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `NEE_gC_m2_8km_budgets.csv` and the like, one file a flux.

    Parameters
    ----------
    table : pandas.DataFrame
        flux, area, year, tg (Tg C yr-1).
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
    """
    paths = []
    for stored, flux in FLUX_FILES.items():
        rows = table[table["flux"] == flux]
        if len(rows):
            cells = zip(rows["area"].map(STORED_AREAS), rows["tg"], rows["year"], strict=True)
            name = f"{stored}_gC_m2_8km_budgets.csv"
            paths.append(write_r_table(folder / name, ["area", "budget", "year"], cells))
    return paths


def write_published_months_8km(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `NEE_gC_m2_8km_monthly_mean_bins.csv`.

    Parameters
    ----------
    table : pandas.DataFrame
        area, first_year, month, nee (g C m-2 month-1).
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
        The one file, with NEE × 100.
    """
    kind = {"ABZ": "full", "boreal": "biome", "tundra": "biome"}
    cells = [
        (STORED_AREAS[area], 100 * nee, first, f"{month:02d}", kind.get(area, "region"))
        for area, nee, first, month in zip(
            table["area"], table["nee"], table["first_year"], table["month"], strict=True
        )
    ]
    heads = ["area", "mean", "year", "month", "region_summary"]
    return [write_r_table(folder / "NEE_gC_m2_8km_monthly_mean_bins.csv", heads, cells)]


def write_published_environment_8km(table: pd.DataFrame, folder: Path) -> list[Path]:
    """Write `tmean_1990_2016_annual_means.csv` and the like, one file a variable.

    Parameters
    ----------
    table : pandas.DataFrame
        variable, area, year (that of the layer; any for variables that cannot be dated),
        stored_year, value (in the predictor's unit).
    folder : Path
        Made where absent.

    Returns
    -------
    list of Path
    """
    paths = []
    for stored, layer in ENVIRONMENT.items():
        rows = table[table["variable"] == layer.variable]
        if rows.empty:
            continue
        values = (rows["value"] - layer.offset) / layer.factor
        cells = zip(rows["area"].map(STORED_AREAS), values, rows["stored_year"], strict=True)
        names = None
        if layer.years == "layer":
            names = [
                f"{stored}_VCF5KYR_{year}001" if area == "ABZ" else str(number)
                for number, (area, year) in enumerate(zip(rows["area"], rows["year"], strict=True))
            ]
        path = folder / f"{stored}_1990_2016_annual_means.csv"
        paths.append(write_r_table(path, ["area", "mean", "year"], cells, names))
    return paths


def write_r_table(
    path: Path,
    heads: Sequence[str],
    cells: Iterable[Sequence[object]],
    names: Sequence[str] | None = None,
) -> Path:
    """A table as R's `write.csv` writes one whose columns are texts: all quoted, with row names.

    Parameters
    ----------
    path : Path
        Its folder is made where absent.
    heads : sequence of str
        Names of the columns.
    cells : iterable of sequence
        Rows; floats are written with all their digits.
    names : sequence of str, optional
        Row names; numbers from one by default.

    Returns
    -------
    Path
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["", *heads])
        for number, row in enumerate(cells):
            writer.writerow([names[number] if names else number + 1, *row])
    return path
