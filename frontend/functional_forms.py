"""Ops that write to an argument, and the pure ops that compute the same value."""

from __future__ import annotations

from functools import cache

import torch
from torch.fx import Node

from tilewright.frontend.narrowing import AnyOverload, is_overload, is_sequence

_aten = torch.ops.aten

SAME_TENSOR: frozenset[object] = frozenset(
    {_aten.alias.default, _aten.detach.default, _aten.detach_.default, _aten.lift.default, _aten.lift_fresh.default}
)
"""Ops that return their argument as far as values go, on the same memory."""

_DROPOUTS: frozenset[object] = frozenset(
    {
        _aten.dropout.default,
        _aten.dropout_.default,
        _aten.feature_dropout.default,
        _aten.feature_dropout_.default,
        _aten.alpha_dropout.default,
        _aten.alpha_dropout_.default,
        _aten.feature_alpha_dropout.default,
        _aten.feature_alpha_dropout_.default,
    }
)

_RUNNING_STATISTICS = slice(3, 5)
_USES_BATCH_STATISTICS = 5
_NORMS_WITH_STATISTICS: frozenset[object] = frozenset(
    {
        _aten.batch_norm.default,
        _aten.instance_norm.default,
        _aten.native_batch_norm.default,
        _aten.cudnn_batch_norm.default,
        _aten.miopen_batch_norm.default,
        _aten._batch_norm_impl_index.default,
    }
)


def returns_its_argument(target: object, args: tuple[object, ...]) -> bool:
    """Whether the call only hands on its first argument: detach and the like, and dropout outside training.

    Eager dropout returns its very input when it is off, although its schema does not say so.
    """
    return target in SAME_TENSOR or (target in _DROPOUTS and args[2] is False)


def writes_statistics(target: object, args: tuple[object, ...]) -> bool:
    """Whether a normalisation updates its running statistics, which its schema does not say."""
    return (
        target in _NORMS_WITH_STATISTICS
        and args[_USES_BATCH_STATISTICS] is True
        and any(statistic is not None for statistic in args[_RUNNING_STATISTICS])
    )


@cache
def is_mutable(target: object) -> bool:
    """Whether the schema of an overload says that it writes to an argument."""
    return is_overload(target) and target._schema.is_mutable  # pyright: ignore[reportPrivateUsage]


def writes(target: object, args: tuple[object, ...]) -> bool:
    """Whether the call changes a tensor that exists before it."""
    return (is_mutable(target) or writes_statistics(target, args)) and not returns_its_argument(target, args)


_MAY_COPY = frozenset(
    {"to", "contiguous", "reshape", "reshape_as", "flatten", "ravel", "resolve_conj", "resolve_neg", "pin_memory"}
    | {"coalesce", "_autocast_to_full_precision", "_autocast_to_reduced_precision"}
)


@cache
def is_view(target: object) -> bool:
    """Whether an overload always returns a view of an argument, whatever that argument is."""
    if not is_overload(target) or is_mutable(target) or target.overloadpacket.__name__ in _MAY_COPY:
        return False
    schema = target._schema  # pyright: ignore[reportPrivateUsage]
    return any(result.alias_info is not None for result in schema.returns)


@cache
def functional_form(overload: AnyOverload) -> AnyOverload | None:
    """`aten.add.Tensor` for `aten.add_.Tensor`, `aten.__or__.Tensor` for `aten.__ior__.Tensor`.

    None unless the op writes to its first argument alone, returns it, keeps its geometry, and the functional op takes
    the same arguments.
    """
    schema = overload._schema  # pyright: ignore[reportPrivateUsage]
    written = [index for index, argument in enumerate(schema.arguments) if _is_written(argument.alias_info)]
    if written != [0] or len(schema.returns) != 1 or torch.Tag.inplace_view in overload.tags:
        return None
    base = overload.overloadpacket.__name__
    if base.startswith("__i") and base.endswith("__"):
        name = "__" + base.removeprefix("__i")
    elif base.endswith("_"):
        name = base.removesuffix("_")
    else:
        return None
    packet = getattr(getattr(torch.ops, overload.namespace), name, None)
    functional = getattr(packet, overload._overloadname, None)  # pyright: ignore[reportPrivateUsage]
    if not is_overload(functional) or is_mutable(functional) or _parameters(functional) != _parameters(overload):
        return None
    return functional


def _is_written(alias: object) -> bool:
    return alias is not None and bool(getattr(alias, "is_write", False))


def _parameters(overload: AnyOverload) -> list[tuple[str, str]]:
    schema = overload._schema  # pyright: ignore[reportPrivateUsage]
    return [(argument.name, str(argument.type)) for argument in schema.arguments]


class ResultTypes:
    """Element types of functional results: `x.gt_(0)` keeps the type of x, `x.gt(0)` is Boolean."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], torch.dtype] = {}

    def dtype_of(self, functional: AnyOverload, node: Node) -> torch.dtype:
        """The element type that `functional` gives for the arguments of the in-place op at `node`."""
        key = (functional, *map(_promotion_key, [*node.args, *node.kwargs.values()]))
        dtype = self._known.get(key)
        if dtype is None:
            args, kwargs = torch.fx.map_arg((node.args, node.kwargs), lambda argument: argument.meta["val"])
            with torch.no_grad():
                dtype = self._known[key] = functional(*args, **kwargs).dtype
        return dtype


def _promotion_key(argument: object) -> object:
    """What type promotion looks at: a tensor's element type and whether it has dimensions, a number's type."""
    if isinstance(argument, Node):
        argument = argument.meta["val"]
    if isinstance(argument, torch.Tensor):
        return (argument.dtype, argument.dim() == 0)
    if is_sequence(argument):
        return tuple(_promotion_key(item) for item in argument)
    if isinstance(argument, torch.dtype):
        return argument
    return type(argument)
