"""Names of the published product: its files, its variables, and what its maps are an amount of.

Known from public programs that read the product [1]_: a file a flux and year, `NEE`, `GPP` and
`Reco`, dimensions `tm`, `northing` and `easting`, the variable `time` in days since 2001, the grid
mapping `crs`. What else a file holds here is not known of the product: bounds of the months, the
members' mean and SD, the support, and all of GeoTIFF.

References
----------
.. [1] Virkkala et al. (2024), ORNL DAAC 2377.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

__all__ = ["PER", "PUBLISHED_NAMES", "Per", "file_name", "published_name"]

PRODUCT = "CO2Fluxes_Arctic_Boreal"

PUBLISHED_NAMES = MappingProxyType({"nee": "NEE", "gpp": "GPP", "reco": "Reco"})
"""Flux to the name of its variable."""

Per = Literal["land", "cell"]

PER: MappingProxyType[str, Per] = MappingProxyType({"fine": "land", "coarse": "cell"})
"""Model set to the area that its published maps are an amount of: that of land, or of the cell."""


def published_name(name: str) -> str:
    """The published variable of one of our maps.

    Examples
    --------
    >>> published_name("reco"), published_name("nee_level_support")
    ('Reco', 'NEE_level_support')
    """
    flux, line, rest = name.partition("_")
    return PUBLISHED_NAMES[flux] + line + rest


def file_name(name: str, year: int | None, ending: str) -> str:
    """Name of a file of one map, in all years where it does not change with them.

    Examples
    --------
    >>> file_name("nee", 2001, "nc"), file_name("gpp_sd", 2001, "tif")
    ('CO2Fluxes_Arctic_Boreal_NEE_2001.nc', 'CO2Fluxes_Arctic_Boreal_GPP_sd_2001.tif')
    """
    when = "" if year is None else f"_{year}"
    return f"{PRODUCT}_{published_name(name)}{when}.{ending}"
