"""Predictors of one dataset and year: from the archive, made monthly, brought to the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import xarray as xr

from abz.errors import MissingDataError
from abz.grid import Grid, Overlap, area_mean, bilinear_weights
from abz.harmonise.checks import check_months, check_predictor
from abz.harmonise.coast import CoastFill, coast_fill
from abz.harmonise.composites import to_months
from abz.harmonise.domain import SOUTH
from abz.harmonise.gapfill import fill_ndvi
from abz.harmonise.land_cover import area_overlap
from abz.validation import check_variables
from abz.vocabulary import PREDICTORS

__all__ = ["COAST_REACH", "STAND_IN_YEARS", "Archive", "Harmoniser", "cell_size"]

COAST_REACH = 1.5
"""How far a coastal cell looks for a value, in cells of the coarser of source and target."""

STAND_IN_YEARS: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {"vcf5kyr": MappingProxyType({1994: 1993, 2000: 1999})}
)
"""Years that a product lacks, and the year that stands in, as in the study."""


class Archive(Protocol):
    """What opens the datasets: `abz.catalog.Catalog`, or a stand-in."""

    def open(self, name: str, years: Sequence[int] | None = None) -> Any:
        """Canonical data of a dataset, of some years or whole."""


def cell_size(grid: Grid) -> float:
    """Side of a square as large as the mean cell of the domain's latitudes, m.

    Examples
    --------
    >>> from abz.grid import polar_grid
    >>> cell_size(polar_grid(1e5))
    100000.0
    """
    area = grid.cell_area()
    if grid.is_lonlat and (grid.y >= SOUTH).any():
        area = area[grid.y >= SOUTH]
    return float(np.sqrt(area.mean()))


@dataclass
class Harmoniser:
    """Brings datasets to one grid; weights and coasts are found once and kept.

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
    the domain for which the source has no value in any step of the first year takes the nearest
    cell's, within `COAST_REACH`; the number is kept as attribute `coast_filled_cells`.
    """

    archive: Archive
    target: Grid
    domain: np.ndarray
    years: range
    _weights: dict[Grid, tuple[str, Overlap]] = field(default_factory=dict, repr=False)
    _coasts: dict[tuple[str, str], CoastFill] = field(default_factory=dict, repr=False)
    _composites: dict[tuple[str, int], xr.Dataset] = field(default_factory=dict, repr=False)

    def static(self, dataset: str, variables: Sequence[str]) -> xr.Dataset:
        """Variables (y, x) that do not change."""
        return self._on_target(self.archive.open(dataset), dataset, variables)

    def annual(self, dataset: str, variables: Sequence[str], year: int) -> xr.Dataset:
        """Variables (year, y, x) of one year; a year that the product lacks has its stand-in."""
        source_year = STAND_IN_YEARS.get(dataset, {}).get(year, year)
        native = self.archive.open(dataset, years=[source_year])
        if source_year not in native["year"].values:
            raise MissingDataError(
                f"{dataset} does not hold the year {source_year}",
                rule="each year of the set, or its stand-in",
                value=native["year"].values.tolist(),
                remedy="fetch the missing file",
            )
        native = native.sel(year=[source_year]).assign_coords(year=np.array([year], np.int64))
        return self._on_target(native, dataset, variables)

    def monthly(self, dataset: str, variables: Sequence[str], year: int) -> xr.Dataset:
        """Variables (time, y, x) of the twelve months of one year."""
        if "ndvi" in variables:
            native = self._continuous_ndvi(dataset, year)
            variables = [*variables, "ndvi_filled"]
        else:
            native = self.archive.open(dataset, years=[year])
        if "days" in native.coords:
            native = to_months(native)
        native = check_months(native, year, dataset)
        return self._on_target(native, dataset, variables)

    def _continuous_ndvi(self, dataset: str, year: int) -> xr.Dataset:
        """Smoothed NDVI composites of one year, smoothed with the year before and after."""
        span = [other for other in (year - 1, year, year + 1) if other in self.years]
        for key in [key for key in self._composites if key[1] not in span]:
            del self._composites[key]
        for other in span:
            if (dataset, other) not in self._composites:
                self._composites[dataset, other] = self.archive.open(dataset, years=[other])
        parts = [self._composites[dataset, other] for other in span]
        series = xr.concat(parts, dim="time", data_vars="minimal", coords="minimal", join="exact")
        filled = fill_ndvi(series)
        return filled.isel(time=filled["time"].dt.year.values == year)

    def _on_target(self, native: xr.Dataset, dataset: str, variables: Sequence[str]) -> xr.Dataset:
        """Checked variables on the target, coasts filled, NaN outside the domain."""
        check_variables(native, variables, dataset)
        method, weights = self._weights_from(Grid.of(native))
        pieces = {}
        for name in variables:
            if name in PREDICTORS:
                check_predictor(native[name], name)
            on_target = area_mean(native[name].astype(np.float32), weights)
            fill = self._coast(dataset, name, on_target.values, weights.source)
            values = np.where(self.domain, fill(on_target.values), np.float32(np.nan))
            pieces[name] = on_target.copy(data=values).assign_attrs(
                source=dataset, method=method, coast_filled_cells=int(fill.into.size)
            )
        return xr.Dataset(pieces)

    def _weights_from(self, source: Grid) -> tuple[str, Overlap]:
        """How a source comes to the target: the method's name and its weights."""
        if source not in self._weights:
            if cell_size(source) <= cell_size(self.target):
                self._weights[source] = ("area mean", area_overlap(source, self.target))
            else:
                self._weights[source] = ("bilinear", bilinear_weights(source, self.target))
        return self._weights[source]

    def _coast(self, dataset: str, name: str, values: np.ndarray, source: Grid) -> CoastFill:
        """The filling of a variable, as its first year needs it."""
        if (dataset, name) not in self._coasts:
            has_value = np.isfinite(values).reshape(-1, *self.target.shape).any(axis=0)
            target_size = cell_size(self.target)
            reach = COAST_REACH * max(cell_size(source), target_size) / target_size
            self._coasts[dataset, name] = coast_fill(has_value, self.domain, reach)
        return self._coasts[dataset, name]
