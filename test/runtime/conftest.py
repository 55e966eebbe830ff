"""Draws examples of the kernels of the `tile` dialect, and casts numbers in exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import islice
from math import inf, isfinite, nan, prod, trunc
from typing import TYPE_CHECKING, TypeVar

import pytest
import torch
from hypothesis import strategies as st
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, SSAValue

from tilewright.dialects import tile
from tilewright.dialects.tile import KernelOp, PlacementAttr, PrecisionAttr, TileInfo, tile_info, tile_tensor
from tilewright.machine.catalog import load_device
from tilewright.machine.opmodel import best_model, legal_models
from tilewright.runtime.formats import quantize
from tilewright.runtime.formats.integers import integer_range
from tilewright.runtime.functions.reference import ReferenceTileFunctions
from tilewright.runtime.functions.tile import FastTileFunctions, TileFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.runtime.kernels.values import TileValue, logical_part, pad_to_tiles, storage_dtype
from tilewright.support.dataformat import DataFormat, MathFidelity, Rounding
from tilewright.transforms.kernel_shapes import kernel_shape, placement_of

if TYPE_CHECKING:
    from tilewright.machine.device import Device

F = DataFormat
MAIN_FORMATS = [F.Float32, F.Float16_b, F.Bfp8_b, F.Bfp4_b]
FLOATS = [*MAIN_FORMATS, *MAIN_FORMATS, F.Tf32, F.Float16, F.Bfp8]
INTEGERS = [F.Int32, F.UInt32, F.UInt16, F.UInt8, F.Int8]
SPECIAL = [0.0, -0.0, inf, -inf, nan, 1e-40, -1e-40, 3e38, -3e38, 1e-38, 65504.0, 2.0**-126, 1.0, -1.0]

T = TypeVar("T")
EXTENT = st.sampled_from([32, 64, 1, 33]) | st.integers(1, 70)


class Draw:
    """Draws the parts of one example; remembers the elements of each operand."""

    def __init__(self, data: st.DataObject, floats: Sequence[DataFormat], integers: Sequence[DataFormat]):
        self._data = data
        self._floats, self._integers = floats, integers
        self._random = torch.Generator().manual_seed(self(st.integers(0, 1 << 16)))
        self.elements: dict[SSAValue, torch.Tensor] = {}
        self.precision = PrecisionAttr.of(
            self.one([F.Float32, F.Float16_b, F.Float16]),
            self.one([F.Float32, F.Float16_b, F.Bfp8_b, F.Bfp4_b]),
            self.one(list(MathFidelity)),
            self.one(list(Rounding)),
        )

    def __call__(self, strategy: st.SearchStrategy[T]) -> T:
        return self._data.draw(strategy)

    def one(self, choices: Sequence[T]) -> T:
        """One of `choices`."""
        return self(st.sampled_from(choices))

    def flag(self) -> bool:
        """True or false."""
        return self(st.booleans())

    def shape(self, least: int = 0, most: int = 4) -> tuple[int, ...]:
        """A logical shape of rank `least` to `most`; few tiles."""
        rank = self(st.integers(least, most))
        matrix = tuple(self(EXTENT) for _ in range(min(rank, 2)))
        return (*(self(st.integers(1, 3)) for _ in range(rank - 2)), *matrix)

    def part(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts to `shape`."""
        kept = shape[self(st.integers(0, len(shape))) :]
        return tuple(1 if self.flag() else d for d in kept)

    def float_format(self) -> DataFormat:
        """A float format."""
        return self.one(self._floats)

    def integer_format(self) -> DataFormat:
        """An integer format."""
        return self.one(self._integers)

    def number_format(self) -> DataFormat:
        """A float format, or now and then an integer one."""
        return self.one([*self._floats, *self._integers])

    def like(self, fmt: DataFormat) -> DataFormat:
        """A float format if `fmt` is one, else an integer format."""
        return self.one([fmt, *(self._floats if fmt.is_float else self._integers)])

    def operand(
        self, shape: tuple[int, ...], fmt: DataFormat, pad: float | None = None, special: Sequence[float] = ()
    ) -> SSAValue:
        """An operand with random elements on the grid of `fmt`, `special` values among them."""
        value = xdsl_test.TestOp(result_types=[tile_tensor(shape, fmt, pad)]).results[0]
        if fmt.is_float:
            scale = self.one([1.0, 1e-3, 30.0])
            elements = torch.randn(shape, generator=self._random) * scale
            if special and self.flag():
                chosen = torch.rand(shape, generator=self._random) < 0.3
                values = torch.tensor(special)[torch.randint(len(special), shape, generator=self._random)]
                elements = torch.where(chosen, values, elements)
            elements = logical_part(
                quantize(pad_to_tiles(elements, tile_info(value), 0.0), fmt, Rounding.packer), tile_info(value)
            )
        else:
            low, high = integer_range(fmt)
            low, high = self.one([(low, high), (max(low, -3), min(high, 3))])
            elements = torch.randint(low, high + 1, shape, generator=self._random, dtype=torch.int64)
        self.elements[value] = elements.to(storage_dtype(fmt)).contiguous()
        return value

    def result(self, shape: Sequence[int], fmt: DataFormat | None = None) -> Attribute:
        """The type of a result with padding of unknown value."""
        return tile_tensor(tuple(shape), fmt or self.float_format())

    def rebuilt(self, shape: Sequence[int], like: DataFormat) -> Attribute:
        """The type of the result of a kernel that writes padding; floats or integers as `like`."""
        fmt = self.like(like)
        return tile_tensor(tuple(shape), fmt, self.one([None, 0.0, *pads_of(fmt)]))


