"""The base of dialects whose ops concern one device, but for those with the trait `AcrossMesh`."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Operation

from tilewright.dialects.ttir.traits import AcrossMesh
from tilewright.runtime.interpreter import DialectFunctions, Interpreter, Step
from tilewright.runtime.mesh import for_each_device


class PerDeviceFunctions(DialectFunctions):
    """On a mesh, runs an op for each device; without one, nothing is added."""

    def table(self) -> dict[type[Operation], Callable[[Operation, Interpreter], Step]]:
        return {
            op_type: make if op_type.has_trait(AcrossMesh) else for_each_device(make)
            for op_type, make in super().table().items()
        }
