"""Exporting the finished maps of a run as files of the published product."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import xarray as xr

import abz
from abz.cli.blocks import Ledger
from abz.cli.layout import Layout
from abz.cli.progress import track
from abz.cli.receipts import mapping_stage, receipt_name
from abz.cli.storage import atomic_path, read_json, read_zarr, remove_abandoned
from abz.config import Config, ModelSet
from abz.errors import ConfigError, InputError, MissingDataError
from abz.export import (
    PER,
    FluxYear,
    Per,
    file_attributes,
    file_name,
    flux_year,
    write_geotiff_flags,
    write_geotiff_support,
    write_geotiff_year,
    write_netcdf_year,
)
from abz.vocabulary import FLUXES

__all__ = ["FORMATS", "Order", "export"]

FORMATS = ("netcdf", "cog")


@dataclass(frozen=True)
class Order:
    """What to export.

    Parameters
    ----------
    model_set : str, optional
        The first set of the run where none is named.
    fluxes : sequence of str, optional
        Names of fluxes.
    formats : sequence of str, optional
        Of `FORMATS`.
    years : sequence of int, optional
        All years of the set where there are none.
    per : {"land", "cell"}, optional
        The area that a flux is an amount of; as published for the set where none is named.
    destination : Path, optional
        Folder of the files; `export/SET` in the run's folder where none is named.
    overwrite : bool, optional
        Whether files may be replaced.
    """

    model_set: str | None = None
    fluxes: Sequence[str] = tuple(FLUXES)
    formats: Sequence[str] = FORMATS[:1]
    years: Sequence[int] = ()
    per: Per | None = None
    destination: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Item:
    """One file: what it is called and what writes it."""

    path: Path
    write: Callable[[Path], object]


def export(config: Config, order: Order) -> list[Path]:
    """Write the maps of a model set as files for others to use.

    Parameters
    ----------
    config : Config
        Of a run whose maps are finished.
    order : Order
        What to write, and where.

    Returns
    -------
    list of Path
        The files, each written whole or not at all.

    Raises
    ------
    ConfigError
        If the run has no such model set, or the set not these years.
    MissingDataError
        If the set has not been upscaled.
    InputError
        If a file is there already, and is not to be replaced.
    """
    model_set = order.model_set or next(iter(config.sets))
    years = _years(config, model_set, order.years)
    layout = Layout(config.root)
    receipt = _receipt(layout, model_set, mapping_stage(config))
    per = order.per or PER.get(model_set, "land")
    about = file_attributes(
        run=config.name,
        model_set=model_set,
        per=per,
        synthetic=config.synthetic,
        version=abz.__version__,
        maps_sha256=receipt["outputs"][f"flux/{model_set}.zarr"]["sha256"],
    )
    maps = read_zarr(layout.flux(model_set))
    members = read_zarr(layout.totals(model_set)).sizes["member"] - 1
    land = _land_fraction(layout, model_set) if per == "cell" else None
    folder = order.destination or config.root / "export" / model_set
    items = [
        item
        for flux in dict.fromkeys(order.fluxes)
        for year in years
        for item in _items(flux_year(maps, flux, year, members, land), order.formats, folder, about)
    ]
    unique = {item.path: item for item in items}
    if not order.overwrite:
        _check_free(list(unique))
    remove_abandoned(folder)
    for item in track(list(unique.values()), f"export {model_set}"):
        with atomic_path(item.path) as temporary:
            item.write(temporary)
    return list(unique)


def _years(config: Config, model_set: str, chosen: Sequence[int]) -> list[int]:
    """The years to export, in order; all where none is chosen."""
    sets: dict[str, ModelSet] = {str(name): settings for name, settings in config.sets.items()}
    if model_set not in sets:
        raise ConfigError(
            f"the run `{config.name}` has no model set `{model_set}`",
            rule=f"one of {', '.join(config.sets)}",
            value=model_set,
            remedy="name one of these with --set",
        )
    settings = sets[model_set]
    strange = sorted(set(chosen) - set(settings.years))
    if strange:
        raise ConfigError(
            f"the set `{model_set}` does not hold all these years",
            rule=f"years from {settings.first_year} to {settings.last_year}",
            value=", ".join(map(str, strange)),
            remedy="choose among these with --years",
        )
    return sorted(set(chosen)) or list(settings.years)


def _receipt(layout: Layout, model_set: str, stage: str) -> dict[str, dict[str, dict[str, str]]]:
    """The receipt of the finished maps."""
    path = layout.receipts / receipt_name(stage, {"model_set": model_set})
    maps = layout.flux(model_set)
    under_way = Ledger(maps.with_suffix(".blocks"), maps, "").is_open
    if not path.is_file() or under_way:
        raise MissingDataError(
            f"the maps of the set `{model_set}` are not finished",
            rule=f"the stage `{stage}` of the set has ended",
            value="blocks are under way" if under_way else f"no {path}",
            remedy=f"`abz {stage} --set {model_set} --config FILE`, or `abz all --config FILE`",
        )
    found: dict[str, dict[str, dict[str, str]]] = read_json(path)
    return found


def _land_fraction(layout: Layout, model_set: str) -> xr.DataArray:
    """Share of land of each cell, with its grid."""
    zones = read_zarr(layout.zones(model_set))
    return zones["land_fraction"].assign_coords(spatial_ref=zones["spatial_ref"])


def _items(
    maps: FluxYear, formats: Sequence[str], folder: Path, about: dict[str, str]
) -> Iterator[Item]:
    """The files of a flux and year."""
    if "netcdf" in formats:
        path = folder / file_name(maps.flux, maps.year, "nc")
        yield Item(path, partial(write_netcdf_year, maps, about=about))
    if "cog" in formats:
        for name in maps.fluxes:
            path = folder / file_name(name, maps.year, "tif")
            yield Item(path, partial(write_geotiff_year, maps, name, tags=about))
        if maps.flags:
            path = folder / file_name(maps.flags, maps.year, "tif")
            yield Item(path, partial(write_geotiff_flags, maps, tags=about))
        if maps.support:
            path = folder / file_name(maps.support, None, "tif")
            yield Item(path, partial(write_geotiff_support, maps, tags=about))


def _check_free(paths: Sequence[Path]) -> None:
    """Refuse to replace files."""
    there = [path for path in paths if path.exists()]
    if there:
        raise InputError(
            f"{len(there)} of {len(paths)} files are there already",
            rule="an export does not replace files",
            value=there[0],
            remedy="choose another --destination, or add --overwrite",
        )
