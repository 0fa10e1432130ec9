"""Numbers, tables, figures and maps from everything that the run has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from abz.catalog import Catalog
from abz.cli.budget_errors import ERROR_TABLES
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.site_budgets import SITE_TABLES
from abz.cli.storage import atomic_path, read_json, read_table, read_zarr, write_json
from abz.cli.trend_tables import TREND_TABLES
from abz.cli.validation import validation_tables
from abz.config import Config
from abz.report import (
    Results,
    Table,
    annual_maps,
    collect_numbers,
    draw_figures,
    make_tables,
    markdown_table,
    mean_over_time,
    monthly_spread,
    number_records,
    paper_tables,
    write_geotiffs,
    write_netcdf,
)
from abz.report.catalog_tables import CATALOG_TABLES
from abz.vocabulary import FLUXES

__all__ = ["gather", "run"]


DRIVER_TABLES = ("held_out_importance", "grouped_importance", "groups", "effects", "pairs")
"""Further tables of drivers/, which are called by their name after `driver_`."""

BUDGET_TRENDS = ("trend_limits", "site_trends", "site_trend_limits", "amplitude", "monthly_change")
"""Further tables of budgets/ that speak of trends."""

FIRE_BALANCE = ("ledger", "fire_periods", "fire_years")
"""Further tables of budgets/ that speak of fire, or of what budgets hold."""

POSTFIRE_TABLES = ("burned", "sites", "cells", "bias", "fits", "curves", "correction")
"""Tables of postfire/, which are called by their name after `postfire_`."""


def run(config: Config, layout: Layout, **_: str) -> list[Path]:
    """Write results/: numbers.json, contents.json, tables, figures, maps."""
    results = gather(config, layout)
    found = collect_numbers(results)
    numbers = write_json(number_records(found), layout.results / "numbers.json")
    captions = _write_tables(
        make_tables(results) | paper_tables(found), layout, synthetic=results.synthetic
    )
    with atomic_path(layout.results / "figures") as folder:
        figures = [path.stem for path in draw_figures(results, folder)]
    maps = _write_maps(results, layout)
    words = results.words | {f"figure:{name}" for name in figures}
    contents = {
        "name": results.name, "title": results.title, "kind": results.kind,
        "synthetic": results.synthetic, "tables": captions, "figures": figures,
        "words": sorted(words | {f"table:{name}" for name in captions}), "notes": results.notes,
    }  # fmt: skip
    made = [numbers, write_json(contents, layout.results / "contents.json"), *maps]
    return [*made, layout.results / "tables", layout.results / "figures"]


def gather(config: Config, layout: Layout) -> Results:
    """Everything that the run holds, opened; what it did not make is absent."""
    sets = list(config.sets)
    pairs = [(name, flux) for name in sets for flux in FLUXES]
    zones = _datasets({name: layout.zones(name) for name in sets})
    return Results(
        name=config.name,
        title=config.title,
        kind=config.kind,
        synthetic=config.synthetic,
        alpha=config.trends.alpha,
        engine="" if config.kind == "published_maps" else config.forest.engine,
        cell_m={name: model_set.cell_m for name, model_set in config.sets.items()},
        tables=_tables(config, layout),
        scores={pair: _skill(layout.models(*pair)) for pair in pairs if _fitted(layout, pair)},
        held_out={pair: _held_out(layout.models(*pair)) for pair in pairs if _fitted(layout, pair)},
        screening=_optional_json(layout.sites / "screening.json"),
        trends=_datasets({name: layout.trends(name) for name in sets}),
        zones=zones,
        flux=_datasets({name: layout.flux(name) for name in sets}),
        missing=_datasets({name: layout.totals(name) for name in sets}),
        fire=read_zarr(layout.fire) if layout.fire.is_dir() else None,
        postfire=_datasets({name: layout.postfire / f"{name}.zarr" for name in sets}),
        applicability=_datasets({name: layout.applicability / f"{name}.zarr" for name in sets}),
        closure=_datasets({name: layout.compare / f"closure_{name}.zarr" for name in sets}),
        resolutions=_datasets({"": layout.compare / "resolutions.zarr"}).get(""),
        products=_datasets({"": layout.products / "maps.zarr"}).get(""),
        truth=_truth(layout, sets if config.kind == "study" else ()),
        notes=_optional_json(layout.sites / "climatology.json"),
    )


def _tables(config: Config, layout: Layout) -> dict[str, pd.DataFrame]:
    """All Parquet tables of the run, and the catalog as a table."""
    places = {
        "annual": layout.budgets / "annual.parquet",
        "seasonal": layout.budgets / "seasonal.parquet",
        "monthly": layout.budgets / "monthly.parquet",
        "table1": layout.budgets / "table1.parquet",
        "trends": layout.budgets / "trends.parquet",
        **{name: layout.budgets / f"{name}.parquet" for name in BUDGET_TRENDS},
        **{name: layout.budgets / f"{name}.parquet" for name in FIRE_BALANCE},
        **{f"postfire_{name}": layout.postfire / f"{name}.parquet" for name in POSTFIRE_TABLES},
        **{name: layout.budgets / f"{name}.parquet" for name in (*ERROR_TABLES, *SITE_TABLES)},
        "left_out": layout.budgets / "left_out.parquet",
        "climatology": layout.budgets / "climatology.parquet",
        "adopted": layout.budgets / "adopted.parquet",
        "mean_map_agreement": layout.mean_maps / "agreement.parquet",
        "mean_map_budgets": layout.mean_maps / "budgets.parquet",
        "closure": layout.compare / "closure.parquet",
        "resolutions": layout.compare / "resolutions.parquet",
        "resolution_years": layout.compare / "resolutions_years.parquet",
        "importance": layout.drivers / "importance.parquet",
        "response": layout.drivers / "response.parquet",
        **{f"driver_{name}": layout.drivers / f"{name}.parquet" for name in DRIVER_TABLES},
        "site_months": layout.sites / "site_months.parquet",
        "site_annual": layout.sites / "annual.parquet",
    }
    tables = {name: read_table(path) for name, path in places.items() if path.is_file()}
    tables |= validation_tables(config, layout)
    tables |= _applicability_tables(config, layout)
    tables |= _trend_tables(config, layout)
    others = sorted(layout.products.glob("*.parquet"))
    tables |= {f"product_{path.stem}": read_table(path) for path in others}
    beside = sorted(layout.authors.glob("*.parquet"))
    tables |= {f"authors_{path.stem}": read_table(path) for path in beside}
    if config.catalog.is_file():
        tables["catalog"] = _catalog_table(config.catalog)
    return tables


def _applicability_tables(config: Config, layout: Layout) -> dict[str, pd.DataFrame]:
    """Tables of applicability, all sets in one."""
    tables = {}
    for name in ("error", "shares", "levels", "clusters", "sites"):
        paths = [layout.applicability / f"{name}_{model_set}.parquet" for model_set in config.sets]
        parts = [read_table(path) for path in paths if path.is_file()]
        if parts:
            tables[f"applicability_{name}"] = pd.concat(parts, ignore_index=True)
    return tables


def _trend_tables(config: Config, layout: Layout) -> dict[str, pd.DataFrame]:
    """Tables beside the trend maps, all sets in one."""
    tables = {}
    for name in TREND_TABLES:
        paths = [layout.trend_table(model_set, name) for model_set in config.sets]
        parts = [read_table(path) for path in paths if path.is_file()]
        if parts:
            tables[f"trend_{name}"] = pd.concat(parts, ignore_index=True)
    return tables


def _catalog_table(path: Path) -> pd.DataFrame:
    """A row per dataset of a catalog."""
    catalog = Catalog.load(path, path.parent)
    rows = []
    for name in catalog.names():
        pin = catalog.pin(name)
        first, last = pin.years or (None, None)
        ways = dict.fromkeys(origin.by for origin in pin.origins)
        rows.append(
            {
                "name": name, "product": pin.product, "version": pin.version,
                "provider": pin.provider, "period": pin.period, "license": pin.license,
                "doi": pin.doi or "", "url": pin.url or "", "access": pin.access,
                "fetched_by": " ".join(ways) or "hand", "first_year": first, "last_year": last,
                "absent_years": " ".join(map(str, pin.absent_years)), "area": pin.area,
                "resolution": pin.resolution, "canonical": ", ".join(pin.canonical),
                "units": pin.units, "missing": pin.missing, "note": pin.note,
                "pinned_files": len(pin.files), "patterns": " ".join(pin.patterns),
            }
        )  # fmt: skip
    years = dict.fromkeys(("first_year", "last_year"), "Int64")
    return pd.DataFrame(rows).astype(years)


def _fitted(layout: Layout, pair: tuple[str, str]) -> bool:
    return (layout.models(*pair) / "scores.json").is_file()


def _skill(folder: Path) -> dict[str, Any]:
    """Scores and tuning of one forest."""
    found = read_json(folder / "scores.json")
    tuning = read_table(folder / "tuning.parquet").to_dict("records")
    counts = {name: found[name] for name in ("mtry", "rows", "sites")}
    return {**found["held_out"], **counts, "tuning": tuning}


def _held_out(folder: Path) -> pd.DataFrame:
    """Observed and held-out predicted fluxes of one forest; rows without a prediction left out."""
    return read_table(folder / "held_out.parquet").dropna(subset=["observed", "predicted"])


def _optional_json(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}


def _datasets(paths: dict[str, Path]) -> dict[str, xr.Dataset]:
    return {name: read_zarr(path) for name, path in paths.items() if path.is_dir()}


def _truth(layout: Layout, sets: Sequence[str]) -> dict[str, xr.Dataset]:
    """Monthly and mean annual fluxes of the synthetic world on the grid of each set."""
    found = _datasets({name: layout.truth / f"{name}.zarr" for name in sets})
    return {
        name: dataset.assign(
            {
                f"{flux}_mean": 12 * mean_over_time(dataset[flux], dataset["spatial_ref"])
                for flux in FLUXES
                if flux in dataset
            }
        )
        for name, dataset in found.items()
    }


def _write_tables(
    tables: Mapping[str, Table], layout: Layout, *, synthetic: bool
) -> dict[str, str]:
    """CSV and Markdown of every table; name to caption.

    Files travel without their page: each row of a CSV file about a synthetic Arctic says so.
    """
    with atomic_path(layout.results / "tables") as folder:
        folder.mkdir()
        for name, table in tables.items():
            about = {"run": "synthetic"} if synthetic and name not in CATALOG_TABLES else {}
            bare = table.bare.assign(**about)
            bare.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
            text = markdown_table(table.shown) + "\n"
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return {name: table.caption for name, table in tables.items()}


def _write_maps(results: Results, layout: Layout) -> list[Path]:
    """GeoTIFF and NetCDF of every set that has trends."""
    paths = []
    with atomic_path(layout.results / "maps") as folder:
        folder.mkdir()
        for name in track(results.sets, "maps"):
            maps, spread = annual_maps(results, name), monthly_spread(results, name)
            paths += write_geotiffs(maps, spread, name, folder, results.synthetic)
            title = f"{results.title or results.name}: annual CO2 fluxes, {name} set"
            paths.append(write_netcdf(maps, title, folder / f"abz_{name}.nc", results.synthetic))
        names = [path.name for path in paths]
    return [layout.results / "maps" / name for name in sorted(names)]
