"""The tables of the site: each a frame of finished text for reading and one of bare numbers.

`make_tables` returns both; the bare one goes to CSV, the other to Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from abz.report.number import FLUX_NAMES
from abz.report.published import PUBLISHED_TABLE1, published_skill, published_table1
from abz.report.results import Results, records
from abz.report.typography import number_text, p_text, quantity_text
from abz.vocabulary import FLUXES, PREDICTORS

__all__ = ["Table", "make_tables", "markdown_table"]


@dataclass(frozen=True)
class Table:
    """One table.

    Parameters
    ----------
    caption : str
        What it shows, with units.
    bare : pandas.DataFrame
        Numbers as they are, for CSV.
    shown : pandas.DataFrame
        The same as text, for reading.
    """

    caption: str
    bare: pd.DataFrame
    shown: pd.DataFrame


def make_tables(results: Results) -> dict[str, Table]:
    """All tables that the run has data for.

    Parameters
    ----------
    results : Results
        What the run holds.

    Returns
    -------
    dict of {str: Table}
        By name, in the order of the site.

    Examples
    --------
    >>> list(make_tables(Results(name="empty")))
    []
    """
    made = {name: make(results) for name, make in _MAKERS.items()}
    note = " The data are synthetic." if results.synthetic else ""
    return {
        name: table if name == "catalog" else replace(table, caption=f"{table.caption}{note}")
        for name, table in made.items()
        if table is not None
    }


def markdown_table(shown: pd.DataFrame) -> str:
    """A frame of text as a Markdown table; cells that look like numbers are set to the right.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"zone": ["ABZ"], "NEE": ["−548"]})))
    | zone | NEE |
    |:-----|----:|
    | ABZ | −548 |
    """
    right = [all(_numeric(cell) for cell in shown[name]) for name in shown]
    heads = [str(name) for name in shown]
    rules = [
        f"{'-' * (len(head) + 1)}:" if flush else f":{'-' * (len(head) + 1)}"
        for head, flush in zip(heads, right, strict=True)
    ]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(rules)}|"]
    for row in shown.itertuples(index=False):
        cells = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _numeric(cell: object) -> bool:
    text = str(cell)
    return not text or text[0] in "−0123456789—"


def _pm(value: float, spread: float) -> str:
    """Value ± spread without a unit; an em dash where there is no value."""
    return quantity_text(value, "1", spread) if np.isfinite(value) else "—"


def _table1(results: Results) -> Table | None:
    """Table 1 of the run beside the published one."""
    bare = results.tables.get("table1")
    if bare is None:
        return None
    origin = "this run (synthetic)" if results.synthetic else "this run"
    paper = published_table1().set_index(["zone_set", "zone", "flux"])
    rows = []
    for row in records(_main_rows(bare)):
        key = (row.zone_set, row.zone, row.flux)
        known = row.model_set == "fine" and key in paper.index
        printed = paper.loc[key, :] if known else None
        rows.append(
            {
                "zone": row.zone,
                "flux": FLUX_NAMES[row.flux],
                "set": f"{row.model_set}, {row.first_year}–{row.last_year}",
                f"budget, {origin}": _pm(row.budget, row.budget_sd),
                "budget, published (real)": _printed(printed, "budget", "budget_sd"),
                f"per area, {origin}": _pm(row.per_area, row.interannual_sd),
                "per area, published (real)": _printed(printed, "per_area", "interannual_sd"),
                f"sites, {origin}": _pm(row.insitu_mean, row.insitu_sd),
                "sites, published (real)": _printed(printed, "insitu_mean", "insitu_sd"),
            }
        )
    caption = (
        "Budgets in Tg C yr⁻¹ (± SD over the bootstrap members), mean fluxes per area in "
        "g C m⁻² yr⁻¹ (± SD between years) and at the sites (± SD between sites). Published values "
        "are those of the 1-km models and stand beside the fine set only."
    )
    if results.synthetic:
        caption += (
            " The run is about a synthetic Arctic: its columns are not meant to match the "
            "published ones, which are printed for orientation only."
        )
    return Table(caption, bare, pd.DataFrame(rows))


def _main_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the zones of the published Table 1, in its order: by set, zone and flux."""
    zones, fluxes = list(PUBLISHED_TABLE1), ["nee", "gpp", "reco", "nee_fire"]
    place = [
        (model_set != "fine", model_set, zones.index((zone_set, zone)), fluxes.index(flux))
        if (zone_set, zone) in zones and flux in fluxes
        else None
        for model_set, zone_set, zone, flux in zip(
            *(table[name] for name in ("model_set", "zone_set", "zone", "flux")), strict=True
        )
    ]
    kept = [number for number, key in enumerate(place) if key is not None]
    return table.iloc[sorted(kept, key=lambda number: place[number] or ())]


