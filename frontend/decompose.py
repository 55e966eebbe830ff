"""One operator call through simpler ones: torch's own decompositions, traced for the types and constants of a call."""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias, cast

import torch
from torch._decomp import decomposition_table  # pyright: ignore[reportUnknownVariableType]
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import default_decompositions
from torch.func import functionalize
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.node import Argument
from torch.nn.attention import SDPBackend, sdpa_kernel
from xdsl.dialects.builtin import AnyTensorType, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation

from tilewright.dialects.aten import CallOp
from tilewright.frontend.aliasing import Cell
from tilewright.frontend.arguments import decode_argument
from tilewright.frontend.functional_forms import is_mutable
from tilewright.frontend.functions import build_function, new_importer, result_values
from tilewright.frontend.graph_queries import captured_constants, graph_writes
from tilewright.frontend.module_context import ModuleContext
from tilewright.frontend.narrowing import AnyOverload, is_overload, is_sequence
from tilewright.frontend.overloads import resolve_overload
from tilewright.frontend.types import dtype_of, type_of
from tilewright.support.aten_overloads import is_known_overload

_aten = torch.ops.aten

_KEPT_NAMES = """
linear matmul einsum scaled_dot_product_attention embedding
conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d conv_transpose3d
batch_norm _native_batch_norm_legit_no_training layer_norm native_layer_norm group_norm native_group_norm
instance_norm rms_norm softmax _softmax logsumexp gelu silu softplus mish hardswish hardsigmoid glu prelu
adaptive_avg_pool2d avg_pool2d max_pool2d split split_with_sizes stack unbind chunk transpose pad
repeat_interleave masked_fill pixel_shuffle roll im2col upsample_bicubic2d
"""

KEEP = frozenset(f"aten.{name}" for name in _KEPT_NAMES.split())
"""Operators that have a meaning at the tile level or a name in TTIR; decomposing them would only hide it."""

_OF_STRIDES = frozenset(
    {
        _aten.as_strided.default,
        _aten.as_strided_copy.default,
        _aten.as_strided_scatter.default,
        _aten.native_group_norm.default,
    }
)
"""Operators that read memory by strides, which values do not have, or take contiguous memory alone."""

_DROPOUT_RATES = frozenset({"dropout_p", "dropout"})

_Decomposition: TypeAlias = Callable[..., Any]


class TorchDecomposer:
    """Implements :class:`tilewright.support.evaluator.Decomposer` with torch.

    Args:
        overloads: Callables of an imported program by callee name; other names are looked up in the literal table of
            ATen overloads.
        keep: Operators that are never decomposed, with overload (`aten.mul.Tensor`) or without (`aten.mul`).
    """

    def __init__(self, overloads: Mapping[str, Callable[..., Any]] | None = None, keep: frozenset[str] = KEEP):
        self._overloads = overloads or {}
        self._keep = keep
        self._known: dict[tuple[object, ...], FuncOp | None] = {}

    def decompose(self, op: Operation) -> FuncOp | None:
        """A function of `op`'s operands that returns its results, made of simpler calls; None if there is none.

        There is none for an operator that is kept, or writes to memory, or draws random numbers, or has a dynamic
        dimension or a symbolic size among its operands, and where torch has none. Calls that look the same share one
        function: clone what is taken from it.
        """
        if not isinstance(op, CallOp):
            return None
        name = op.callee.data
        if name in self._keep or name.rpartition(".")[0] in self._keep:
            return None
        overload = self._overloads.get(name) or resolve_overload(name)
        if not is_overload(overload) or is_mutable(overload):
            return None
        key = (name, tuple(op.operand_types), tuple(op.result_types), op.args, op.properties.get("kwargs"))
        if key not in self._known:
            self._known[key] = _decompose(op, overload)
        return self._known[key]


def _decompose(op: CallOp, overload: AnyOverload) -> FuncOp | None:
    examples = _example_operands(op.operand_types)
    if examples is None or _draws_random_numbers(op, overload):
        return None
    for decomposition in _decompositions_of(overload):
        graph = _trace(_on_operands(op, decomposition), examples)
        function = None if graph is None else _as_function(op, graph)
        if function is not None:
            return function
    return None


def _example_operands(types: Sequence[Attribute]) -> list[torch.Tensor] | None:
    """Fake tensors of these types; None if one is not a tensor of static shape."""
    if not all(isinstance(type, TensorType) and type.has_static_shape() for type in types):
        return None
    tensors = cast("Sequence[AnyTensorType]", types)
    # A decomposition may make tensors of its own, which are real.
    with FakeTensorMode(allow_non_fake_inputs=True):
        return [torch.empty(type.get_shape(), dtype=dtype_of(type.element_type)) for type in tensors]


def _draws_random_numbers(op: CallOp, overload: AnyOverload) -> bool:
    """Whether the result differs from call to call: attention and recurrent networks do if they drop out."""
    if torch.Tag.nondeterministic_seeded not in overload.tags:
        return False
    parameters = [argument.name for argument in overload._schema.arguments]  # pyright: ignore[reportPrivateUsage]
    arguments = {**dict(zip(parameters, op.args.data, strict=False)), **op.keyword_arguments()}
    defaults = {argument.name: argument.default_value for argument in overload._schema.arguments}  # pyright: ignore[reportPrivateUsage]
    rates = [
        decode_argument(arguments[name], ()) if name in arguments else defaults[name]
        for name in _DROPOUT_RATES.intersection(parameters)
    ]
    return rates != [0.0]


