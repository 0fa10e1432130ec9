"""Atmospheric inversions of the Global Carbon Budget 2022: land fluxes of all systems, 1 degree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.errors import InputError, MissingDataError
from abz.ledger import Parts
from abz.readers.axes import Window, lonlat_window
from abz.readers.calendars import (
    Months,
    check_no_gap,
    longest_stretch,
    months_of,
    open_dated,
)
from abz.readers.fluxes import canonical_flux, monthly, stated_sign
from abz.readers.geotiff import Bounds
from abz.readers.labels import as_given, provenance
from abz.readers.orientation import check_orientation
from abz.validation import check_choice, check_single_file, check_variables

__all__ = ["LAND_FLUXES", "read_gcb2022_inversions"]

LAND_FLUXES = MappingProxyType(
    {
        "fossil": (
            "land_flux_only_fossil_cement_adjusted",
            Parts.of("nee", "fire", "lakes", "rivers", unknown=["harvest"]),
        ),
        "fossil and rivers": (
            "land_flux_fossil_cement_and_river_adjusted",
            Parts.of("nee", "fire", "lakes", "rivers", unknown=["harvest", "lateral"]),
        ),
        "prior": (
            "prior_flux_land",
            Parts.of("nee", unknown=["fire", "lakes", "rivers", "harvest"]),
        ),
    }
)
"""What a land flux is adjusted for, to its variable in the file and what it holds.

