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

__all__ = [
    "LANES",
    "add_where",
    "lowest",
    "not_above",
]

LANES = 64
"""Values side by side, one bit of a word each."""

INT32 = ir.IntType(32)
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
