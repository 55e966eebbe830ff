"""Patterns of ops that span a mesh."""

from __future__ import annotations

from math import prod

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from tilewright.dialects.ttcore import ShardType
from tilewright.dialects.ttir.collectives import CollectiveBroadcastOp
from tilewright.dialects.ttir.mesh import MeshShardOp


class MeshShardWithOneShard(RewritePattern):
    """A tensor that is cut into one part is the tensor itself.

    As in tt-mlir, `replicate` stays, which says that each of several devices has a copy.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MeshShardOp, rewriter: PatternRewriter) -> None:
        if op.shard_type.data is ShardType.REPLICATE or op.input.type != op.result.type:
            return
        if prod(op.shard_shape.get_values()) == 1:
            rewriter.replace(op, [], [op.input])


class BroadcastToOneDevice(RewritePattern):
    """A broadcast without groups, or in groups of one device, moves nothing."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CollectiveBroadcastOp, rewriter: PatternRewriter) -> None:
        groups, devices = op.replica_groups.get_shape()
        if groups == 0 or devices <= 1:
            rewriter.replace(op, [], [op.input])


MESH_SHARD = (MeshShardWithOneShard(),)
COLLECTIVE_BROADCAST = (BroadcastToOneDevice(),)
