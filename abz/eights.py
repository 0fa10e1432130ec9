"""Eight numbers side by side, as one value in compiled kernels.

A kernel over `Eight` reads as one over a single number and works on eight series at once. Numba has
no such value of its own: here it is given LLVM's vector of eight doubles, which LLVM turns into the
widest instructions of the machine at hand, or into several narrower ones. Operations are those of
IEEE 754, lane by lane, so that they mean the same everywhere, and no lane sees another.

Kernels add, subtract, multiply, divide and compare values of `Eight`; comparisons with NaN are
false. What a comparison gives is a `Mask`, joined by `&`, `|` and `~`; masks are counted in a
`Tally`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature

__all__ = [
    "EIGHT",
    "Eight",
    "Mask",
    "Tally",
    "any_of",
    "choose",
    "halfway",
    "joined",
    "larger",
    "load",
    "magnitude",
    "multiply_add",
    "nothing",
    "number",
    "rounded",
    "rounded_down",
    "single",
    "smaller",
    "spread",
    "square_root",
    "store",
    "tallied",
]

EIGHT = 8
"""Lanes of a value."""

Eight: TypeAlias = Any
"""Eight float64."""
Mask: TypeAlias = Any
"""Eight truth values."""
Tally: TypeAlias = Any
"""Eight counts."""

_INDEX = ir.IntType(32)
_DOUBLES = ir.VectorType(ir.DoubleType(), EIGHT)
_SINGLES = ir.VectorType(ir.FloatType(), EIGHT)
_BITS = ir.VectorType(ir.IntType(1), EIGHT)
_COUNTS = ir.VectorType(ir.IntType(64), EIGHT)

Generated: TypeAlias = tuple[Any, Callable[..., Any]]
"""Signature and generator of an operation."""

intrinsic: Callable[..., Any] = extending.intrinsic


class EightType(types.Type):
    """Numba's type of `Eight`."""

    def __init__(self) -> None:
        super().__init__("eight")


class MaskType(types.Type):
    """Numba's type of `Mask`."""

    def __init__(self) -> None:
        super().__init__("eight_truths")


class TallyType(types.Type):
    """Numba's type of `Tally`."""

    def __init__(self) -> None:
        super().__init__("eight_counts")


_eight, _mask, _tally = EightType(), MaskType(), TallyType()


def _held_as(kind: type[types.Type], vector: ir.VectorType) -> None:
    """Let Numba hold values of a type in a vector."""

    class Model(models.PrimitiveModel):
        def __init__(self, manager: Any, numba_type: Any) -> None:
            super().__init__(manager, numba_type, vector)

    extending.register_model(kind)(Model)


_held_as(EightType, _DOUBLES)
_held_as(MaskType, _BITS)
_held_as(TallyType, _COUNTS)


def _operation(key: Any, result: Any, operands: tuple[Any, ...], build: Callable[..., Any]) -> None:
    """Teach Numba an operator of these types."""

    class Template(ConcreteTemplate):
        cases = [signature(result, *operands)]  # noqa: RUF012  Numba reads it from the class

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return build(builder, *arguments)

    infer_global(key)(Template)
    lower_builtin(key, *operands)(generate)


def _plainly(method: str) -> Callable[..., Any]:
    """What one instruction of LLVM makes of its operands."""
    return lambda builder, *operands: getattr(builder, method)(*operands)


def _compared(symbol: str) -> Callable[..., Any]:
    """A comparison that NaN never passes."""
    return lambda builder, one, other: builder.fcmp_ordered(symbol, one, other)


for _key, _method in (
    (operator.add, "fadd"), (operator.sub, "fsub"),
    (operator.mul, "fmul"), (operator.truediv, "fdiv"),
):  # fmt: skip
    _operation(_key, _eight, (_eight, _eight), _plainly(_method))
