"""What a product holds, and how it becomes NEE: fire is taken out once, water bodies are noted."""

from __future__ import annotations

import xarray as xr

from abz.errors import LedgerError
from abz.ledger import FLUX_PARTS, PARTS, Parts, Row, without

__all__ = ["NOTED", "as_nee", "nee_field", "takes_fire"]

NOTED = ("lakes", "rivers", "harvest")
"""Parts that an inversion sees and nobody can take out cell by cell: compared, and named."""

_INCLUDED, _ABSENT = "included", "not included"


def takes_fire(parts: Parts, name: str) -> bool:
    """Whether fire has to be taken from a product before it is NEE.

    Parameters
    ----------
    parts : Parts
        What the product holds.
    name : str
        The product, for messages.

    Returns
    -------
    bool
        True if it holds fire, False if it holds none.

    Raises
    ------
    LedgerError
        Naming the product, if it is no net flux, does not know whether fire is in it, or holds, or
        may hold, a part that is neither of NEE nor of `NOTED`.

    Examples
    --------
    >>> takes_fire(Parts.of("nee", "fire", "lakes", unknown=["harvest"]), "an inversion")
    True
    >>> takes_fire(Parts.of("nee", unknown=["fire"]), "a prior")
    Traceback (most recent call last):
        ...
    abz.errors.LedgerError: a prior is on another definition: NEE (unknown: fire)
      rule:   it holds GPP and Reco, fire or no fire, and beside them at most lakes, rivers, harvest
      got:    fire: unknown
      remedy: take another variable of the product, or state its parts where it is read
    """
    barred = []
    for part in PARTS:
        state = parts.state(part)
        wanted = {_INCLUDED} if part in FLUX_PARTS["nee"].included else {_ABSENT}
        if part == "fire":
            wanted |= {_INCLUDED}
        if part not in NOTED and state not in wanted:
            barred.append(f"{part}: {state}")
    if barred:
        raise LedgerError(
            f"{name} is on another definition: {parts}",
            rule="it holds GPP and Reco, fire or no fire, and beside them at most "
            f"{', '.join(NOTED)}",
            value="; ".join(barred),
            remedy="take another variable of the product, or state its parts where it is read",
        )
    return parts.state("fire") == _INCLUDED


def nee_field(flux: xr.DataArray, fire: xr.DataArray | None, name: str) -> xr.DataArray:
    """NEE of a product: its net flux, less the fire that it holds.

    Parameters
    ----------
    flux : xarray.DataArray (..., time, y, x)
        Net flux, g C m-2 month-1; its attributes say which parts it holds.
    fire : xarray.DataArray (time, y, x) or None
        Emission of the same cells, months and area, likewise; not touched if the flux holds none.
    name : str
        The product, for messages.

    Returns
    -------
    xarray.DataArray
        As `flux`; its attributes say what is left in it.

    Raises
    ------
    LedgerError
        Naming the product, if it is on another definition, or holds fire and there is none to take
        out, or the fire is none.

    Examples
    --------
    >>> land = xr.DataArray([-40.0], attrs=Parts.of("nee", "fire").attrs())
    >>> fire = xr.DataArray([10.0], attrs=Parts.of("fire").attrs())
    >>> found = nee_field(land, fire, "an inversion")
    >>> found.values.tolist(), found.attrs["parts"]
    ([-50.0], 'gpp reco')
    """
    parts = Parts.of_attrs(flux.attrs)
    if not takes_fire(parts, name):
        return flux
    held = None if fire is None else Parts.of_attrs(fire.attrs)
    if fire is None or held != FLUX_PARTS["fire"]:
        raise LedgerError(
            f"{name} holds fire, and no fire is at hand to take out",
            rule="fire emissions of the same cells and months hold fire and nothing else",
            value=str(held or "no fire"),
            remedy="give the emissions of GFED for these years",
        )
    left = Parts(parts.included - held.included, parts.unknown)
    about = {key: value for key, value in flux.attrs.items() if key != "parts_unknown"}
    return (flux - fire).assign_attrs(about | left.attrs())


def as_nee(row: Row, fire: Row | None) -> Row:
    """The same in the ledger: the budget of a product, less its fire.

    Parameters
    ----------
    row : Row
        Budget of a net flux.
    fire : Row or None
        Fire of the same zone, mask and period; not touched if the product holds none.

    Returns
    -------
    Row
        Without fire; what is in `NOTED` stays in its definition.

    Raises
    ------
    LedgerError
        As `takes_fire` and `abz.ledger.without`.

    Examples
    --------
    >>> import numpy as np
    >>> from abz.ledger import Period, Place
    >>> where, when = Place.of("abz", "ABZ", "fine set"), Period(2002, 2020)
    >>> land = Row("inversions", np.array(-700.0), Parts.of("nee", "fire", "lakes"), where, when)
    >>> fire = Row("GFED", np.array(237.0), Parts.of("fire"), where, when)
    >>> print(as_nee(land, fire).parts)
    NEE + lakes
    """
    if not takes_fire(row.parts, str(row)):
        return row
    if fire is None:
        raise LedgerError(
            f"{row} holds fire, and no fire is at hand to take out",
            rule="a row of fire of the same zone, mask and period",
            value="none",
            remedy="give the emissions of GFED for these years",
        )
    return without(row, fire, row.name)
