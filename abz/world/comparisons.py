"""What products for comparison say of the synthetic Arctic: its truth, bent by known factors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import xarray as xr

from abz.grid import Grid
from abz.readers.cmip_names import Run
from abz.vocabulary import FLUXES
from abz.world.arctic import World
from abz.world.products.cmip6 import CMIP_LAYOUT, write_cmip6_land_fluxes, write_cmip6_soil
from abz.world.products.fluxcom import write_fluxcom_x_base
from abz.world.products.gfed4 import write_gfed4
from abz.world.products.gfed5 import write_gfed5
from abz.world.products.inversions import write_gcb2022_inversions
from abz.world.products.lonlat_fluxes import Layout
from abz.world.products.ornl_2377 import (
    write_ornl_2377,
    write_ornl_2377_means,
    write_ornl_2377_trends,
)
from abz.world.products.winter_flux import write_winter_flux
from abz.world.truth import true_fluxes

__all__ = ["CALENDARS", "FACTORS", "write_comparisons", "write_published", "write_winter"]

FACTORS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "gcb2022_inversions": {"CAMS": 1.2, "CarboScope": 1.5, "UoE": 2.0},
        "cmip6_land_fluxes": {"SYN-ESM1": 0.8, "SYN-ESM2": 1.1},
        "fluxcom_x_base": {"nee": 1.5, "gpp": 1.1},
        "ornl_2377": {"nee": 0.95, "gpp": 1.0, "reco": 1.0},
        "winter_flux": {"soil_flux": 1.3},
    }
)
"""Entry to what its systems, models or fluxes make of the true flux: product = factor × truth."""

CALENDARS = MappingProxyType({"SYN-ESM1": "noleap", "SYN-ESM2": "360_day"})
"""Calendar of each synthetic model."""

SOIL_LAYERS = 10
"""Layers of the soil of the synthetic models."""
PLANTS = 0.55
"""Share of autotrophic respiration in the ecosystem's, in the synthetic models."""


def write_comparisons(world: World, folder: Path, grid: Grid, years: range) -> list[Path]:
    """Write inversions, simulations, upscaled fluxes and fires of a synthetic Arctic.

    Parameters
    ----------
    world : World
        The world.
    folder : Path
        The archive; each product gets a folder of its own.
    grid : Grid
        Longitude–latitude grid of all of them.
    years : range
        Their years.

    Returns
    -------
    list of Path
        All files.

    Notes
    -----
    Inversions see what leaves the whole cell: factor × NEE × share of the domain + fire. Models
    and upscaled fluxes count per area of land, and know no fire.

    Examples
    --------
    >>> import tempfile
    >>> from abz.grid import lonlat_grid
    >>> world, grid = World(resolution_km=400.0), lonlat_grid(5.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = write_comparisons(world, Path(folder), grid, range(2003, 2004))
    >>> sorted({path.parent.name for path in paths})
    ['cmip6_land_fluxes', 'fluxcom_x_base', 'gcb2022_inversions', 'gfed4', 'gfed5']
    """
    truth = true_fluxes(world, grid, years)
    fires = _fires(truth)
    paths = write_gcb2022_inversions(_inversions(truth), folder / "gcb2022_inversions")
    for model, factor in FACTORS["cmip6_land_fluxes"].items():
        layout = Layout(
            CMIP_LAYOUT.units,
            south_up=True,
            from_greenwich=True,
            calendar=CALENDARS[model],
            fill=CMIP_LAYOUT.fill,
            time_bounds=True,
        )
        run = Run(model, "historical", "r1i1p1f1", "gn")
        target = folder / "cmip6_land_fluxes"
        paths += write_cmip6_land_fluxes(_simulation(truth, factor), target, layout, run=run)
        paths += write_cmip6_soil(target, run, SOIL_LAYERS)
    upscaled = {n: f * truth[n] for n, f in FACTORS["fluxcom_x_base"].items()}
    paths += write_fluxcom_x_base(xr.Dataset(upscaled, truth.coords), folder / "fluxcom_x_base")
    paths += write_gfed4(fires, folder / "gfed4")
    return paths + write_gfed5(fires, folder / "gfed5")


