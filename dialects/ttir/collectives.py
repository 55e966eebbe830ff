"""Collectives: what the devices of a mesh compute together.

Every operand and result is a tensor of the same shape on each device. The devices are numbered row-major over the mesh;
`cluster_axis` names the axis along which groups of them work together.
"""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import AnyTensorTypeConstr, DenseIntOrFPElementsAttr
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore import ReduceType, ReduceTypeAttr
from tilewright.dialects.ttir.attributes import SI32Attr, UI32Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.collectives_shapes import (
    exchanged_shape,
    gathered_shape,
    replica_groups_of,
    scattered_shape,
    source_target_pairs_of,
)
from tilewright.dialects.ttir.reductions import ArgMaxOp
from tilewright.dialects.ttir.shapes import Shape, normalized_axis, require
from tilewright.dialects.ttir.traits import AcrossMesh, CollectiveBroadcastPatterns
from tilewright.dialects.types import element_type_of, shape_of


class CollectiveOp(SingleResultOp, ABC):
    """Combines or moves the tensors that the devices hold."""

    input = operand_def(AnyTensorTypeConstr)

    traits = traits_def(AcrossMesh())


@irdl_op_definition
class AllGatherOp(CollectiveOp):
    """Each device gets the tensors of its group, one after the other along `all_gather_dim`.

    Shapes: input (.., N, ..), result (.., n N, ..) for n devices along `cluster_axis`.

    Conditions: the extent of the result along `all_gather_dim` is a multiple of that of the input.
    """

    name = "ttir.all_gather"

    all_gather_dim = prop_def(SI32Attr)
    cluster_axis = prop_def(UI32Attr)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.all_gather_dim.value.data, len(shape_of(self.input)), "all_gather_dim")

    def infer_shape(self) -> Shape:
        return gathered_shape(shape_of(self.input), shape_of(self.result), self.all_gather_dim.value.data)


class ReducingCollectiveOp(CollectiveOp, ABC):
    """Combines the tensors of a group element by element."""

    reduce_type = prop_def(ReduceTypeAttr)
    cluster_axis = prop_def(UI32Attr)

    def _verify_reduce_type(self, *allowed: ReduceType) -> None:
        found = self.reduce_type.data
        names = " or ".join(f"'{t.value}'" for t in allowed)
        require(found in allowed, f"attribute 'reduce_type' is '{found.value}', expected {names}")


class AnyAllReduceOp(ReducingCollectiveOp, ABC):
    """Each device gets the sum of the tensors of its group.

    Shapes: the result has that of the input.

    Conditions: `reduce_type` is `sum`; the input is no `argmax`, as a sum of indices is the index of nothing.
    """

    def infer_shape(self) -> Shape:
        self._verify_reduce_type(ReduceType.SUM)
        return shape_of(self.input)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        if isinstance(self.input.owner, ArgMaxOp):
            raise VerifyException(
                "operand 'input' is the result of 'ttir.argmax', expected numbers that may be added: "
                "the sum of the indices that each device found is not the index in the whole tensor"
            )


@irdl_op_definition
class AllReduceOp(AnyAllReduceOp):
    """Each device gets the sum of the tensors of its group."""

    name = "ttir.all_reduce"


@irdl_op_definition
class AllReduceAsyncOp(AnyAllReduceOp):
    """Each device gets the sum of the tensors of its group, while it goes on with other work."""

    name = "ttir.all_reduce_async"


@irdl_op_definition
class ReduceScatterOp(ReducingCollectiveOp):
    """The tensors of a group are combined element by element, and the i-th device of the group gets the i-th part.

    Shapes: input (.., n N, ..), result (.., N, ..) for n devices along `cluster_axis`, cut along `scatter_dim`.

    Conditions: `reduce_type` is `sum`, `max` or `min`; the extent of the result along `scatter_dim` divides that of
    the input.
    """

    name = "ttir.reduce_scatter"

    scatter_dim = prop_def(SI32Attr)

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.scatter_dim.value.data, len(shape_of(self.input)), "scatter_dim")

    def infer_shape(self) -> Shape:
        self._verify_reduce_type(ReduceType.SUM, ReduceType.MAX, ReduceType.MIN)
        return scattered_shape(shape_of(self.input), shape_of(self.result), self.scatter_dim.value.data, "scatter_dim")


@irdl_op_definition
class CollectivePermuteOp(CollectiveOp):
    """The second device of each of `source_target_pairs` gets the tensor of the first; one without a source gets zeros.

    Shapes: the result has that of the input; `source_target_pairs` is (pairs, 2).

    Conditions: no device is twice a source, and none is twice a target.
    """

    name = "ttir.collective_permute"

    source_target_pairs = prop_def(DenseIntOrFPElementsAttr)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Sending and receiving devices."""
        return source_target_pairs_of(self.source_target_pairs)

    def infer_shape(self) -> Shape:
        source_target_pairs_of(self.source_target_pairs)
        return shape_of(self.input)


class GroupedCollectiveOp(CollectiveOp, ABC):
    """A collective whose groups are listed, one a row of `replica_groups`."""

    replica_groups = prop_def(DenseIntOrFPElementsAttr)

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The devices of each group."""
        return replica_groups_of(self.replica_groups)


@irdl_op_definition
class AllToAllOp(GroupedCollectiveOp):
    """Each device cuts its tensor along `split_dim` into a part for each device of its group, and puts the parts that
    it receives one after the other along `concat_dim`, in the order of the group.

    Shapes: input (.., c N, .., M, ..), result (.., N, .., c M, ..) with c the `split_count`; `replica_groups` is
    (groups, c).

    Conditions: `replica_groups` has each device once; the dimensions are not negative; `split_count` divides the
    extent along `split_dim`; the element type stays.
    """

    name = "ttir.all_to_all"

    split_dim = prop_def(SI32Attr)
    concat_dim = prop_def(SI32Attr)
    split_count = prop_def(SI32Attr)

    def infer_shape(self) -> Shape:
        count = self.split_count.value.data
        return exchanged_shape(shape_of(self.input), self.split_dim.value.data, self.concat_dim.value.data, count)

    def verify_semantics(self) -> None:
        super().verify_semantics()
        found, expected = element_type_of(self.result), element_type_of(self.input)
        require(found == expected, f"the result has the element type {found}, expected {expected}, that of 'input'")
        self.groups  # noqa: B018  what it demands of the attribute
        columns, count = self.replica_groups.get_shape()[1], self.split_count.value.data
        require(
            columns == count, f"attribute 'replica_groups' has groups of {columns}, expected the split count {count}"
        )


@irdl_op_definition
class CollectiveBroadcastOp(GroupedCollectiveOp):
    """All devices of a group get the tensor of the first one.

    Shapes: the result has that of the input; `replica_groups` is (groups, devices of each).

    Conditions: `replica_groups` has each device once; the result has the type of the input.
    """

    name = "ttir.collective_broadcast"

    traits = traits_def(CollectiveBroadcastPatterns())

    def infer_shape(self) -> Shape:
        self.groups  # noqa: B018  what it demands of the attribute
        return shape_of(self.input)

    def verify_semantics(self) -> None:
        if self.result.type != self.input.type:
            raise VerifyException(
                f"the result has the type {self.result.type}, expected that of 'input', {self.input.type}"
            )
        super().verify_semantics()


COLLECTIVE_OPS = (
    AllGatherOp,
    AllReduceAsyncOp,
    AllReduceOp,
    AllToAllOp,
    CollectiveBroadcastOp,
    CollectivePermuteOp,
    ReduceScatterOp,
)
