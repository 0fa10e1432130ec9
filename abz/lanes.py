"""Operations on neighbouring values at once, for compiled kernels.

Numba has no wide operations of its own. These are given to it as LLVM vector operations, which LLVM
turns into the widest instructions of the machine at hand (or into plain loops), so they need no
compiler and mean the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

__all__ = [
    "DOUBLES",
    "LANES",
    "add_where",
    "lowest",
    "not_above",
    "rises_and_falls",
    "slopes_at_lag",
    "split_at",
]

LANES = 64
"""Values side by side, one bit of a word each."""
DOUBLES = 8
"""Values of float64 that the operations on series take at once."""

INT32, INT64 = ir.IntType(32), ir.IntType(64)
EIGHT = ir.VectorType(ir.DoubleType(), DOUBLES)
SINGLES = ir.VectorType(ir.FloatType(), DOUBLES)
COUNTS = ir.VectorType(ir.IntType(64), DOUBLES)
FLOATS = ir.VectorType(ir.FloatType(), LANES)
DOUBLE = ir.DoubleType()
WIDE = ir.VectorType(DOUBLE, LANES)
BITS = ir.VectorType(ir.IntType(1), LANES)

Generated = tuple[Any, Callable[..., Any]]
"""Signature and generator of an operation."""

intrinsic: Callable[..., Any] = extending.intrinsic


def _spread(builder: Any, value: Any, kind: ir.VectorType) -> Any:
    """The value in all lanes."""
    undefined = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(undefined, value, INT32(0))
    first = ir.Constant(ir.VectorType(INT32, kind.count), None)
    return builder.shuffle_vector(one, undefined, first)


def _pointer(builder: Any, array: Any, offset: Any, lanes: ir.VectorType) -> Any:
    """Where so many values of an array begin."""
    return builder.bitcast(builder.gep(array.data, [offset]), lanes.as_pointer())


@intrinsic
def not_above(typing: Any, values: Any, offset: Any, limit: Any) -> Generated:
    """Bits of the lanes from `values[offset]` (float32) on that are at most `limit`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start, threshold = arguments
        held = context.make_array(signature.args[0])(context, builder, array)
        place = _pointer(builder, held, start, FLOATS)
        lanes = builder.load(place, align=4)
        down = builder.fcmp_ordered("<=", lanes, _spread(builder, threshold, FLOATS))
        return builder.bitcast(down, ir.IntType(LANES))

    return types.uint64(values, types.int64, types.float32), generate


@intrinsic
def add_where(typing: Any, sums: Any, offset: Any, rows: Any, value: Any) -> Generated:
    """Add `value` to the lanes from `sums[offset]` (float64) on whose bit is set in `rows`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start, bits, addend = arguments
        held = context.make_array(signature.args[0])(context, builder, array)
        place = _pointer(builder, held, start, WIDE)
        chosen = builder.bitcast(bits, BITS)
        none = ir.Constant(WIDE, None)
        added = builder.select(chosen, _spread(builder, addend, WIDE), none)
        builder.store(builder.fadd(builder.load(place, align=8), added), place, align=8)
        return context.get_dummy_value()

    return types.void(sums, types.int64, types.uint64, types.float64), generate


@intrinsic
def lowest(typing: Any, rows: Any) -> Generated:
    """Number of the lowest bit that is set; `rows` is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


def _same(value: float) -> ir.Constant:
    """A number in eight lanes."""
    return ir.Constant(EIGHT, [DOUBLE(value)] * DOUBLES)


def _larger(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)


