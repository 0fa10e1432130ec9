"""Squares of eight cells by eight layers, as steps of the kernels of zonal sums.

A map lies layer after layer, so eight cells of one layer are read at once; but a sum over zones
wants the layers of one cell side by side, as one row of a table of atoms. A square is read in rows
and turned inside registers, so that each cell costs one wide addition for eight layers.

A whole number below 2^51 in size shows in the bits of a double once 1.5 × 2^52 is added to it, and
that addition rounds halves to even: rounding and conversion are one addition and one subtraction.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils

from abz.eights import EIGHT, EightType, TallyType

__all__ = [
    "COPIES",
    "LARGEST_AMOUNT",
    "add_each",
    "add_one",
    "all_alike",
    "places",
    "together",
    "weigh",
]

LARGEST_AMOUNT = 2.0**51
"""Amounts below this size are rounded rightly."""
COPIES = 2
"""Rows of a table that an atom has: neighbouring cells take turns, so that none waits for the last
addition to arrive in memory."""

AHEAD = 64
"""Cells between the square at work and those that are fetched."""
SHIFT = 1.5 * 2.0**52
SHIFT_BITS = struct.unpack("<q", struct.pack("<d", SHIFT))[0]

_WORD, _INDEX = ir.IntType(64), ir.IntType(32)
_DOUBLES = ir.VectorType(ir.DoubleType(), EIGHT)
_SINGLES = ir.VectorType(ir.FloatType(), EIGHT)
_COUNTS = ir.VectorType(_WORD, EIGHT)
_ATOMS = ir.VectorType(_INDEX, EIGHT)

_eight, _tally = EightType(), TallyType()
_tallies, _places = types.UniTuple(_tally, EIGHT), types.UniTuple(types.int64, EIGHT)

Generated: TypeAlias = tuple[Any, Callable[..., Any]]
"""Signature and generator of an operation."""

intrinsic: Callable[..., Any] = extending.intrinsic


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Where the values of an array begin."""
    return context.make_array(kind)(context, builder, array).data


def _spread(builder: Any, value: Any, kind: ir.VectorType) -> Any:
    """One value in all lanes."""
    undefined = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(undefined, value, _INDEX(0))
    return builder.shuffle_vector(one, undefined, ir.Constant(_ATOMS, None))


def _fetch(builder: Any, place: Any) -> None:
    """Ask for a line of memory before it is needed; a place beyond the end does no harm."""
    flag, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    fetch = builder.module.declare_intrinsic("llvm.prefetch", (byte,), kind)
    reading, soon, data = flag(0), flag(3), flag(1)
    builder.call(fetch, [builder.bitcast(place, byte), reading, soon, data])


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """Rows as columns: blocks beside the diagonal change places, first of 1, then of 2, then 4."""
    lanes, width = range(EIGHT), 1
    while width < EIGHT:
        upper = ir.Constant(_ATOMS, [e + (EIGHT - width if e & width else 0) for e in lanes])
        lower = ir.Constant(_ATOMS, [e + (EIGHT if e & width else width) for e in lanes])
        for one in (lane for lane in lanes if not lane & width):
            pair = rows[one], rows[one + width]
            rows[one] = builder.shuffle_vector(*pair, upper)
            rows[one + width] = builder.shuffle_vector(*pair, lower)
        width *= 2
    return rows


def _larger_size(builder: Any, value: Any, largest: Any) -> Any:
    """The larger of a size and the size of a value; NaN has none."""
    suffix = "f32" if value.type == _SINGLES else "f64"
    kind = ir.FunctionType(value.type, [value.type])
    name = f"llvm.fabs.v{EIGHT}{suffix}"
    size = builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [value])
    return builder.select(builder.fcmp_ordered(">", size, largest), size, largest)


def _quanta(builder: Any, density: Any, per_density: Any, held: Any) -> Any:
    """Whole quanta of a cell in eight layers; none where nothing is held."""
    wide = builder.fpext(density, _DOUBLES) if density.type == _SINGLES else density
    amount = builder.fmul(wide, _spread(builder, per_density, _DOUBLES))
    amount = builder.select(held, amount, ir.Constant(_DOUBLES, None))
    shifted = builder.fadd(amount, ir.Constant(_DOUBLES, [SHIFT] * EIGHT))
    bits = builder.bitcast(shifted, _COUNTS)
    return builder.sub(bits, ir.Constant(_COUNTS, [SHIFT_BITS] * EIGHT))


