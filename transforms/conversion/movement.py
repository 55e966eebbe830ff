"""Operators that move or select elements."""

from __future__ import annotations

from math import prod

from xdsl.ir import SSAValue

from tilewright.dialects import ttir
from tilewright.dialects.types import is_integer_type, tensor_type
from tilewright.transforms.conversion.call import Call, Conversion, Declined, conversion, element_type, shape_of


def reshape(call: Call) -> SSAValue:
    """The same elements in the result's shape."""
    return call.reshape(call.tensor("self"), call.result_shape)


def permute(call: Call) -> SSAValue:
    """Dimensions in another order."""
    x = call.tensor("self")
    rank = len(shape_of(x))
    return permuted(call, x, tuple(d % rank for d in call.integers("dims")))


def permuted(call: Call, x: SSAValue, order: tuple[int, ...]) -> SSAValue:
    """`x` with its dimensions in `order`; itself where that is their order."""
    if order == tuple(range(len(order))):
        return x
    shape = tuple(shape_of(x)[d] for d in order)
    return call.add(ttir.PermuteOp(x, order, tensor_type(shape, element_type(x))))


def transpose(call: Call) -> SSAValue:
    """Two dimensions swapped; a matrix's by default."""
    x = call.tensor("self")
    rank = len(shape_of(x))
    if rank == 0:
        return x
    a, b = call.integer("dim0", 0) % rank, call.integer("dim1", rank - 1) % rank
    order = list(range(rank))
    order[a], order[b] = order[b], order[a]
    return permuted(call, x, tuple(order))


def expand(call: Call) -> SSAValue:
    """Extents of 1 repeated up to the result's shape."""
    return call.expand(call.tensor(call.parameters[0]), call.result_shape)


def sliced(call: Call, x: SSAValue, dim: int, start: int, end: int, step: int) -> SSAValue:
    """Elements `start, start + step, ..` below `end` of dimension `dim`; `x` itself where that is all of them."""
    shape = shape_of(x)
    if (start, end, step) == (0, shape[dim], 1):
        return x
    begins, ends, steps = [0] * len(shape), list(shape), [1] * len(shape)
    begins[dim], ends[dim], steps[dim] = start, end, step
    result = (*shape[:dim], len(range(start, end, step)), *shape[dim + 1 :])
    return call.add(ttir.SliceStaticOp(x, begins, ends, steps, tensor_type(result, element_type(x))))


def slice_(call: Call) -> SSAValue:
    """A range of one dimension, bounds clipped as in Python."""
    x = call.tensor("self")
    shape = shape_of(x)
    dim = call.integer("dim", 0) % len(shape)
    given_start, given_end = call.get("start"), call.get("end")
    start = None if given_start is None else call.integer("start")
    end = None if given_end is None else call.integer("end")
    start, end, step = slice(start, end, call.integer("step", 1)).indices(shape[dim])
    if end <= start:
        raise Declined(f"an empty slice [{start}:{end}]")
    return sliced(call, x, dim, start, end, step)


def select(call: Call) -> SSAValue:
    """One index of a dimension, which goes."""
    x = call.tensor("self")
    shape = shape_of(x)
    dim, index = call.integer("dim") % len(shape), call.integer("index")
    index += shape[dim] if index < 0 else 0
    return call.reshape(sliced(call, x, dim, index, index + 1, 1), call.result_shape)


def narrow(call: Call) -> SSAValue:
    """`length` indices of a dimension from `start` on."""
    x = call.tensor("self")
    shape = shape_of(x)
    dim, start = call.integer("dim") % len(shape), call.integer("start")
    start += shape[dim] if start < 0 else 0
    return sliced(call, x, dim, start, start + call.integer("length"), 1)


def concat(call: Call) -> SSAValue:
    """Tensors one after the other along a dimension; legacy empty tensors of rank 1 count for nothing."""
    values = call.get("tensors")
    if not isinstance(values, list):
        raise Declined("tensors is no list")
    inputs = [v for v in values if isinstance(v, SSAValue)]
    if len(inputs) != len(values):
        raise Declined("tensors holds something else than tensors")
    inputs = [v for v in inputs if shape_of(v) != (0,)]
    if not inputs:
        raise Declined("all tensors are empty")
    cast = [call.cast(v, call.result_element) for v in inputs]
    dim = call.integer("dim", 0) % len(call.result_shape)
    return cast[0] if len(cast) == 1 else call.add(ttir.ConcatOp(cast, dim, call.result_type))


