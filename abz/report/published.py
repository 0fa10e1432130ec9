"""The published numbers of the study, to be shown beside those of a run, never mixed with them.

The file `paper_numbers.yaml` holds one record for each number of the paper and its preprint. A run
on synthetic data cannot reproduce them; the tables keep the two in columns of their own.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pandas as pd
import yaml

from abz.errors import InputError

__all__ = ["PUBLISHED_TABLE1", "published_numbers", "published_skill", "published_table1"]

PUBLISHED_TABLE1 = MappingProxyType(
    {
        ("abz", "ABZ"): "t1_abz",
        ("biome", "boreal"): "t1_boreal",
        ("biome", "tundra"): "t1_tundra",
        ("permafrost_region", "permafrost"): "t1_permafrost",
    }
)
"""Rows of the published Table 1: (zone set, zone) to the id of the record."""

_FLUX_NAMES = MappingProxyType({"nee": "NEE", "gpp": "GPP", "reco": "Reco"})


@cache
def _records() -> dict[str, dict[str, Any]]:
    text = files("abz.report").joinpath("paper_numbers.yaml").read_text(encoding="utf-8")
    return {record["id"]: record for record in yaml.safe_load(text)}


def published_numbers(name: str) -> dict[str, Any]:
    """One record of the published numbers.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    dict
        `v` value, `sd`, `u` unit, `region`, `period`, `p`, `src` (P the paper, R its preprint).

    Raises
    ------
    InputError
        If there is none of that id.

    Examples
    --------
    >>> published_numbers("abz_nee_budget")["v"]
    -548
    """
    if name not in _records():
        raise InputError(
            "no such published number",
            rule="the id stands in abz/report/paper_numbers.yaml",
            value=name,
            remedy=f"one of {', '.join(sorted(_records()))}",
        )
    return dict(_records()[name])


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
    rows = []
    for (zone_set, zone), name in PUBLISHED_TABLE1.items():
        record = published_numbers(name)
        zone_part = {"zone_set": zone_set, "zone": zone, "area_1e6km2": record["area_1e6km2"]}
        for flux, key in _FLUX_NAMES.items():
            parts = {}
            for column, spread, source in (
                ("budget", "budget_sd", "budget"),
                ("per_area", "interannual_sd", "perarea"),
                ("insitu_mean", "insitu_sd", "insitu"),
            ):
                parts[column], parts[spread] = map(float, record[source][key])
            ratio = record["ratio"] if flux == "nee" else float("nan")
            rows.append({**zone_part, "flux": flux, **parts, "summer_ratio": ratio})
        rows.append(
            {
                **zone_part, "flux": "nee_fire", "budget": float(record["neefire"]),
                "budget_sd": float(record["budget"]["NEE"][1]),
            }
        )  # fmt: skip
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
    record = published_numbers(f"cv_1km_{_FLUX_NAMES[flux]}")
    return {name.lower(): float(record[name]) for name in ("R2", "RMSE", "MAE", "MBE")}
