"""How a map is stored: in single precision, or as whole multiples of a declared step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Any

import numpy as np

from abz.errors import InputError

__all__ = ["Packing"]

LARGEST = 32767
"""Most steps that two bytes hold, in either direction."""
MISSING = -32768
"""Stored where a packed map has no value."""


@dataclass(frozen=True)
class Packing:
    """Numbers on disk: float32, or int16 times a step.

    Parameters
    ----------
    step : float, optional
        Distance between neighbouring values, in units of the map; float32 where there is none.

    Examples
    --------
    >>> packing = Packing(0.02)
    >>> packing.pack(np.array([-12.345, 0.0, np.nan]), "nee").tolist()
    [-617, 0, -32768]
    >>> packing.attributes["scale_factor"], Packing().dtype.name
    (0.02, 'float32')
    """

    step: float | None = None

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Packing:
        """The packing that CF attributes or an encoding state by their `scale_factor`."""
        step = stated.get("scale_factor")
        return cls(None if step is None else float(step))

    @property
    def dtype(self) -> np.dtype:
        """Type of the stored numbers."""
        return np.dtype(np.float32 if self.step is None else np.int16)

    @property
    def missing(self) -> np.generic:
        """The stored number that means no value."""
        return self.dtype.type(np.nan if self.step is None else MISSING)

    @property
    def attributes(self) -> dict[str, Any]:
        """CF attributes by which readers undo the packing."""
        scale = {} if self.step is None else {"scale_factor": self.step}
        return {**scale, "_FillValue": self.missing}

    def check_reach(self, reach: float, name: str) -> None:
        """Refuse a step by which values up to `reach` cannot be stored.

        Parameters
        ----------
        reach : float
            No value of the map is larger than this in size.
        name : str
            Of the map, for the error.

        Raises
        ------
        InputError
            If `reach` lies beyond 32 767 steps.

        Examples
        --------
        >>> Packing(0.02).check_reach(550.0, "gpp")
        """
        if self.step is not None and reach > LARGEST * self.step:
            raise _too_large(reach, self.step, f"{name} can be")

    def pack(self, values: np.ndarray, name: str) -> np.ndarray:
        """Values as they are stored.

        Parameters
        ----------
        values : numpy.ndarray
            Any shape; NaN is missing.
        name : str
            Of the map, for the error.

        Returns
        -------
        numpy.ndarray of `dtype`
            Half a step away from `values` at most.

        Raises
        ------
        InputError
            If a value lies beyond 32 767 steps.
        """
        if self.step is None:
            return values.astype(np.float32)
        steps = np.rint(values.astype(np.float64) / self.step)
        beyond = np.abs(steps) > LARGEST
        if beyond.any():
            raise _too_large(
                max(values[beyond].tolist(), key=abs), self.step, f"a value of {name} is"
            )
        return np.where(np.isnan(steps), MISSING, steps).astype(np.int16)


def _too_large(value: float, step: float, what: str) -> InputError:
    """What is wrong with a value beyond the range, and which step would hold it."""
    remedy = 'set [upscaling] precision = "float32"'
    if isfinite(value):
        needed = abs(value) / LARGEST
        digit = 10.0 ** floor(log10(needed))
        remedy += f", or a step of {ceil(needed / digit) * digit:g} or more"
    return InputError(
        f"{what} too large for the precision of the maps",
        rule=f"a step of {step:g} reaches to ±{LARGEST * step:g}, {LARGEST} steps either way",
        value=f"{value:g}",
        remedy=remedy,
    )
