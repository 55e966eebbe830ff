"""What an op computes that does not fit in memory is diagnosed, not reported as a fault."""

from __future__ import annotations

import pytest
import torch
from xdsl.dialects.builtin import DYNAMIC_INDEX, bf16, f32

from tilewright.dialects import ttir
from tilewright.dialects.text import parse_module
from tilewright.dialects.types import least_bytes, tensor_type
from tilewright.runtime.functions.builtin import CallFunctions
from tilewright.runtime.functions.ttir import TtirFunctions
from tilewright.runtime.interpreter import Interpreter
from tilewright.stages import make_context
from tilewright.support import memory
from tilewright.support.errors import InternalError, ResourceError

FUNCTION = """
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttir.neg"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
"""


def interpreter() -> Interpreter:
    """An interpreter of the function."""
    return Interpreter(parse_module(FUNCTION, make_context()), [CallFunctions(), TtirFunctions()])


def test_result_is_compared_with_the_memory_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "physical_memory", lambda: 15)

    with pytest.raises(ResourceError, match=r"the result of ttir\.neg does not fit in memory") as raised:
        interpreter().run("f", [torch.ones(4)])

    assert raised.value.where is not None
    assert "it takes 0.0 GiB" in str(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you ..."
        ),
    ],
)
def test_what_torch_is_refused_is_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(x: torch.Tensor) -> torch.Tensor:
        raise error

    monkeypatch.setattr(TtirFunctions, "table", lambda self: {ttir.NegOp: lambda op, interpreter: refuse})
    with pytest.raises(ResourceError, match=r"what ttir\.neg computes does not fit in memory"):
        interpreter().run("f", [torch.ones(4)])


def test_other_faults_of_torch_stay_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(TtirFunctions, "table", lambda self: {ttir.NegOp: lambda op, interpreter: fail})
    with pytest.raises(InternalError):
        interpreter().run("f", [torch.ones(4)])


def test_bytes_of_tensors() -> None:
    assert least_bytes(tensor_type((3, 4), f32)) == 48
    assert least_bytes(tensor_type((3, 4), bf16)) == 24
    assert least_bytes(tensor_type((DYNAMIC_INDEX, 4), f32)) == 0
    assert least_bytes(tensor_type((), f32)) == 4
    assert least_bytes(f32) == 0
    assert memory.physical_memory() > 2**28
