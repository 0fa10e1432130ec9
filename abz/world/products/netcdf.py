"""NetCDF files written number by number, so that packing is exactly what the product declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from abz.errors import InputError

__all__ = ["Packing", "Variable", "write_netcdf", "years_of"]


@dataclass(frozen=True)
class Packing:
    """How int16 numbers stand for values: value = stored × scale + offset.

    Parameters
    ----------
    scale, offset : float
        Of the packed variable.
    fill : int
        Stored number that means missing.

    Examples
    --------
    >>> Packing(0.01, 0.0, -32768).pack(np.array([0.25, np.nan])).tolist()
    [25, -32768]
    """

    scale: float
    offset: float
    fill: int

    def pack(self, values: np.ndarray) -> np.ndarray:
        """Values as int16; NaN becomes the fill.

        Raises
        ------
        InputError
            If a value does not fit in 16 bits, or would be stored as the fill.
        """
        numbers = np.rint((np.asarray(values, dtype=np.float64) - self.offset) / self.scale)
        known = ~np.isnan(numbers)
        if ((np.abs(numbers) > 32767) & known).any() or (numbers == self.fill).any():
            raise InputError(
                "values do not fit the packing",
                rule="-32767 <= (value - offset) / scale <= 32767, apart from the fill",
                value=f"{np.nanmin(values):g} to {np.nanmax(values):g} under {self}",
                remedy="choose a larger scale",
            )
        return np.where(known, numbers, self.fill).astype(np.int16)

    @property
    def attributes(self) -> dict[str, float]:
        """CF attributes that undo the packing."""
        return {"scale_factor": self.scale, "add_offset": self.offset}

    @classmethod
    def spanning(cls, values: np.ndarray, fill: int) -> Packing:
        """The finest packing that holds all `values` and keeps off the fill."""
        known = values[~np.isnan(values)].astype(np.float64)
        low, high = (np.min(known), np.max(known)) if known.size else (0.0, 0.0)
        step = (high - low) / 65520.0
        return cls(float(step) if step > 0 else 1.0, float(low + high) / 2.0, fill)


@dataclass(frozen=True)
class Variable:
    """One variable of a file, as stored.

    Parameters
    ----------
    dims : tuple of str
        Its dimensions.
    values : numpy.ndarray
        Stored numbers.
    attributes : mapping, optional
        CF attributes.
    fill : float, optional
        `_FillValue`.
    """

    dims: tuple[str, ...]
    values: np.ndarray
    attributes: Mapping[str, str | float] = field(default_factory=dict)
    fill: float | None = None


def write_netcdf(
    path: Path,
    variables: Mapping[str, Variable],
    title: str,
    attributes: Mapping[str, str] | None = None,
) -> Path:
    """Write variables as stored; an earlier file is replaced.

    Parameters
    ----------
    path : Path
        Its folder is made where absent.
    variables : mapping of {str: Variable}
        Dimensions take their lengths from the variables.
    title : str
        Global attribute.
    attributes : mapping of {str: str}, optional
        Further global attributes.

    Returns
    -------
    Path
        `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        file.setncatts({"Conventions": "CF-1.7", "title": title, **(attributes or {})})
        for name, variable in variables.items():
            for dim, size in zip(variable.dims, variable.values.shape, strict=True):
                if dim not in file.dimensions:
                    file.createDimension(dim, size)
            target = file.createVariable(
                name, variable.values.dtype, variable.dims, fill_value=variable.fill
            )
            target.set_auto_maskandscale(False)
            target.setncatts(dict(variable.attributes))
            target[...] = variable.values
    return path


def years_of(data: xr.Dataset, variables: Sequence[str]) -> Iterator[tuple[int, xr.Dataset]]:
    """Each year with its months, as products split their files.

    Parameters
    ----------
    data : xarray.Dataset (time, y, x)
        Any months.
    variables : sequence of str
        Names that are needed.

    Yields
    ------
    tuple = (year, xarray.Dataset)
        In order of time.
    """
    ordered = data[list(variables)].sortby("time")
    years = ordered["time"].dt.year.values
    for year in np.unique(years):
        yield int(year), ordered.isel(time=np.flatnonzero(years == year))