def write_published(
    world: World,
    folder: Path,
    grid: Grid,
    years: range,
    *,
    factors: Mapping[str, float] = FACTORS["ornl_2377"],
    means: range | None = None,
) -> list[Path]:
    """Write fluxes of a synthetic Arctic in the form of the published 1-km maps.

    Parameters
    ----------
    world : World
        The world.
    folder : Path
        The archive.
    grid : Grid
        Polar grid.
    years : range
        Their years.
    factors : mapping of {str: float}, optional
        Flux to what the maps make of the true one.
    means : range, optional
        Years of mean maps of NEE, of NEE + fire and of the trend of NEE; without it there are none.

    Returns
    -------
    list of Path
        All files.

    Notes
    -----
    Cells count whole, so the fire of a mean map is that of the whole cell.
    """
    truth = true_fluxes(world, grid, years)
    maps = xr.Dataset({name: factors[name] * truth[name] for name in FLUXES}, truth.coords)
    paths = write_ornl_2377(maps, folder / "ornl_2377")
    if means is not None:
        data = _mean_maps(maps["nee"], truth["fire"] * truth["domain_fraction"], means)
        paths += write_ornl_2377_means(data[["nee", "nee_fire"]], folder / "ornl_2377_means")
        paths += write_ornl_2377_trends(data, folder / "ornl_2377_trends")
    return paths


def _mean_maps(nee: xr.DataArray, fire: xr.DataArray, years: range) -> xr.Dataset:
    """Mean annual NEE and NEE + fire, and the least-squares slope of NEE, of some years."""
    annual = {
        name: monthly.groupby("time.year").sum(skipna=False).sel(year=list(years))
        for name, monthly in (("nee", nee), ("nee_fire", nee + fire))
    }
    maps = {name: sums.mean("year") for name, sums in annual.items()}
    apart = annual["nee"]["year"] - annual["nee"]["year"].mean()
    maps["nee_trend"] = (annual["nee"] * apart).sum("year", skipna=False) / (apart**2).sum()
    period = f"{years[0]}-{years[-1]}"
    return xr.Dataset({name: field.assign_attrs(period=period) for name, field in maps.items()})


def write_winter(world: World, folder: Path, grid: Grid, years: range) -> list[Path]:
    """Write soil CO2 fluxes of the winters of a synthetic Arctic: factor × Reco.

    Parameters
    ----------
    world : World
        The world.
    folder : Path
        The archive.
    grid : Grid
        Polar grid.
    years : range
        Their years.

    Returns
    -------
    list of Path
        One file.
    """
    truth = true_fluxes(world, grid, years)
    soil = FACTORS["winter_flux"]["soil_flux"] * truth["reco"]
    return write_winter_flux(soil.to_dataset(name="soil_flux"), folder / "winter_flux")


def _inversions(truth: xr.Dataset) -> xr.Dataset:
    """Land flux of each system, per area of the whole cell."""
    share = truth["domain_fraction"]
    systems = FACTORS["gcb2022_inversions"]
    fluxes = [(factor * truth["nee"] + truth["fire"]) * share for factor in systems.values()]
    joined = xr.concat(fluxes, "member").assign_coords(member=list(systems))
    return joined.to_dataset(name="land_flux")


def _simulation(truth: xr.Dataset, factor: float) -> xr.Dataset:
    """Fluxes of a model, per area of land."""
    reco = factor * truth["reco"]
    fluxes = {"gpp": factor * truth["gpp"], "ra": PLANTS * reco, "rh": (1 - PLANTS) * reco}
    data = xr.Dataset(fluxes, truth.coords)
    return data.assign(land_fraction=truth["domain_fraction"])


def _fires(truth: xr.Dataset) -> xr.Dataset:
    """Emission and burned fraction of the whole cell; nothing burns outside the domain."""
    share = truth["domain_fraction"]
    fires = {"emission": truth["fire"] * share, "burned_fraction": truth["burned_fraction"] * share}
    return xr.Dataset({name: field.fillna(0.0) for name, field in fires.items()}, truth.coords)