def pads_of(fmt: DataFormat) -> list[float]:
    """Padding that `fmt` can hold beside 0."""
    if not fmt.is_float:
        return [7.0]
    if fmt.is_block_float:
        return [0.0]
    return [1.5, -inf] if fmt.value.exponent_bits == 8 else [1.5]


def unary(kernel: type[tile.UnaryOp]) -> Callable[[Draw], KernelOp]:
    def make(draw: Draw) -> KernelOp:
        shape = draw.shape()
        return kernel(draw.operand(shape, draw.float_format(), special=SPECIAL), draw.precision, draw.result(shape))

    return make


def logical_not(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x = draw.operand(shape, draw.number_format(), special=SPECIAL)
    return tile.LogicalNotOp(x, draw.precision, draw.result(shape, draw.number_format()))


def typecast(draw: Draw) -> KernelOp:
    shape, target = draw.shape(), draw.number_format()
    numbers = SPECIAL if target.is_float else [v for v in SPECIAL if v == v]  # an integer stands for no NaN
    x = draw.operand(shape, draw.number_format(), special=numbers)
    return tile.TypecastOp(x, draw.precision, draw.result(shape, target))


def clamp(draw: Draw) -> KernelOp:
    shape = draw.shape()
    low, high = sorted(draw.one([-inf, -1.0, 0.3, 2.0, inf]) for _ in range(2))
    x = draw.operand(shape, draw.float_format(), special=SPECIAL)
    return tile.ClampOp(x, low, high, draw.precision, draw.result(shape))


def binary(kernel: type[tile.BinaryOp]) -> Callable[[Draw], KernelOp]:
    def make(draw: Draw) -> KernelOp:
        shape = draw.shape()
        a, b = draw.part(shape), draw.part(shape)
        fmt = draw.float_format() if kernel in PLAIN_BINARY else draw.number_format()
        x, y = draw.operand(a, fmt, special=SPECIAL), draw.operand(b, draw.like(fmt), special=SPECIAL)
        target = draw.number_format() if issubclass(kernel, tile.CompareOp) else draw.like(fmt)
        return kernel(x, y, draw.precision, draw.result(torch.broadcast_shapes(a, b), target))

    return make


def where(draw: Draw) -> KernelOp:
    shape = draw.shape()
    shapes = [draw.part(shape) for _ in range(3)]
    condition = draw.operand(shapes[0], draw.number_format(), special=SPECIAL)
    fmt = draw.number_format()
    x, y = draw.operand(shapes[1], fmt, special=SPECIAL), draw.operand(shapes[2], draw.like(fmt), special=SPECIAL)
    result = draw.result(torch.broadcast_shapes(*shapes), draw.like(fmt))
    return tile.WhereOp(condition, x, y, draw.precision, result)


def matmul(draw: Draw) -> KernelOp:
    batch = tuple(draw(st.lists(st.integers(1, 2), max_size=2)))
    rows, cols = draw.one([32, 1, 33, 20, 64]), draw.one([32, 1, 33, 20, 64])
    inner = draw.one([32, 64, 128, 96, 1, 33, 70])
    pad = 0.0 if inner % 32 else draw.one([None, 0.0])
    transposed = draw.flag()
    left = (*draw.part(batch), rows, inner)
    right = (*draw.part(batch), *((cols, inner) if transposed else (inner, cols)))
    full = (*torch.broadcast_shapes(left[:-2], right[:-2]), rows, cols)
    op = tile.MatmulOp(
        draw.operand(left, draw.float_format(), pad),
        draw.operand(right, draw.float_format(), pad),
        draw.precision,
        draw.result(full),
        bias=draw.operand(draw.one([(cols,), (1, cols)]), draw.float_format()) if draw.flag() else None,
        transpose_in1=transposed,
    )
    place(op, draw)
    if op.placement is not None:
        # The best models of operands as small as these spill nothing.
        tiles = tile_info(op.in0).grid[-1]
        u_kt = draw.one([d for d in range(1, tiles + 1) if tiles % d == 0])
        changed = replace(op.placement.placement, u_kt=u_kt, m_k=tiles // u_kt)
        op.properties["placement"] = PlacementAttr.of(changed)
    return op


def reduction(kernel: type[tile.ReduceOp], special: Sequence[float] = ()) -> Callable[[Draw], KernelOp]:
    def make(draw: Draw) -> KernelOp:
        shape = draw.shape(1)
        dims = sorted(draw(st.sets(st.integers(0, len(shape) - 1), min_size=1)))
        x = draw.operand(shape, draw.float_format(), draw.one([None, 0.0]), special)
        result = draw.result([1 if i in dims else d for i, d in enumerate(shape)])
        return kernel(x, dims, draw.precision, result)

    return make


def softmax(draw: Draw) -> KernelOp:
    shape = draw.shape(1)
    mask = draw.operand(draw.part(shape), draw.one([F.Float32, F.Float16_b]), special=[-inf]) if draw.flag() else None
    scale = draw.one([1.0, 0.125, -3.0])
    x = draw.operand(shape, draw.float_format())
    return tile.SoftmaxOp(x, draw.precision, draw.result(shape), mask=mask, scale=scale)


def layer_norm(draw: Draw) -> KernelOp:
    shape = draw.shape(1)
    affine = [draw.operand(shape[-1:], draw.float_format()) if draw.flag() else None for _ in range(2)]
    x = draw.operand(shape, draw.float_format())
    if draw.flag():
        draw.elements[x] = regridded(draw.elements[x] + draw.one([100.0, -3.0]), x)
    epsilon = draw.one([1e-5, 1e-12, 1e-2])
    return tile.LayerNormOp(x, draw.precision, draw.result(shape), weight=affine[0], bias=affine[1], epsilon=epsilon)


def regridded(elements: torch.Tensor, value: SSAValue) -> torch.Tensor:
    """`elements` on the grid of the format of `value`."""
    info = tile_info(value)
    return logical_part(quantize(pad_to_tiles(elements, info, 0.0), info.format, Rounding.packer), info).contiguous()


def moved(draw: Draw, shape: tuple[int, ...]) -> tuple[SSAValue, DataFormat]:
    """The operand of a kernel that moves data."""
    fmt = draw.number_format()
    return draw.operand(shape, fmt, special=SPECIAL), fmt


def reshape(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x, fmt = moved(draw, shape)
    cut = draw(st.integers(0, len(shape)))
    targets = [shape[::-1], (prod(shape),), (prod(shape[:cut]), prod(shape[cut:])), (1, *shape)]
    return tile.ReshapeOp(x, draw.precision, draw.rebuilt(draw.one(targets), fmt))


def broadcast(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x, fmt = moved(draw, draw.part(shape))
    return tile.BroadcastOp(x, draw.precision, draw.rebuilt(shape, fmt))


def fill_pad(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x, fmt = moved(draw, shape)
    target = draw.like(fmt)
    value = draw.one([0.0, *pads_of(target)])
    return tile.FillPadOp(x, value, draw.precision, tile_tensor(shape, target, value))


def permute(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x, fmt = moved(draw, shape)
    order = draw(st.permutations(range(len(shape))))
    return tile.PermuteOp(x, order, draw.precision, draw.rebuilt([shape[d] for d in order], fmt))


def slice_(draw: Draw) -> KernelOp:
    shape = draw.shape()
    x, fmt = moved(draw, shape)
    bounds: list[tuple[int, int, int]] = []
    for extent in shape:
        begin = draw(st.integers(0, extent - 1))
        part = (begin, draw(st.integers(begin + 1, extent)), draw(st.integers(1, 3)))
        bounds.append(draw.one([part, (0, extent, 1)]))
    begins, ends, steps = zip(*bounds, strict=True) if bounds else ((), (), ())
    result = draw.rebuilt([len(range(*b)) for b in bounds], fmt)
    return tile.SliceOp(x, begins, ends, steps, draw.precision, result)


def concat(draw: Draw) -> KernelOp:
    shape = draw.shape(1)
    dim = draw(st.integers(0, len(shape) - 1))
    first = draw.number_format()
    formats = [first, *([draw.like(first)] if draw.flag() else [])]
    shapes = [(*shape[:dim], draw(st.integers(1, 40)), *shape[dim + 1 :]) for _ in formats]
    operands = [draw.operand(s, f, special=SPECIAL) for s, f in zip(shapes, formats, strict=True)]
    joined = (*shape[:dim], sum(s[dim] for s in shapes), *shape[dim + 1 :])
    return tile.ConcatOp(operands, dim, draw.precision, draw.rebuilt(joined, first))


def hslice(draw: Draw) -> KernelOp:
    batch, rows, width, count = draw(st.integers(1, 2)), draw(EXTENT), draw(EXTENT), draw(st.integers(1, 3))
    x, fmt = moved(draw, (batch, rows, count * width))
    return tile.SplitHeadsOp(x, count, draw.precision, draw.rebuilt((batch, count, rows, width), fmt))


def hstack(draw: Draw) -> KernelOp:
    batch, count, rows, width = draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(EXTENT), draw(EXTENT)
    x, fmt = moved(draw, (batch, count, rows, width))
    return tile.ConcatHeadsOp(x, draw.precision, draw.rebuilt((batch, rows, count * width), fmt))


def embedding(draw: Draw) -> KernelOp:
    shape, rows, width = draw.shape(0, 3), draw(EXTENT), draw(EXTENT)
    indices = draw.operand(shape, draw.integer_format())
    draw.elements[indices] = draw.elements[indices].remainder(rows)
    fmt = draw.number_format()
    fmt = F.Float16_b if fmt.is_block_float else fmt  # whose rows are no rows of their own
    table = draw.operand((rows, width), fmt, special=SPECIAL)
    return tile.EmbeddingOp(indices, table, draw.precision, draw.rebuilt((*shape, width), fmt))


OTHERS: dict[type[KernelOp], Callable[[Draw], KernelOp]] = {
    tile.LogicalNotOp: logical_not,
    tile.TypecastOp: typecast,
    tile.ClampOp: clamp,
    tile.MaximumOp: binary(tile.MaximumOp),
    tile.MinimumOp: binary(tile.MinimumOp),
    tile.WhereOp: where,
    tile.MatmulOp: matmul,
    tile.ReduceSumOp: reduction(tile.ReduceSumOp),
    tile.ReduceMeanOp: reduction(tile.ReduceMeanOp),
    tile.ReduceMaxOp: reduction(tile.ReduceMaxOp, [inf, -inf, -0.0, 1e-40]),
    tile.ReduceMinOp: reduction(tile.ReduceMinOp, [inf, -inf, -0.0, 1e-40]),
    tile.SoftmaxOp: softmax,
    tile.LayerNormOp: layer_norm,
    tile.ReshapeOp: reshape,
    tile.BroadcastOp: broadcast,
    tile.FillPadOp: fill_pad,
    tile.PermuteOp: permute,
    tile.SliceOp: slice_,
    tile.ConcatOp: concat,
    tile.SplitHeadsOp: hslice,
    tile.ConcatHeadsOp: hstack,
    tile.EmbeddingOp: embedding,
}
PLAIN_UNARY: list[type[tile.UnaryOp]] = [
    tile.AbsOp, tile.NegOp, tile.ExpOp, tile.LogOp, tile.SqrtOp, tile.RsqrtOp, tile.ReciprocalOp, tile.TanhOp,
    tile.SigmoidOp, tile.GeluOp, tile.ReluOp, tile.SiluOp, tile.ErfOp, tile.SineOp, tile.CosineOp,
]  # fmt: skip
PLAIN_BINARY: list[type[tile.BinaryOp]] = [tile.AddOp, tile.SubtractOp, tile.MultiplyOp]
COMPARISONS: list[type[tile.BinaryOp]] = [tile.EqOp, tile.NeOp, tile.LtOp, tile.LeOp, tile.GtOp, tile.GeOp]
CASES: dict[type[KernelOp], Callable[[Draw], KernelOp]] = {
    **{op: unary(op) for op in PLAIN_UNARY},
    **{op: binary(op) for op in PLAIN_BINARY},
    **{op: binary(op) for op in COMPARISONS},
    **OTHERS,
}
"""How to draw an example of each kernel."""


@cache
def device() -> Device:
    """The device whose legal placements are drawn."""
    return load_device("wormhole_n150")


def place(op: KernelOp, draw: Draw) -> None:
    """Give `op` the best placement, another legal one, or none."""
    shape = kernel_shape(op)
    choice = draw(st.integers(-1, 12))
    if choice >= 0:
        models = [best_model(device(), shape), *islice(legal_models(device(), shape), 12)]
        op.properties["placement"] = PlacementAttr.of(placement_of(models[min(choice, len(models) - 1)]))


def value_of(elements: torch.Tensor, info: TileInfo, poison: float) -> TileValue:
    """A tile value of `elements`; padding of unknown value holds `poison`, or what an integer format has for it."""
    if not info.format.is_float:
        poison = 0 if poison == 0.0 else integer_range(info.format)[1]
    return TileValue(pad_to_tiles(elements, info, poison if info.pad is None else info.pad).clone(), info)


def bits_of(data: torch.Tensor) -> torch.Tensor:
    """The bits of float32 data, the values of integers."""
    return data.contiguous().view(torch.int32) if data.dtype is torch.float32 else data


INTERPRETERS = {
    mode: Interpreter(ModuleOp([]), [functions()])
    for mode, functions in (
        ("reference", ReferenceTileFunctions),
        ("exact", TileFunctions),
        ("fast", FastTileFunctions),
    )
}


def run(mode: str, op: KernelOp, elements: dict[SSAValue, torch.Tensor], poison: float = nan) -> TileValue:
    """The result of `op`; its operands must not change, and its padding must be what its layout says."""
    values = [value_of(elements[v], tile_info(v), poison) for v in op.operands]
    before = [bits_of(v.data).clone() for v in values]
    (result,) = INTERPRETERS[mode].step(op)(*values)
    assert isinstance(result, TileValue)
    assert all(torch.equal(bits_of(v.data), b) for v, b in zip(values, before, strict=True)), "an operand changed"
    info = tile_info(op.output)
    assert result.info == info
    assert result.data.dtype is storage_dtype(info.format)
    if info.pad is not None:
        assert torch.equal(bits_of(result.data), bits_of(pad_to_tiles(result.logical, info, info.pad))), "padding"
    return result


KernelExample = tuple[KernelOp, dict[SSAValue, torch.Tensor]]
"""A kernel, and the elements of each of its operands on the grid of their format."""


@pytest.fixture(scope="session")
def drawn_kernels() -> frozenset[type[KernelOp]]:
    """The kernels of which examples can be drawn."""
    return frozenset(CASES)


@pytest.fixture(scope="session")
def draw_kernel() -> Callable[..., KernelExample]:
    """Draws an example: shapes, formats (of those given), precision, special values, placement."""

    def draw_example(
        data: st.DataObject,
        kernel: type[KernelOp],
        floats: Sequence[DataFormat] = FLOATS,
        integers: Sequence[DataFormat] = INTEGERS,
    ) -> KernelExample:
        draw = Draw(data, floats, integers)
        op = CASES[kernel](draw)
        if op.placement is None:
            place(op, draw)
        op.verify()
        return op, draw.elements

    return draw_example


@pytest.fixture(scope="session")
def run_kernel() -> Callable[..., TileValue]:
    """Runs a kernel in a mode on elements; padding of unknown value holds NaN or another `poison`."""
    return run


@pytest.fixture(scope="session")
def bits() -> Callable[[torch.Tensor], torch.Tensor]:
    """What must be equal where results are identical."""
    return bits_of


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Threads that wait for each other take longer than products of single tiles."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def typecast_number(number: int | float | Fraction, dtype: torch.dtype) -> int | float | bool:
    """What `ttir.typecast` makes of a number, in exact arithmetic."""
    if dtype is torch.bool or dtype.is_floating_point:
        return number != 0 if dtype is torch.bool else nearest_float(number, dtype)
    limits = torch.iinfo(dtype)
    if isinstance(number, int):
        return (number - limits.min) % (1 << limits.bits) + limits.min
    return 0 if number != number else trunc(min(max(number, limits.min), limits.max))


def nearest_float(number: int | float | Fraction, dtype: torch.dtype) -> float:
    """The float of this type that is nearest to a number, ties to even."""
    if number == 0 or (isinstance(number, float) and not isfinite(number)):
        return float(number)
    exact, limits = abs(Fraction(number)), torch.finfo(dtype)
    power = exact.numerator.bit_length() - exact.denominator.bit_length()
    power -= exact < Fraction(2) ** power
    unit = max(Fraction(2) ** power, Fraction(limits.smallest_normal)) * Fraction(limits.eps)
    nearest = round(exact / unit) * unit  # to even, as Python does
    return (-1 if number < 0 else 1) * (float(nearest) if nearest <= limits.max else inf)


@pytest.fixture(scope="session")
def typecast() -> Callable[[int | float | Fraction, torch.dtype], int | float | bool]:
    """What `ttir.typecast` makes of a number."""
    return typecast_number
