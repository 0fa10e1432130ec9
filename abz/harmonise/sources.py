"""Predictors of a window of a grid: from the archive, made monthly, brought to the grid.

Of a dataset no more is read than the window's cells need, and their coast. Everything that a window
holds follows from its own cells and that surrounding, so a map has the same bytes in windows of any
size, made in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import ceil
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.grid import (
    Grid,
    SourceBlocks,
    Window,
    WindowWeights,
    values_at,
    window_areas,
    window_bilinear,
)
from abz.harmonise.checks import check_composites, check_months, check_predictor
from abz.harmonise.coast import coast_fill
from abz.harmonise.composites import to_months
from abz.harmonise.domain import SOUTH
from abz.harmonise.gapfill import SMOOTHNESS, fill_ndvi
from abz.harmonise.land_cover import enough_samples
from abz.validation import check_variables
from abz.vocabulary import PREDICTORS

__all__ = [
    "COAST_REACH",
    "STAND_IN_YEARS",
    "Archive",
    "Harmoniser",
    "WindowSources",
    "cell_size",
    "source_years",
]

COAST_REACH = 1.5
"""How far a coastal cell looks for a value, in cells of the coarser of source and target."""

STAND_IN_YEARS: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {"vcf5kyr": MappingProxyType({1994: 1993, 2000: 1999})}
)
"""Years that a product lacks, and the year that stands in, as in the study."""


def source_years(dataset: str, years: Iterable[int]) -> list[int]:
    """Years of a dataset from which those of a model set are made, in order.

    Examples
    --------
    >>> source_years("vcf5kyr", range(1993, 1996)), source_years("mod44b", [2001])
    ([1993, 1995], [2001])
    """
    stand_ins = STAND_IN_YEARS.get(dataset, {})
    return sorted({stand_ins.get(year, year) for year in years})


YEARS_IN_MEMORY = 3
"""Years of a dataset that are kept where a reader holds them in memory: what NDVI needs."""


class Archive(Protocol):
    """What opens the datasets: `abz.catalog.Catalog`, or a stand-in."""

    def open(self, name: str, years: Sequence[int] | None = None) -> Any:
        """Canonical data of a dataset, of some years or whole."""


@cache
def cell_size(grid: Grid) -> float:
    """Side of a square as large as the mean cell of the domain's latitudes, m.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> cell_size(polar_grid(1e5))
    100000.0
    """
    area = grid.row_area
    if grid.is_lonlat and (grid.y >= SOUTH).any():
        area = area[grid.y >= SOUTH]
    return float(np.sqrt(area.mean()))


@dataclass(frozen=True)
class Harmoniser:
    """Brings datasets to windows of one grid.

    Parameters
    ----------
    archive : Archive
        Opens the datasets.
    target : Grid
        The grid of a model set.
    domain : numpy.ndarray of bool (y, x)
        Cells to keep; all others become NaN.
    years : range
        Years of the set: NDVI is smoothed together with the years beside it, within these.

    Notes
    -----
    A source finer than the target is averaged by area, a coarser one is interpolated. A cell of
    the domain for which the source has no value in any step of a year takes the nearest cell's,
    within `COAST_REACH`; the number is kept as attribute `coast_filled_cells`.
    """

    archive: Archive
    target: Grid
    domain: np.ndarray
    years: range
    _opened: dict[tuple[str, int | None], xr.Dataset] = field(default_factory=dict, repr=False)
    _blocks: dict[Grid, SourceBlocks] = field(default_factory=dict, repr=False)

    def window(self, rows: slice, columns: slice) -> WindowSources:
        """Predictors of some rows and columns of the grid."""
        return WindowSources(self, (rows, columns))

    def open(self, dataset: str, year: int | None = None) -> xr.Dataset:
        """A dataset, of one year if it has years; kept open if it is lazy."""
        key = (dataset, year)
        if key not in self._opened:
            years = None if year is None else [year]
            self._forget(dataset)
            self._opened[key] = self.archive.open(dataset, years=years)
        return self._opened[key]

    def _forget(self, dataset: str) -> None:
        """Let go of all but the last years of a dataset that lies in memory."""
        held = [key for key in self._opened if key[0] == dataset]
        if held and not _is_lazy(self._opened[held[0]]):
            for key in held[: 1 - YEARS_IN_MEMORY]:
                del self._opened[key]

    def is_finer(self, source: Grid) -> bool:
        """Whether the cells of a source are at most as large as those of the target."""
        return cell_size(source) <= cell_size(self.target)

    def method(self, dataset: str, year: int | None = None) -> str:
        """How a dataset comes to the target, in words."""
        return "area mean" if self.is_finer(Grid.of(self.open(dataset, year))) else "bilinear"

    def blocks(self, source: Grid) -> SourceBlocks:
        """Where the blocks of a source lie."""
        if source not in self._blocks:
            self._blocks[source] = SourceBlocks.of(source, self.target)
        return self._blocks[source]


@dataclass(frozen=True)
class WindowSources:
    """Datasets on a window of a grid; weights are found once and kept until they are let go.

    Parameters
    ----------
    harmoniser : Harmoniser
        Of the grid.
    window : tuple of slice = (rows, columns)
        Cells of the grid.
    """

    harmoniser: Harmoniser
    window: Window
    _weights: dict[Grid, tuple[WindowWeights, Window]] = field(default_factory=dict, repr=False)
    _composites: dict[tuple[str, int], xr.Dataset] = field(default_factory=dict, repr=False)

    @cached_property
    def grid(self) -> Grid:
        """The grid of the window."""
        return self.harmoniser.target.window(*self.window)

    def static(self, dataset: str, variables: Sequence[str]) -> xr.Dataset:
        """Variables (y, x) that do not change."""
        native = self._at_cells(dataset, None, variables)
        return self._on_target(native, dataset, self._source(dataset, None))

    def forget_weights(self) -> None:
        """Let go of the weights found so far; what is asked for next finds its own."""
        self._weights.clear()

    def annual(self, dataset: str, variables: Sequence[str], year: int) -> xr.Dataset:
        """Variables (year, y, x) of one year; a year that the product lacks has its stand-in."""
        source_year = STAND_IN_YEARS.get(dataset, {}).get(year, year)
        native = self._at_cells(dataset, source_year, variables)
        if source_year not in native["year"].values:
            raise MissingDataError(
                f"{dataset} does not hold the year {source_year}",
                rule="each year of the set, or its stand-in",
                value=native["year"].values.tolist(),
                remedy="fetch the missing file",
            )
        native = native.sel(year=[source_year]).assign_coords(year=np.array([year], np.int64))
        return self._on_target(native, dataset, self._source(dataset, source_year))

    def monthly(self, dataset: str, variables: Sequence[str], year: int) -> xr.Dataset:
        """Variables (time, y, x) of the twelve months of one year."""
        if "ndvi" in variables:
            native = self._continuous_ndvi(dataset, year)
        else:
            native = self._at_cells(dataset, year, variables)
        if "days" in native.coords:
            native = to_months(check_composites(native, year, dataset))
        native = check_months(native, year, dataset)
        return self._on_target(native, dataset, self._source(dataset, year))

    def _continuous_ndvi(self, dataset: str, year: int) -> xr.Dataset:
        """Smoothed NDVI composites of one year, smoothed with the year before and after."""
        years = self.harmoniser.years
        span = [other for other in (year - 1, year, year + 1) if other in years]
        for key in [key for key in self._composites if key[1] not in span]:
            del self._composites[key]
        for other in span:
            if (dataset, other) not in self._composites:
                held = self.harmoniser.open(dataset, other)
                names = ["ndvi", *(name for name in ("reliability", "flag") if name in held)]
                self._composites[dataset, other] = self._at_cells(dataset, other, names)
        parts = [self._composites[dataset, other] for other in span]
        series = xr.concat(parts, dim="time", data_vars="minimal", coords="minimal", join="exact")
        inside = np.flatnonzero(series["time"].dt.year.values == year)
        return fill_ndvi(series, SMOOTHNESS, slice(inside[0], inside[-1] + 1))

    def _at_cells(self, dataset: str, year: int | None, variables: Sequence[str]) -> xr.Dataset:
        """Variables (step, cell) of the source cells that the window needs."""
        native = check_variables(self.harmoniser.open(dataset, year), variables, dataset)
        cells = self._weights_from(Grid.of(native))[0].cells
        found = {
            name: ((*native[name].dims[:-2], "cell"), values_at(native[name], cells),
                   native[name].attrs)
            for name in variables
        }  # fmt: skip
        steps = {
            name: coord
            for name, coord in native.coords.items()
            if not {"y", "x"} & set(coord.dims) and name != "spatial_ref"
        }
        return xr.Dataset(found, steps)

    def _source(self, dataset: str, year: int | None) -> Grid:
        """The grid that a dataset lies on."""
        return Grid.of(self.harmoniser.open(dataset, year))

    def _on_target(self, native: xr.Dataset, dataset: str, source: Grid) -> xr.Dataset:
        """Checked variables on the window, coasts filled, NaN outside the domain."""
        weights, around = self._weights_from(source)
        inside = (_within(self.window[0], around[0]), _within(self.window[1], around[1]))
        domain = self.harmoniser.domain[around]
        pieces = {}
        for name, da in ((str(name), da) for name, da in native.items()):
            if name in PREDICTORS:
                check_predictor(da, name)
            values = weights.means(da.values.astype(np.float32, copy=False))
            known = np.isfinite(values).reshape(-1, *domain.shape).any(axis=0)
            fill = coast_fill(known, domain, self._reach(weights.source))
            filled = np.where(domain, fill(values), np.float32(np.nan))[..., *inside]
            here = np.zeros(domain.shape, bool)
            here.flat[fill.into] = True
            coords = {dim: da[dim] for dim in da.dims[:-1]}
            pieces[name] = xr.DataArray(
                filled, coords, (*da.dims[:-1], "y", "x"), name, da.attrs
            ).assign_attrs(source=dataset, coast_filled_cells=int(here[inside].sum()))
        return xr.Dataset(pieces).assign_coords(self.grid.coords())

    def _weights_from(self, source: Grid) -> tuple[WindowWeights, Window]:
        """Weights of the window with its surrounding, and which cells that is."""
        if source not in self._weights:
            target = self.harmoniser.target
            margin = ceil(self._reach(source))
            (rows, columns), (ny, nx) = self.window, target.shape
            around = (_widened(rows, margin, ny), _widened(columns, margin, nx))
            if self.harmoniser.is_finer(source):
                samples = enough_samples(source, target)
                blocks = self.harmoniser.blocks(source)
                weights = window_areas(source, target, around, samples, blocks)
            else:
                weights = window_bilinear(source, target, around)
            self._weights[source] = (weights, around)
        return self._weights[source]

    def _reach(self, source: Grid) -> float:
        """How far a cell of the coast looks for a value, in cells of the target."""
        size = cell_size(self.harmoniser.target)
        return COAST_REACH * max(cell_size(source), size) / size


def _widened(part: slice, margin: int, size: int) -> slice:
    """A run of cells with those beside it, as far as there are any."""
    return slice(max(part.start - margin, 0), min(part.stop + margin, size))


def _within(part: slice, wide: slice) -> slice:
    """Where a run of cells stands in a wider one."""
    return slice(part.start - wide.start, part.stop - wide.start)


def _is_lazy(dataset: xr.Dataset) -> bool:
    """Whether no map of the dataset lies in memory."""
    return all(da.chunks is not None for da in dataset.values() if da.ndim > 1)
