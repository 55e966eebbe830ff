"""The literal table of ATen overloads: complete, functional, up to date, and the only way from a name to torch."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tilewright.frontend.overloads import find_functional_overloads, resolve_overload
from tilewright.support.aten_overloads import functional_overloads, is_known_overload


def test_the_table_is_what_the_installed_torch_gives() -> None:
    assert sorted(functional_overloads()) == find_functional_overloads()


def test_every_name_is_a_functional_overload() -> None:
    for name in functional_overloads():
        overload = resolve_overload(name)
        assert overload is not None
        assert str(overload) == name
        assert not overload._schema.is_mutable


@pytest.mark.parametrize(
    "name",
    [
        "aten.linear.default",
        "aten.add.Tensor",
        "aten.scaled_dot_product_attention.default",
        "aten.layer_norm.default",
        "aten.batch_norm.default",
        "aten.lstm.input",
        "aten._softmax.default",
        "aten._to_copy.default",
        "aten._local_scalar_dense.default",
        "aten.sym_size.int",
        "aten.copy.default",
        "aten.__or__.Tensor",
        "aten._assert_scalar.default",
        "aten.histc.default",
    ],
)
def test_what_models_call_is_in_the_table(name: str) -> None:
    assert is_known_overload(name)


@pytest.mark.parametrize(
    "name",
    [
        "aten.add_.Tensor",
        "aten.add.out",
        "aten.rand.default",
        "aten.dropout.default",
        "aten.empty.memory_format",
        "aten.from_file.default",
        "aten._reshape_alias.default",
        "aten.set.source_Tensor",
        "aten.add",
        "aten.__class__.default",
        "prims.add.default",
        "os.system",
        "",
    ],
)
def test_what_must_not_be_called_by_name_is_not(name: str) -> None:
    assert not is_known_overload(name)
    assert resolve_overload(name) is None


def test_reading_the_table_needs_no_torch() -> None:
    program = (
        "import sys; from tilewright.support.aten_overloads import functional_overloads; functional_overloads();"
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_table_is_for_this_version_of_torch() -> None:
    assert torch.__version__.split("+")[0] == "2.13.0"
