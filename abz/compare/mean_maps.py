"""How far two maps of the same thing agree, cell by cell, part after part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abz.validation import check_same_shape

__all__ = ["MapAgreement"]


@dataclass
class MapAgreement:
    """Differences of two maps, of which parts are added as they come.

    Examples
    --------
    >>> agreement = MapAgreement()
    >>> agreement.add(np.array([1.0, 2.0, np.nan]), np.array([1.5, 2.5, 0.0]))
    >>> row = agreement.row()
    >>> row["cells"], row["only_second"], row["bias"], row["largest"], row["r"]
    (2, 1, -0.5, 0.5, 1.0)
    """

    cells: int = 0
    only_first: int = 0
    only_second: int = 0
    _origin: tuple[float, float] = (0.0, 0.0)
    _sums: np.ndarray = field(default_factory=lambda: np.zeros(6))
    _largest: float = 0.0

    def add(self, first: np.ndarray, second: np.ndarray) -> None:
        """Count the cells of a part of both maps.

        Parameters
        ----------
        first, second : numpy.ndarray
            Values in the same unit; NaN where there is none.

        Raises
        ------
        InputError
            If shapes differ.
        """
        check_same_shape(first, second, "the two maps")
        one, other = np.isfinite(first), np.isfinite(second)
        both = one & other
        self.only_first += int((one & ~other).sum())
        self.only_second += int((other & ~one).sum())
        if both.any():
            x, y = first[both].astype(np.float64), second[both].astype(np.float64)
            apart = x - y
            if not self.cells:
                self._origin = float(x[0]), float(y[0])
            self.cells += x.size
            x, y = x - self._origin[0], y - self._origin[1]
            self._sums += [apart @ apart, x.sum(), y.sum(), x @ x, y @ y, x @ y]
            self._largest = max(self._largest, float(np.abs(apart).max()))

    def row(self) -> dict[str, Any]:
        """Counts and differences of all parts.

        Returns
        -------
        dict
            `cells` with a value in both maps, `only_first`, `only_second`; `first` and `second`,
            their plain means over these cells; `bias` and `rmse` of first − second, `largest`
            difference without its sign; `r`, Pearson's. NaN where there is no cell.

        Notes
        -----
        Sums are of differences to the first cell, so that the spread of maps far from zero keeps
        its digits, and that of a flat map is none.
        """
        if not self.cells:
            empty = dict.fromkeys(("first", "second", "bias", "rmse", "largest", "r"), np.nan)
            return self._counts() | empty
        squares, x, y, xx, yy, xy = (self._sums / self.cells).tolist()
        spread = max(xx - x * x, 0.0) * max(yy - y * y, 0.0)
        r = float((xy - x * y) / np.sqrt(spread)) if spread > 0 else np.nan
        first, second = self._origin
        return self._counts() | {
            "first": first + x, "second": second + y, "bias": (first - second) + (x - y),
            "rmse": float(np.sqrt(squares)), "largest": self._largest, "r": r,
        }  # fmt: skip

    def _counts(self) -> dict[str, Any]:
        return {
            "cells": self.cells, "only_first": self.only_first, "only_second": self.only_second
        }  # fmt: skip
