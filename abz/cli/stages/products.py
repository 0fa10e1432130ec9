"""Lay the run beside products of others: inversions, simulations, upscaled fluxes, sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import annual_budgets, zone_membership, zone_totals
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.product_fire import Fire, fire_of
from abz.cli.product_land import RUN, OurLand, run_on_common
from abz.cli.product_steps import Beside, notes_table, product_steps, winter_steps
from abz.cli.products import NORTH, PRODUCTS, Estimate, years_held
from abz.cli.progress import track
from abz.cli.storage import atomic_path, read_table, read_zarr, write_json, write_table, write_zarr
from abz.cli.winter import WINTER_ENTRY, winter_beside, winter_held
from abz.compare.products import (
    Aligned,
    MonthlyMean,
    align,
    beside_sites,
    cells_of,
    ensemble_maps,
    ensemble_years,
    in_sequence,
    ledger_rows,
    map_likeness,
    product_summary,
    product_trends,
    side_by_side,
    site_agreement,
    takes_fire,
    winter_rows,
    winter_summary,
)
from abz.config import Config
from abz.errors import AbzError
from abz.export.benchmark import write_benchmark
from abz.grid import Grid, lonlat_grid
from abz.ledger import Parts, ledger_table
from abz.vocabulary import FLUXES

__all__ = ["run"]

COMMON_DEGREES = 1.0
"""Cells of the maps that are compared."""
FEWEST_YEARS = 2
WHOLE = ("abz", "ABZ")
"""Zone whose steps go through the ledger."""


def run(config: Config, layout: Layout) -> list[Path]:
    """Write products/: tables and maps of the products that are there, notes of those that are not.

    A product that cannot be brought to one definition is refused by name in the notes.
    """
    model_set = min(config.sets, key=lambda name: config.sets[name].cell_m)
    ours = OurLand(
        config, open_catalog(config), model_set, read_zarr(layout.zones(model_set)),
        lonlat_grid(COMMON_DEGREES, NORTH),
    )  # fmt: skip
    notes: dict[str, Any] = {"absent": [], "refused": {}, "left_out": {}}
    with atomic_path(layout.products) as folder:
        folder.mkdir()
        found = _found(ours, layout, notes, folder)
        tables = _write(ours, layout, found, folder) if found else {}
        winter = _winter(ours, layout, notes)
        write_json(notes, folder / "notes.json")
        for name, table in _joined(tables, winter, {"notes": notes_table(notes)}).items():
            write_table(table, folder / f"{name}.parquet")
    return [layout.products]


def _found(ours: OurLand, layout: Layout, notes: dict[str, Any], folder: Path) -> dict[str, Beside]:
    """Products that can be compared; their monthly maps are written, and the others noted."""
    found: dict[str, Beside] = {}
    own = {"ornl_2377"} if ours.config.kind == "published_maps" else set()
    for entry in track([entry for entry in PRODUCTS if entry not in own], "products"):
        if not years_held(ours.catalog, entry, ours.years):
            notes["absent"].append(entry)
            continue
        try:
            beside = _aligned(ours, layout, entry)
        except AbzError as error:
            notes["refused"][entry] = str(error)
            continue
        notes["left_out"][entry] = beside.notes
        if beside.members:
            found[entry] = beside
            name = f"{entry} on the land of the run"
            _write_benchmark(ours, beside.take_months(), name, folder / f"benchmark_{entry}.nc")
    return found


def _aligned(ours: OurLand, layout: Layout, entry: str) -> Beside:
    """All members of a product that cover its common years, on our land."""
    every = list(PRODUCTS[entry](ours.catalog, entry, ours.years))
    barred = {one.member: one.barred for one in every if one.barred}
    beside = Beside(held=len(every), notes=[f"{name}: {why}" for name, why in barred.items()])
    estimates = [one for one in every if not one.barred]
    chosen = max((one.years for one in estimates), key=len, default=range(0))
    if len(chosen) < FEWEST_YEARS:
        beside.notes.append("no two years in common with the run")
        return beside
    beside.years, errors = chosen, list[AbzError]()
    for one in estimates:
        if not set(chosen) <= set(one.years):
            beside.notes.append(f"{one.member}: not all of {chosen[0]}–{chosen[-1]}")
            continue
        try:
            _add_member(ours, layout, entry, one, beside)
        except AbzError as error:
            errors.append(error)
            beside.notes.append(f"{one.member}: {error}")
    if errors and not beside.members:
        raise errors[0]
    return beside


def _add_member(ours: OurLand, layout: Layout, entry: str, one: Estimate, beside: Beside) -> None:
    """Align a member, the first of which says what the product holds."""
    first = next(one.pieces(beside.years[0]))
    if beside.given is None:
        given = _given(first)
        if given is not None and takes_fire(given, entry):
            _find_fire(ours, layout, beside)
        beside.given = given
    beside.add(one.member, _member(ours, entry, one, beside.years, beside.fire))
    beside.stated.append({name: str(value) for name, value in first.attrs.items()})
    if one.remark:
        beside.notes.append(f"{one.member}: {one.remark}")


def _given(piece: xr.Dataset) -> Parts | None:
    """What the net flux of a product holds as it is given; None without one, which is refused."""
    net = next((piece[name] for name in ("nee", "land_flux") if name in piece), None)
    return None if net is None else Parts.of_attrs(net.attrs)


def _find_fire(ours: OurLand, layout: Layout, beside: Beside) -> None:
    """Give a product its fire, and keep to the years of it; without any it is refused later."""
    beside.fire = fire_of(ours.catalog, layout, beside.years)
    if beside.fire is not None and len(beside.fire.years) < len(beside.years):
        beside.years = beside.fire.years
        beside.notes.append(f"fire is known of {beside.years[0]}–{beside.years[-1]} only")


def _member(ours: OurLand, entry: str, one: Estimate, years: range, fire: Fire | None) -> Aligned:
    """One member in some years, one year in memory at a time."""

    def of_year(year: int) -> Iterator[Aligned]:
        for piece in one.pieces(year):
            cells = cells_of(piece)
            if isinstance(cells, Grid) and not ours.touches(cells):
                continue
            burning = fire.on(cells, year) if fire and isinstance(cells, Grid) else None
            name = f"{one.member} of {entry}"
            yield align(piece, ours.shares(cells), ours.atoms, name, burning)

    return in_sequence(side_by_side(of_year(year)) for year in years)


def _winter(ours: OurLand, layout: Layout, notes: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Tables of the winter fluxes, or a note of why there are none."""
    if not winter_held(ours):
        notes["absent"].append(WINTER_ENTRY)
        return {}
    try:
        years, stated = winter_beside(ours, layout)
    except AbzError as error:
        notes["refused"][WINTER_ENTRY] = str(error)
        return {}
    if years.empty:
        notes["left_out"][WINTER_ENTRY] = ["no winter in common with the run"]
        return {}
    return {
        "winter_years": years,
        "winter": winter_summary(years),
        "ledger": ledger_table(winter_rows(years, ours.model_set, WHOLE)),
        "steps": winter_steps(stated, years, ours.model_set),
    }


