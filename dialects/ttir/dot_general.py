"""The product of two tensors over any of their dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from xdsl.dialects.builtin import AnyTensorTypeConstr, LocationAttr
from xdsl.ir import Attribute
from xdsl.irdl import irdl_op_definition, operand_def, prop_def

from tilewright.dialects.ttir.attributes import DENSE_I64, dense_i64
from tilewright.dialects.ttir.bases import SingleResultOp, Value
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.types import shape_of


def dot_general_shape(
    lhs: Shape,
    rhs: Shape,
    batch_lhs: Sequence[int],
    contract_lhs: Sequence[int],
    batch_rhs: Sequence[int],
    contract_rhs: Sequence[int],
) -> Shape:
    """The batch dimensions, then those of `lhs` that are neither batch nor contracted, then those of `rhs`.

    Raises:
        VerifyException: the shapes and dimensions do not fit together.
    """
    for name, dims, others in (
        ("batch_dims", batch_lhs, batch_rhs),
        ("contract_dims", contract_lhs, contract_rhs),
    ):
        require(
            len(dims) == len(others),
            f"attribute '{name}_rhs' is {list(others)}, expected {len(dims)} dimensions as in '{name}_lhs'",
        )
    for side, shape, batch, contract in (("lhs", lhs, batch_lhs, contract_lhs), ("rhs", rhs, batch_rhs, contract_rhs)):
        seen: set[int] = set()
        named = chain((("batch_dims", d) for d in batch), (("contract_dims", d) for d in contract))
        for name, dim in named:
            require(
                0 <= dim < len(shape),
                f"attribute '{name}_{side}' is {dim}, expected a value in [0, {len(shape)}), the rank of '{side}'",
            )
            require(dim not in seen, f"attribute '{name}_{side}' names dimension {dim} again, expected each once")
            seen.add(dim)
    for name, dims, others in (
        ("batch_dims", batch_lhs, batch_rhs),
        ("contract_dims", contract_lhs, contract_rhs),
    ):
        for left, right in zip(dims, others, strict=True):
            require(
                may_be_equal((lhs[left],), (rhs[right],)),
                f"operand 'rhs' has the extent {rhs[right]} in dimension {right} of '{name}_rhs', "
                f"expected {lhs[left]}, that of dimension {left} of 'lhs'",
            )
    return (
        *(lhs[d] for d in batch_lhs),
        *(lhs[d] for d in free_dims(len(lhs), batch_lhs, contract_lhs)),
        *(rhs[d] for d in free_dims(len(rhs), batch_rhs, contract_rhs)),
    )


def free_dims(rank: int, batch: Sequence[int], contract: Sequence[int]) -> tuple[int, ...]:
    """The dimensions that are neither batch nor contracted, in order."""
    return tuple(d for d in range(rank) if d not in batch and d not in contract)


@irdl_op_definition
class DotGeneralOp(SingleResultOp):
    """Products summed over the contracted dimensions, for each index of the batch dimensions, as in StableHLO.

    Dimension i of `batch_dims_lhs` goes with dimension i of `batch_dims_rhs`, and the contracted ones likewise.

    Shapes: the result has the batch dimensions, in the order of `batch_dims_lhs`, then the other dimensions of lhs that
    are not contracted, then those of rhs.

    Conditions: both lists of batch dimensions are of one length, and both of contracted ones; each dimension of an
    operand is named once at most; the extents of dimensions that go together are equal.
    """

    name = "ttir.dot_general"

    lhs = operand_def(AnyTensorTypeConstr)
    rhs = operand_def(AnyTensorTypeConstr)

    batch_dims_lhs = prop_def(DENSE_I64)
    contract_dims_lhs = prop_def(DENSE_I64)
    batch_dims_rhs = prop_def(DENSE_I64)
    contract_dims_rhs = prop_def(DENSE_I64)

    def __init__(
        self,
        lhs: Value,
        rhs: Value,
        *,
        batch_dims_lhs: Sequence[int] = (),
        contract_dims_lhs: Sequence[int] = (),
        batch_dims_rhs: Sequence[int] = (),
        contract_dims_rhs: Sequence[int] = (),
        result_type: Attribute | None = None,
        location: LocationAttr | None = None,
    ):
        dims = (batch_dims_lhs, contract_dims_lhs, batch_dims_rhs, contract_dims_rhs)
        names = ("batch_dims_lhs", "contract_dims_lhs", "batch_dims_rhs", "contract_dims_rhs")
        properties = {name: dense_i64(values) for name, values in zip(names, dims, strict=True)}
        self._init_inferred((lhs, rhs), properties, result_type, location)

    @property
    def dims(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Batch and contracted dimensions of lhs, then those of rhs."""
        return (
            tuple(self.batch_dims_lhs.get_values()),
            tuple(self.contract_dims_lhs.get_values()),
            tuple(self.batch_dims_rhs.get_values()),
            tuple(self.contract_dims_rhs.get_values()),
        )

    def infer_shape(self) -> Shape:
        return dot_general_shape(shape_of(self.lhs), shape_of(self.rhs), *self.dims)


DOT_GENERAL_OPS = (DotGeneralOp,)
