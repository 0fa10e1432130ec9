"""Products that a run is laid beside: which the archive holds, and how each is opened by year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import xarray as xr

from abz.catalog import Catalog
from abz.cli.archive import is_there
from abz.readers import Run, cmip6_runs, cmip6_soil_layers, cmip6_years, ornl_2377_bands
from abz.readers.calendars import longest_stretch

__all__ = ["NORTH", "PRODUCTS", "Estimate", "years_held"]

NORTH = (-180.0, 44.0, 180.0, 90.0)
"""Box of longitudes and latitudes that is read, degrees."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """One member of a product.

    Parameters
    ----------
    member : str
        Inversion system, model or the product itself.
    years : range
        Years that it holds whole, of those that were asked for.
    pieces : callable
        From a year to its dataset as `abz.readers` gives it, or to the bands of its map.
    barred : str, optional
        Why it is not compared; empty if it is.
    remark : str, optional
        What has to be known of it besides.
    """

    member: str
    years: range
    pieces: Callable[[int], Iterator[xr.Dataset]]
    barred: str = ""
    remark: str = ""


def years_held(catalog: Catalog, entry: str, years: Sequence[int]) -> range:
    """The longest stretch of some years whose files are all there; empty if there is none.

    Notes
    -----
    An entry that is not split by year holds all years or none as far as its files tell.
    """
    return longest_stretch([year for year in years if is_there(catalog, entry, [year])])


def _inversions(catalog: Catalog, entry: str, years: range) -> Iterator[Estimate]:
    """Systems of an ensemble of inversions, each with the years that it covers."""
    data = catalog.open(entry, bounds=NORTH)
    for place, name in enumerate(data["member"].values.tolist()):
        one = data.isel(member=place, drop=True)
        first, last = (int(data[n].values[place]) for n in ("first_year", "last_year"))
        held = range(max(first, years[0]), min(last, years[-1]) + 1) if first else range(0)
        yield Estimate(str(name), held, partial(_year, one))


def _simulations(catalog: Catalog, entry: str, years: range) -> Iterator[Estimate]:
    """The first simulation of the past of each model whose soil has layers, read year by year."""
    paths, seen = catalog.files(entry), set[str]()
    latest: dict[Run, xr.Dataset] = {}

    def of_year(run: Run, held: range, year: int) -> Iterator[xr.Dataset]:
        """A year of a simulation; the one read last is kept, as its files hold many years."""
        if run not in latest:
            latest.clear()
            latest[run] = catalog.open(
                entry, bounds=NORTH, period=(held[0], held[-1]),
                model=run.model, experiment=run.experiment, member=run.member,
            )  # fmt: skip
        return _year(latest[run], year)

    for run in cmip6_runs(paths):
        if run.model in seen or run.experiment != "historical":
            continue
        seen.add(run.model)
        named = cmip6_years(paths, run)
        held = range(max(named.start, years.start), min(named.stop, years.stop))
        layers = cmip6_soil_layers(paths, run)
        yield Estimate(
            run.model, held, partial(of_year, run, held),
            barred="its soil has one layer" if layers == 1 else "",
            remark="no tsl tells the layers of its soil" if layers is None else "",
        )  # fmt: skip


def _upscaled(catalog: Catalog, entry: str, years: range) -> Iterator[Estimate]:
    """One estimate, read year by year."""
    yield Estimate(
        entry,
        years_held(catalog, entry, years),
        lambda year: iter([catalog.open(entry, years=[year], bounds=NORTH)]),
    )


def _published(catalog: Catalog, entry: str, years: range) -> Iterator[Estimate]:
    """The published maps, read year by year and band by band."""
    yield Estimate(
        entry,
        years_held(catalog, entry, years),
        lambda year: ornl_2377_bands(catalog.files(entry, [year])),
    )


def _year(data: xr.Dataset, year: int) -> Iterator[xr.Dataset]:
    """One year of a dataset."""
    yield data.isel(time=(data["time"].dt.year == year).values)


PRODUCTS: Mapping[str, Callable[[Catalog, str, range], Iterator[Estimate]]] = MappingProxyType(
    {
        "gcb2022_inversions": _inversions,
        "cmip6_land_fluxes": _simulations,
        "fluxcom": _upscaled,
        "fluxcom_x_base": _upscaled,
        "fluxcom_x_base_fine": _upscaled,
        "ornl_2377": _published,
    }
)
"""Entry of the catalog to what opens its members."""
