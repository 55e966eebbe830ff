"""The tile-level kernels that the machine model knows, and what each does on a core.

A kernel is a sequence of steps; a step runs once per tile of the block, or once per row of tiles, on one engine of the
core. The table says which; :mod:`tilewright.machine.core_cycles` says how long that takes. A kernel whose steps were
measured as a whole has its error in :mod:`tilewright.machine.kernel_weights`; the others are sums of measured steps,
written down here, and have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Literal

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names

Kind = Literal["matmul", "eltwise", "reduce", "movement", "fused_row"]
"""How a kernel walks over its operands."""


@unique
class Engine(Enum):
    """The part of a core that a step occupies."""

    copy = "unpack, dest, pack"
    fpu = "element-wise on the matrix engine"
    fpu_multiply = "element-wise on the matrix engine, once per fidelity phase"
    vector = "vector unit (SFPU)"
    reduce = "reduction on the matrix engine"
    matrix = "matrix multiply"


@dataclass(frozen=True, slots=True)
class Step:
    """One pass over the tiles of a block.

    Attributes:
        engine: What it occupies.
        vector_functions: For the vector unit, the measured functions it is made of, in order.
        per_row: Whether it touches one tile per row of tiles only (the statistics of a row), not every tile.
    """

    engine: Engine
    vector_functions: tuple[str, ...] = ()
    per_row: bool = False


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of the tile dialect.

    Attributes:
        kinds: The kinds it may be used as.
        steps: What it does with its first operand, or with all operands of an element-wise kernel.
        per_extra_input: What each further operand of a fused kernel adds (weight, bias, mask).
        binary_steps: The steps when it has two operands, where those differ.
    """

    kinds: tuple[Kind, ...]
    steps: tuple[Step, ...]
    per_extra_input: tuple[Step, ...] = ()
    binary_steps: tuple[Step, ...] | None = None


def _kernel(kind: Kind, *steps: Step) -> Kernel:
    return Kernel((kind,), steps)


def _vector(*functions: str) -> Kernel:
    return _kernel("eltwise", Step(Engine.vector, functions))


_COPY = Step(Engine.copy)
_ADD = Step(Engine.fpu)
_MULTIPLY = Step(Engine.fpu_multiply)
_REDUCE = Step(Engine.reduce)
_ROW_RECIPROCAL = Step(Engine.vector, ("reciprocal",), per_row=True)
_ROW_RSQRT = Step(Engine.vector, ("sqrt", "reciprocal"), per_row=True)
_COMPARE = _vector("maximum")

KERNELS: dict[str, Kernel] = {
    # Extra operands of a matmul are a bias, added while the result is in dest.
    "matmul": Kernel(("matmul",), (Step(Engine.matrix),), per_extra_input=(_ADD,)),
    "add": _kernel("eltwise", _ADD),
    "subtract": _kernel("eltwise", _ADD),
    "multiply": _kernel("eltwise", _MULTIPLY),
    "maximum": _vector("maximum"),
    "minimum": _vector("maximum"),
    # Measured functions of the vector unit.
    **{
        name: _vector(name)
        for name in ("exp", "log", "sqrt", "reciprocal", "gelu", "tanh", "sigmoid", "abs", "square", "sine", "cosine")
    },
    # Integer powers were measured; a power by a tensor is exp(y * log(x)).
    "power": Kernel(
        ("eltwise",),
        (Step(Engine.vector, ("power",)),),
        binary_steps=(Step(Engine.vector, ("log", "square", "exp")),),
    ),
    # Made of measured functions: "square" stands for one multiply, "abs" for one cheap op, each with load and store.
    "rsqrt": _vector("sqrt", "reciprocal"),
    "silu": _vector("sigmoid", "square"),
    "neg": _vector("abs"),
    "clamp": _vector("abs", "abs"),
    "logical_not": _vector("abs"),
    # Abramowitz and Stegun 7.1.26: exp(-x^2), one reciprocal, a polynomial of five terms.
    "erf": _vector("exp", "reciprocal", "square", "square", "square", "square", "square"),
    # relu is an attribute of the packer: alone, it is a copy.
    "relu": _kernel("eltwise", _COPY),
    "eq": _COMPARE,
    "ne": _COMPARE,
    "lt": _COMPARE,
    "le": _COMPARE,
    "gt": _COMPARE,
    "ge": _COMPARE,
    "where": _vector("maximum", "abs"),
    **{name: _kernel("reduce", _REDUCE) for name in ("reduce_sum", "reduce_max", "reduce_min", "reduce_mean")},
    "softmax": Kernel(
        ("fused_row",),
        (_REDUCE, _ADD, Step(Engine.vector, ("exp",)), _REDUCE, _ROW_RECIPROCAL, _MULTIPLY),
        per_extra_input=(_ADD,),
    ),
    "layer_norm": Kernel(
        ("fused_row",),
        (_REDUCE, _ADD, _MULTIPLY, _REDUCE, _ROW_RSQRT, _MULTIPLY),
        per_extra_input=(_MULTIPLY,),
    ),
    "rms_norm": Kernel(
        ("fused_row",),
        (_MULTIPLY, _REDUCE, _ROW_RSQRT, _MULTIPLY),
        per_extra_input=(_MULTIPLY,),
    ),
    "typecast": Kernel(("eltwise", "movement"), (_COPY,)),
    **{
        name: _kernel("movement", _COPY)
        for name in (
            "embedding",
            "reshape",
            "permute",
            "transpose",
            "slice",
            "concat",
            "broadcast",
            "hslice",
            "hstack",
            "fill_pad",
            "tilize",
            "untilize",
        )
    },
}


def kernel_named(name: str) -> Kernel:
    """The kernel called `name`.

    Raises:
        UnsupportedInputError: the machine model has no such kernel; the nearest names are given.
    """
    try:
        return KERNELS[name]
    except KeyError:
        raise UnsupportedInputError(
            f"the machine model has no kernel '{name}'", hint=nearest_names(name, KERNELS)
        ) from None
