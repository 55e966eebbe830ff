"""Replaces groups of ops by one op that means the same."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from tilewright.transforms.fusing import (
    activations,
    attention,
    contractions,
    convolution,
    heads,
    norms,
    reductions,
    repetition,
    rotary,
    softmax,
)
from tilewright.transforms.fusing.rule import Fuser, joined
from tilewright.transforms.modules import tensor_functions

_FAMILIES = (
    activations,
    reductions,
    softmax,
    norms,
    contractions,
    convolution,
    rotary,
    heads,
    repetition,
    attention,
)

STAGES = (joined(family.RULES for family in _FAMILIES), joined((contractions.LATE_RULES,)))
"""Rules by the type of the last op of their patterns; those of a stage are applied when none of the former matches."""


@dataclass(frozen=True)
class TtirFuse(ModulePass):
    """Fuses activations, softmax, norms, attention and what belongs to products and convolutions.

    A kernel or a library knows the whole better than its parts. A group is fused only if all that lies between its
    inputs and its result vanishes, so that nothing is computed twice.
    """

    name = "ttir-fuse"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in tensor_functions(op):
            for rules in STAGES:
                Fuser(rules).fuse(function.body.block)
