"""Lay the run beside products of others: inversions, simulations, upscaled fluxes, sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.budgets import annual_budgets, zone_membership, zone_totals
from abz.catalog import Catalog
from abz.cli.archive import open_catalog
from abz.cli.layout import Layout
from abz.cli.products import FIRES, NORTH, PRODUCTS, Estimate, fire_of_year, years_held
from abz.cli.progress import track
from abz.cli.storage import atomic_path, read_table, read_zarr, write_json, write_table, write_zarr
from abz.compare.products import (
    Aligned,
    Cells,
    LandShares,
    align,
    beside_sites,
    cells_of,
    ensemble_maps,
    ensemble_years,
    fire_on_cells,
    in_sequence,
    land_shares,
    ledger_rows,
    map_likeness,
    product_summary,
    product_trends,
    side_by_side,
    site_agreement,
    takes_fire,
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
BAND_ROWS = 256
"""Rows of the map of the run that are read at a time."""
FEWEST_YEARS = 2
RUN = "run"


@dataclass(eq=False)
class _Beside:
    """A product as it stands beside the run."""

    members: dict[str, Aligned] = field(default_factory=dict)
    given: Parts | None = None
    years: range = range(0)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Fire:
    """Fire emissions of an entry of the archive, each year brought to some cells once."""

    catalog: Catalog
    entry: str
    made: dict[tuple[Grid, int], xr.DataArray] = field(default_factory=dict)

    def on(self, cells: Grid, year: int) -> xr.DataArray:
        """Emission of the whole cells in a year."""
        if (cells, year) not in self.made:
            source = fire_of_year(self.catalog, self.entry, year)
            self.made[cells, year] = fire_on_cells(source, cells)
        return self.made[cells, year]


@dataclass(frozen=True, eq=False)
class _Ours:
    """The run and its archive."""

    config: Config
    catalog: Catalog
    model_set: str
    years: range
    zones: xr.Dataset
    common: Grid
    known: dict[Any, LandShares] = field(default_factory=dict)

    @property
    def atoms(self) -> dict[str, xr.DataArray]:
        """Coordinates of the atoms."""
        return {n: self.zones[n] for n in map(str, self.zones.coords) if n.startswith("atom_")}

    def shares(self, cells: Cells) -> LandShares:
        """Our land in the cells of a product; found once for each grid."""
        key = cells if isinstance(cells, Grid) else (cells.north.tobytes(), cells.west.tobytes())
        if key not in self.known:
            self.known.clear()
            self.known[key] = land_shares(
                self.zones, cells, self.common, rows=_reached(self.zones, cells)
            )
        return self.known[key]


def run(config: Config, layout: Layout) -> list[Path]:
    """Write products/: tables and maps of the products that are there, notes of those that are not.

    A product that cannot be brought to one definition is refused by name in the notes.
    """
    model_set = min(config.sets, key=lambda name: config.sets[name].cell_m)
    ours = _Ours(
        config, open_catalog(config), model_set, config.sets[model_set].years,
        read_zarr(layout.zones(model_set)), lonlat_grid(COMMON_DEGREES, NORTH),
    )  # fmt: skip
    found: dict[str, _Beside] = {}
    notes: dict[str, Any] = {"absent": [], "refused": {}, "left_out": {}}
    own = {"ornl_2377"} if config.kind == "published_maps" else set()
    for entry in track([entry for entry in PRODUCTS if entry not in own], "products"):
        if not years_held(ours.catalog, entry, ours.years):
            notes["absent"].append(entry)
            continue
        try:
            beside = _aligned(ours, entry)
        except AbzError as error:
            notes["refused"][entry] = str(error)
            continue
        if beside.members:
            found[entry] = beside
        notes["left_out"][entry] = beside.notes
    with atomic_path(layout.products) as folder:
        folder.mkdir()
        write_json(notes, folder / "notes.json")
        if found:
            _write(ours, layout, found, folder)
    return [layout.products]


def _aligned(ours: _Ours, entry: str) -> _Beside:
    """All members of a product that cover its common years, on our land."""
    estimates = list(PRODUCTS[entry](ours.catalog, entry, ours.years))
    beside = _Beside()
    longest = max((len(one.years) for one in estimates), default=0)
    if longest < FEWEST_YEARS:
        beside.notes.append("no two years in common with the run")
        return beside
    chosen = max((one.years for one in estimates), key=len)
    beside.years, fire = chosen, None
    for one in estimates:
        if not set(chosen) <= set(one.years):
            beside.notes.append(f"{one.member}: not all of {chosen[0]}–{chosen[-1]}")
            continue
        if beside.given is None:
            beside.given = _given(next(one.pieces(chosen[0])))
            if takes_fire(beside.given, entry):
                fire = _fire_of(ours.catalog, chosen)
                held = years_held(ours.catalog, fire.entry, chosen) if fire else chosen
                if len(held) < len(chosen):
                    beside.notes.append(f"fire is known of {held[0]}–{held[-1]} only")
                beside.years = held
        beside.members[one.member] = _member(ours, entry, one, beside.years, fire)
    return beside


def _given(piece: xr.Dataset) -> Parts:
    """What the net flux of a product holds as it is given."""
    net = "nee" if "nee" in piece else "land_flux"
    return Parts.of_attrs(piece[net].attrs)


def _fire_of(catalog: Catalog, years: range) -> _Fire | None:
    """The fire emissions that cover most of some years."""
    held = {entry: len(years_held(catalog, entry, years)) for entry in FIRES}
    best = max(held, key=lambda entry: held[entry])
    return _Fire(catalog, best) if held[best] >= FEWEST_YEARS else None


def _member(ours: _Ours, entry: str, one: Estimate, years: range, fire: _Fire | None) -> Aligned:
    """One member in some years, one year in memory at a time."""

    def of_year(year: int) -> Iterator[Aligned]:
        for piece in one.pieces(year):
            cells = cells_of(piece)
            if isinstance(cells, Grid) and not _touches(ours, cells):
                continue
            burning = fire.on(cells, year) if fire and isinstance(cells, Grid) else None
            name = f"{one.member} of {entry}"
            yield align(piece, ours.shares(cells), ours.atoms, name, burning)

    return in_sequence(side_by_side(of_year(year)) for year in years)


def _touches(ours: _Ours, cells: Grid) -> bool:
    """Whether a band of a polar map holds land of the domain."""
    grid = Grid.of(ours.zones)
    if cells.crs != grid.crs:
        return True
    rows = _reached(ours.zones, cells)
    return bool((ours.zones["area"].isel(y=rows) > 0).any())


def _reached(zones: xr.Dataset, cells: Cells) -> slice:
    """Rows of our map that some cells can reach; all, unless they lie on the same projection."""
    grid = Grid.of(zones)
    if not isinstance(cells, Grid) or cells.crs != grid.crs:
        return slice(None)
    north = (grid.bounds[3] - cells.bounds[3]) / -grid.transform.e
    south = (grid.bounds[3] - cells.bounds[1]) / -grid.transform.e
    return slice(max(0, int(np.floor(north))), max(0, int(np.ceil(south))))


def _run_on_common(ours: _Ours, layout: Layout) -> Aligned:
    """NEE of the run as a product of its own, some rows at a time."""
    flux, grid = read_zarr(layout.flux(ours.model_set))["nee"], Grid.of(ours.zones)

    def bands() -> Iterator[Aligned]:
        for top in range(0, grid.shape[0], BAND_ROWS):
            rows = slice(top, min(top + BAND_ROWS, grid.shape[0]))
            window = grid.window(rows, slice(None))
            if not (ours.zones["area"].isel(y=rows) > 0).any():
                continue
            nee = flux.isel(y=rows).load().assign_coords(window.coords())
            nee = nee.assign_attrs({**flux.attrs, **_parts_of_nee()})
            data = nee.to_dataset(name="nee").assign_attrs(per_area="land")
            shares = land_shares(ours.zones, window, ours.common, rows=rows)
            yield align(data, shares, ours.atoms, RUN)

    return side_by_side(bands())


def _parts_of_nee() -> dict[str, str]:
    """What NEE of the run holds."""
    return Parts.of("nee").attrs()


def _write(ours: _Ours, layout: Layout, found: Mapping[str, _Beside], folder: Path) -> None:
    """All tables and maps."""
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
    summary = product_summary(ensembles, years, annual, left, ours.model_set)
    own = _run_on_common(ours, layout)
    maps = _maps(found, own, test)
    rows = [
        row
        for entry, beside in found.items() if beside.given is not None
        for row in ledger_rows(years, entry, beside.given, ours.model_set, ("abz", "ABZ"))
    ]  # fmt: skip
    sites = _sites(layout, found, own)
    tables = {
        "members": years,
        "years": ensembles,
        "summary": summary,
        "trends": product_trends(_with_run(ensembles, annual, found), *test),
        "likeness": _likeness(maps, ours.common),
        "ledger": ledger_table(rows),
        "steps": _steps(ours, found),
        "sites": sites,
        "site_agreement": site_agreement(sites),
    }
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    write_zarr(maps, folder / "maps.zarr", {"product": 1})
    for entry, beside in found.items():
        title = f"annual NEE of {entry} on the land of the run, mean of its members"
        _write_benchmark(ours, _mean_of_members(beside), title, folder / f"nep_{entry}.nc")
    _write_benchmark(ours, own.annual, f"annual NEE of {ours.config.name}", folder / "nep_run.nc")


def _write_benchmark(ours: _Ours, annual: xr.DataArray, title: str, path: Path) -> None:
    """Annual NEE for programs that hold land models against benchmarks."""
    write_benchmark({"nee": annual}, path, title, synthetic=ours.config.synthetic)


def _mean_of_members(beside: _Beside) -> xr.DataArray:
    """Annual NEE (year, y, x) of the plain mean of the members."""
    each = [one.annual for one in beside.members.values()]
    joined = xr.concat(each, "member", coords="minimal", compat="override")
    return joined.mean("member", skipna=False).assign_attrs(each[0].attrs)


def _maps(found: Mapping[str, _Beside], own: Aligned, test: tuple[str, bool]) -> xr.Dataset:
    """Maps (product, y, x) of each product, and of the run in the same years."""
    layers = []
    for beside in found.values():
        theirs = ensemble_maps(beside.members, *test)
        same = Aligned(
            own.totals, own.amount.sel(year=list(beside.years)),
            own.land.sel(year=list(beside.years)), own.parts,
        )  # fmt: skip
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
    ensembles: pd.DataFrame, annual: pd.DataFrame, found: Mapping[str, _Beside]
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


def _steps(ours: _Ours, found: Mapping[str, _Beside]) -> pd.DataFrame:
    """What was done to each product, step by step."""
    rows = []
    for entry, beside in found.items():
        first = next(iter(beside.members.values()))
        span = f"{beside.years[0]}–{beside.years[-1]}"
        gone = beside.given is not None and takes_fire(beside.given, entry)
        fire = _fire_of(ours.catalog, beside.years) if gone else None
        taken = fire.entry if fire else ""
        members = ", ".join(beside.members)
        for step, before, after in (
            ("definition", str(beside.given), str(first.parts)),
            (
                "fire",
                "in the flux" if taken else "not in it",
                f"{taken} taken out" if taken else "—",
            ),
            ("mask", "its own cells", f"land of the {ours.model_set} set in each cell"),
            ("grid", "its own cells", f"zones; maps of {COMMON_DEGREES:g}°"),
            ("period", "all its years", span),
            ("members", members, "plain mean" if len(beside.members) > 1 else "one"),
            ("left out", "; ".join(beside.notes) or "none", "—"),
        ):
            rows.append({"product": entry, "step": step, "from": before, "to": after})
    return pd.DataFrame(rows)


def _sites(layout: Layout, found: Mapping[str, _Beside], own: Aligned) -> pd.DataFrame:
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
