"""Tables of the datasets: what each is, where and when it has values, how they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from abz.report.results import Results
from abz.report.table import Table

__all__ = ["CATALOG_TABLES"]

WAYS = {
    "http": "`abz data fetch`",
    "earthdata": "`abz data fetch`, with an account of NASA Earthdata",
    "copernicus": "`abz data fetch`, with an account of the Climate Data Store",
    "hand": "by hand",
}
"""How a dataset is had, in words."""


def _catalog(results: Results) -> Table | None:
    """What each dataset is, under which licence, and how it is had."""
    bare = results.tables.get("catalog")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "entry": _code(bare["name"]),
            "product": bare["product"] + ", version " + bare["version"],
            "provider": bare["provider"],
            "licence": bare["license"],
            "DOI": [f"[{doi}](https://doi.org/{doi})" if doi else "—" for doi in bare["doi"]],
            "access": bare["access"],
            "had": [
                _way(way, url) for way, url in zip(bare["fetched_by"], bare["url"], strict=True)
            ],
        }
    )
    return Table("Datasets of the catalog.", bare, shown)


def _coverage(results: Results) -> Table | None:
    """Where and when each dataset has values, and the names of its files."""
    bare = results.tables.get("catalog")
    if bare is None:
        return None
    columns = ["name", "period", "absent_years", "area", "resolution", "patterns"]
    shown = pd.DataFrame(
        {
            "entry": _code(bare["name"]),
            "years": [
                _years(period, absent)
                for period, absent in zip(bare["period"], bare["absent_years"], strict=True)
            ],
            "area": bare["area"],
            "cells and steps": bare["resolution"],
            "files": ["<br>".join(f"`{p}`" for p in str(v).split()) for v in bare["patterns"]],
        }
    )
    return Table("Years, area and files of each dataset.", bare[columns], shown)


def _values(results: Results) -> Table | None:
    """How stored numbers become values, and what becomes of missing ones."""
    bare = results.tables.get("catalog")
    if bare is None:
        return None
    columns = ["name", "canonical", "units", "missing", "note"]
    bare = bare.loc[(bare["units"] != "") | (bare["missing"] != "") | (bare["note"] != ""), columns]
    shown = pd.DataFrame(
        {
            "entry": _code(bare["name"]),
            "units": bare["units"],
            "missing values": bare["missing"],
            "to note": bare["note"],
        }
    ).replace("", "—")
    return Table("Units, missing values and peculiarities of each dataset.", bare, shown)


def _code(names: pd.Series) -> list[str]:
    """Names as code."""
    return [f"`{name}`" for name in names]


def _way(fetched_by: str, url: str) -> str:
    """How a dataset is had, with its page where that is by hand."""
    words = "; ".join(WAYS[way] for way in fetched_by.split())
    return f"[{words}]({url})" if fetched_by == "hand" and url else words


def _years(period: str, absent: str) -> str:
    """A period with a dash between its years, and the years that it lacks."""
    text = pd.Series([period]).str.replace(r"(?<=\d)-(?=\d)", "–", regex=True)[0]
    return f"{text}, without {absent.replace(' ', ' and ')}" if absent else str(text)


CATALOG_TABLES: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {"catalog": _catalog, "catalog_coverage": _coverage, "catalog_values": _values}
)
"""Name to function of the results. They are of the real products, whatever data the run read."""
