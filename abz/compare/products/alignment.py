"""A product on our land: per m2 of land, as NEE, added up over atoms and laid on a common map.

Years, and bands of a map too large for memory, are aligned one by one and put together after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import xarray as xr

from abz.compare.products.definition import nee_field, takes_fire
from abz.compare.products.land import LandShares
from abz.errors import InputError
from abz.grid import Grid, conserve, overlap
from abz.ledger import FLUX_PARTS, Parts
from abz.trends import annual_sums
from abz.units import AREA_QUANTUM, GRAM_QUANTUM, MONTHLY_FLUX, require_units
from abz.validation import check_choice

__all__ = [
    "Aligned",
    "align",
    "atom_quanta",
    "fire_on_cells",
    "in_sequence",
    "land_share",
    "per_land",
    "side_by_side",
]

NET = ("nee", "land_flux")
"""Net fluxes of products, of which one becomes NEE."""
BESIDE = ("gpp", "reco")
"""Fluxes that are taken as they are."""
MONTHLY = ("amount", "land")
"""Variables of monthly maps."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """A product, or some years or rows of it, on our land.

    Parameters
    ----------
    totals : xarray.Dataset
        `grams` int64 (flux, member, time, atom_id), quanta of `GRAM_QUANTUM` g, and `valid_area`,
        alike, of `AREA_QUANTUM` m2, as `abz.budgets.zone_totals` takes them; the fluxes are `nee`,
        `gpp`, `reco`, and of a product with fire `given`, its net flux before, and `fire`.
    amount : xarray.DataArray (year, y, x)
        Annual NEE of the land in the cells of the common map that has a value, g C yr-1.
    land : xarray.DataArray (year, y, x)
        That land, m2.
    parts : Parts
        What the NEE still holds.
    monthly : xarray.Dataset (flux, time, y, x)
        `amount` of each month, g C month-1, and `land`, alike, of nee, gpp and reco, float32; no
        variables where they were dropped.
    """

    totals: xr.Dataset
    amount: xr.DataArray
    land: xr.DataArray
    parts: Parts
    monthly: xr.Dataset

    @property
    def annual(self) -> xr.DataArray:
        """Annual NEE (year, y, x) of the common map, g C m-2 yr-1; NaN where none is known."""
        known = self.land > 0
        made = self.amount.where(known) / self.land.where(known)
        return made.assign_attrs(units="g C m-2 yr-1", long_name="annual NEE").rename("nee")

    def without_months(self) -> Aligned:
        """The same without its monthly maps, which are large."""
        return replace(self, monthly=xr.Dataset())


def fire_on_cells(fire: xr.DataArray, target: Grid) -> xr.DataArray:
    """Fire emissions on the cells of a product, with the same carbon.

    Parameters
    ----------
    fire : xarray.DataArray (time, y, x)
        g C m-2 month-1 of the whole cell, with the coordinates of its grid.
    target : Grid
        Grid of the product.

    Returns
    -------
    xarray.DataArray (time, y, x)
        g C m-2 month-1 of the whole cell; zero where nothing burned.

    Examples
    --------
    >>> from abz.grid import lonlat_grid
    >>> source, target = lonlat_grid(0.5), lonlat_grid(1.0)
    >>> time = np.array(["2001-07-01"], "datetime64[ns]")
    >>> fire = xr.DataArray(np.ones((1, *source.shape)), dims=("time", "y", "x"),
    ...                     coords={"time": time, **source.coords()})
    >>> float(fire_on_cells(fire, target).mean().round(6))
    1.0
    """
    moved = conserve(fire, overlap(Grid.of(fire), target)).fillna(0.0)
    return moved.assign_attrs(fire.attrs)


def align(
    data: xr.Dataset,
    shares: LandShares,
    atoms: Mapping[str, xr.DataArray],
    name: str,
    fire: xr.DataArray | None = None,
) -> Aligned:
    """Whole years of one estimate of a product, on our land.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        `nee` or `land_flux`, and gpp and reco where there are, g C m-2 month-1, each with the parts
        that it holds; `attrs["per_area"]`, "land" or "cell"; `land_fraction` (y, x), 1, where the
        product knows it.
    shares : LandShares
        Our land in its cells.
    atoms : mapping of {str: xarray.DataArray (atom_id)}
        Coordinates of our atoms.
    name : str
        The product, for messages.
    fire : xarray.DataArray (time, y, x), optional
        Emission, g C m-2 month-1 of the whole cell, on the same cells, for products that hold fire.

    Returns
    -------
    Aligned

    Raises
    ------
    LedgerError
        Naming the product, if it is on another definition, or its fire is not at hand.
    InputError
        If it holds no net flux, does not say per which area it counts, or fire lacks its months.
    UnitsError
        If a flux is not in g C m-2 month-1.

    Notes
    -----
    Of a flux per whole cell f, with the land share s, f / s is the flux per m2 of land: what a
    coastal cell emits is that of its land. The budget of a zone is Σ_c A_zc f_c / s_c, with A_zc
    our land of the zone in the cell.
    """
    net = next((flux for flux in NET if flux in data), None)
    if net is None:
        raise InputError(
            f"{name} holds no net flux",
            rule=f"one of {', '.join(NET)}",
            value=sorted(map(str, data.data_vars)),
            remedy="read gpp, ra and rh, or nep, of the product",
        )
    per_area = check_choice(str(data.attrs.get("per_area")), ("land", "cell"), "per_area")
    share = land_share(data, shares)
    density = {n: per_land(data[n], per_area, share, shares) for n in (net, *BESIDE) if n in data}
    burning = None
    if takes_fire(Parts.of_attrs(data[net].attrs), name) and fire is not None:
        burning = per_land(_of_months(fire, data["time"], name), "cell", share, shares)
    nee = nee_field(density[net], burning, name)
    fluxes = {"nee": nee, **{n: density[n] for n in BESIDE if n in density}}
    if burning is not None:
        # Fire is known everywhere; it counts where the net flux is known, as its part of it.
        fluxes |= {"given": density[net], "fire": burning.where(density[net].notnull())}
    for flux in BESIDE:
        if flux in density:
            _check_parts(density[flux], flux, name)
    amount, land = _on_common(nee, shares)
    held = {n: flux for n, flux in fluxes.items() if n in ("nee", *BESIDE)}
    return Aligned(
        atom_quanta(fluxes, shares, atoms), amount, land, Parts.of_attrs(nee.attrs),
        _months_on_common(held, shares),
    )  # fmt: skip


def land_share(data: xr.Dataset, shares: LandShares) -> np.ndarray:
    """Land share (cell,) of a product's cells: its own where it has one, else that of our map."""
    if "land_fraction" not in data:
        return shares.land_share
    stated = shares.at_used(data["land_fraction"].transpose("y", "x").values).astype(np.float64)
    own = np.where(np.isfinite(stated), stated, shares.land_share)
    return np.where(own > 0, own, np.nan)