def _printed(row: Any, value: str, spread: str) -> str:
    """A published pair, as it was printed."""
    if row is None or pd.isna(row[value]):
        return "—"
    text = number_text(float(row[value]), 0)
    if pd.isna(row[spread]):
        return text
    return f"{text} ± {number_text(float(row[spread]), 0)}".replace(" ", "\N{NO-BREAK SPACE}")


def _zones(results: Results) -> Table | None:
    """What the zones of Table 1 are made of: area, source share, summer ratio."""
    bare = results.tables.get("table1")
    if bare is None:
        return None
    nee = bare[(bare["flux"] == "nee") & ~bare["zone_set"].isin(["vegetation", "permafrost"])]
    shown = pd.DataFrame(
        {
            "zone": nee["zone"],
            "set": nee["model_set"],
            "area, 10⁶ km²": [number_text(v * 1e-12, 2) for v in nee["area_m2"]],
            "area that is a source, %": [number_text(100 * v, 0) for v in nee["source_area_share"]],
            "summer uptake / non-summer release": [number_text(v, 1) for v in nee["summer_ratio"]],
            "sites with complete years": [number_text(v, 0) for v in nee["insitu_sites"]],
        }
    )
    columns = ["model_set", "zone_set", "zone", "area_m2", "source_area_share", "summer_ratio"]
    return Table("What the zones are like.", nee[[*columns, "insitu_sites"]], shown)


def _scores(results: Results) -> Table | None:
    """Skill of all forests beside the published scores of the fine ones."""
    if not results.scores:
        return None
    origin = "synthetic" if results.synthetic else "this run"
    bare, shown = [], []
    for (model_set, flux), found in sorted(
        results.scores.items(),
        key=lambda item: (item[0][0] != "fine", list(FLUXES).index(item[0][1])),
    ):
        paper = published_skill(flux) if model_set == "fine" else {}
        row = {"set": model_set, "flux": FLUX_NAMES[flux]}
        bare.append({"model_set": model_set, "flux": flux, **found})
        for name, label, places in (
            ("rows", "site-months", 0), ("sites", "sites", 0), ("mtry", "mtry", 0),
            ("r2", "R²", 2), ("rmse", "RMSE", 1), ("mae", "MAE", 1), ("mbe", "MBE", 1),
        ):  # fmt: skip
            value = found.get(name)
            row[f"{label}, {origin}" if name in published_skill("nee") else label] = (
                "—" if value is None else number_text(float(value), places)
            )
        row["R², published (real)"] = number_text(paper["r2"], 2) if paper else "—"
        row["RMSE, published (real)"] = number_text(paper["rmse"], 1) if paper else "—"
        shown.append(row)
    caption = "Leave-one-site-out scores of pooled held-out predictions, g C m⁻² month⁻¹."
    return Table(caption, pd.DataFrame(bare), pd.DataFrame(shown))


def _tuning(results: Results) -> Table | None:
    """Mean of the sites' errors for each mtry that was tried."""
    rows = [
        {
            "model_set": model_set,
            "flux": flux,
            **trial,
            "chosen": trial["mtry"] == found.get("mtry"),
        }
        for (model_set, flux), found in results.scores.items()
        for trial in found.get("tuning", [])
    ]
    if not rows:
        return None
    bare = pd.DataFrame(rows)
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "flux": bare["flux"].map(FLUX_NAMES),
            "mtry": [str(int(v)) for v in bare["mtry"]],
            "mean RMSE of the sites": [number_text(float(v), 2) for v in bare["mean_site_rmse"]],
            "pooled R²": [number_text(float(v), 3) for v in bare["r2"]],
            "pooled RMSE": [number_text(float(v), 2) for v in bare["rmse"]],
            "chosen": np.where(bare["chosen"], "●", ""),
        }
    )
    return Table("Tuning: the smallest mean of the sites' RMSE is chosen.", bare, shown)


