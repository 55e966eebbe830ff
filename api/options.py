"""The options of a compilation, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tilewright.support.errors import UnsupportedInputError
from tilewright.support.suggest import nearest_names

Mode = Literal["reference", "exact", "fast"]
"""How kernels are executed: literally, vectorised with the same bits, or with the order of accumulation left free."""

Level = Literal["aten", "ttir", "partitioned", "tile", "placed"]
"""The levels of the IR, from the exported graph down."""

LEVELS: tuple[Level, ...] = get_args(Level)
MODES: tuple[Mode, ...] = get_args(Mode)

_UNAVAILABLE = ("capabilities", "overrides", "mixed_precision")


@dataclass(frozen=True)
class CompileOptions:
    """What `tilewright.compile` takes beside the model; see there."""

    device: str = "wormhole_n150"
    default_format: str = "Float16_b"
    parameter_format: str | None = None
    accumulate_format: str = "Float32"
    math_fidelity: str = "HiFi4"
    rounding: str = "packer"
    mode: Mode = "exact"
    policy: str = "op"
    capabilities: object = None
    overrides: object = None
    mixed_precision: object = None

    def check(self) -> None:
        """Check every option before any work is done.

        Raises:
            UnsupportedInputError: a name does not exist, or an option is not available yet.
        """
        from tilewright.machine.catalog import load_device
        from tilewright.transforms.tile_assign_formats import TileAssignFormats, float_format

        for name, value in vars(self).items():
            if name not in _UNAVAILABLE and not isinstance(value, str) and (name, value) != ("parameter_format", None):
                raise UnsupportedInputError(f"{name} is a {type(value).__name__}", hint=f"give {name} as a string")
        load_device(self.device)
        float_format("default_format", self.default_format)
        if self.parameter_format is not None:
            float_format("parameter_format", self.parameter_format)
        TileAssignFormats(
            self.default_format, self.parameter_format, self.accumulate_format, self.math_fidelity, self.rounding
        ).precision()
        check_name("mode", self.mode, MODES)
        check_name("policy", self.policy, ("op",))
        for name in _UNAVAILABLE:
            if getattr(self, name) is not None:
                raise UnsupportedInputError(
                    f"the option '{name}' is not available in this version", hint=f"leave {name} out"
                )


def check_name(option: str, value: str, known: tuple[str, ...]) -> None:
    """Check that an option has one of its values.

    Raises:
        UnsupportedInputError: it has not; the nearest are given.
    """
    if value not in known:
        raise UnsupportedInputError(f"{option} has no value '{value}'", hint=nearest_names(str(value), known))