def _write(
    ours: OurLand, layout: Layout, found: Mapping[str, Beside], folder: Path
) -> dict[str, pd.DataFrame]:
    """Write all maps, and give all tables."""
    settings = ours.config.trends
    test = (settings.method, settings.preserve_range)
    membership = zone_membership(ours.zones)
    years = pd.concat(
        [
            annual_budgets(zone_totals(one.totals, membership), ours.model_set)
            .drop(columns=["model_set", "member"]).assign(product=entry, member=member)
            for entry, beside in found.items() for member, one in beside.members.items()
        ],
        ignore_index=True,
    )  # fmt: skip
    totals = read_zarr(layout.totals(ours.model_set))[["grams", "valid_area"]].load()
    annual = annual_budgets(zone_totals(totals, zone_membership(totals)), ours.model_set)
    ensembles = ensemble_years(years)
    left = {entry: next(iter(b.members.values())).parts for entry, b in found.items()}
    own = _run_without_months(ours, layout, folder)
    maps = _maps(found, own, test)
    sites = _sites(layout, found, own)
    write_zarr(maps, folder / "maps.zarr", {"product": 1})
    rows = [
        row
        for entry, beside in found.items() if beside.given is not None
        for row in ledger_rows(years, entry, beside.given, ours.model_set, WHOLE)
    ]  # fmt: skip
    return {
        "members": years,
        "years": ensembles,
        "summary": product_summary(ensembles, years, annual, left, ours.model_set).assign(
            members_given=lambda table: table["product"].map({e: b.held for e, b in found.items()})
        ),
        "trends": product_trends(_with_run(ensembles, annual, found), *test),
        "likeness": _likeness(maps, ours.common),
        "ledger": ledger_table(rows),
        "steps": product_steps(found, ours.model_set, COMMON_DEGREES),
        "sites": sites,
        "site_agreement": site_agreement(sites),
    }