def _screening(results: Results) -> Table | None:
    """What each rule of the screening dropped."""
    dropped = results.screening.get("screening")
    if not dropped:
        return None
    bare = pd.DataFrame(dropped)
    shown = pd.DataFrame(
        {
            "rule": bare["rule"].astype(str).str.replace("_", " "),
            "site-months": [number_text(int(v), 0) for v in bare["rows"]],
            "sites": [number_text(int(v), 0) for v in bare["sites"]],
        }
    )
    return Table("Site-months and sites that each rule of the screening concerns.", bare, shown)


def _sites(results: Results) -> Table | None:
    """Sites with complete years: mean annual fluxes."""
    annual = results.tables.get("site_annual")
    if annual is None or annual.empty:
        return None
    grouped = annual.groupby(["site", "latitude", "longitude", "biome", "country"], sort=True)
    bare = grouped.agg(
        years=("year", "nunique"), nee=("nee", "mean"), gpp=("gpp", "mean"), reco=("reco", "mean")
    ).reset_index()
    shown = bare.assign(
        latitude=[number_text(v, 2) for v in bare["latitude"]],
        longitude=[number_text(v, 2) for v in bare["longitude"]],
        years=bare["years"].astype(str),
        **{flux: [number_text(v, 0) for v in bare[flux]] for flux in FLUXES},
    ).rename(columns=FLUX_NAMES)
    return Table("Sites with complete years; mean annual fluxes in g C m⁻² yr⁻¹.", bare, shown)


def _trends(results: Results) -> Table | None:
    """Trends of zones other than vegetation and permafrost classes."""
    bare = results.tables.get("trends")
    if bare is None:
        return None
    order = ["abz", "permafrost_region", "biome", "continent", "region", "region_biome"]
    main = bare[bare["zone_set"].isin(order) & bare["flux"].isin(["nee", "nee_fire"])]
    main = main.sort_values(
        ["zone_set", "zone", "model_set", "flux", "n"], key=lambda column: (
            column.map(order.index) if column.name == "zone_set" else column
        ),
    )  # fmt: skip
    shown = pd.DataFrame(
        {
            "zone": main["zone"],
            "flux": main["flux"].map(FLUX_NAMES),
            "set": main["model_set"],
            "years": [
                f"{a}–{b}" for a, b in zip(main["first_year"], main["last_year"], strict=True)
            ],
            "trend, Tg C yr⁻¹ per yr": [number_text(v) for v in main["slope"]],
            "95 % interval": [
                f"{number_text(a)} … {number_text(b)}"
                for a, b in zip(main["lower"], main["upper"], strict=True)
            ],
            "p": [p_text(v).removeprefix("p ").removeprefix("= ") for v in main["p_value"]],
        }
    )
    return Table("Trends of annual NEE and NEE + fire.", bare, shown)


def _budgets(zone_set: str, caption: str) -> Callable[[Results], Table | None]:
    """Maker of the table of mean annual budgets over the zones of a set."""

    def make(results: Results) -> Table | None:
        annual = results.tables.get("annual")
        if annual is None:
            return None
        rows = annual[annual["zone_set"] == zone_set]
        if rows.empty:
            return None
        keys = ["model_set", "zone", "flux"]
        members = rows.groupby([*keys, "member"], sort=True)["tg"].mean()
        central = members.xs(0, level="member").rename("budget")
        spread = members[members.index.get_level_values("member") > 0].groupby(keys).std()
        bare = pd.concat([central, spread.rename("budget_sd")], axis=1).reset_index()
        text = bare.assign(
            text=[_pm(a, b) for a, b in zip(bare["budget"], bare["budget_sd"], strict=True)]
        )
        wide = text.pivot_table(
            index=["zone", "model_set"], columns="flux", values="text", aggfunc="first"
        )
        wide = wide.reindex(columns=[flux for flux in FLUX_NAMES if flux in wide]).fillna("—")
        shown = wide.rename(columns=FLUX_NAMES).reset_index().rename(columns={"model_set": "set"})
        return Table(caption, bare, shown)

    return make