def _decompositions_of(overload: AnyOverload) -> Iterator[_Decomposition]:
    """Torch's decompositions of an operator, the one that is used for export first."""
    exported = _core_decompositions()
    if overload in exported:
        yield exported[overload]
    if overload.has_kernel_for_dispatch_key(torch._C.DispatchKey.CompositeImplicitAutograd):  # pyright: ignore[reportPrivateUsage]
        yield overload.decompose
    # What is left are references of core operators, made of primitives that nothing else here knows.
    if overload in decomposition_table and torch.Tag.core not in overload.tags:
        yield decomposition_table[overload]


@cache
def _core_decompositions() -> Mapping[AnyOverload, _Decomposition]:
    return cast("Mapping[AnyOverload, _Decomposition]", default_decompositions())


def _on_operands(op: CallOp, decomposition: _Decomposition) -> Callable[..., Any]:
    """`decomposition` as a function of the operands of `op` alone."""

    def apply(*operands: torch.Tensor) -> Any:
        args = [decode_argument(argument, operands) for argument in op.args.data]
        kwargs = {name: decode_argument(argument, operands) for name, argument in op.keyword_arguments().items()}
        # Called from Python, the composite kernel of an operator would be traced as the operator itself.
        with torch._C.DisableTorchFunction(), _portable_kernels():  # pyright: ignore[reportPrivateUsage]
            results = decomposition(*args, **kwargs)
        return tuple(results) if is_sequence(results) else results

    return apply


@contextmanager
def _portable_kernels() -> Generator[None]:
    """Keep decompositions from being in terms of mkldnn, or of attention kernels that want one memory layout."""
    # Torch's own context manager for mkldnn warns.
    was_enabled = torch._C._get_mkldnn_enabled()  # pyright: ignore[reportPrivateUsage]
    torch._C._set_mkldnn_enabled(False)  # pyright: ignore[reportPrivateUsage]
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch._C._set_mkldnn_enabled(was_enabled)  # pyright: ignore[reportPrivateUsage]


def _trace(function: Callable[..., Any], examples: Sequence[torch.Tensor]) -> GraphModule | None:
    """The operators that `function` calls; None if it does not cover these arguments, or writes to them."""
    try:
        graph = make_fx(function, pre_dispatch=True)(*examples)
        if graph_writes(graph):
            graph = make_fx(functionalize(function, remove="mutations"))(*examples)
    except (RuntimeError, TypeError, ValueError):
        # Torch's checks of what a decomposition supports; a few take less than the operator does.
        return None
    calls = [node for node in graph.graph.nodes if node.op == "call_function"]
    is_pure = not graph_writes(graph) and all(_make_stride_free(node) for node in calls)
    return graph if is_pure else None


def _make_stride_free(node: Node) -> bool:
    """Whether a call means the same for every memory layout of its operands; a view becomes a reshape, which does."""
    if node.target in (_aten.view.default, _aten._unsafe_view.default):
        _replace(node, _aten.reshape.default, node.args, node.kwargs)
        return True
    if node.target is torch.ops.prims.convert_element_type.default:
        _replace(node, _aten._to_copy.default, node.args[:1], {"dtype": node.args[1]})
        return True
    if is_overload(node.target):
        return node.target.namespace != "prims" and node.target not in _OF_STRIDES
    return node.target is operator.getitem


def _replace(node: Node, target: AnyOverload, args: tuple[Argument, ...], kwargs: dict[str, Argument]) -> None:
    with node.graph.inserting_before(node):
        replacement = node.graph.call_function(target, args, kwargs)
    replacement.meta = node.meta
    node.replace_all_uses_with(replacement)
    node.graph.erase_node(node)


def _as_function(op: CallOp, graph: GraphModule) -> FuncOp | None:
    """`graph` as a function with the types of `op`; None if it is no simpler than `op`, or needs constants."""
    block = Block(arg_types=op.operand_types)
    importer = new_importer(ModuleContext(is_functional=True), tracks_memory=False)
    for node, argument in zip(graph.graph.find_nodes(op="placeholder"), block.args, strict=True):
        importer.bind(node, Cell(argument))
    for _, tensor in captured_constants(graph):
        value = _only_value(tensor)
        if value is None:
            return None
        shape, kwargs = list(tensor.shape), {"dtype": tensor.dtype}
        (full,) = importer.calls.emit(_aten.full.default, [shape, value], kwargs, [type_of(tensor)])
        importer.bind_constant(tensor, Cell(full))
    results = result_values(importer, importer.look_up(importer.run(graph)))
    callees = {call.callee.data for call in importer.calls.operations if isinstance(call, CallOp)}
    is_simpler = op.callee.data not in callees and all(is_known_overload(callee) for callee in callees)
    if not is_simpler or [result.type for result in results] != list(op.result_types):
        return None
    return build_function(op.callee.data, block, importer.calls.operations, results)


def _only_value(tensor: torch.Tensor) -> bool | int | float | complex | None:
    """The value that all elements of a constant have; None if they differ."""
    elements = tensor.flatten()
    if len(elements) == 0:
        return 0
    return elements[0].item() if len(elements) == 1 or bool((elements == elements[0]).all()) else None
