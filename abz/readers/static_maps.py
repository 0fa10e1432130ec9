"""Static maps of soil, terrain and permafrost: one GeoTIFF each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import xarray as xr

from abz.grid import Grid
from abz.readers.canonical import canonical
from abz.readers.geotiff import (
    Bounds,
    grid_of_file,
    holds_raw_integers,
    lazy_values,
    read_values,
    thinned_values,
)
from abz.readers.labels import provenance
from abz.readers.orientation import FINEST, check_orientation, check_polar_orientation
from abz.units import KG_M2_PER_T_HA
from abz.validation import check_single_file

__all__ = [
    "STATIC_MAPS",
    "StaticMap",
    "read_merit_cti",
    "read_soilgrids_ph",
    "read_soilgrids_soc",
    "read_uio_permafrost",
]


@dataclass(frozen=True)
class StaticMap:
    """How a product stores its map.

    Parameters
    ----------
    file : str
        Name of the product's file.
    variable : str
        Canonical name.
    factor : float
        Canonical value = stored value × factor.
    dtype : str
        Type of the stored numbers.
    nodata : float
        Stored number that means missing.
    positive : bool
        Whether zero and below mean missing as well.
    whole_factor : float, optional
        Factor where the file holds whole numbers and declares no scale; `factor` by default.

    Examples
    --------
    >>> STATIC_MAPS["soilgrids_ph"].factor
    0.1
    """

    file: str
    variable: str
    factor: float
    dtype: str
    nodata: float
    positive: bool
    whole_factor: float | None = None


STATIC_MAPS = MappingProxyType(
    {
        "soilgrids_ph": StaticMap(
            "PHIHOX_M_sl1_250m_ll.tif", "soil_ph", 0.1, "uint8", 255, positive=True
        ),
        "soilgrids_soc": StaticMap(
            "OCSTHA_M_200cm_250m_ll.tif", "soc", KG_M2_PER_T_HA, "int16", -32768, positive=True
        ),
        "merit_cti": StaticMap(
            "dtm_cti_merit.dem_m_250m_s0..0cm_2018_v1.0.tif",
            "cti",
            1.0,
            "float32",
            -9999.0,
            positive=False,
            whole_factor=0.01,
        ),
        "uio_permafrost": StaticMap(
            "UiO_PEX_PERPROB_5.0_20181128_2000_2016_NH.tif",
            "permafrost_probability",
            1.0,
            "float32",
            -9999.0,
            positive=False,
        ),
    }
)
"""Entry of the catalog to its storage."""


def read_soilgrids_ph(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """Soil pH at the surface, SoilGrids 2017.

    Parameters
    ----------
    paths : sequence of Path
        `PHIHOX_M_sl1_250m_ll.tif`, pH × 10.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, degrees; the whole map does not fit in memory.
    lazy : bool, optional
        Whether parts of the whole map are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (y, x)
        soil_ph, float32; NaN where missing or stored as 0.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If a value cannot be true.

    References
    ----------
    .. [1] Hengl et al. (2017), SoilGrids250m, doi:10.1371/journal.pone.0169748.
    """
    return _read("soilgrids_ph", paths, bounds, lazy=lazy)


def read_soilgrids_soc(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """Stock of soil organic carbon to 2 m depth, SoilGrids 2017.

    Parameters
    ----------
    paths : sequence of Path
        `OCSTHA_M_200cm_250m_ll.tif`, t ha-1.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, degrees.
    lazy : bool, optional
        Whether parts of the whole map are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (y, x)
        soc, kg m-2, float32; NaN where missing or stored as 0.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If a value cannot be true.

    References
    ----------
    .. [1] Hengl et al. (2017), SoilGrids250m, doi:10.1371/journal.pone.0169748.
    """
    return _read("soilgrids_soc", paths, bounds, lazy=lazy)


def read_merit_cti(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """Compound topographic index of the MERIT elevation model.

    Parameters
    ----------
    paths : sequence of Path
        `dtm_cti_merit.dem_m_250m_s0..0cm_2018_v1.0.tif`.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, degrees.
    lazy : bool, optional
        Whether parts of the whole map are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (y, x)
        cti, 1, float32; a scale that the file declares is applied, and whole numbers without one
        are hundredths.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If a value cannot be true.

    Notes
    -----
    CTI = ln(a / tan β), with a the upslope area per contour length and β the slope.

    References
    ----------
    .. [1] Amatulli et al. (2019), doi:10.1594/PANGAEA.899135.
    """
    return _read("merit_cti", paths, bounds, lazy=lazy)


def read_uio_permafrost(
    paths: Sequence[Path], bounds: Bounds | None = None, *, lazy: bool = False
) -> xr.Dataset:
    """Permafrost probability, mean of 2000 to 2016.

    Parameters
    ----------
    paths : sequence of Path
        `UiO_PEX_PERPROB_5.0_20181128_2000_2016_NH.tif`, a fraction on a polar equal-area grid.
    bounds : tuple of float = (W, S, E, N), optional
        Only this box, m on the map's own projection.
    lazy : bool, optional
        Whether parts of the whole map are read, and checked, when they are asked for.

    Returns
    -------
    xarray.Dataset (y, x)
        permafrost_probability, 0 to 1, float32.

    Raises
    ------
    MissingDataError
        If the file is missing.
    InputError
        If a value cannot be true.

    References
    ----------
    .. [1] Obu et al. (2018), doi:10.1594/PANGAEA.888600.
    """
    return _read("uio_permafrost", paths, bounds, lazy=lazy)


def _read(entry: str, paths: Sequence[Path], bounds: Bounds | None, *, lazy: bool) -> xr.Dataset:
    """The map of an entry in canonical units."""
    storage = STATIC_MAPS[entry]
    path = check_single_file(paths, ".tif", entry)
    stored = lazy_values(path) if lazy and bounds is None else read_values(path, bounds)
    if storage.positive:
        stored = stored.where(stored > 0)
    factor = storage.factor
    if storage.whole_factor is not None and holds_raw_integers(path):
        factor = storage.whole_factor
    made = canonical(stored * factor, storage.variable).to_dataset()
    if bounds is None or Grid.of(made).is_lonlat:
        seen = made[storage.variable] if stored.chunks is None else thinned_values(path, FINEST)
        _check_coasts(seen, path, f"{storage.variable} of {path.name}")
    return made.assign_attrs(provenance(entry, [path]))


def _check_coasts(seen: xr.DataArray, path: Path, name: str) -> None:
    """Nothing, unless the map lies another way than it says."""
    grid = grid_of_file(path)
    if grid.is_lonlat:
        check_orientation(seen.values, seen["x"].values, seen["y"].values, name)
    else:
        check_polar_orientation(np.isfinite(seen.values) & (seen.values > 0), grid, name)
