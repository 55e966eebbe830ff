"""Ops that distribute a tensor over the devices of a mesh, or collect it."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyTensorTypeConstr, DenseArrayBase, IntegerType
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def, traits_def

from tilewright.dialects.ttcore import ShardDirection, ShardDirectionAttr, ShardType, ShardTypeAttr
from tilewright.dialects.ttir.attributes import DENSE_I64, SI32Attr, UI32Attr
from tilewright.dialects.ttir.bases import SingleResultOp
from tilewright.dialects.ttir.collectives_shapes import scattered_shape, sharded_shape, verify_axis_of_mesh
from tilewright.dialects.ttir.shapes import Shape, normalized_axis, require
from tilewright.dialects.ttir.traits import AcrossMesh, MeshShardPatterns
from tilewright.dialects.types import shape_of


@irdl_op_definition
class MeshPartitionOp(SingleResultOp):
    """The i-th device of a group keeps the i-th part of its tensor along `dim`; the inverse of `all_gather`.

    A group is the devices along `cluster_axis`, or all devices without it.

    Shapes: input (.., n N, ..), result (.., N, ..) for n devices in a group.

    Conditions: `cluster_axis` is 0 or 1; the extent of the result along `dim` divides that of the input.
    """

    name = "ttir.mesh_partition"

    input = operand_def(AnyTensorTypeConstr)

    dim = prop_def(SI32Attr)
    cluster_axis = opt_prop_def(UI32Attr)

    traits = traits_def(AcrossMesh())

    @property
    def axis(self) -> int:
        """The dimension, counted from the front."""
        return normalized_axis(self.dim.value.data, len(shape_of(self.input)), "dim")

    def infer_shape(self) -> Shape:
        if self.cluster_axis is not None:
            verify_axis_of_mesh(self.cluster_axis.value.data)
        return scattered_shape(shape_of(self.input), shape_of(self.result), self.dim.value.data, "dim")


@irdl_op_definition
class MeshShardOp(SingleResultOp):
    """Cuts a tensor into one shard a device (`full_to_shard`), or puts the shards together (`shard_to_full`).

    The `shard_type` says how: `devices`, as `shard_dims` says, whose i-th number is the dimension that is cut along
    the i-th axis of the mesh, or -1 if the devices along it hold the same; `replicate`, where all devices hold the
    whole tensor; `identity`, where the tensor is distributed already, as `shard_dims` says.

    Shapes: full (.., n N, ..), shard (.., N, ..) in each dimension that is cut into n parts.

    Conditions: `shard_type` is not `maximal`; the dimensions in `shard_dims` exist; each extent of the shard divides
    that of the full tensor.
    """

    name = "ttir.mesh_shard"

    input = operand_def(AnyTensorTypeConstr)

    shard_type = prop_def(ShardTypeAttr)
    shard_direction = prop_def(ShardDirectionAttr)
    shard_shape: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)
    shard_dims: DenseArrayBase[IntegerType] = prop_def(DENSE_I64)

    traits = traits_def(AcrossMesh(), MeshShardPatterns())

    @property
    def to_shard(self) -> bool:
        """Whether the input is the full tensor."""
        return self.shard_direction.data is ShardDirection.FULL_TO_SHARD

    @property
    def dims(self) -> tuple[int, ...]:
        """The dimension that each axis of the mesh cuts; -1 where it cuts none."""
        return tuple(self.shard_dims.get_values())

    def infer_shape(self) -> Shape:
        require(
            self.shard_type.data is not ShardType.MAXIMAL,
            "attribute 'shard_type' is 'maximal', expected 'identity', 'replicate' or 'devices'",
        )
        found, result = shape_of(self.input), shape_of(self.result)
        if self.shard_type.data is ShardType.REPLICATE:
            return found
        for place, dim in enumerate(self.dims):
            require(
                -1 <= dim < len(found),
                f"attribute 'shard_dims' is {dim} at {place}, expected a value in [-1, {len(found)})",
            )
        if self.to_shard:
            sharded_shape(found, result, "the result")
        else:
            sharded_shape(result, found, "operand 'input'")
        return result


MESH_OPS = (MeshPartitionOp, MeshShardOp)