def _missing(results: Results) -> Table | None:
    """Cell-months without a prediction, by the predictor that was missing."""
    rows = [
        {"model_set": model_set, "predictor": str(name), "cell_months": int(count)}
        for model_set, dataset in results.missing.items()
        for name, count in dataset["missing"].sum("time").to_series().items()
    ]
    if not rows:
        return None
    bare = pd.DataFrame(rows)
    label = [PREDICTORS[n].long_name if n in PREDICTORS else n for n in bare["predictor"]]
    shown = pd.DataFrame(
        {
            "set": bare["model_set"],
            "predictor": label,
            "cell-months without it": [number_text(v, 0) for v in bare["cell_months"]],
        }
    )
    caption = (
        "Cell-months left without a flux because a predictor is missing there, or holds a class "
        "that no training row has; predictors that are nowhere missing are not listed."
    )
    return Table(caption, bare, shown[bare["cell_months"] > 0])


def _climatology(results: Results) -> Table | None:
    """Budgets of a climatological year beside the published ones."""
    bare = results.tables.get("climatology")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "flux": bare["flux"].map(FLUX_NAMES),
            "zone": bare["zone"],
            "this run, Tg C yr⁻¹": [
                _pm(a, b) for a, b in zip(bare["budget"], bare["budget_sd"], strict=True)
            ],
            "published, Tg C yr⁻¹": [
                _pm(a, b) for a, b in zip(bare["published"], bare["published_sd"], strict=True)
            ],
            "ratio": [number_text(v, 2) for v in bare["ratio"]],
        }
    )
    return Table("Budgets of a climatological year from real data.", bare, shown)


def _missing_predictors(results: Results) -> Table | None:
    """Predictors of the study that a climatology had to do without."""
    absent = results.notes.get("missing_predictors")
    if not absent:
        return None
    bare = pd.DataFrame(
        [{"flux": flux, "predictor": name} for flux, names in absent.items() for name in names]
    )
    words = {name: PREDICTORS[name].long_name for name in bare["predictor"]}
    shown = pd.DataFrame(
        {
            "flux": [FLUX_NAMES[flux] for flux in absent],
            "missing predictors": [", ".join(words[n] for n in names) for names in absent.values()],
        }
    )
    return Table("Predictors of the study that the forests of this run do without.", bare, shown)


def _catalog(results: Results) -> Table | None:
    """All datasets of the catalog."""
    bare = results.tables.get("catalog")
    if bare is None:
        return None
    shown = pd.DataFrame(
        {
            "entry": [f"`{name}`" for name in bare["name"]],
            "product": bare["product"] + ", version " + bare["version"],
            "provider": bare["provider"],
            "period": bare["period"],
            "licence": bare["license"],
            "DOI": [f"[{doi}](https://doi.org/{doi})" if doi else "—" for doi in bare["doi"]],
            "access": bare["access"],
            "files": ["<br>".join(f"`{p}`" for p in str(v).split()) for v in bare["patterns"]],
        }
    )
    return Table("Datasets of the catalog.", bare, shown)


_MAKERS: Mapping[str, Callable[[Results], Table | None]] = MappingProxyType(
    {
        "table1": _table1,
        "zones": _zones,
        "scores": _scores,
        "tuning": _tuning,
        "screening": _screening,
        "sites": _sites,
        "trends": _trends,
        "budgets_vegetation": _budgets(
            "vegetation", "Mean annual budgets by vegetation type, Tg C yr⁻¹ ± SD over the members."
        ),
        "budgets_permafrost": _budgets(
            "permafrost",
            "Mean annual budgets by permafrost extent, Tg C yr⁻¹ ± SD over the members.",
        ),
        "budgets_region": _budgets(
            "region_biome",
            "Mean annual budgets by region and biome, Tg C yr⁻¹ ± SD over the members.",
        ),
        "missing": _missing,
        "missing_predictors": _missing_predictors,
        "climatology": _climatology,
        "catalog": _catalog,
    }
)
