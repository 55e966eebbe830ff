"""Matrix products of the blocks that a mask names, as mixtures of experts need them."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import DYNAMIC_INDEX, AnyTensorTypeConstr, BoolAttr
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttir.attention_shapes import ranked_shape, require_shape
from tilewright.dialects.ttir.attributes import FALSE, TRUE, I64Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.collectives_shapes import verify_positive
from tilewright.dialects.ttir.shapes import Shape, may_be_equal, require
from tilewright.dialects.types import shape_of


def _require_mask(found: Shape, expected: Shape) -> None:
    """The mask has a number for each block, as its last extent, and each matrix that may be multiplied with it."""
    known = DYNAMIC_INDEX not in (*found, *expected)
    if not may_be_equal(found[-1:], expected[-1:]) or (known and prod(found) != prod(expected)):
        raise VerifyException(
            f"operand 'sparsity' has the shape {found}, expected {expected}, or other extents before the last one "
            "with the same product"
        )


@irdl_op_definition
class SparseMatmulOp(SingleResultOp):
    """`a @ b` for each of E blocks (experts) whose number in `sparsity` is not zero; the products of others are zero.

    The flags say which operands have blocks. With those of b alone (the default), each matrix of `a` is multiplied with
    each block of `b`, where sparsity[i, j, 0, e] tells for result[i, j, 0, e]. With those of a alone, block e of `a` is
    multiplied with block e of `b`, where sparsity[0, 0, i, e] tells for result[i, e]. With both, likewise, where
    sparsity[0, 0, 0, e] tells for result[0, e]. `nnz` tells how many blocks a row of the mask names, where
    that is known, and changes no number.

    Shapes: b is (1, E, K, N). With blocks of b alone: a (A, B, M, K), sparsity (A, B, 1, E), result (A, B, 1, E, M, N).
    With blocks of a alone: a (A, E, M, K), sparsity (1, 1, A, E), result (A, E, M, N). With both: a (1, E, M, K),
    sparsity (1, 1, 1, E), result (1, E, M, N). The first three extents of sparsity may be others with the same product.

    Conditions: at least one operand has blocks; `nnz` is positive.
    """

    name = "ttir.sparse_matmul"

    a = operand_def(AnyTensorTypeConstr)
    b = operand_def(AnyTensorTypeConstr)
    sparsity = operand_def(AnyTensorTypeConstr)

    is_input_a_sparse = prop_def(BoolAttr, default_value=FALSE)
    is_input_b_sparse = prop_def(BoolAttr, default_value=TRUE)
    nnz = opt_prop_def(I64Attr)

    def infer_shape(self) -> Shape:
        a, b = ranked_shape(self.a, "a", 4), ranked_shape(self.b, "b", 4)
        ranked_shape(self.sparsity, "sparsity", 4)
        blocks_of_a, blocks_of_b = bool(self.is_input_a_sparse), bool(self.is_input_b_sparse)
        require(
            blocks_of_a or blocks_of_b,
            "attributes 'is_input_a_sparse' and 'is_input_b_sparse' are false, expected one of them to be true",
        )
        first, second, rows, inner = a
        one, blocks, b_inner, columns = b
        require(may_be_equal((one,), (1,)), f"operand 'b' has the shape {b}, expected 1 as the first extent")
        require(
            may_be_equal((b_inner,), (inner,)),
            f"operand 'b' has the inner extent {b_inner}, expected {inner}, that of 'a' with the shape {a}",
        )
        if not blocks_of_a:
            _require_mask(shape_of(self.sparsity), (first, second, 1, blocks))
            return (first, second, 1, blocks, rows, columns)
        first = 1 if blocks_of_b else first
        require_shape(self.a, "a", (first, blocks, rows, inner))
        _require_mask(shape_of(self.sparsity), (1, 1, first, blocks))
        return (first, blocks, rows, columns)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        if self.nnz is not None:
            verify_positive(self.nnz.value.data, "nnz")


SPARSE_MATMUL_OPS = (SparseMatmulOp,)
