"""What an exported file and its maps say of themselves, after the CF conventions."""

from __future__ import annotations

from typing import Any

import numpy as np

from abz.export.layers import FluxYear
from abz.export.names import Per, published_name
from abz.units import MONTHLY_FLUX, require_units

__all__ = ["file_attributes", "flag_attributes", "layer_attributes", "support_attributes"]

AMOUNT = "g m-2"
"""CF unit of an amount of carbon in a month: a carbon gram is no unit, and a month has no length
of its own, so the carbon stands in the name and the month in the bounds of time."""
PER_CELL = " over all_area_types"


def layer_attributes(year: FluxYear, name: str) -> dict[str, Any]:
    """CF attributes of a monthly map.

    Parameters
    ----------
    year : FluxYear
        That holds the map.
    name : str
        One of `year.fluxes`.

    Returns
    -------
    dict of {str: object}
        In the published names of dimensions and variables.

    Raises
    ------
    UnitsError
        If the map is not in g C m-2 month-1.
    """
    layer = year.maps[name]
    require_units(layer, MONTHLY_FLUX)
    per = PER_CELL if year.per == "cell" else ""
    attributes: dict[str, Any] = {
        "long_name": f"{layer.attrs['long_name']}; carbon in the month per area of {year.per}",
        "units": AMOUNT,
        "cell_methods": layer.attrs["cell_methods"]
        .replace("time:", "tm:")
        .replace("where land", "where land" + per),
        "grid_mapping": "crs",
        "comment": f"{MONTHLY_FLUX} of the calendar month",
    }
    if name == year.flux:
        beside = [*year.fluxes[1:], year.flags, year.support]
        attributes["ancillary_variables"] = " ".join(published_name(b) for b in beside if b)
    else:
        attributes["coordinates"] = "realization"
    return attributes


def support_attributes(year: FluxYear) -> dict[str, Any]:
    """CF attributes of the map of what a flux rests on."""
    about = year.maps[str(year.support)].attrs
    return {
        "long_name": about["long_name"],
        "flag_values": np.array(about["flag_values"], np.int8),
        "flag_meanings": about["flag_meanings"],
        "comment": about["comment"],
        "grid_mapping": "crs",
    }


def flag_attributes(year: FluxYear) -> dict[str, Any]:
    """CF attributes of the map of predictors outside their training range."""
    about = year.maps[str(year.flags)].attrs
    return {
        "long_name": about["long_name"],
        "flag_masks": np.array(about["flag_masks"], np.int32),
        "flag_meanings": about["flag_meanings"],
        "comment": about["comment"],
        "grid_mapping": "crs",
    }


def file_attributes(
    *, run: str, model_set: str, per: Per, synthetic: bool, version: str, maps_sha256: str
) -> dict[str, str]:
    """What a file says of its origin; it holds no time of day, so that the bytes can repeat.

    Parameters
    ----------
    run, model_set : str
        Names of both.
    per : {"land", "cell"}
        The area that the fluxes are an amount of.
    synthetic : bool
        Whether the data are made by `abz.world`.
    version : str
        Of abz.
    maps_sha256 : str
        Digest of the maps that were exported.

    Returns
    -------
    dict of {str: str}
        As in CF §2.6.2, with `data`, "synthetic" or "real".

    Examples
    --------
    >>> about = file_attributes(
    ...     run="demo", model_set="fine", per="land", synthetic=True, version="1", maps_sha256="ab"
    ... )
    >>> about["title"]
    'Synthetic Arctic, not the real one: monthly CO2 fluxes of ecosystems'
    """
    place = "Synthetic Arctic, not the real one" if synthetic else "Arctic-boreal zone"
    area = "land in the cell" if per == "land" else "the cell, which is the flux times its land"
    return {
        "title": f"{place}: monthly CO2 fluxes of ecosystems",
        "source": f"random forests on monthly site data, upscaled by abz {version}",
        "history": f"abz {version}: run {run}, model set {model_set}: upscale, export",
        "references": "https://doi.org/10.1038/s41558-024-02234-5",
        "comment": "NEE below zero is uptake by the land; GPP and Reco are positive; "
        f"per area of {area}. Names follow https://doi.org/10.3334/ORNLDAAC/2377.",
        "data": "synthetic" if synthetic else "real",
        "run": run,
        "model_set": model_set,
        "abz_version": version,
        "maps_sha256": maps_sha256,
    }
