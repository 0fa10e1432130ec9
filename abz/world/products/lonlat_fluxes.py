"""How products store monthly fluxes in longitude and latitude: axes, calendar, unit, fill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cftime  # type: ignore[import-untyped]
import numpy as np
import xarray as xr

from abz.units import parse_flux_unit
from abz.world.products.netcdf import Packing, Variable

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """The form of a file.

    Parameters
    ----------
    names : mapping of {str: str}
        Names of the axes time, y and x in the file.
    order : tuple of str
        Order of the canonical axes in the file.
    south_up, from_greenwich : bool
        Whether rows run from south to north, and columns from 0° instead of from 180° W.
    calendar, epoch : str
        Calendar and unit of the time axis.
    units : str
        Unit of the flux in the file.
    kind : str
        Type of the stored numbers, without a packing.
    fill : float
        Number that means missing.
    packing : Packing, optional
        How int16 numbers stand for rates.
    time_bounds : bool
        Whether the file holds the ends of each month, and its middle as time.

    Examples
    --------
    >>> Layout(units="gC m-2 d-1").order
    ('time', 'y', 'x')
    """

    units: str
    names: Mapping[str, str] = field(
        default_factory=lambda: {"time": "time", "y": "lat", "x": "lon"}
    )
    order: tuple[str, ...] = ("time", "y", "x")
    south_up: bool = False
    from_greenwich: bool = False
    calendar: str = "standard"
    epoch: str = "days since 1850-01-01"
    kind: str = "f4"
    fill: float = np.nan
    packing: Packing | None = None
    time_bounds: bool = False

    def dims(self, *axes: str) -> tuple[str, ...]:
        """Names in the file of canonical axes."""
        return tuple(self.names.get(axis, axis) for axis in axes)

    def columns(self, longitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Order of the columns in the file, and their longitudes there."""
        stored = np.round(longitude, 9) % 360.0 if self.from_greenwich else longitude
        order = np.argsort(stored)
        return order, stored[order]

    def axes(self, data: xr.Dataset | xr.DataArray) -> dict[str, Variable]:
        """Time, latitude and longitude as stored."""
        rows = data["y"].values[:: -1 if self.south_up else 1]
        time, y, x = (self.names[axis] for axis in ("time", "y", "x"))
        months = self._time(data["time"].values, time) if "time" in data.dims else {}
        return {
            **months,
            y: Variable((y,), rows, {"units": "degrees_north", "standard_name": "latitude"}),
            x: Variable(
                (x,),
                self.columns(data["x"].values)[1],
                {"units": "degrees_east", "standard_name": "longitude"},
            ),
        }

    def rate(self, flux: xr.DataArray, attrs: Mapping[str, str] | None = None) -> Variable:
        """A monthly flux (..., time, y, x), g C m-2 month-1, as the mean rate that is stored."""
        edges = self._edges(flux["time"].values)
        days = np.diff(edges)
        year_days = np.array([_year_days(date, self.calendar) for date in _dates(flux["time"])])
        factor = parse_flux_unit(self.units).per_month(days, year_days)
        rate = flux.astype(np.float64) / xr.DataArray(factor, dims="time")
        return self.field(rate, {"units": self.units, **(attrs or {})})

    def field(self, array: xr.DataArray, attrs: Mapping[str, str]) -> Variable:
        """An array of canonical axes in the order, direction, type and fill of the file."""
        turned = array.isel(x=self.columns(array["x"].values)[0])
        turned = turned.isel(y=slice(None, None, -1)) if self.south_up else turned
        order = tuple(axis for axis in self.order if axis in array.dims)
        values = turned.transpose(*order).values
        if self.packing is not None:
            stored = self.packing.pack(values)
            return Variable(
                self.dims(*order), stored, {**self.packing.attributes, **attrs}, self.packing.fill
            )
        stored = np.where(np.isnan(values), self.fill, values).astype(self.kind)
        return Variable(
            self.dims(*order), stored, attrs, float(np.dtype(self.kind).type(self.fill))
        )

    def _time(self, time: np.ndarray, name: str) -> dict[str, Variable]:
        """The time axis, with its bounds where the file has them."""
        edges = self._edges(time)
        attrs = {"units": self.epoch, "calendar": self.calendar, "standard_name": "time"}
        if not self.time_bounds:
            return {name: Variable((name,), edges[:-1], attrs)}
        middles = (edges[:-1] + edges[1:]) / 2
        pairs = np.stack([edges[:-1], edges[1:]], axis=1)
        return {
            name: Variable((name,), middles, {**attrs, "bounds": f"{name}_bnds"}),
            f"{name}_bnds": Variable((name, "bnds"), pairs),
        }

    def _edges(self, time: np.ndarray) -> np.ndarray:
        """Numbers of the first days of the months and of the month after the last."""
        months = np.append(time.astype("datetime64[M]"), time[-1].astype("datetime64[M]") + 1)
        dates = [
            cftime.datetime(int(m) // 12 + 1970, int(m) % 12 + 1, 1, calendar=self.calendar)
            for m in months.astype(int)
        ]
        return np.asarray(cftime.date2num(dates, self.epoch, self.calendar), dtype=np.float64)


def _dates(time: xr.DataArray) -> list[int]:
    """Years of the steps."""
    return [int(year) for year in time.dt.year.values]


def _year_days(year: int, calendar: str) -> int:
    """Days of a year in a calendar."""
    first, after = (cftime.datetime(y, 1, 1, calendar=calendar) for y in (year, year + 1))
    return int((after - first).days)
