"""From a graph of ATen calls to a list of `aten.call`: one walk in program order."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch._higher_order_ops.wrap import wrap_with_autocast, wrap_with_set_grad_enabled
from torch._ops import HigherOrderOperator
from torch.amp import autocast_mode
from torch.fx import GraphModule, Node
from xdsl.dialects.builtin import SymbolRefAttr
from xdsl.ir import SSAValue

from tilewright.frontend.aliasing import Cell, NeedsFunctionalisationError, new_cell, storage_of
from tilewright.frontend.bindings import Binding, Body, Literal, bind_results, cells_of, leaves_of, ssa_type_of
from tilewright.frontend.emission import CallEmitter, name_value
from tilewright.frontend.functional_forms import functional_form, is_view, returns_its_argument, writes
from tilewright.frontend.graph_queries import captured_constants, is_final_update, unique_tensors
from tilewright.frontend.module_context import ModuleContext
from tilewright.frontend.narrowing import AnyOverload, is_overload, is_sequence
from tilewright.frontend.types import shape_of, tensor_type, type_of
from tilewright.support.errors import UnsupportedInputError

_aten = torch.ops.aten
_autocast = cast("Any", autocast_mode)

_WITHOUT_EFFECT: frozenset[object] = frozenset(
    # What the first asserts holds by the types; the second decides what autograd records; the third ends what is
    # either dropped or resolved by torch.
    {
        _aten._assert_tensor_metadata.default,
        torch._C._set_grad_enabled,  # pyright: ignore[reportPrivateUsage]
        _autocast._exit_autocast,
    }
)

_SYMBOLIC_MODULES = frozenset({"_operator", "operator", "math", "builtins", "torch"})
"""Where the Python functions on symbolic sizes come from."""

_MEMORY_UNKNOWN = "the graph does not record which tensors share memory"


class GraphImporter:
    """Imports the nodes of one function.

    Attributes:
        calls: Collects the calls.

    Args:
        tracks_memory: Whether the graph writes to tensors, so that it matters which of them share memory.
        import_body: Imports a graph that a higher-order operator calls.
    """

    def __init__(
        self,
        context: ModuleContext,
        *,
        tracks_memory: bool,
        import_body: Callable[[Body, Sequence[torch.Tensor]], SymbolRefAttr],
    ):
        self.tracks_memory = tracks_memory
        self._bindings: dict[Node, Binding] = {}
        self.calls = CallEmitter(context.callees, self._bindings)
        self._context = context
        self._import_body = import_body
        self._constants: dict[int, Cell] = {}

    def bind(self, node: Node, binding: Binding) -> None:
        """Let a placeholder stand for `binding`."""
        self._bindings[node] = binding

    def new_cell(self, value: SSAValue, tensor: object, sharing: Cell | None = None) -> Cell:
        """A cell for a value from outside the graph, on its own memory or on that of `sharing`."""
        if not self.tracks_memory or not isinstance(tensor, torch.Tensor):
            return Cell(value)
        if sharing is None or sharing.memory is None:
            return new_cell(value, tensor, ())
        sharing.memory.also_known_as(tensor)
        return new_cell(value, tensor, [sharing])

    def bind_constant(self, tensor: torch.Tensor, cell: Cell) -> None:
        """Let the attribute `tensor`, of this graph or one inlined in it, stand for `cell`."""
        self._constants[id(tensor)] = cell

    def run(self, graph: GraphModule) -> object:
        """Import all nodes; the argument of the output node, to be given to :meth:`look_up`.

        Raises:
            NeedsFunctionalisationError: the graph writes to memory in a way that renaming cannot express.
            UnsupportedInputError: this is no graph of ATen calls.
        """
        for node in graph.graph.nodes:
            match node.op:
                case "call_function":
                    self._import_call(node)
                case "get_attr":
                    self._bindings[node] = self._attribute(graph, str(node.target))
                case "output":
                    return node.args[0]
                case "placeholder":
                    pass
                case _:
                    raise UnsupportedInputError(
                        f"the graph has a {node.op} of '{node.target}'",
                        hint="import an exported program, or a module, which is exported first",
                    )
        return None

    def look_up(self, value: object) -> Binding:
        """What an argument stands for."""
        if isinstance(value, Node):
            return self._bindings[value]
        if is_sequence(value):
            return [self.look_up(item) for item in value]
        return Literal(value)

    def _attribute(self, graph: GraphModule, name: str) -> Binding:
        value = operator.attrgetter(name)(graph)
        if isinstance(value, GraphModule):
            return Body(name, value)
        if isinstance(value, torch.Tensor):
            return self._constants[id(value)]
        return Literal(value)

    def _import_call(self, node: Node) -> None:
        target, args = cast("Callable[..., Any]", node.target), node.args
        if target is operator.getitem and not isinstance(source := self.look_up(args[0]), (Cell, Literal, Body)):
            self._bindings[node] = source[args[1]]  # pyright: ignore[reportArgumentType, reportCallIssue]
        elif target in _WITHOUT_EFFECT or (target is _autocast._enter_autocast and args[2] is False):
            self._bindings[node] = Literal(None)
        elif returns_its_argument(target, args):
            binding = self._bindings[node] = self.look_up(args[0])
            # Traced dropout returns a copy, eager dropout does not.
            self._same_memory(binding, node.meta.get("val"))
        elif target is _aten.lift_fresh_copy.default:
            # A copy of a constant: its own memory, whatever the fake tensor says.
            (constant,) = cells_of(self.look_up(args[0]))
            self._bindings[node] = self.new_cell(constant.read(), node.meta["val"])
        elif target is wrap_with_set_grad_enabled:
            self._inline(node, args[1], args[2:])
        elif target is wrap_with_autocast and args[2] is False:
            self._inline(node, args[4], args[5:])
        elif writes(target, args):
            self._import_write(node, target)
        else:
            self._import_pure(node, target)

    def _import_pure(self, node: Node, target: Callable[..., Any]) -> None:
        args: Sequence[object] = node.args
        if isinstance(target, HigherOrderOperator):
            if target is wrap_with_autocast:
                self._context.require_functional("an autocast region decides the types of what it calls")
            args = self._with_bodies(args)
        elif not is_overload(target) and target.__module__ not in _SYMBOLIC_MODULES:
            self._context.require_functional(f"{target.__module__}.{target.__qualname__} is no operator")

        value = node.meta.get("val")
        types = [ssa_type_of(leaf) for leaf in leaves_of(value)]
        results = self.calls.emit(target, args, node.kwargs, types, self._context.locations.of(node))
        if len(results) == 1:
            name_value(results[0], node.name)
        sources = self._sources(node) if self.tracks_memory else None
        binding = self._bindings[node] = bind_results(value, iter(results), sources)
        if sources is not None and is_view(target):
            memories = [source.memory for source in sources]
            if not all(cell.memory in memories for cell in cells_of(binding)):
                raise NeedsFunctionalisationError(_MEMORY_UNKNOWN)

    def _sources(self, node: Node) -> list[Cell]:
        return [cell for source in node.all_input_nodes for cell in cells_of(self._bindings[source])]

    def _import_write(self, node: Node, target: Callable[..., Any]) -> None:
        functional = functional_form(target) if is_overload(target) else None
        cell = self.look_up(node.args[0])
        if functional is None or not isinstance(cell, Cell):
            if self._context.is_functional:
                raise UnsupportedInputError(f"{target} writes to its argument and torch cannot make it functional")
            raise NeedsFunctionalisationError(f"{target} writes to its argument and has no functional form")
        tensor = cast(torch.Tensor, node.meta["val"])
        if not is_final_update(node) and (cell.memory is None or storage_of(tensor) not in cell.memory.storages):
            raise NeedsFunctionalisationError(_MEMORY_UNKNOWN)
        cell.write(self._value_written(node, functional, tensor))
        self._bindings[node] = cell

    def _value_written(self, node: Node, functional: AnyOverload, tensor: torch.Tensor) -> SSAValue:
        """The whole new value of the tensor that an in-place op writes to."""
        location = self._context.locations.of(node)
        type_written = type_of(tensor)
        if functional is _aten.copy.default and isinstance(source := self.look_up(node.args[1]), Cell):
            value = source.read()
            # Two dynamic extents of equal type may still differ, and the source be expanded.
            if value.type == type_written and type_written.has_static_shape():
                return value
        dtype = self._context.result_types.dtype_of(functional, node)
        computed = tensor_type(dtype, shape_of(tensor))
        (value,) = self.calls.emit(functional, node.args, node.kwargs, [computed], location)
        if dtype != tensor.dtype:
            cast_kwargs = {"dtype": tensor.dtype}
            (value,) = self.calls.emit(_aten._to_copy.default, [Cell(value)], cast_kwargs, [type_written], location)
        name_value(value, functional.overloadpacket.__name__)
        return value

    def _inline(self, node: Node, body: object, args: Sequence[object]) -> None:
        """Import the graph that `node` calls in place of the call."""
        callee = self.look_up(body)
        if not isinstance(callee, Body):
            raise UnsupportedInputError(f"{node.target} does not call a graph")
        placeholders = callee.graph.graph.find_nodes(op="placeholder")
        for placeholder, argument in zip(placeholders, args, strict=True):
            binding = self._bindings[placeholder] = self.look_up(argument)
            self._same_memory(binding, placeholder.meta.get("val"))
        self._bindings[node] = self.look_up(self.run(callee.graph))
        self._same_memory(self._bindings[node], node.meta.get("val"))

    def _same_memory(self, binding: Binding, value: object) -> None:
        """What is known inside a graph by one fake tensor may be known outside by another."""
        if isinstance(binding, Cell):
            if binding.memory is not None and isinstance(value, torch.Tensor):
                binding.memory.also_known_as(value)
        elif isinstance(binding, list) and is_sequence(value):
            for item, part in zip(binding, value, strict=True):
                self._same_memory(item, part)

    def _with_bodies(self, args: Sequence[object]) -> list[object]:
        """The arguments with a function symbol for each graph.

        Constants in those graphs become arguments of all of them, after what every higher-order operator passes last:
        the items of its last argument if that is a list, else all arguments.
        """
        bodies = [body for argument in args if isinstance(body := self.look_up(argument), Body)]
        captured = unique_tensors(tensor for body in bodies for _, tensor in captured_constants(body.graph))
        symbols = {body: self._import_body(body, captured) for body in bodies}
        given: list[object] = [symbols.get(b, a) if isinstance(b := self.look_up(a), Body) else a for a in args]
        cells = [self._constants[id(tensor)] for tensor in captured]
        if cells and is_sequence(last := given[-1]):
            return [*given[:-1], [*last, *cells]]
        return [*given, *cells]
