"""Mean and standard deviation of members that pass one after the other and are not kept."""

from __future__ import annotations

import numpy as np

__all__ = ["RunningMoments"]


class RunningMoments:
    """Mean and sample SD of arrays of one shape, added one at a time.

    Parameters
    ----------
    shape : tuple of int
        Shape of each array.

    Notes
    -----
    m_k = m_{k−1} + (x_k − m_{k−1})/k; s_k = s_{k−1} + (x_k − m_{k−1})(x_k − m_k);
    SD = √(s_n / (n − 1))  [1]_

    References
    ----------
    .. [1] Welford (1962), Note on a method for calculating corrected sums of squares and products,
       Technometrics 4, 419-420.

    Examples
    --------
    >>> moments = RunningMoments((2,))
    >>> for member in ([1.0, 5.0], [3.0, 5.0]):
    ...     moments.add(np.array(member))
    >>> moments.mean.tolist(), moments.sd.round(3).tolist()
    ([2.0, 5.0], [1.414, 0.0])
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.count = 0
        self._mean = np.zeros(shape)
        self._squares = np.zeros(shape)

    def add(self, values: np.ndarray) -> None:
        """Take one more array into account."""
        self.count += 1
        step = values - self._mean
        self._mean += step / self.count
        self._squares += step * (values - self._mean)

    @property
    def mean(self) -> np.ndarray:
        """Mean so far; NaN before the first array."""
        return self._mean if self.count else np.full_like(self._mean, np.nan)

    @property
    def sd(self) -> np.ndarray:
        """Sample standard deviation so far; NaN before the second array."""
        if self.count < 2:
            return np.full_like(self._squares, np.nan)
        return np.sqrt(self._squares / (self.count - 1))
