"""Checks that every room shares: each returns what it was given, or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from abz.errors import CategoryError, InputError, MissingDataError

__all__ = [
    "check_choice",
    "check_codes",
    "check_columns",
    "check_dims",
    "check_distinct",
    "check_file",
    "check_flag",
    "check_folder",
    "check_mask",
    "check_range",
    "check_same_shape",
    "check_single_file",
    "check_values",
    "check_variables",
    "check_whole",
]


def check_choice(value: str, choices: Collection[str], name: str) -> str:
    """`value`, if it is one of `choices`.

    Raises
    ------
    InputError
        If it is not; the message proposes the nearest choice.

    Examples
    --------
    >>> check_choice("zhang", ["none", "zhang"], "method")
    'zhang'
    """
    if value not in choices:
        near = get_close_matches(str(value), list(choices), n=1)
        raise InputError(
            f"{name} is unknown",
            rule=f"{name} is one of {', '.join(choices)}",
            value=repr(value),
            remedy=f"did you mean {near[0]!r}?" if near else "choose one of these",
        )
    return value


def check_range(
    value: float, name: str, *, minimum: float = -np.inf, maximum: float = np.inf
) -> float:
    """`value`, if it lies in [minimum, maximum].

    Raises
    ------
    InputError
        If it does not, or is NaN.

    Examples
    --------
    >>> check_range(0.05, "alpha", minimum=0, maximum=1)
    0.05
    """
    if not minimum <= value <= maximum:
        raise InputError(
            f"{name} is out of range",
            rule=f"{minimum:g} <= {name} <= {maximum:g}",
            value=value,
            remedy=f"give {name} inside the range",
        )
    return value


def check_whole(value: Any, name: str, *, minimum: int = 0, maximum: int | None = None) -> int:
    """`value`, if it is a whole number from `minimum` to `maximum`.

    Raises
    ------
    InputError
        If it is out of range or of another type, a float or a bool among them.

    Examples
    --------
    >>> check_whole(500, "trees", minimum=1)
    500
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < minimum or (maximum is not None and value > maximum):
        end = "" if maximum is None else f" <= {maximum}"
        raise InputError(
            f"{name} is not a whole number in its range",
            rule=f"{name} is a whole number, {minimum} <= {name}{end}",
            value=repr(value),
            remedy=f"give {name} as an int inside the range",
        )
    return int(value)