The air sees all that leaves the land: fires, lakes and rivers with it. Wood and crops are seen
where they are used, not where they grew.
"""

SIGNS = MappingProxyType({1.0: "uptake is below zero", -1.0: "uptake is above zero"})
"""What the sign of a file means, by what makes it ours."""

AXES = {"member": "ensemble_member", "time": "time", "y": "latitude", "x": "longitude"}


def read_gcb2022_inversions(
    paths: Sequence[Path],
    *,
    adjusted: str = "fossil",
    members: Sequence[str] | None = None,
    period: tuple[int, int] | None = None,
    bounds: Bounds | None = None,
) -> xr.Dataset:
    """Land flux of the inversions, fire included.

    Parameters
    ----------
    paths : sequence of Path
        `GCP2022_inversions_1x1_version1_{1|2}_{date}.nc`, one file.
    adjusted : str, optional
        "fossil": only fossil and cement emissions are brought to those of the budget;
        "fossil and rivers": carbon that rivers carry is taken off too; "prior": what the systems
        began with.
    members : sequence of str, optional
        Systems by name; all where not given.
    period : tuple of int = (first year, last year), optional
        Only these years, which the file must hold whole.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees.

    Returns
    -------
    xarray.Dataset (member, time, y, x)
        `land_flux`, g C m-2 month-1, below zero where the land takes up carbon; NaN where missing
        and in months that a system does not cover; of the whole cell. Coordinates along member: its
        name, and `first_year`, `last_year` of the longest stretch of whole years that it covers (0
        if none; of stretches of one length the first). Fire, lakes and rivers are in the flux, see
        `abz.ledger.Parts.of_attrs`.

    Raises
    ------
    MissingDataError
        If the file, a variable, a month or a year of the period is missing.
    InputError
        If a system is unknown, or sign or size of a value cannot be true.
    UnitsError
        If the flux does not state its unit.
    GridError
        If the axes are not evenly spaced degrees, or the map lies upside down.

    Notes
    -----
    The unit is read from the file, PgC m-2 yr-1: a month gets its days' share of the year, so that
    the twelve months sum to the mean rate of the year. A flux that says it is positive downward is
    turned; one that does not, and takes up carbon where it is positive, is refused. Systems are
    read one by one: no more than one is unpacked at a time.

    References
    ----------
    .. [1] Friedlingstein et al. (2022), doi:10.5194/essd-14-4811-2022.
    """
    check_choice(adjusted, LAND_FLUXES, "adjusted")
    path = check_single_file(paths, ".nc", "the inversions")
    variable, parts = LAND_FLUXES[adjusted]
    with open_dated(path) as file:
        check_variables(file, [variable, "ensemble_member_name"], path.name)
        names = _names(file)
        steps, months = _steps(months_of(file, "time", path.name), period, path.name)
        axes = file["longitude"].values, file["latitude"].values
        window = lonlat_window(*axes, path.name, bounds)
        stored = file[variable].rename({name: axis for axis, name in AXES.items()})
        chosen = [names.index(name) for name in _chosen(members, names)]
        shape = (len(chosen), months.starts.size, *window.grid.shape)
        place = {"time": months.starts, **window.grid.coords()}
        rates = np.empty(shape, np.float32)
        for number, member in enumerate(chosen):
            one, what = stored.isel(member=member, time=steps), f"{names[member]} in {path.name}"
            rates[number] = _unpacked(one, months, window, what)
            alone = xr.DataArray(rates[number], place, ("time", "y", "x"))
            canonical_flux(alone, "land_flux", parts, what)  # others must not hide its sign
        about = provenance("Global Carbon Budget 2022 inversions", [path], file.attrs)
        about |= as_given(
            str(stored.attrs.get("units", "")), SIGNS[stated_sign(stored.attrs)], months.calendar
        )
    coords = {"member": [names[member] for member in chosen], **place}
    flux = xr.DataArray(rates, coords, ("member", "time", "y", "x"))
    made = canonical_flux(flux, "land_flux", parts, path.name).to_dataset()
    covered = _covered(made["land_flux"])
    return made.assign_coords(covered).assign_attrs(about, adjusted=adjusted, per_area="cell")


def _names(file: xr.Dataset) -> list[str]:
    """Names of the systems, from characters or texts."""
    stored = file["ensemble_member_name"].values
    if stored.ndim == 2:
        stored = np.array([b"".join(map(bytes, row)) for row in stored.astype("S1")])
    texts = [name.decode() if isinstance(name, bytes) else str(name) for name in stored.tolist()]
    return [text.replace("\x00", "").strip() for text in texts]


def _chosen(members: Sequence[str] | None, names: list[str]) -> list[str]:
    """The systems that are wanted."""
    return names if members is None else [check_choice(m, names, "member") for m in members]


def _steps(months: Months, period: tuple[int, int] | None, name: str) -> tuple[np.ndarray, Months]:
    """Positions of the months of a period, in order of time, and these months."""
    check_no_gap(months.starts, name)
    years = months.starts.astype("datetime64[Y]").astype(int) + 1970
    first, last = period or (int(years.min()), int(years.max()))
    steps = np.flatnonzero((years >= first) & (years <= last))
    steps = steps[np.argsort(months.starts[steps])]
    if np.unique(months.starts[steps]).size != steps.size:
        raise InputError(
            f"{name} holds a month twice",
            rule="each month once",
            value=f"{steps.size} steps",
            remedy="fetch the file again, or give it its true time axis",
        )
    if period and steps.size != 12 * (last - first + 1):
        raise MissingDataError(
            f"{name} does not hold the whole period",
            rule=f"twelve months of each year from {first} to {last}",
            value=f"{steps.size} months of them; the file holds {years.min()} to {years.max()}",
            remedy="ask for years that the file holds",
        )
    chosen = months.starts[steps], months.days[steps], months.year_days[steps]
    return steps, Months(*chosen, calendar=months.calendar)


def _unpacked(one: xr.DataArray, months: Months, window: Window, what: str) -> np.ndarray:
    """Monthly flux (time, y, x) of one system."""
    part = one.isel(y=window.rows, x=window.columns).transpose("time", "y", "x")
    rate = xr.DataArray(
        window.turned(part.values.astype(np.float64)),
        {"days": ("time", months.days), "year_days": ("time", months.year_days)},
        ("time", "y", "x"),
        part.name,
        part.attrs,
    )
    check_orientation(rate.values, window.longitude, window.latitude, what)
    return (stated_sign(part.attrs) * monthly(rate).values).astype(np.float32)


def _covered(flux: xr.DataArray) -> dict[str, tuple[str, np.ndarray, dict[str, str]]]:
    """Ends of the longest stretch of years of which each member has all months somewhere."""
    held = flux.notnull().any(("y", "x")).values
    years = flux["time"].dt.year.values
    every = np.unique(years)
    whole = np.stack([held[:, years == year].sum(axis=1) == 12 for year in every], axis=1)
    spans = [longest_stretch(every[covers].tolist()) for covers in whole]
    ends = {"first_year": [span[0] if span else 0 for span in spans],
            "last_year": [span[-1] if span else 0 for span in spans]}  # fmt: skip
    return {
        name: ("member", np.array(year, np.int64), {
            "units": "1",
            "long_name": f"{name.replace('_', ' ')} of the longest stretch covered, 0 if none",
        }) for name, year in ends.items()
    }  # fmt: skip
