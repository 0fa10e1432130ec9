"""Arrays with their names, units and coordinates: the form in which every reader hands them on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import pandas as pd
import xarray as xr

from abz.grid.geometry import Grid
from abz.vocabulary import PREDICTORS

__all__ = ["as_given", "composites", "label", "predictor_attrs", "provenance"]

KEPT = (
    "title", "institution", "source_id", "experiment_id", "variant_label", "grid_label",
    "version", "license", "references", "doi", "tracking_id", "further_info_url",
)  # fmt: skip
"""Global attributes of a file that say where its data come from."""


def predictor_attrs(name: str) -> dict[str, str]:
    """The attributes `units` and `long_name` of a predictor.

    Examples
    --------
    >>> predictor_attrs("lst")["units"]
    'K'
    """
    predictor = PREDICTORS[name]
    return {"units": predictor.units, "long_name": predictor.long_name}


def provenance(
    source: str, paths: Iterable[Path | str], attrs: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Attributes that say where data come from.

    Parameters
    ----------
    source : str
        The product.
    paths : iterable of Path
        Files that were read.
    attrs : mapping, optional
        Global attributes of one of them, of which those are kept that tell its origin.

    Returns
    -------
    dict of {str: str}
        `source`, `files` (names without folders) and what the file says of itself.

    Examples
    --------
    >>> provenance("GFED5", [Path("gfed5/GFED5_Beta_monthly_2002.nc")], {"history": "", "doi": "x"})
    {'source': 'GFED5', 'files': 'GFED5_Beta_monthly_2002.nc', 'doi': 'x'}
    """
    said = {name: str((attrs or {})[name]) for name in KEPT if name in (attrs or {})}
    files = ", ".join(sorted(Path(path).name for path in paths))
    return {"source": source, "files": files, **said}


def as_given(units: str, sign: str, calendar: str) -> dict[str, str]:
    """Attributes that say how a product states its fluxes, before they were brought to ours.

    Parameters
    ----------
    units : str
        Unit in the files.
    sign : str
        What its sign means, in words.
    calendar : str
        Calendar of its months; empty where the files hold no dates.

    Examples
    --------
    >>> as_given("gC m-2 d-1", "uptake is below zero", "standard")["given_units"]
    'gC m-2 d-1'
    """
    return {"given_units": units, "given_sign": sign, "calendar": calendar or "none"}


def composites(starts: np.ndarray, days: np.ndarray) -> dict[str, xr.DataArray]:
    """The coordinates of composites: `time`, their first day, and `days`, their length.

    Parameters
    ----------
    starts : numpy.ndarray (time) of datetime64
        First day of each composite.
    days : numpy.ndarray (time) of int
        Length of each composite, days.

    Examples
    --------
    >>> starts = np.array(["2001-01-01", "2001-01-17"], "datetime64[D]")
    >>> composites(starts, np.array([16, 16]))["days"].attrs["units"]
    'd'
    """
    return {
        "time": xr.DataArray(
            pd.DatetimeIndex(starts.astype("datetime64[ns]")),
            dims="time",
            attrs={"standard_name": "time", "long_name": "first day of the composite"},
        ),
        "days": xr.DataArray(
            np.asarray(days, dtype=np.int64),
            dims="time",
            attrs={"units": "d", "long_name": "length of the composite"},
        ),
    }


def label(
    arrays: Mapping[str, np.ndarray | dask.array.Array],
    attrs: Mapping[str, Mapping[str, str]],
    steps: Mapping[str, xr.DataArray],
    grid: Grid,
    source: str,
) -> xr.Dataset:
    """A dataset of arrays (step, y, x) on a grid.

    Parameters
    ----------
    arrays : mapping of {str: array (step, y, x)}
        Canonical variables.
    attrs : mapping of {str: mapping}
        Attributes of each variable: `units` and `long_name`.
    steps : mapping of {str: xarray.DataArray (step)}
        Coordinates of the first dimension, the dimension's own first.
    grid : Grid
        Where the cells lie.
    source : str
        The product, kept as attribute `source`.

    Examples
    --------
    >>> from abz.grid import lonlat_grid
    >>> year = {"year": xr.DataArray([2001], dims="year")}
    >>> covers = {"tree_cover": np.zeros((1, 9, 72), "f4")}
    >>> attrs = {"tree_cover": predictor_attrs("tree_cover")}
    >>> label(covers, attrs, year, lonlat_grid(5), "VCF5KYR").tree_cover.dims
    ('year', 'y', 'x')
    """
    step = next(iter(steps))
    variables = {
        name: xr.DataArray(array, dims=(step, "y", "x"), attrs=dict(attrs[name]))
        for name, array in arrays.items()
    }
    return xr.Dataset(variables, {**steps, **grid.coords()}, {"source": source})
