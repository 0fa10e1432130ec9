"""Land carbon fluxes of CMIP models (Lmon): one simulation on the grid of its model.

Model grids are rarely even: many have Gaussian latitudes or half cells at the poles. So the cells
are told by their bounds; where the centres are even, the dataset carries a grid as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from abz.errors import GridError, InputError, MissingDataError
from abz.ledger import Parts
from abz.readers.axes import Window
from abz.readers.calendars import check_no_gap
from abz.readers.cells import cell_area, cell_bounds, lies_even, read_fixed
from abz.readers.cmip_names import CMIP_FLUXES, FIXED, cmip_files, files_of, reaches, single_run
from abz.readers.fluxes import canonical_flux, monthly
from abz.readers.geotiff import Bounds
from abz.readers.labels import as_given, provenance
from abz.readers.months import join_months, read_fields

__all__ = ["read_cmip6_land_fluxes"]

_OF_LAND = re.compile(r"area:\s*(time:\s*)?mean\s+where\s+land")
_PARTS = {"nee": Parts.of("nee"), "gpp": Parts.of("gpp"), "reco": Parts.of("reco")}


def read_cmip6_land_fluxes(
    paths: Sequence[Path],
    *,
    model: str | None = None,
    experiment: str | None = None,
    member: str | None = None,
    period: tuple[int, int] | None = None,
    bounds: Bounds | None = None,
) -> xr.Dataset:
    """Land fluxes of one simulation, as sums over months.

    Parameters
    ----------
    paths : sequence of Path
        Files of gpp, ra, rh or nep (table Lmon); with sftlf and areacella (table fx) of the same
        model and grid where there are. Files of other simulations are passed over, if what is
        asked for names one simulation.
    model, experiment, member : str, optional
        Which simulation, where the files are of several.
    period : tuple of int = (first year, last year), optional
        Only these years, which the files must hold whole.
    bounds : tuple of float = (W, S, E, N), optional
        Only the cells whose centres lie in this box, degrees.

    Returns
    -------
    xarray.Dataset (time, y, x)
        Of `gpp`, `ra`, `rh` (positive), `reco` and `nee` (below zero where the land takes up
        carbon) those that the files give, g C m-2 month-1, NaN over sea; `land_fraction`, 1, NaN
        where no sftlf was given; `cell_area`, m2; `y_bounds`, `x_bounds`, degrees. Months are
        dated in the standard calendar; `attrs["calendar"]` is the file's. `attrs["per_area"]` is
        "land" where fluxes count per land area, else "cell".

    Raises
    ------
    MissingDataError
        If there are no fluxes, months or years of the period are missing.
    InputError
        If a file is of no land flux, the files are of several simulations, variables count per
        different areas, a month occurs twice, or sign or size of a value cannot be true.
    UnitsError
        If a flux does not state its unit.
    GridError
        If variables lie on different cells, or a map lies upside down.

    Notes
    -----
    reco = ra + rh; nee = ra + rh − gpp, or −nep where a component is missing. Rates are multiplied
    by the length of the month in the file's own calendar. nep holds no fire and no land use.

    References
    ----------
    .. [1] Eyring et al. (2016), doi:10.5194/gmd-9-1937-2016; Jones et al. (2016), C4MIP,
       doi:10.5194/gmd-9-2853-2016.
    """
    files = cmip_files(paths)
    run = single_run(files, (model, experiment, member))
    own = {name: files_of(files, run, name) for name in CMIP_FLUXES}
    stored = {name: _series(p, name, period, bounds) for name, p in own.items() if p}
    (first, (fluxes, window)), *others = stored.items()
    for name, (other, _) in others:
        _check_alike(fluxes, other, f"{first} and {name} of {run}")
    cells = cell_bounds(own[first][0], window)
    data = xr.Dataset(_derived({name: s[name] for name, (s, _) in stored.items()}, str(run)))
    fixed = {name: files_of(files, run, name)[:1] for name in FIXED}
    data = data.assign(_standing(fixed, window, cells)).assign_coords(cells)
    if lies_even(window, cells):
        data = data.assign_coords(window.grid.coords())
    read = [path for of_flux in own.values() for path in of_flux if reaches(path, period)]
    used = [*read, *(path for of_fixed in fixed.values() for path in of_fixed)]
    given = as_given(
        str(fluxes[first].attrs["units"]), _signs(stored), fluxes["days"].attrs["calendar"]
    )
    return data.assign_attrs(
        provenance(f"CMIP, {run}", used, fluxes.attrs) | given,
        per_area=_per_area({name: series[name] for name, (series, _) in stored.items()}),
    )


def _signs(stored: Mapping[str, object]) -> str:
    """What the signs of the variables mean that NEE is made of."""
    if {"gpp", "ra", "rh"} <= stored.keys():
        return "gpp, ra and rh are positive: NEE = ra + rh − gpp"
    return "nep is positive where the land takes up carbon: NEE = −nep"


def _standing(
    fixed: dict[str, list[Path]], window: Window, cells: dict[str, xr.DataArray]
) -> dict[str, xr.DataArray]:
    """Land fraction and cell area, from files where there are."""
    share, area = (next(iter(fixed[name]), None) for name in FIXED)
    known = cell_area(cells) if area is None else read_fixed(area, "areacella", window, cells)
    return {"land_fraction": read_fixed(share, "sftlf", window, cells), "cell_area": known}


def _series(
    paths: Sequence[Path], name: str, period: tuple[int, int] | None, bounds: Bounds | None
) -> tuple[xr.Dataset, Window]:
    """All months of a variable, g C m-2 month-1, in order, and their window."""
    parts = [read_fields(path, [name], bounds) for path in paths if reaches(path, period)]
    what = f"{name} of {paths[0].name}"
    if not parts:
        _refuse_period(what, period, 0)
    joined = join_months(part for part, _ in parts)
    check_no_gap(joined["time"].values, what)
    if period:
        years = joined["time"].dt.year
        joined = joined.isel(time=np.flatnonzero((years >= period[0]) & (years <= period[1])))
        if joined.sizes["time"] != 12 * (period[1] - period[0] + 1):
            _refuse_period(what, period, joined.sizes["time"])
    made = monthly(joined[name]).assign_attrs(joined[name].attrs)
    return joined.assign({name: made}), parts[0][1]


def _refuse_period(what: str, period: tuple[int, int] | None, months: int) -> None:
    """Raise the error of a period that is not there."""
    raise MissingDataError(
        f"{what} does not hold the whole period",
        rule=f"twelve months of each year of {period}",
        value=f"{months} months",
        remedy="fetch the missing files, or ask for years that they hold",
    )


def _check_alike(first: xr.Dataset, other: xr.Dataset, what: str) -> None:
    """Nothing, if two variables have the same months and cells."""
    for axis, error in (("time", MissingDataError), ("y", GridError), ("x", GridError)):
        one, two = first[axis].values, other[axis].values
        same = one.shape == two.shape and (
            np.array_equal(one, two) if axis == "time" else np.allclose(one, two, atol=1e-4)
        )
        if not same:
            raise error(
                f"{what} differ in {axis}",
                rule="all variables of a simulation have the same months and cells",
                value=f"{one[0]} to {one[-1]} ({one.size}), {two[0]} to {two[-1]} ({two.size})",
                remedy="fetch the same files of each variable",
            )


def _derived(stored: dict[str, xr.DataArray], what: str) -> dict[str, xr.DataArray]:
    """Canonical fluxes of those that are stored."""
    first = next(iter(stored.values()))
    on_one = {name: flux.assign_coords(y=first["y"], x=first["x"]) for name, flux in stored.items()}
    made = {name: flux for name, flux in on_one.items() if name != "nep"}
    if {"ra", "rh"} <= made.keys():
        made["reco"] = made["ra"] + made["rh"]
    if {"gpp", "reco"} <= made.keys():
        made["nee"] = made["reco"] - made["gpp"]
    elif "nep" in on_one:
        made["nee"] = -on_one["nep"]
    return {n: canonical_flux(flux, n, _PARTS.get(n), what) for n, flux in made.items()}


def _per_area(fluxes: Mapping[str, xr.DataArray]) -> str:
    """What fluxes count per area of, by their cell methods, in which all agree."""
    methods = {name: str(flux.attrs.get("cell_methods", "")) for name, flux in fluxes.items()}
    found = {"land" if _OF_LAND.search(text) else "cell" for text in methods.values()}
    if len(found) > 1:
        raise InputError(
            f"{' and '.join(methods)} count per different areas",
            rule="cell_methods of all variables have a mean where land, or of none",
            value=methods,
            remedy="use the files of the archive, or correct the attribute",
        )
    return found.pop()