def per_land(
    flux: xr.DataArray, per_area: str, share: np.ndarray, shares: LandShares
) -> xr.DataArray:
    """A flux (time, cell) per m2 of land.

    Parameters
    ----------
    flux : xarray.DataArray (time, y, x)
        g C m-2 month-1.
    per_area : str
        "land", or "cell" where it counts per area of the whole cell.
    share : numpy.ndarray (cell,)
        From `land_share`.
    shares : LandShares
        Our land in the cells.

    Raises
    ------
    UnitsError
        If the flux is not in g C m-2 month-1.
    """
    require_units(flux, MONTHLY_FLUX)
    flat = shares.at_used(flux.transpose("time", "y", "x").values).astype(np.float64)
    made = flat / share if per_area == "cell" else flat
    return xr.DataArray(made, {"time": flux["time"].values}, ("time", "cell"), attrs=flux.attrs)


def _of_months(fire: xr.DataArray, months: xr.DataArray, name: str) -> xr.DataArray:
    """Fire of the months of a product."""
    missing = np.setdiff1d(months.values, fire["time"].values)
    if missing.size:
        raise InputError(
            f"the fire to take from {name} lacks months of it",
            rule="fire of every month of the product",
            value=np.datetime_as_string(missing[:6], unit="M").tolist(),
            remedy="compare in the years that both have",
        )
    return fire.sel(time=months.values)


