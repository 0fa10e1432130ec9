"""Zhang's prewhitening: slope and autocorrelation in turns, until both stand still.

Some series rest after two passes and some never do. Eight are iterated at once on a belt; where one
has come to rest it goes to the shelf, to be tested with seven others, and the next takes its lane.
So none waits for another, and each pass is one of eight.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.eights import EIGHT, choose, load, spread, store
from abz.trends.prewhitening import (
    WEAK,
    allows_test,
    detrend,
    enough,
    lag1_autocorrelation,
    whiten,
)
from abz.trends.reported import (
    CONVERGED,
    CORRELATION,
    NEAR,
    ROWS,
    RUNS,
    read_tile,
    report,
    say_test,
)
from abz.trends.theil_sen import Workspace, sen_slope, workspace

__all__ = ["ITERATIONS", "zhang"]

ITERATIONS = 500
SLOPE_TOLERANCE = 1e-3
CORRELATION_TOLERANCE = 1e-4

EMPTY = -1
"""Number of a lane without a series."""
BEFORE, LATEST, SLOPE, SLOPE_BEFORE, BENT, PASSES, MARKED, MARKED_AT, PERIOD = range(9)
"""Rows of what is known of the series on the belt: the autocorrelation before the last one and the
last, likewise the slope, whether residuals are more than rounding, passes, and the marks by which a
cycle is noticed."""

Belt: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Series, whitened series and residuals (n_years, 8), what is known of them (9, 8), and their
numbers (8,)."""
Shelf: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""What is to be tested and the series themselves (n_years, 8), what is said of them (7, 8), their
numbers (8,), and how many there are (1,)."""
Desk: TypeAlias = tuple[bool, Workspace, np.ndarray]
"""Whether slopes are those of the series themselves, room to work, and where results go."""


@kernel
def zhang(values: np.ndarray, preserve_range: bool, raw_slope: bool, out: np.ndarray) -> None:
    """Test series after Zhang's prewhitening.

    Parameters
    ----------
    values : numpy.ndarray (n_series, n_years)
        NaN where a year is missing.
    preserve_range, raw_slope : bool
        As in `trend_series`.
    out : numpy.ndarray (10, n_series)
        Filled, in the order of `TrendSeries`. Weak autocorrelation leaves a series as it is, after
        one pass; so does a series that is a straight line. The autocorrelation is that before the
        last pass. No result for constants, short series and c = 1.

    Notes
    -----
    c = r_1(x); then, in turns, b = Sen slope of (x_{t+1} − c x_t) / (1 − c) and c = r_1(x − b t).
    A slope of zero never passes the relative criterion; it has converged if c stands still. The
    state of the iteration is c alone. Once c returns exactly, the rest is a cycle, and whole turns
    of it are skipped: the result is that of all 500 passes.

    References
    ----------
    .. [1] Zhang et al. (2000), Atmosphere-Ocean 38, 395-429; Wang & Swail (2001), J. Climate 14.
    """
    n_series, n = values.shape
    belt = (
        np.zeros((n, EIGHT)), np.zeros((n, EIGHT)), np.zeros((n, EIGHT)), np.zeros((9, EIGHT)),
        np.full(EIGHT, EMPTY),
    )  # fmt: skip
    shelf = (
        np.zeros((n, EIGHT)), np.zeros((n, EIGHT)), np.zeros((ROWS, EIGHT)),
        np.full(EIGHT, EMPTY), np.zeros(1, np.int64),
    )  # fmt: skip
    desk = raw_slope, workspace(n), out
    arriving, met = np.empty((n, EIGHT)), np.empty((2, EIGHT))
    read, at, waiting = 0, 0, 0
    while True:
        seated = 0
        for lane in range(EIGHT):
            while belt[4][lane] == EMPTY and (at < waiting or read < n_series):
                if at == waiting:
                    waiting, at = _receive(values, read, arriving, met, out), 0
                    read += waiting
                _seat(belt, lane, shelf, desk, (arriving, met, at, read - waiting + at))
                at += 1
            seated += belt[4][lane] != EMPTY
        if seated == 0:
            break
        _whiten_all(belt, preserve_range, desk[1])
        _after_slopes(belt, shelf, desk)
        _correlate_residuals(belt)
        _after_correlations(belt, shelf, desk)
    _say_shelf(shelf, desk)


@kernel
def _receive(
    values: np.ndarray, first: int, arriving: np.ndarray, met: np.ndarray, out: np.ndarray
) -> int:
    """Read the next series, their autocorrelations, and whether they can be tested unwhitened."""
    number = read_tile(values, first, arriving, out)
    store(met, 0, lag1_autocorrelation(arriving))
    store(met, 1, choose(allows_test(arriving), spread(1.0), spread(0.0)))
    return number


@kernel
def _seat(
    belt: Belt,
    lane: int,
    shelf: Shelf,
    desk: Desk,
    arrived: tuple[np.ndarray, np.ndarray, int, int],
) -> None:
    """Put a series that has to be whitened on the belt, and any other straight on the shelf."""
    arriving, met, at, number = arrived
    correlation = met[0, at]
    if correlation >= WEAK:
        series, _, _, state, numbers = belt
        series[:, lane] = arriving[:, at]
        numbers[lane] = number
        state[:, lane] = 0.0
        state[LATEST, lane] = correlation
        state[SLOPE, lane] = state[MARKED, lane] = np.nan
    elif met[1, at] == 1.0 and not np.isnan(correlation):
        facts = correlation, 1, True, np.nan
        _shelve(shelf, desk, (arriving, arriving, at), number, facts)


@kernel
def _whiten_all(belt: Belt, preserve_range: bool, work: Workspace) -> None:
    """Whiten by the latest autocorrelation, and find the slopes."""
    series, whitened, _, state, _ = belt
    correlation, one, zero = load(state, LATEST), spread(1.0), spread(0.0)
    first = load(state, PASSES) == zero
    divisor = one - correlation
    if not preserve_range:
        divisor = choose(first, one, divisor)
    whiten(series, correlation, divisor, whitened)
    before = load(state, SLOPE)
    slope = sen_slope(whitened, before, work)
    slope = choose(first, choose(enough(whitened), slope, spread(np.nan)), slope)
    store(state, SLOPE_BEFORE, before)
    store(state, SLOPE, slope)
    store(state, PASSES, load(state, PASSES) + one)


@kernel
def _after_slopes(belt: Belt, shelf: Shelf, desk: Desk) -> None:
    """Let the series go that have come to rest, that never will, or that have no slope."""
    series, whitened, _, state, numbers = belt
    for lane in range(EIGHT):
        slope, before, latest = state[SLOPE, lane], state[BEFORE, lane], state[LATEST, lane]
        passes, ends, converged = int(state[PASSES, lane]), False, True
        if numbers[lane] == EMPTY:
            continue
        if np.isnan(slope):
            numbers[lane] = EMPTY
            continue
        if passes > 1:
            steady = abs(latest - before) <= CORRELATION_TOLERANCE and slope != 0.0
            change = abs(slope - state[SLOPE_BEFORE, lane])
            ends = steady and change / abs(slope) <= SLOPE_TOLERANCE
        if not ends:
            state[BEFORE, lane] = before = latest
            if passes > 1:
                passes = _skip_turns(state, lane, passes)
            ends, converged = passes >= ITERATIONS, state[PERIOD, lane] == 1.0
        if ends:
            facts = before, passes, converged, slope
            _shelve(shelf, desk, (whitened, series, lane), numbers[lane], facts)
            numbers[lane] = EMPTY


@kernel
def _skip_turns(state: np.ndarray, lane: int, passes: int) -> int:
    """Passes, advanced by all whole turns of a cycle where the autocorrelation has come back."""
    latest = state[LATEST, lane]
    if latest == state[MARKED, lane]:
        period = passes - int(state[MARKED_AT, lane])
        passes += (ITERATIONS - passes) // period * period
        state[PERIOD, lane] = period
    elif passes & (passes - 1) == 0:
        state[MARKED, lane], state[MARKED_AT, lane] = latest, passes
    state[PASSES, lane] = passes
    return passes


@kernel
def _correlate_residuals(belt: Belt) -> None:
    """Take the trends out of the series, and find the autocorrelation that is left."""
    series, _, residual, state, _ = belt
    bent = detrend(series, load(state, SLOPE), residual)
    store(state, BENT, choose(bent, spread(1.0), spread(0.0)))
    store(state, LATEST, lag1_autocorrelation(residual))


@kernel
def _after_correlations(belt: Belt, shelf: Shelf, desk: Desk) -> None:
    """Let the series go that are straight lines, or whose residuals have no more to tell."""
    series, whitened, _, state, numbers = belt
    for lane in range(EIGHT):
        before, latest = state[BEFORE, lane], state[LATEST, lane]
        straight = state[BENT, lane] == 0.0
        rests = abs(latest - before) <= CORRELATION_TOLERANCE and latest < WEAK
        if numbers[lane] != EMPTY and (straight or rests):
            facts = before, int(state[PASSES, lane]), True, state[SLOPE, lane]
            tested = series if straight else whitened
            _shelve(shelf, desk, (tested, series, lane), numbers[lane], facts)
            numbers[lane] = EMPTY


@kernel
def _shelve(
    shelf: Shelf,
    desk: Desk,
    source: tuple[np.ndarray, np.ndarray, int],
    number: int,
    facts: tuple[float, int, bool, float],
) -> None:
    """Put a column aside to be tested; test the shelf once it is full."""
    tested, series, said, numbers, filled = shelf
    place = filled[0]
    tested[:, place] = source[0][:, source[2]]
    series[:, place] = source[1][:, source[2]]
    said[CORRELATION, place], said[RUNS, place], said[CONVERGED, place], said[NEAR, place] = facts
    numbers[place] = number
    filled[0] += 1
    if filled[0] == EIGHT:
        _say_shelf(shelf, desk)


@kernel
def _say_shelf(shelf: Shelf, desk: Desk) -> None:
    """Test and report what is on the shelf, and clear it."""
    tested, series, said, numbers, filled = shelf
    raw_slope, work, out = desk
    if filled[0] == 0:
        return
    say_test(said, tested, work)
    if raw_slope:
        keep = said[:2].copy()
        say_test(said, series, work)
        said[:2] = keep
    report(series if raw_slope else tested, said, numbers, work, out)
    numbers[:] = EMPTY
    filled[0] = 0
