"""The whole way from exported operators to a placed program, as one pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.transforms.canonicalize import CanonicalizePass

from tilewright.transforms.aten_to_ttir import AtenToTtir
from tilewright.transforms.inline import Inline
from tilewright.transforms.services import NeedsDecomposer, NeedsEvaluator, with_services
from tilewright.transforms.tile_assign_formats import TileAssignFormats
from tilewright.transforms.tile_place_ops import TilePlaceOps
from tilewright.transforms.ttcore_hoist_const_eval import TtcoreHoistConstEval
from tilewright.transforms.ttir_cache_to_values import TtirCacheToValues
from tilewright.transforms.ttir_decompose_for_tile import TtirDecomposeForTile
from tilewright.transforms.ttir_fold_constants import TtirFoldConstants
from tilewright.transforms.ttir_partition import TtirPartition
from tilewright.transforms.ttir_to_tile import TtirToTile

EndLevel: TypeAlias = Literal["ttir", "partitioned", "tile", "placed"]


@dataclass(frozen=True)
class TilewrightPipeline(NeedsEvaluator, NeedsDecomposer):
    """Runs all passes on level 1, or on level 2, where the first of them find nothing to do."""

    name = "tilewright"

    device: str = "wormhole_n150"
    default_format: str = "Float16_b"
    parameter_format: str | None = None
    accumulate_format: str = "Float32"
    math_fidelity: str = "HiFi4"
    rounding: str = "packer"

    def stages(self) -> tuple[tuple[EndLevel, tuple[ModulePass, ...]], ...]:
        """The passes, grouped by the level at which each group ends."""
        fold = with_services(TtirFoldConstants, evaluator=self.evaluator)()
        to_ttir = with_services(AtenToTtir, decomposer=self.decomposer)()
        formats = TileAssignFormats(
            self.default_format, self.parameter_format, self.accumulate_format, self.math_fidelity, self.rounding
        )
        return (
            (
                "ttir",
                (
                    Inline(),
                    TtirCacheToValues(),
                    fold,
                    to_ttir,
                    CanonicalizePass(),
                    fold,
                    TtirDecomposeForTile(),
                    CanonicalizePass(),
                    TtcoreHoistConstEval(),
                ),
            ),
            ("partitioned", (TtirPartition(self.device, self.default_format, self.accumulate_format),)),
            ("tile", (TtirToTile(), formats, TtcoreHoistConstEval())),
            ("placed", (TilePlaceOps(self.device),)),
        )

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for _, passes in self.stages():
            for each in passes:
                each.apply(ctx, op)
