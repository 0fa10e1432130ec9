"""Annual totals of CMIP6 models over the permafrost region of RECCAP2, 1850-2100.

Made for a study of future carbon sinks: one table a variable and experiment, one column a model, in
an order of its own. There is no map of the region and no error of a model; each model gave one run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import InputError
from abz.units import BUDGET
from abz.validation import check_distinct, check_file, check_values

__all__ = ["TOTALS", "Total", "read_cmip6_permafrost_region"]

TG_PER_PG = 1e3


@dataclass(frozen=True)
class Total:
    """What a stored variable is, and how it comes to its unit.

    Parameters
    ----------
    name : str
        Name used here.
    factor : float
        From the stored unit to `units`.
    units : str
        Unit used here.
    valid : tuple of float
        Smallest and largest value that can be true.
    long_name : str
        What it is, and what a value above zero means.
    """

    name: str
    factor: float
    units: str
    valid: tuple[float, float]
    long_name: str


TOTALS = MappingProxyType(
    {
        "gpp": Total("gpp", TG_PER_PG, BUDGET, (0, 5e4), "gross primary production, positive"),
        "npp": Total(
            "npp", TG_PER_PG, BUDGET, (-5e3, 4e4), "net primary production, positive: uptake"
        ),
        "rh": Total("rh", TG_PER_PG, BUDGET, (0, 4e4), "heterotrophic respiration, positive"),
        "nbp": Total(
            "nbp", TG_PER_PG, BUDGET, (-1e4, 1e4),
            "net biome production, positive: uptake, less fire and land use where a model has them",
        ),
        "cVeg": Total("c_veg", TG_PER_PG, "Tg C", (0, 5e6), "carbon in vegetation"),
        "cSoil": Total("c_soil", TG_PER_PG, "Tg C", (0, 5e6), "carbon in soil"),
        "tas": Total("air_temperature", 1.0, "K", (220, 310), "mean air temperature"),
        "pr": Total("precipitation", 1.0, "mm day-1", (0, 20), "mean precipitation"),
    }
)  # fmt: skip
"""Stored name to what it is; stored carbon is in Pg."""

_NAME: Final = re.compile(
    rf"CMIP6_(historical|ssp370)_({'|'.join(TOTALS)})_Permafrost_(\d{{4}})-(\d{{4}})\.csv"
)


def read_cmip6_permafrost_region(paths: Sequence[Path]) -> xr.Dataset:
    """Annual totals of the models over the permafrost region.

    Parameters
    ----------
    paths : sequence of Path
        `CMIP6_{historical,ssp370}_VARIABLE_Permafrost_FIRST-LAST.csv`, any of them in any order.

    Returns
    -------
    xarray.Dataset (model, year)
        `gpp`, `npp`, `rh`, `nbp` (Tg C yr-1), `c_veg`, `c_soil` (Tg C), `air_temperature` (K),
        `precipitation` (mm day-1), those that files are given for; NaN where a model lacks one.
        `nbp` and `npp` are above zero where the land takes carbon up. `experiment` (year) is
        historical or ssp370. Models are sorted by name.

    Raises
    ------
    InputError
        If a file is another one, years are not those of its name, a model stands there twice, two
        files tell of the same years, values are missing or cannot be true, or a model's NPP exceeds
        its GPP: then columns may be mixed up.

    Notes
    -----
    Columns are matched by the names of the models; their order differs from file to file.

    References
    ----------
    .. [1] Jones et al. (2023), RECCAP2 future component: consistency and potential for regional
       assessment to constrain global projections, AGU Advances 4; the tables lie with its code,
       github.com/ChrisJones-MOHC/RECCAP2Future_2023.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    experiments: dict[int, str] = {}
    for path in sorted(map(Path, paths)):
        experiment, stored, table = _read(check_file(path, "the CMIP6 totals"))
        parts.setdefault(stored, []).append(table)
        for year in table.index:
            if experiments.setdefault(year, experiment) != experiment:
                raise _clash(path, year)
    if not parts:
        raise InputError(
            "no file of the CMIP6 totals is given",
            rule="one file or more",
            value="none",
            remedy="give the files that the catalog names",
        )
    arrays = {TOTALS[stored].name: _joined(stored, tables) for stored, tables in parts.items()}
    dataset = xr.Dataset(arrays).sortby("year").sortby("model").transpose("model", "year")
    years = dataset["year"].values
    named = dataset.assign_coords(experiment=("year", [experiments[year] for year in years]))
    named.attrs = {"region": "permafrost region of RECCAP2", "source": "CMIP6, one run a model"}
    return _plausible(named)


def _read(path: Path) -> tuple[str, str, pd.DataFrame]:
    """Experiment, stored variable and (year, model) of one file, in its unit here."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise InputError(
            "the file is not one of the CMIP6 totals of the permafrost region",
            rule=f"its name is like {_NAME.pattern}",
            value=path.name,
            remedy="give the files that the catalog names for this entry",
        )
    experiment, stored, first, last = match.groups()
    raw = pd.read_csv(path, header=None)
    heads = [str(head).strip() for head in raw.iloc[0]]
    models = check_distinct(heads[1:], f"models of {path.name}")
    table = raw.iloc[1:].astype(float)
    years = table[0].to_numpy()
    if heads[0] != "year" or not np.array_equal(years, np.arange(int(first), int(last) + 1)):
        raise InputError(
            f"{path.name} does not hold the years of its name",
            rule=f"the column `year` runs from {first} to {last}",
            value=f"{heads[0]}: {years[0]:g} to {years[-1]:g}, {years.size} rows",
            remedy="fetch the file again; it may be cut off",
        )
    total = TOTALS[stored]
    values = table.drop(columns=0).to_numpy() * total.factor
    there = np.where(np.isfinite(values), values, np.inf)
    check_values(there, total.valid, f"{path.name}, {total.units}")
    return experiment, stored, pd.DataFrame(values, years.astype(int), models)


def _joined(stored: str, tables: list[pd.DataFrame]) -> xr.DataArray:
    """All years of a variable; a model that one of its files lacks is missing there."""
    whole = pd.concat(tables).rename_axis(index="year", columns="model")
    twice = whole.index[whole.index.duplicated()]
    if len(twice):
        raise _clash(Path(f"CMIP6_*_{stored}_Permafrost_*.csv"), int(twice[0]))
    array = xr.DataArray(whole)
    array.attrs = {"units": TOTALS[stored].units, "long_name": TOTALS[stored].long_name}
    return array


def _clash(path: Path, year: int) -> InputError:
    """Two files of the same years."""
    return InputError(
        "two files tell of the same years",
        rule="the experiments follow each other",
        value=f"{path.name}: {year}",
        remedy="give one file a variable and experiment",
    )


def _plausible(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset, if no NPP exceeds its GPP."""
    if {"gpp", "npp"} <= set(dataset.data_vars):
        mixed = (dataset["npp"] > dataset["gpp"]).any("year")
        if mixed.any():
            raise InputError(
                "a model's NPP exceeds its GPP",
                rule="NPP = GPP − autotrophic respiration",
                value=dataset["model"].values[mixed.values].tolist(),
                remedy="match the columns of the files by name; their order differs",
            )
    return dataset
