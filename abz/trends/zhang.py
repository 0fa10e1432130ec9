"""Zhang's prewhitening: slope and autocorrelation in turns, until both stand still.

Some series rest after two passes and some never do. Eight are iterated at once on a belt; where one
has come to rest it goes to the shelf, to be tested with seven others, and the next takes its lane.
So none waits for another, and each pass is one of eight.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from abz.compiled import kernel
from abz.eights import EIGHT, Mask, any_of, choose, load, magnitude, rounded_down, spread, store
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
EARLY = 2
"""Passes in which slopes still change much, so that finding one takes longer."""
BEFORE, LATEST, SLOPE, SLOPE_BEFORE, PASSES, MARKED, MARKED_AT, NEXT_MARK, PERIOD = range(9)
"""Rows of what is known of the series on a belt: the autocorrelation before the last one and the
last, likewise the slope, passes, and the marks by which a cycle is noticed."""

Belt: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Series, whitened series and residuals (n_years, 8), what is known of them (9, 8), and their
numbers (8,)."""
Shelf: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""What is to be tested and the series themselves (n_years, 8), what is said of them (7, 8), their
numbers (8,), and how many there are (1,)."""
Desk: TypeAlias = tuple[Shelf, bool, Workspace, np.ndarray]
"""The shelf, whether slopes are those of the series themselves, room to work, and where results
go."""
Queue: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Series that were read together (n_years, 8), their autocorrelation and whether they allow a test
(2, 8), and how many series were read, were read together, and have left (3,)."""


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
    n = values.shape[1]
    shelf = (
        np.zeros((n, EIGHT)), np.zeros((n, EIGHT)), np.zeros((ROWS, EIGHT)),
        np.full(EIGHT, EMPTY), np.zeros(1, np.int64),
    )  # fmt: skip
    desk = shelf, raw_slope, workspace(n), out
    queue = np.empty((n, EIGHT)), np.empty((2, EIGHT)), np.zeros(3, np.int64)
    early, late = _belt(n), _belt(n)
    while True:
        seated = _move(early, late)
        while seated < EIGHT and _admit(values, queue, early, desk):
            for _ in range(EARLY):
                _turn(early, preserve_range, desk)
            seated = _move(early, late)
        if seated == 0:
            break
        _turn(late, preserve_range, desk)
    _say_shelf(desk)


@kernel
def _belt(n: int) -> Belt:
    """A belt without series."""
    rows = np.zeros((3, n, EIGHT))
    return rows[0], rows[1], rows[2], np.zeros((9, EIGHT)), np.full(EIGHT, EMPTY)


@kernel
def _move(source: Belt, target: Belt) -> int:
    """Fill the empty lanes of a belt from another; how many of its lanes have a series."""
    series, whitened, _, state, numbers = source
    to_series, to_whitened, _, to_state, to_numbers = target
    lane, seated = 0, 0
    for place in range(EIGHT):
        if to_numbers[place] == EMPTY:
            while lane < EIGHT and numbers[lane] == EMPTY:
                lane += 1
            if lane == EIGHT:
                continue
            for i in range(series.shape[0]):
                to_series[i, place] = series[i, lane]
                to_whitened[i, place] = whitened[i, lane]
            for i in range(state.shape[0]):
                to_state[i, place] = state[i, lane]
            to_numbers[place], numbers[lane] = numbers[lane], EMPTY
        seated += 1
    return seated


@kernel
def _admit(values: np.ndarray, queue: Queue, belt: Belt, desk: Desk) -> bool:
    """Fill an empty belt with series that have to be whitened; whether there are any.

    Series with weak autocorrelation go straight to the shelf.
    """
    arrived, met, counts = queue
    series, _, _, state, numbers = belt
    seats = 0
    while seats < EIGHT:
        if counts[2] == counts[1]:
            if counts[0] == values.shape[0]:
                break
            counts[1] = read_tile(values, counts[0], arrived, desk[3])
            counts[0], counts[2] = counts[0] + counts[1], 0
            store(met, 0, lag1_autocorrelation(arrived))
            store(met, 1, choose(allows_test(arrived), spread(1.0), spread(0.0)))
        at, number = counts[2], counts[0] - counts[1] + counts[2]
        counts[2] += 1
        if met[0, at] >= WEAK:
            for i in range(series.shape[0]):
                series[i, seats] = arrived[i, at]
            for i in range(state.shape[0]):
                state[i, seats] = 0.0
            state[LATEST, seats], state[NEXT_MARK, seats] = met[0, at], 2.0
            state[SLOPE, seats] = state[MARKED, seats] = np.nan
            numbers[seats] = number
            seats += 1
        elif met[1, at] == 1.0 and not np.isnan(met[0, at]):
            _shelve(desk, (arrived, arrived, at), number, (met[0, at], 1, True, np.nan))
    return seats > 0