def stack(call: Call) -> SSAValue:
    """Tensors of one shape along a new dimension."""
    values = call.get("tensors")
    if not isinstance(values, list) or not all(isinstance(v, SSAValue) for v in values):
        raise Declined("tensors is no list of tensors")
    shape = call.result_shape
    dim = call.integer("dim", 0) % len(shape)
    single = (*shape[:dim], 1, *shape[dim + 1 :])
    parts = [call.reshape(call.cast(v, call.result_element), single) for v in values if isinstance(v, SSAValue)]
    return parts[0] if len(parts) == 1 else call.add(ttir.ConcatOp(parts, dim, call.result_type))


def embedding(call: Call) -> SSAValue:
    """Rows of a table; `padding_idx` and the gradient's flags change no value."""
    weight, indices = call.tensor("weight"), call.tensor("indices")
    if not is_integer_type(element_type(indices)):
        raise Declined("indices are no integers")
    shape = shape_of(indices)
    rows = call.reshape(indices, (prod(shape),)) if len(shape) > 2 else indices
    return call.reshape(call.add(ttir.EmbeddingOp(rows, weight)), call.result_shape)


def index(call: Call) -> SSAValue:
    """`self[i, j, ..]` where the indices only spread dimensions out: each a whole range along a dimension of its own.

    Models that build attention masks gather them with ranges that broadcast; the gather is then a reshape.
    """
    x = call.tensor("self")
    indices = call.get("indices")
    if not isinstance(indices, list) or len(indices) != len(shape_of(x)):
        raise Declined("only indices for every dimension are converted")
    result = call.result_shape
    dims: list[int] = []
    for extent, i in zip(shape_of(x), indices, strict=True):
        if not isinstance(i, SSAValue) or not isinstance(i.owner, ttir.ArangeOp):
            raise Declined("an index is no range known at compile time")
        arange = i.owner
        shape = shape_of(i)
        offset = len(result) - len(shape)
        if (arange.start.value.data, arange.step.value.data) != (0, 1) or prod(shape) != extent:
            raise Declined("an index is no whole range")
        dims.append(offset + arange.dimension)
    if sorted(dims) != dims or len(set(dims)) != len(dims) or prod(result) != prod(shape_of(x)):
        raise Declined("the ranges do not spread the dimensions out in order")
    return call.reshape(x, result)


_SHAPE = "self size"

CONVERSIONS: dict[str, Conversion] = {
    **{
        f"aten.{name}": conversion(_SHAPE, reshape)
        for name in ("view.default", "reshape.default", "_unsafe_view.default", "view_copy.default")
    },
    "aten.unsqueeze.default": conversion("self dim", reshape),
    "aten.squeeze.default": conversion("self", reshape),
    "aten.squeeze.dim": conversion("self dim", reshape),
    "aten.squeeze.dims": conversion("self dim", reshape),
    "aten.flatten.using_ints": conversion("self start_dim end_dim", reshape),
    "aten.unflatten.int": conversion("self dim sizes", reshape),
    "aten.permute.default": conversion("self dims", permute),
    "aten.transpose.int": conversion("self dim0 dim1", transpose),
    "aten.swapaxes.default": conversion("self dim0 dim1", transpose),
    "aten.t.default": conversion("self", transpose),
    "aten.expand.default": conversion("self size implicit", expand),
    "aten.expand_as.default": conversion("self other", expand),
    "aten.broadcast_to.default": conversion("self size", expand),
    "aten.slice.Tensor": conversion("self dim start end step", slice_),
    "aten.select.int": conversion("self dim index", select),
    "aten.narrow.default": conversion("self dim start length", narrow),
    "aten.cat.default": conversion("tensors dim", concat),
    "aten.concat.default": conversion("tensors dim", concat),
    "aten.stack.default": conversion("tensors dim", stack),
    "aten.embedding.default": conversion("weight indices padding_idx scale_grad_by_freq sparse", embedding),
    "aten.index.Tensor": conversion("self indices", index),
}
"""Conversions of this family, by callee."""
