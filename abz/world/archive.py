"""The archive of a synthetic world: every product of the study, in files of its own format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from abz.cli.progress import track
from abz.grid import Grid, lonlat_grid, polar_grid, sinusoidal_grid
from abz.vocabulary import MODEL_SETS
from abz.world import standing, timelines
from abz.world.arctic import World
from abz.world.footprint import Footprint, footprint
from abz.world.observations import observe
from abz.world.products.abcflux import write_abcflux
from abz.world.products.era5_land import write_era5_land
from abz.world.products.gfed import write_gfed500m
from abz.world.products.gimms import write_gimms3g
from abz.world.products.land_cover import write_cavm, write_esa_cci_lc
from abz.world.products.modis import write_mod11a2, write_mod13a1, write_mod44b
from abz.world.products.noaa_brw import write_noaa_brw
from abz.world.products.static_maps import (
    write_merit_cti,
    write_soilgrids_ph,
    write_soilgrids_soc,
    write_uio_permafrost,
)
from abz.world.products.terraclimate import write_terraclimate
from abz.world.products.vcf5kyr import write_vcf5kyr
from abz.world.products.vectors import write_ecoregions2017, write_permafrost_map

__all__ = ["Footprints", "dataset_years", "write_archive", "write_zone_maps"]

Writer = Callable[[Any, Path], list[Path]]
Timeline = Callable[[World, Footprint, int], Any]

KM_PER_DEGREE = 100.0
TILE_KM = 1111.95
WIDENED = 2
"""Cells by which polygons reach into the sea, so that no coast is left without a class."""

TIMELINES: Mapping[str, tuple[str, Timeline, Writer]] = {
    "era5_land": ("lonlat", timelines.era5_land, write_era5_land),
    "terraclimate": ("lonlat", timelines.terraclimate, write_terraclimate),
    "gimms3g": ("lonlat", timelines.gimms3g, write_gimms3g),
    "vcf5kyr": ("lonlat", timelines.annual_covers, write_vcf5kyr),
    "mod11a2": ("sinusoidal", timelines.mod11a2, write_mod11a2),
    "mod13a1": ("sinusoidal", timelines.mod13a1, write_mod13a1),
    "mod44b": ("sinusoidal", timelines.annual_covers, write_mod44b),
    "gfed500m": ("sinusoidal_fine", timelines.gfed500m, write_gfed500m),
}
"""Products that change with time: their grid, their content of a year, their writer."""

STANDING: Mapping[str, tuple[str, Callable[[Footprint], Any], Writer]] = {
    "soilgrids_ph": (
        "lonlat", partial(standing.predictor_map, name="soil_ph"), write_soilgrids_ph
    ),
    "soilgrids_soc": (
        "lonlat", partial(standing.predictor_map, name="soc"), write_soilgrids_soc
    ),
    "merit_cti": ("lonlat", partial(standing.predictor_map, name="cti"), write_merit_cti),
    "uio_permafrost": (
        "polar", partial(standing.predictor_map, name="permafrost_probability"),
        write_uio_permafrost,
    ),
    "esa_cci_lc": ("lonlat_fine", standing.esa_cci_lc, write_esa_cci_lc),
    "cavm": ("polar_fine", standing.cavm, write_cavm),
    "ecoregions2017": ("lonlat_wide", standing.biome_polygons, write_ecoregions2017),
    "permafrost_map": ("polar_wide", standing.permafrost_polygons, write_permafrost_map),
}  # fmt: skip
"""Products that stand still: their grid, their content, their writer."""

ZONE_DATASETS = ("esa_cci_lc", "cavm", "ecoregions2017", "permafrost_map")
"""Products that zones are made of."""


@dataclass(frozen=True)
class Footprints:
    """The native grids of a world's products, and the world on them.

    Parameters
    ----------
    world : World
        Its `resolution_km` sets all cells: longitude–latitude and sinusoidal products have it,
        polar products half of it, land cover and fires are finer still.

    Examples
    --------
    >>> Footprints(World(resolution_km=400.0)).grid("lonlat").shape
    (11, 88)
    """

    world: World

    def grid(self, name: str) -> Grid:
        """Grid by name: `lonlat`, `sinusoidal`, `polar`, with `_fine` or `_wide` for finer ones."""
        kind, _, finer = name.partition("_")
        size = self.world.resolution_km
        if kind == "lonlat":
            step = 45.0 / max(1, round(45.0 * KM_PER_DEGREE / size))
            return lonlat_grid(step / 4 if finer else step)
        if kind == "sinusoidal":
            cells = max(1, round(TILE_KM / size))
            return sinusoidal_grid(2 * cells if finer else cells)
        return polar_grid(1000.0 * size / (4 if finer else 2))

    @cached_property
    def _known(self) -> dict[str, Footprint]:
        return {}

    def __getitem__(self, name: str) -> Footprint:
        """The footprint on a grid; `_wide` ones reach a little into the sea."""
        if name not in self._known:
            widen = WIDENED if name.endswith("_wide") else 0
            self._known[name] = footprint(self.world, self.grid(name), widen)
        return self._known[name]


def dataset_years(sets: Mapping[str, range], fire: range) -> dict[str, range]:
    """Years that each product must cover for some model sets.

    Parameters
    ----------
    sets : mapping of {str: range}
        Years of each model set.
    fire : range
        Years of fire emissions.

    Examples
    --------
    >>> years = dataset_years({"fine": range(2001, 2021), "coarse": range(1990, 2017)}, range(0))
    >>> years["era5_land"], years["mod11a2"], years["gimms3g"]
    (range(1990, 2021), range(2001, 2021), range(1990, 2017))
    """
    spans: dict[str, range] = {}
    for name, years in sets.items():
        for source in MODEL_SETS[name].values():
            known = spans.get(source.dataset, years)
            first, last = min(known[0], years[0]), max(known[-1], years[-1])
            spans[source.dataset] = range(first, last + 1)
    if len(fire) and "fine" in sets:
        spans["gfed500m"] = fire
    return spans


def write_archive(world: World, folder: Path, sets: Mapping[str, range], fire: range) -> list[Path]:
    """Write every product that some model sets need.

    Parameters
    ----------
    world : World
        The world.
    folder : Path
        The archive; each product gets a folder of its own.
    sets : mapping of {str: range}
        Years of each model set.
    fire : range
        Years of fire emissions.

    Returns
    -------
    list of Path
        All files, in the order in which they were written.
    """
    spans = dataset_years(sets, fire)
    everything = range(min(y[0] for y in sets.values()), max(y[-1] for y in sets.values()) + 1)
    known = Footprints(world)
    steps = [*_standing_steps(known, folder, STANDING), *_timeline_steps(known, folder, spans)]
    paths = [path for step in track(steps, "archive") for path in step()]
    paths += write_noaa_brw(timelines.co2_series(world, everything), folder / "noaa_brw")
    paths += write_abcflux(observe(world, everything), folder / "abcflux")
    return paths


def write_zone_maps(world: World, folder: Path, fire: range) -> list[Path]:
    """Write what zones are made of, and fire emissions; no predictor.

    Parameters
    ----------
    world : World
        The world.
    folder : Path
        The archive; each product gets a folder of its own.
    fire : range
        Years of fire emissions.

    Returns
    -------
    list of Path
        All files, in the order in which they were written.
    """
    known = Footprints(world)
    steps = [
        *_standing_steps(known, folder, ZONE_DATASETS),
        *_timeline_steps(known, folder, {"gfed500m": fire}),
    ]
    return [path for step in track(steps, "archive") for path in step()]


def _standing_steps(
    known: Footprints, folder: Path, names: Iterable[str]
) -> Iterator[Callable[[], list[Path]]]:
    """One task for each product that stands still."""

    def step(name: str) -> list[Path]:
        grid, content, write = STANDING[name]
        return write(content(known[grid]), folder / name)

    for name in names:
        yield partial(step, name)


def _timeline_steps(
    known: Footprints, folder: Path, spans: Mapping[str, range]
) -> Iterator[Callable[[], list[Path]]]:
    """One task for each year of each product that changes; no more than a year is in memory."""

    def step(name: str, year: int) -> list[Path]:
        grid, content, write = TIMELINES[name]
        return write(content(known.world, known[grid], year), folder / name)

    for name in TIMELINES:
        for year in spans.get(name, ()):
            yield partial(step, name, year)