@kernel
def _turn(belt: Belt, preserve_range: bool, desk: Desk) -> None:
    """One pass of the series on a belt; those that it was the last of leave it."""
    _whiten_all(belt, preserve_range, desk[2])
    _after_slopes(belt, desk)
    _after_residuals(belt, desk)


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
def _after_slopes(belt: Belt, desk: Desk) -> None:
    """Let the series go that have come to rest, that never will, or that have no slope."""
    state, one = belt[3], spread(1.0)
    slope, latest, passes = load(state, SLOPE), load(state, LATEST), load(state, PASSES)
    size, change = magnitude(slope), magnitude(slope - load(state, SLOPE_BEFORE))
    steady = magnitude(latest - load(state, BEFORE)) <= spread(CORRELATION_TOLERANCE)
    rests = (
        steady & (passes > one) & (size > spread(0.0)) & (change / size <= spread(SLOPE_TOLERANCE))
    )
    returned = ~rests & (latest == load(state, MARKED))
    due = ~rests & ~returned & (passes == load(state, NEXT_MARK))
    store(state, BEFORE, choose(rests, load(state, BEFORE), latest))
    store(state, MARKED, choose(due, latest, load(state, MARKED)))
    store(state, MARKED_AT, choose(due, passes, load(state, MARKED_AT)))
    store(state, NEXT_MARK, choose(due, passes + passes, load(state, NEXT_MARK)))
    if any_of(returned):
        _skip_turns(state, returned)
    ends = rests | (load(state, PASSES) >= spread(1.0 * ITERATIONS))
    if any_of(ends | ~(size >= spread(0.0))):
        converged = rests | (load(state, PERIOD) == one)
        _unload(belt, (ends, ~(one == one), converged), desk)  # noqa: PLR0124  none


@kernel
def _skip_turns(state: np.ndarray, returned: Mask) -> None:
    """Skip all whole turns of a cycle where the autocorrelation has come back."""
    passes, end = load(state, PASSES), spread(1.0 * ITERATIONS)
    period = passes - load(state, MARKED_AT)
    turns = rounded_down((end - passes) / period)
    store(state, PASSES, choose(returned, passes + turns * period, passes))
    store(state, PERIOD, choose(returned, period, load(state, PERIOD)))


@kernel
def _after_residuals(belt: Belt, desk: Desk) -> None:
    """Let the series go that are straight lines, or whose residuals have no more to tell."""
    series, _, residual, state, _ = belt
    bent = detrend(series, load(state, SLOPE), residual)
    latest = lag1_autocorrelation(residual)
    steady = magnitude(latest - load(state, BEFORE)) <= spread(CORRELATION_TOLERANCE)
    ends = ~bent | (steady & (latest < spread(WEAK)))
    store(state, LATEST, latest)
    if any_of(ends):
        _unload(belt, (ends, ~bent, ends), desk)


@kernel
def _unload(belt: Belt, told: tuple[Mask, Mask, Mask], desk: Desk) -> None:
    """Put the series that end on the shelf, and drop those without a slope.

    `told` are whether they end, whether they are straight lines, and whether they converged.
    """
    series, whitened, _, state, numbers = belt
    flags, one, zero = np.empty((3, EIGHT)), spread(1.0), spread(0.0)
    store(flags, 0, choose(told[0], one, zero))
    store(flags, 1, choose(told[1], one, zero))
    store(flags, 2, choose(told[2], one, zero))
    for lane in range(EIGHT):
        slope, number = state[SLOPE, lane], numbers[lane]
        if number == EMPTY or not (flags[0, lane] == 1.0 or np.isnan(slope)):
            continue
        numbers[lane] = EMPTY
        if not np.isnan(slope):
            facts = state[BEFORE, lane], int(state[PASSES, lane]), flags[2, lane] == 1.0, slope
            tested = series if flags[1, lane] == 1.0 else whitened
            _shelve(desk, (tested, series, lane), number, facts)


@kernel
def _shelve(
    desk: Desk,
    source: tuple[np.ndarray, np.ndarray, int],
    number: int,
    facts: tuple[float, int, bool, float],
) -> None:
    """Put a column aside to be tested; test the shelf once it is full."""
    tested, series, said, numbers, filled = desk[0]
    place = filled[0]
    ready, itself, lane = source
    for i in range(tested.shape[0]):
        tested[i, place] = ready[i, lane]
        series[i, place] = itself[i, lane]
    said[CORRELATION, place], said[RUNS, place], said[CONVERGED, place], said[NEAR, place] = facts
    numbers[place] = number
    filled[0] += 1
    if filled[0] == EIGHT:
        _say_shelf(desk)


@kernel
def _say_shelf(desk: Desk) -> None:
    """Test and report what is on the shelf, and clear it."""
    shelf, raw_slope, work, out = desk
    tested, series, said, numbers, filled = shelf
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