for _key, _symbol in (
    (operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"),
    (operator.ge, ">="), (operator.eq, "=="),
):  # fmt: skip
    _operation(_key, _mask, (_eight, _eight), _compared(_symbol))
for _key, _method in ((operator.and_, "and_"), (operator.or_, "or_")):
    _operation(_key, _mask, (_mask, _mask), _plainly(_method))
_operation(operator.invert, _mask, (_mask,), _plainly("not_"))


def _place(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:
    """Where a row of an array (rows, 8) begins."""
    held = context.make_array(kind)(context, builder, array)
    offset = builder.mul(row, ir.Constant(row.type, EIGHT))
    return builder.bitcast(builder.gep(held.data, [offset]), _DOUBLES.as_pointer())


@intrinsic
def load(typing: Any, array: Any, row: Any) -> Generated:
    """A row of a contiguous array (rows, 8) of float64."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, given.args[0], *arguments), align=8)

    return _eight(array, types.int64), generate


@intrinsic
def store(typing: Any, array: Any, row: Any, value: Any) -> Generated:
    """Put a value into a row of a contiguous array (rows, 8) of float64."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        array, row, value = arguments
        builder.store(value, _place(context, builder, given.args[0], array, row), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, _eight), generate


@intrinsic
def spread(typing: Any, value: Any) -> Generated:
    """One number in all lanes."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        undefined = ir.Constant(_DOUBLES, ir.Undefined)
        one = builder.insert_element(undefined, arguments[0], _INDEX(0))
        first = ir.Constant(ir.VectorType(_INDEX, EIGHT), None)
        return builder.shuffle_vector(one, undefined, first)

    return _eight(types.float64), generate


@intrinsic
def choose(typing: Any, mask: Any, one: Any, other: Any) -> Generated:
    """`one` where the mask is true, `other` elsewhere."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return _eight(_mask, _eight, _eight), generate


@intrinsic
def larger(typing: Any, one: Any, other: Any) -> Generated:
    """The larger of two; `other` where either is NaN."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return _eight(_eight, _eight), generate


@intrinsic
def smaller(typing: Any, one: Any, other: Any) -> Generated:
    """The smaller of two; `other` where either is NaN."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", *arguments), *arguments)

    return _eight(_eight, _eight), generate


@intrinsic
def halfway(typing: Any, one: Any, other: Any) -> Generated:
    """The number halfway between two in the row of all numbers, infinities among them.

    Rounded down; so 64 halvings lead from any two numbers to neighbours.
    """

    def in_order(builder: Any, whole: Any) -> Any:
        sign = builder.ashr(whole, ir.Constant(_COUNTS, [63] * EIGHT))
        return builder.xor(whole, builder.lshr(sign, ir.Constant(_COUNTS, [1] * EIGHT)))

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        low, high = (in_order(builder, builder.bitcast(one, _COUNTS)) for one in arguments)
        half = builder.ashr(builder.xor(low, high), ir.Constant(_COUNTS, [1] * EIGHT))
        middle = in_order(builder, builder.add(builder.and_(low, high), half))
        return builder.bitcast(middle, _DOUBLES)

    return _eight(_eight, _eight), generate


def _by_name(name: str, operands: int) -> Callable[..., Any]:
    """A function that LLVM has for vectors."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_DOUBLES, [_DOUBLES] * operands)
        return builder.call(
            cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{EIGHT}f64"),
            arguments,
        )

    return generate


@intrinsic
def magnitude(typing: Any, value: Any) -> Generated:
    """Absolute value."""
    return _eight(_eight), _by_name("fabs", 1)


@intrinsic
def square_root(typing: Any, value: Any) -> Generated:
    """Square root; NaN of a negative number."""
    return _eight(_eight), _by_name("sqrt", 1)


@intrinsic
def rounded_down(typing: Any, value: Any) -> Generated:
    """The whole number at or below."""
    return _eight(_eight), _by_name("floor", 1)


@intrinsic
def rounded(typing: Any, value: Any) -> Generated:
    """The nearest whole number, halves to the even one."""
    return _eight(_eight), _by_name("rint", 1)


@intrinsic
def multiply_add(typing: Any, one: Any, other: Any, third: Any) -> Generated:
    """`one` × `other` + `third`, rounded once."""
    return _eight(_eight, _eight, _eight), _by_name("fma", 3)


@intrinsic
def single(typing: Any, value: Any) -> Generated:
    """The nearest number of single precision."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.fpext(builder.fptrunc(arguments[0], _SINGLES), _DOUBLES)

    return _eight(_eight), generate


@intrinsic
def any_of(typing: Any, mask: Any) -> Generated:
    """Whether any lane is true."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        word = ir.IntType(EIGHT)
        return builder.icmp_unsigned("!=", builder.bitcast(arguments[0], word), word(0))

    return types.boolean(_mask), generate


@intrinsic
def nothing(typing: Any) -> Generated:
    """Counts of zero."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return ir.Constant(_COUNTS, None)

    return _tally(), generate


@intrinsic
def tallied(typing: Any, counts: Any, mask: Any) -> Generated:
    """One more in the lanes where the mask is true."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        counts, mask = arguments
        one = ir.Constant(_COUNTS, [ir.IntType(64)(1)] * EIGHT)
        return builder.select(mask, builder.add(counts, one), counts)

    return _tally(_tally, _mask), generate


@intrinsic
def joined(typing: Any, one: Any, other: Any) -> Generated:
    """Sum of two counts."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.add(*arguments)

    return _tally(_tally, _tally), generate


@intrinsic
def number(typing: Any, counts: Any) -> Generated:
    """Counts as numbers."""

    def generate(context: Any, builder: Any, given: Any, arguments: Any) -> Any:
        return builder.sitofp(arguments[0], _DOUBLES)

    return _eight(_tally), generate