def _smaller(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", one, other), one, other)


def _fold(builder: Any, vector: Any, join: Callable[..., Any]) -> Any:
    """All lanes joined into one value, halves first."""
    size = DOUBLES
    while size > 1:
        size //= 2
        halves = [
            builder.shuffle_vector(
                vector, vector, ir.Constant(ir.VectorType(INT32, size), [*range(at, at + size)])
            )
            for at in (0, size)
        ]
        vector = join(builder, *halves)
    return builder.extract_element(vector, INT32(0))


@intrinsic
def split_at(typing: Any, values: Any, size: Any, pivot: Any, found: Any) -> Generated:
    """Part `values[:size]` (float64, `size` a multiple of `DOUBLES`) at a pivot.

    `found` takes how many are at most the pivot, the largest of these (−inf of none), and the
    smallest of those above (inf of none). NaN belongs to neither.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, number, value, room = arguments
        held = context.make_array(signature.args[0])(context, builder, array)
        out = context.make_array(signature.args[3])(context, builder, room)
        limit = _spread(builder, value, EIGHT)
        count = cgutils.alloca_once_value(builder, ir.Constant(COUNTS, [INT64(0)] * DOUBLES))
        below = cgutils.alloca_once_value(builder, _same(float("-inf")))
        above = cgutils.alloca_once_value(builder, _same(float("inf")))
        steps = cgutils.for_range_slice(builder, INT64(0), number, INT64(DOUBLES), intp=INT64)
        with steps as (place, _):
            lanes = builder.load(_pointer(builder, held, place, EIGHT), align=8)
            inside = builder.fcmp_ordered("<=", lanes, limit)
            outside = builder.fcmp_ordered(">", lanes, limit)
            builder.store(builder.sub(builder.load(count), builder.sext(inside, COUNTS)), count)
            low = builder.select(inside, lanes, _same(float("-inf")))
            builder.store(_larger(builder, low, builder.load(below)), below)
            high = builder.select(outside, lanes, _same(float("inf")))
            builder.store(_smaller(builder, high, builder.load(above)), above)
        total = _fold(builder, builder.load(count), lambda b, one, other: b.add(one, other))
        answers = (
            builder.sitofp(total, DOUBLE),
            _fold(builder, builder.load(below), _larger),
            _fold(builder, builder.load(above), _smaller),
        )
        for place, answer in enumerate(answers):
            builder.store(answer, builder.gep(out.data, [INT64(place)]))
        return context.get_dummy_value()

    return types.void(values, types.int64, types.float64, found), generate


@intrinsic
def slopes_at_lag(  # noqa: PLR0917  operands of one operation
    typing: Any, times: Any, values: Any, lag: Any, size: Any, slopes: Any, offset: Any
) -> Generated:
    """Slopes between values that stand `lag` places apart, into `slopes[offset:offset + size]`.

    Arrays of float64. Up to the next multiple of `DOUBLES` is read and written, so that all three
    are longer by that.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        t, y, apart, number, room, start = arguments
        t, y, out = (
            context.make_array(kind)(context, builder, array)
            for kind, array in zip(
                (signature.args[0], signature.args[1], signature.args[4]), (t, y, room), strict=True
            )
        )
        steps = cgutils.for_range_slice(builder, INT64(0), number, INT64(DOUBLES), intp=INT64)
        with steps as (place, _):
            later = builder.add(place, apart)
            rise, run = (
                builder.fsub(
                    builder.load(_pointer(builder, array, later, EIGHT), align=8),
                    builder.load(_pointer(builder, array, place, EIGHT), align=8),
                )
                for array in (y, t)
            )
            target = _pointer(builder, out, builder.add(start, place), EIGHT)
            builder.store(builder.fdiv(rise, run), target, align=8)
        return context.get_dummy_value()

    arguments = times, values, types.int64, types.int64, slopes, types.int64
    return types.void(*arguments), generate


@intrinsic
def rises_and_falls(typing: Any, values: Any, size: Any, found: Any) -> Generated:
    """Count the pairs of `values[:size]` (float64) whose later one is larger, and is smaller.

    Values are compared in single precision. Up to `DOUBLES` values behind them are read and not
    counted; `found` takes both counts.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, number, room = arguments
        held = context.make_array(signature.args[0])(context, builder, array)
        out = context.make_array(signature.args[2])(context, builder, room)
        nothing = ir.Constant(COUNTS, [INT64(0)] * DOUBLES)
        lanes = ir.Constant(COUNTS, [INT64(lane) for lane in range(DOUBLES)])
        tallies = [cgutils.alloca_once_value(builder, nothing) for _ in range(2)]
        lags = cgutils.for_range_slice(builder, INT64(1), number, INT64(1), intp=INT64)
        with lags as (lag, _):
            pairs = builder.sub(number, lag)
            steps = cgutils.for_range_slice(builder, INT64(0), pairs, INT64(DOUBLES), intp=INT64)
            with steps as (place, _):
                earlier, later = (
                    builder.fptrunc(
                        builder.load(_pointer(builder, held, start, EIGHT), align=8), SINGLES
                    )
                    for start in (place, builder.add(place, lag))
                )
                left = _spread(builder, builder.sub(pairs, place), COUNTS)
                counted = builder.icmp_signed("<", lanes, left)
                for tally, sign in zip(tallies, (">", "<"), strict=True):
                    met = builder.and_(counted, builder.fcmp_ordered(sign, later, earlier))
                    builder.store(
                        builder.sub(builder.load(tally), builder.sext(met, COUNTS)), tally
                    )
        for place, tally in enumerate(tallies):
            total = _fold(builder, builder.load(tally), lambda b, one, other: b.add(one, other))
            builder.store(builder.sitofp(total, DOUBLE), builder.gep(out.data, [INT64(place)]))
        return context.get_dummy_value()

    return types.void(values, types.int64, found), generate
