"""Table 1 and the skill of the forests, as published."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from abz.published.records import published_record
from abz.published.rounding import Rounded

__all__ = [
    "PUBLISHED_TABLE1",
    "Cell",
    "published_cells",
    "published_fields",
    "published_skill",
    "published_table1",
]

PUBLISHED_TABLE1 = MappingProxyType(
    {
        ("abz", "ABZ"): "t1_abz",
        ("biome", "boreal"): "t1_boreal",
        ("biome", "tundra"): "t1_tundra",
        ("permafrost_region", "permafrost"): "t1_permafrost",
    }
)
"""Rows of the published Table 1: (zone set, zone) to the id of the record."""

Cell = tuple[str, str, str]
"""Zone, flux and column of a number of Table 1, as the tables of a run call them."""

_FLUX_NAMES = MappingProxyType({"nee": "NEE", "gpp": "GPP", "reco": "Reco"})

_COLUMNS = MappingProxyType(
    {
        "budget": ("budget", "mean"), "budget_sd": ("budget", "sd"),
        "per_area": ("perarea", "mean"), "interannual_sd": ("perarea", "sd"),
        "insitu_mean": ("insitu", "mean"), "insitu_sd": ("insitu", "sd"),
    }
)  # fmt: skip
"""Columns of a flux to the fields of a record."""


def published_fields() -> dict[Cell, tuple[str, str]]:
    """Where each number of Table 1 stands.

    Returns
    -------
    dict of {(zone, flux, column): (id, field)}
        `area`, 1e6 km2, and `summer_ratio` stand in the cells of NEE.

    Examples
    --------
    >>> published_fields()["boreal", "gpp", "budget_sd"]
    ('t1_boreal', 'budget.GPP.sd')
    """
    found: dict[Cell, tuple[str, str]] = {}
    for (_, zone), record in PUBLISHED_TABLE1.items():
        for flux, name in _FLUX_NAMES.items():
            for column, (part, which) in _COLUMNS.items():
                found[zone, flux, column] = record, f"{part}.{name}.{which}"
        found[zone, "nee", "summer_ratio"] = record, "ratio"
        found[zone, "nee", "area"] = record, "area_1e6km2"
        found[zone, "nee_fire", "budget"] = record, "neefire"
    return found


def published_cells() -> dict[Cell, Rounded]:
    """The numbers of Table 1 as printed.

    Examples
    --------
    >>> published_cells()["tundra", "nee", "area"].text
    '6.8'
    """
    return {
        cell: published_record(name).number(field)
        for cell, (name, field) in published_fields().items()
    }


def published_table1() -> pd.DataFrame:
    """Table 1 as published, long form.

    Returns
    -------
    pandas.DataFrame
        zone_set, zone, flux, budget, budget_sd (Tg C yr-1), per_area, interannual_sd,
        insitu_mean, insitu_sd (g C m-2 yr-1), summer_ratio, area_1e6km2; period 2001–2020, and
        2002–2020 for `nee_fire`.

    Notes
    -----
    The published ± of the values per area fits the SD between years, and is shown as such. That of
    NEE + fire is the SD of NEE alone.

    References
    ----------
    .. [1] Virkkala et al. (2025), Nature Climate Change; the body of Table 1 from its preprint.

    Examples
    --------
    >>> budget = published_table1().set_index(["zone", "flux"])["budget"]
    >>> budget["boreal", "nee"].item(), budget["tundra", "nee_fire"].item()
    (-593.0, 64.0)
    """
    cells = {cell: number.value for cell, number in published_cells().items()}
    nan = float("nan")
    rows = []
    for zone_set, zone in PUBLISHED_TABLE1:
        for flux in (*_FLUX_NAMES, "nee_fire"):
            row = {name: cells.get((zone, flux, name), nan) for name in (*_COLUMNS, "summer_ratio")}
            if flux == "nee_fire":
                row["budget_sd"] = cells[zone, "nee", "budget_sd"]
            area = cells[zone, "nee", "area"]
            head = {"zone_set": zone_set, "zone": zone, "area_1e6km2": area, "flux": flux}
            rows.append(head | row)
    return pd.DataFrame(rows)


def published_skill(flux: str) -> dict[str, float]:
    """Cross-validated scores of the fine forests, as read off the authors' own figures.

    Parameters
    ----------
    flux : str
        `nee`, `gpp` or `reco`.

    Returns
    -------
    dict
        r2 (1), rmse, mae, mbe (g C m-2 month-1).

    Examples
    --------
    >>> published_skill("gpp")["r2"]
    0.73
    """
    record = published_record(f"cv_1km_{_FLUX_NAMES[flux]}")
    return {name.lower(): record.number(name).value for name in ("R2", "RMSE", "MAE", "MBE")}
