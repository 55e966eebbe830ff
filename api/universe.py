"""Every dialect and pass of Tilewright, by name, each imported when it is first asked for.

`tt-opt`, plain `xdsl-opt` and `xdsl-gui` find this through the `xdsl.universe` entry point. It is also where passes
get the services that they must not import themselves (`transforms/services.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe

if TYPE_CHECKING:
    from tilewright.support.evaluator import Decomposer, Evaluator

_DIALECTS = {
    "aten": ("tilewright.dialects.aten", "ATEN"),
    "quant": ("tilewright.dialects.quant", "QUANT"),
    "tile": ("tilewright.dialects.tile", "TILE"),
    "ttcore": ("tilewright.dialects.ttcore", "TTCORE"),
    "ttir": ("tilewright.dialects.ttir", "TTIR"),
    "ttnn": ("tilewright.dialects.ttnn", "TTNN"),
}

_PASSES = {
    "aten-to-ttir": ("tilewright.transforms.aten_to_ttir", "AtenToTtir"),
    "inline": ("tilewright.transforms.inline", "Inline"),
    "tile-assign-formats": ("tilewright.transforms.tile_assign_formats", "TileAssignFormats"),
    "tile-place-ops": ("tilewright.transforms.tile_place_ops", "TilePlaceOps"),
    "tilewright": ("tilewright.transforms.pipeline", "TilewrightPipeline"),
    "ttcore-hoist-const-eval": ("tilewright.transforms.ttcore_hoist_const_eval", "TtcoreHoistConstEval"),
    "ttir-cache-to-values": ("tilewright.transforms.ttir_cache_to_values", "TtirCacheToValues"),
    "ttir-decompose-dot-general": ("tilewright.transforms.ttir_decompose_dot_general", "TtirDecomposeDotGeneral"),
    "ttir-decompose-for-tile": ("tilewright.transforms.ttir_decompose_for_tile", "TtirDecomposeForTile"),
    "ttir-erase-inverse-ops": ("tilewright.transforms.ttir_erase_inverse_ops", "TtirEraseInverseOps"),
    "ttir-fold-constants": ("tilewright.transforms.ttir_fold_constants", "TtirFoldConstants"),
    "ttir-fuse": ("tilewright.transforms.ttir_fuse", "TtirFuse"),
    "ttir-partition": ("tilewright.transforms.ttir_partition", "TtirPartition"),
    "ttir-to-tile": ("tilewright.transforms.ttir_to_tile", "TtirToTile"),
    "verify-aten": ("tilewright.transforms.verify_levels", "VerifyAten"),
    "verify-partitioned": ("tilewright.transforms.verify_levels", "VerifyPartitioned"),
    "verify-placed": ("tilewright.transforms.verify_levels", "VerifyPlaced"),
    "verify-tile": ("tilewright.transforms.verify_levels", "VerifyTile"),
    "verify-ttir": ("tilewright.transforms.verify_levels", "VerifyTtir"),
}


def torch_evaluator() -> Evaluator:
    """An evaluator that computes with torch."""
    from tilewright.runtime.evaluator import TorchEvaluator

    return TorchEvaluator()


def torch_decomposer() -> Decomposer:
    """A decomposer that asks torch."""
    from tilewright.frontend.decompose import TorchDecomposer

    return TorchDecomposer()


def _dialect(module: str, name: str) -> Callable[[], Dialect]:
    return lambda: getattr(import_module(module), name)


def _pass(module: str, name: str) -> Callable[[], type[ModulePass]]:
    def get() -> type[ModulePass]:
        from tilewright.transforms.services import NeedsDecomposer, NeedsEvaluator, with_services

        pass_type: type[ModulePass] = getattr(import_module(module), name)
        return with_services(
            pass_type,
            evaluator=torch_evaluator if issubclass(pass_type, NeedsEvaluator) else None,
            decomposer=torch_decomposer if issubclass(pass_type, NeedsDecomposer) else None,
        )

    return get


TILEWRIGHT_UNIVERSE = Universe(
    all_dialects={name: _dialect(*where) for name, where in _DIALECTS.items()},
    all_passes={name: _pass(*where) for name, where in _PASSES.items()},
)