def _joined(*several: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables by name; those of one name one after the other."""
    names = dict.fromkeys(name for tables in several for name in tables)
    held = {name: [tables[name] for tables in several if name in tables] for name in names}
    return {name: pd.concat(tables, ignore_index=True) for name, tables in held.items()}


def _write_benchmark(ours: OurLand, mean: MonthlyMean, name: str, path: Path) -> None:
    """Monthly fluxes for programs that hold land models against benchmarks."""
    title = f"monthly fluxes of {name}, mean of {mean.members} members"
    write_benchmark(mean.fluxes, path, title, synthetic=ours.config.synthetic)


def _run_without_months(ours: OurLand, layout: Layout, folder: Path) -> Aligned:
    """The run on the common map; its monthly maps are written."""
    own, mean = run_on_common(ours, layout), MonthlyMean()
    mean.add(own.monthly)
    _write_benchmark(ours, mean, ours.config.name, folder / f"benchmark_{RUN}.nc")
    return own.without_months()


def _mean_of_members(beside: Beside) -> xr.DataArray:
    """Annual NEE (year, y, x) of the plain mean of the members."""
    each = [one.annual for one in beside.members.values()]
    joined = xr.concat(each, "member", coords="minimal", compat="override")
    return joined.mean("member", skipna=False).assign_attrs(each[0].attrs)


def _maps(found: Mapping[str, Beside], own: Aligned, test: tuple[str, bool]) -> xr.Dataset:
    """Maps (product, y, x) of each product, and of the run in the same years."""
    layers = []
    for beside in found.values():
        theirs = ensemble_maps(beside.members, *test)
        years = list(beside.years)
        same = replace(own, amount=own.amount.sel(year=years), land=own.land.sel(year=years))
        ours = ensemble_maps({RUN: same}, *test)[["mean", "slope", "p_value", "land"]]
        layers.append(theirs.assign({f"run_{n}": ours[n] for n in map(str, ours.data_vars)}))
    index = pd.Index(list(found), name="product")
    joined = xr.concat(layers, index, coords="minimal", compat="override", combine_attrs="override")
    return joined.assign_coords(layers[0].coords)


def _likeness(maps: xr.Dataset, common: Grid) -> pd.DataFrame:
    """How alike the maps of means and of trends are."""
    longitude, latitude = common.lonlat()
    rows = []
    for entry in maps["product"].values.tolist():
        one = maps.sel(product=entry)
        land = np.minimum(one["land"].values, one["run_land"].values)
        for layer in ("mean", "slope"):
            pair = one[layer].values, one[f"run_{layer}"].values
            found = map_likeness(*pair, land, longitude, latitude)
            rows.append({"product": entry, "layer": layer, **found})
    return pd.DataFrame(rows)


def _with_run(
    ensembles: pd.DataFrame, annual: pd.DataFrame, found: Mapping[str, Beside]
) -> pd.DataFrame:
    """Budgets of the products, and of the run in the years of each."""
    columns = ["flux", "zone_set", "zone", "year", "tg"]
    kept = ensembles["flux"].isin(list(FLUXES))
    parts = [ensembles.loc[kept, ["product", *columns]].assign(source="product")]
    central = annual[(annual["member"] == 0) & annual["flux"].isin(list(FLUXES))]
    for entry, beside in found.items():
        same = central[central["year"].isin(beside.years)].dropna(subset=["tg"])
        parts.append(same[columns].assign(product=f"{RUN} beside {entry}", source=RUN))
    return pd.concat(parts, ignore_index=True)


def _sites(layout: Layout, found: Mapping[str, Beside], own: Aligned) -> pd.DataFrame:
    """Sites beside the run and each product."""
    path = layout.sites / "annual.parquet"
    if not path.is_file():
        return beside_sites(
            pd.DataFrame(columns=["site", "latitude", "longitude", "year", "nee"]), {}
        )
    maps = {RUN: own.annual}
    for entry, beside in found.items():
        maps[entry] = _mean_of_members(beside)
    return beside_sites(read_table(path), maps)