def check_flag(value: Any, name: str) -> bool:
    """`value`, if it is true or false.

    Raises
    ------
    InputError
        If it is of another type, a number or a text among them.

    Examples
    --------
    >>> check_flag(np.bool_(True), "preserve_range")
    True
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise InputError(
        f"{name} is neither true nor false",
        rule=f"{name} is a bool",
        value=value,
        remedy="give True or False",
    )


def check_distinct(names: Iterable[Any], what: str) -> list[Any]:
    """`names` as a list, if none stands there twice.

    Raises
    ------
    InputError
        Naming those that do.

    Examples
    --------
    >>> check_distinct(["month", "lst"], "predictors")
    ['month', 'lst']
    """
    found = list(names)
    twice = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    if twice:
        raise InputError(
            f"{what} are not distinct",
            rule="each name stands there once",
            value=f"{', '.join(map(str, twice))} more than once",
            remedy="give each once",
        )
    return found


def check_dims(array: xr.DataArray, dims: tuple[str, ...], name: str = "array") -> xr.DataArray:
    """`array`, if its dimensions are `dims`, in that order.

    Raises
    ------
    InputError
        If names or order differ.

    Examples
    --------
    >>> check_dims(xr.DataArray(np.zeros((2, 3)), dims=("y", "x")), ("y", "x")).shape
    (2, 3)
    """
    if array.dims != dims:
        raise InputError(
            f"{name} has the wrong dimensions",
            rule=f"dims are {dims}, in this order",
            value=array.dims,
            remedy=f"rename or transpose: array.transpose{dims}",
        )
    return array


def check_same_shape(first: np.ndarray, second: np.ndarray, names: str) -> None:
    """Nothing, if both arrays have one shape.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> check_same_shape(np.zeros(3), np.ones(3), "flux and area")
    """
    if np.shape(first) != np.shape(second):
        raise InputError(
            f"{names} do not fit together",
            rule="both have one shape",
            value=f"{np.shape(first)} and {np.shape(second)}",
            remedy="bring both to the same grid and period first",
        )


def check_mask(mask: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """`mask` as an array, if it is boolean and of that shape.

    Raises
    ------
    InputError
        If it holds numbers, which would pick cells by their place, or has another shape.

    Examples
    --------
    >>> check_mask([True, False], (2,), "domain").tolist()
    [True, False]
    """
    values = np.asarray(mask)
    if values.dtype != bool or values.shape != shape:
        raise InputError(
            f"{name} is no mask of these cells",
            rule=f"a boolean array of shape {shape}",
            value=f"{values.dtype} of shape {values.shape}",
            remedy="compare the map with a value first: biome == 6, or domain > 0",
        )
    return values


def check_columns(table: pd.DataFrame, columns: Iterable[str], name: str = "table") -> pd.DataFrame:
    """`table`, if it has all the `columns`.

    Raises
    ------
    InputError
        If one is missing.

    Examples
    --------
    >>> check_columns(pd.DataFrame({"site": ["FI-Hyy"]}), ["site"]).shape
    (1, 1)
    """
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(
            f"{name} lacks columns",
            rule=f"it has {', '.join(columns)}",
            value=f"missing {', '.join(missing)}; found {', '.join(map(str, table.columns))}",
            remedy="read the table through its reader in abz.readers",
        )
    return table


def check_values(
    values: np.ndarray,
    valid: tuple[float, float],
    name: str,
    missing: np.ndarray | None = None,
) -> np.ndarray:
    """`values`, if each that is not missing lies in the range `valid`.

    Parameters
    ----------
    values : numpy.ndarray
        Any shape; NaN counts as missing.
    valid : tuple of float = (smallest, largest)
        Range of true values, in the unit of `values`.
    name : str
        What they are and where they come from.
    missing : numpy.ndarray of bool, optional
        Further values to pass over, such as fill values.

    Raises
    ------
    InputError
        Giving the first value outside the range, and how many there are.

    Examples
    --------
    >>> check_values(np.array([0.2, np.nan]), (-1, 1), "ndvi").size
    2
    """
    low, high = valid
    outside = (values < low) | (values > high)
    if missing is not None:
        outside &= ~missing
    if outside.any():
        raise InputError(
            f"{name} is out of range",
            rule=f"values are missing or in [{low:g}, {high:g}]",
            value=f"{values[outside][0]} and {int(outside.sum()) - 1} more",
            remedy="check scale factor and unit: the values may be scaled twice, or not at all",
        )
    return values


def check_variables(dataset: xr.Dataset, variables: Iterable[str], name: str) -> xr.Dataset:
    """`dataset`, if it holds all the `variables`.

    Raises
    ------
    MissingDataError
        If one is missing.

    Examples
    --------
    >>> check_variables(xr.Dataset({"lst": ((), 280.0)}), ["lst"], "MOD11A2").sizes
    Frozen({})
    """
    missing = [variable for variable in variables if variable not in dataset]
    if missing:
        raise MissingDataError(
            f"{name} lacks variables",
            rule=f"it holds {', '.join(variables)}",
            value=f"missing {', '.join(missing)}; found {', '.join(map(str, dataset))}",
            remedy="check that the file is the product that the catalog names",
        )
    return dataset


def check_codes(codes: Any, vocabulary: Collection[int], name: str) -> np.ndarray:
    """`codes` as an array, if each stands in the declared `vocabulary`.

    Raises
    ------
    CategoryError
        Naming the codes that do not, and where the first of each stands.

    Examples
    --------
    >>> check_codes([6, 11, 6], [6, 11], "biome").tolist()
    [6, 11, 6]
    """
    values = np.asarray(codes)
    unknown = ~np.isin(values, list(vocabulary))
    if unknown.any():
        first = {
            values[tuple(index)].item(): tuple(int(i) for i in index)
            for index in np.argwhere(unknown)[::-1]
        }
        raise CategoryError(
            f"{name} holds undeclared codes",
            rule=f"codes are among {sorted(vocabulary)}",
            value=", ".join(f"{code} (first at {where})" for code, where in first.items()),
            remedy="declare the code in abz.vocabulary, or mask it where the map is read",
        )
    return values


FETCH = "fetch it, or point the configuration's `data` at the folder that holds it"


def check_file(path: Path | str, what: str, remedy: str = FETCH) -> Path:
    """`path`, if it is there; if not, the error proposes the remedy.

    Raises
    ------
    MissingDataError
        If it is not.

    Examples
    --------
    >>> check_file("no/such.nc", "ERA5-Land")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: ERA5-Land is not there
      rule:   the file exists
      got:    no/such.nc
      remedy: fetch it, or point the configuration's `data` at the folder that holds it
    """
    found = Path(path)
    if not found.exists():
        raise MissingDataError(
            f"{what} is not there",
            rule="the file exists",
            value=found,
            remedy=remedy,
        )
    return found


def check_folder(path: Path | str, what: str) -> Path:
    """`path`, if it is a folder.

    Raises
    ------
    MissingDataError
        If it is not.

    Examples
    --------
    >>> check_folder("nowhere", "the folder of files")
    Traceback (most recent call last):
        ...
    abz.errors.MissingDataError: the folder of files is not there
      rule:   a folder that exists
      got:    nowhere
      remedy: see whether its disk is mounted and its name is right
    """
    folder = Path(path)
    if not folder.is_dir():
        raise MissingDataError(
            f"{what} is not there", rule="a folder that exists", value=folder,
            remedy="see whether its disk is mounted and its name is right",
        )  # fmt: skip
    return folder


def check_single_file(paths: Iterable[Path | str], suffix: str, what: str) -> Path:
    """The one file among `paths` that ends in `suffix`, if it is there.

    Raises
    ------
    MissingDataError
        If there is none, or it does not exist.
    InputError
        If there are several.

    Examples
    --------
    >>> check_single_file(["a.shp", "b.shp"], ".shp", "the map")
    Traceback (most recent call last):
        ...
    abz.errors.InputError: the map has several files
      rule:   one file *.shp
      got:    a.shp, b.shp
      remedy: give the one file that the catalog names
    """
    found = [Path(path) for path in paths if Path(path).suffix == suffix]
    if not found:
        raise MissingDataError(
            f"{what} is not among the files",
            rule=f"one file *{suffix}",
            value=", ".join(map(str, paths)) or "no files",
            remedy=FETCH,
        )
    if len(found) > 1:
        raise InputError(
            f"{what} has several files",
            rule=f"one file *{suffix}",
            value=", ".join(map(str, found)),
            remedy="give the one file that the catalog names",
        )
    return check_file(found[0], what)