@intrinsic
def weigh(typing: Any, stack: Any, starts: Any, cell: Any, weights: Any) -> Generated:
    """Quanta and areas of the square at a cell, and the sizes of its densities.

    `stack` (float32 or float64) holds the eight layers from `starts` (8,) of int64 on. `weights`
    are two arrays over the cells: float64, quanta of a density of one, and int64, quanta of area.
    What comes back is a `Tally` of eight layers for each cell, of amounts and of areas where there
    is a density, and the largest sizes in an `Eight`.
    """
    answer = types.Tuple((_tallies, _tallies, _eight))

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        values = _data(context, builder, given.args[0], arguments[0])
        offsets = _data(context, builder, given.args[1], arguments[1])
        scales, extents = (
            _data(context, builder, kind, builder.extract_value(arguments[3], place))
            for place, kind in enumerate(given.args[3])
        )
        single = given.args[0].dtype == types.float32
        kind = _SINGLES if single else _DOUBLES
        rows = []
        for layer in range(EIGHT):
            start = builder.load(builder.gep(offsets, [_WORD(layer)]))
            place = builder.gep(values, [builder.add(start, arguments[2])])
            _fetch(builder, builder.gep(place, [_WORD(AHEAD)]))
            vector = builder.bitcast(place, kind.as_pointer())
            rows.append(builder.load(vector, align=4 if single else 8))
        none, sizes = ir.Constant(kind, None), ir.Constant(kind, None)
        amounts, areas = [], []
        for number, density in enumerate(_turned(builder, rows)):
            here = [builder.add(arguments[2], _WORD(number))]
            held = builder.fcmp_ordered("ord", density, none)
            sizes = _larger_size(builder, density, sizes)
            scale = builder.load(builder.gep(scales, here))
            amounts.append(_quanta(builder, density, scale, held))
            area = _spread(builder, builder.load(builder.gep(extents, here)), _COUNTS)
            areas.append(builder.select(held, area, ir.Constant(_COUNTS, None)))
        parts = [
            context.make_tuple(builder, _tallies, amounts),
            context.make_tuple(builder, _tallies, areas),
            builder.fpext(sizes, _DOUBLES) if single else sizes,
        ]
        return context.make_tuple(builder, given.return_type, parts)

    return answer(stack, starts, types.int64, weights), generate


def _add(builder: Any, table: Any, row: Any, counts: Any) -> None:
    """Add to a row of eight counts."""
    place = builder.gep(table, [builder.mul(row, _WORD(EIGHT))])
    vector = builder.bitcast(place, _COUNTS.as_pointer())
    builder.store(builder.add(builder.load(vector, align=8), counts), vector, align=8)


@intrinsic
def places(typing: Any, atoms: Any, cell: Any, row: Any) -> Generated:
    """Where a table has the atoms of a square, if atom 0 stands in `row`; `atoms` are int32."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        values = _data(context, builder, given.args[0], arguments[0])
        found = []
        for number in range(EIGHT):
            here = builder.gep(values, [builder.add(arguments[1], _WORD(number))])
            atom = builder.add(builder.sext(builder.load(here), _WORD), arguments[2])
            copy = _WORD(number % COPIES)
            found.append(builder.add(builder.mul(atom, _WORD(COPIES)), copy))
        return context.make_tuple(builder, _places, found)

    return _places(atoms, types.int64, types.int64), generate


@intrinsic
def add_each(typing: Any, table: Any, where: Any, counts: Any) -> Generated:
    """Add the counts of each cell of a square to its place in a table; nothing to no table."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        if not isinstance(given.args[0], types.NoneType):
            values = _data(context, builder, given.args[0], arguments[0])
            rows = cgutils.unpack_tuple(builder, arguments[1], EIGHT)
            tallies = cgutils.unpack_tuple(builder, arguments[2], EIGHT)
            for row, tally in zip(rows, tallies, strict=True):
                _add(builder, values, row, tally)
        return context.get_dummy_value()

    return types.void(table, _places, _tallies), generate


@intrinsic
def add_one(typing: Any, table: Any, row: Any, counts: Any) -> Generated:
    """Add counts to a row of a table (rows, `COPIES`, 8) of int64; nothing to no table."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        if not isinstance(given.args[0], types.NoneType):
            values = _data(context, builder, given.args[0], arguments[0])
            _add(builder, values, builder.mul(arguments[1], _WORD(COPIES)), arguments[2])
        return context.get_dummy_value()

    return types.void(table, types.int64, _tally), generate


@intrinsic
def together(typing: Any, counts: Any) -> Generated:
    """Sum over the eight cells of a square."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        tallies = cgutils.unpack_tuple(builder, arguments[0], EIGHT)
        while len(tallies) > 1:
            pairs = zip(tallies[::2], tallies[1::2], strict=True)
            tallies = [builder.add(one, other) for one, other in pairs]
        return tallies[0]

    return _tally(_tallies), generate


@intrinsic
def all_alike(typing: Any, atoms: Any, cell: Any) -> Generated:
    """Whether the eight cells from `cell` on belong to one atom; `atoms` are int32."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        place = builder.gep(_data(context, builder, given.args[0], arguments[0]), [arguments[1]])
        eight = builder.load(builder.bitcast(place, _ATOMS.as_pointer()), align=4)
        first = _spread(builder, builder.load(place), _ATOMS)
        word = ir.IntType(EIGHT)
        others = builder.bitcast(builder.icmp_unsigned("!=", eight, first), word)
        return builder.icmp_unsigned("==", others, word(0))

    return types.boolean(atoms, types.int64), generate