def _check_parts(flux: xr.DataArray, name: str, product: str) -> None:
    """Nothing, if a gross flux holds what its name says."""
    held = Parts.of_attrs(flux.attrs)
    if held != FLUX_PARTS[name]:
        raise InputError(
            f"{name} of {product} is on another definition",
            rule=f"it holds {FLUX_PARTS[name]}",
            value=held,
            remedy="state its parts where it is read",
        )


def atom_quanta(
    fluxes: Mapping[str, xr.DataArray], shares: LandShares, atoms: Mapping[str, xr.DataArray]
) -> xr.Dataset:
    """Amounts and land of our atoms, in whole quanta.

    Parameters
    ----------
    fluxes : mapping of {str: xarray.DataArray (time, cell)}
        From `per_land`, all of the same months.
    shares : LandShares
        Our land in the cells.
    atoms : mapping of {str: xarray.DataArray (atom_id)}
        Coordinates of our atoms.

    Returns
    -------
    xarray.Dataset (flux, member, time, atom_id)
        As `Aligned.totals`.
    """
    grams, areas = [], []
    for flux in fluxes.values():
        amount, land = shares.sums(flux.values)
        grams.append(np.rint(amount / GRAM_QUANTUM).astype(np.int64))
        areas.append(np.rint(land / AREA_QUANTUM).astype(np.int64))
    dims = ("flux", "member", "time", "atom_id")
    time = next(iter(fluxes.values()))["time"].values
    coords = {"flux": list(fluxes), "member": [0], "time": time, **atoms}
    held = {"grams": grams, "valid_area": areas}
    return xr.Dataset({n: (dims, np.stack(v)[:, None]) for n, v in held.items()}, coords)


def _on_common(nee: xr.DataArray, shares: LandShares) -> tuple[xr.DataArray, xr.DataArray]:
    """Annual amounts and land (year, y, x) of the common map."""
    annual = annual_sums(nee.assign_attrs(units=MONTHLY_FLUX))
    amount, land = shares.common_sums(annual.transpose("year", "cell").values)
    coords = {"year": annual["year"].values, **shares.common.coords()}
    dims = ("year", "y", "x")
    return (
        xr.DataArray(amount, coords, dims, attrs={"units": "g C yr-1"}),
        xr.DataArray(land, coords, dims, attrs={"units": "m2"}),
    )


def _months_on_common(fluxes: Mapping[str, xr.DataArray], shares: LandShares) -> xr.Dataset:
    """Monthly amounts and land (flux, time, y, x) of the common map."""
    made = [
        [sums.astype(np.float32) for sums in shares.common_sums(flux.values)]
        for flux in fluxes.values()
    ]
    time = next(iter(fluxes.values()))["time"].values
    coords = {"flux": list(fluxes), "time": time, **shares.common.coords()}
    dims = ("flux", "time", "y", "x")
    held = {n: (dims, np.stack([pair[i] for pair in made])) for i, n in enumerate(MONTHLY)}
    return xr.Dataset(held, coords)


def in_sequence(pieces: Iterable[Aligned]) -> Aligned:
    """Years of one estimate, put one after the other.

    Raises
    ------
    InputError
        If there is no piece.
    """
    found = list(_some(pieces))
    return Aligned(
        xr.concat([piece.totals for piece in found], "time", data_vars="minimal"),
        xr.concat([piece.amount for piece in found], "year"),
        xr.concat([piece.land for piece in found], "year"),
        found[0].parts,
        xr.concat([piece.monthly for piece in found], "time", data_vars="minimal"),
    )


def side_by_side(pieces: Iterable[Aligned]) -> Aligned:
    """Bands of one map, each with the same months, added up as they come.

    Raises
    ------
    InputError
        If there is no piece.
    """
    return reduce(_added, _some(pieces))


def _added(one: Aligned, other: Aligned) -> Aligned:
    """Two bands added up."""
    return Aligned(
        one.totals + other.totals,
        one.amount + other.amount,
        one.land + other.land,
        one.parts,
        one.monthly + other.monthly,
    )


def _some(pieces: Iterable[Aligned]) -> Iterator[Aligned]:
    """The pieces one by one, if there are any."""
    empty = True
    for piece in pieces:
        empty = False
        yield piece
    if empty:
        raise InputError(
            "a product has nothing to align",
            rule="a whole year at least that the run has too",
            value="no year",
            remedy="compare in the years that both have",
        )
