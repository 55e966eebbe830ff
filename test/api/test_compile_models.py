"""Small models of all sorts return, compiled, what they return eagerly; at every level."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils import _pytree as pytree

import tilewright
from tilewright.model import CompiledModel
from tilewright.options import LEVELS

Check = Callable[..., CompiledModel]


class Middle(nn.Module):
    """Host ops between device ops: a running sum, the largest, a sort."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(40, 50), nn.Linear(5, 10)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        h = torch.cumsum(torch.relu(self.first(x)), 0)
        # The indices are left out: those of nearly equal values depend on the format.
        values, _ = torch.topk(h, 5, -1)
        return self.second(torch.sort(values, -1).values), values


class Convolution(nn.Module):
    """Mostly host ops."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.pool, self.out = (
            nn.Conv2d(3, 8, 3),
            nn.BatchNorm2d(8),
            nn.AdaptiveAvgPool2d(2),
            nn.Linear(32, 10),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.pool(torch.relu(self.norm(self.conv(x)))).flatten(1))


@dataclasses.dataclass
class Result:
    """A result with fields."""

    scores: torch.Tensor
    rest: tuple[Any, ...]
    count: int


pytree.register_dataclass(Result)


class Nested(nn.Module):
    """Results in results, and inputs that are no tensors."""

    def forward(
        self, x: torch.Tensor, pair: tuple[torch.Tensor, int], *, scale: float = 2.0, flip: bool = False, name: str = ""
    ) -> dict[str, Any]:
        y = -x if flip else x
        return {"a": Result(y * scale, (x + pair[0], x.argmax(), x > 0), pair[1]), "b": [y, None, name, 3]}


class Attention(nn.Module):
    """Causal self-attention with heads."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(64, 64) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (linear(x).unflatten(-1, (2, 32)).transpose(1, 2) for linear in (self.q, self.k, self.v))
        heads = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(heads.transpose(1, 2).flatten(2))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(40, 70), nn.GELU(), nn.LayerNorm(70), nn.Linear(70, 5), nn.Softmax(-1))


def functions() -> Any:
    return lambda x, y: (x @ y, x.sum(), x.mean(0, keepdim=True).sqrt(), (x / (y.T + 3)).clamp(min=0.1))


torch.manual_seed(0)

MODELS: dict[str, tuple[Callable[[], Any], tuple[Any, ...], dict[str, Any], int]] = {
    "mlp": (mlp, (torch.randn(3, 40),), {}, 0),
    "host in the middle": (Middle, (torch.randn(3, 40),), {}, 3),
    "attention": (Attention, (torch.randn(2, 9, 64),), {}, 0),
    "nested results": (Nested, (torch.randn(3, 4), (torch.randn(4), 7)), {"scale": 3.0, "name": "n"}, 1),
    "constants flipped": (Nested, (torch.randn(3, 4), (torch.randn(4), 7)), {"flip": True}, 1),
    "function": (functions, (torch.rand(3, 4) + 1, torch.rand(4, 3)), {}, 0),
    "no dimensions": (lambda: lambda x, y: (x * y + 1, y.sum(), x > 0), (torch.tensor(2.0), torch.randn(3)), {}, 0),
    "integers": (lambda: lambda i: (i + 1, i == 3, i.float() * 0.5, i.sum()), (torch.arange(6).view(2, 3),), {}, 2),
    "bfloat16": (lambda: nn.Linear(8, 8).bfloat16(), (torch.randn(2, 8).bfloat16(),), {}, 0),
    "float64": (lambda: lambda x: (x * 0.1 + 1, x.float() + 1), (torch.randn(3, dtype=torch.float64),), {}, 3),
}


@pytest.mark.parametrize("name", MODELS)
def test_model_returns_what_its_module_does(name: str, check_model: Check) -> None:
    make, args, kwargs, on_host = MODELS[name]
    module = make()
    if isinstance(module, nn.Module):
        module.eval()

    model = check_model(module, args, kwargs)

    assert model.report.ops_host == on_host, model.report
    accuracy = model.compare()
    assert [level.level for level in accuracy.levels] == list(LEVELS)
    assert all(level.pcc >= 0.999 for level in accuracy.levels), accuracy
    assert accuracy["aten"].equal, accuracy
    tolerance = 1e-2 if name == "bfloat16" else 1e-5
    assert all(accuracy[level].max_error < tolerance for level in ("ttir", "partitioned")), accuracy


def test_convolution_runs_mostly_on_the_host(check_model: Check) -> None:
    model = check_model(Convolution().eval(), (torch.randn(2, 3, 8, 8),))

    assert {"aten.conv2d.default", "aten.batch_norm.default"} <= {op.op for op in model.report.host_ops}
    assert model.report.ops_device >= 1


@pytest.mark.parametrize("mode", ["reference", "exact", "fast"])
def test_modes_agree(mode: str, check_model: Check) -> None:
    check_model(mlp().eval(), (torch.randn(3, 40),), mode=mode)


@pytest.mark.parametrize(
    "options",
    [
        {"default_format": "Float32"},
        {"parameter_format": "Bfp8_b"},
        {"default_format": "Bfp8_b", "parameter_format": "Bfp4_b", "rounding": "golden"},
        {"accumulate_format": "Float16_b", "math_fidelity": "LoFi"},
        {"device": "blackhole_p150"},
    ],
    ids=str,
)
def test_options_change_accuracy_and_nothing_else(options: dict[str, str], check_model: Check) -> None:
    module, x = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64)).eval(), torch.randn(32, 64)

    check_model(module, (x,), pcc=0.97, **options)


def test_wider_formats_are_more_accurate() -> None:
    module, x = nn.Linear(64, 64).eval(), torch.randn(32, 64)

    errors = [
        tilewright.compile(module, (x,), default_format=name).compare(levels=("placed",))["placed"].max_error
        for name in ("Float32", "Float16_b", "Bfp4_b")
    ]

    assert errors == sorted(errors)
    assert 0 < errors[0] < errors[2]


def test_encoder_with_random_weights(check_model: Check) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128, vocab_size=100
    )
    encoder = transformers.BertModel(config).eval()
    ids = torch.randint(0, 100, (2, 20))
    mask = torch.ones(2, 20, dtype=torch.int64)
    mask[1, 12:] = 0

    model = check_model(lambda i, m: encoder(input_ids=i, attention_mask=m).last_hidden_state, (ids, mask))

    assert model.report.ops_host == 0, model.report


def test_shapes_are_compiled_once_each() -> None:
    module = nn.Linear(4, 3).eval()
    model = tilewright.compile(module)
    programs = []
    for rows in (2, 5, 2, 5):
        x = torch.randn(rows, 4)
        assert model(x).shape == (rows, 3)  # type: ignore[attr-defined]
        programs.append(model.program)

    assert programs[0] is programs[2]
    assert programs[1] is programs[3]
    assert programs[0] is not programs[1]


def test_constants_are_told_apart_by_type() -> None:
    model = tilewright.compile(lambda x, c: x * c)
    x = torch.arange(3)

    assert [model(x, c).dtype for c in (2, 2.0, True, 1, 1.0)] == [  # type: ignore[attr-defined]
        torch.int64,
        torch.float32,
        torch.int64,
        torch.int64,
        torch.float32,
    ]


def test_exported_program_is_compiled(check_model: Check) -> None:
    module, x = mlp().eval(), torch.randn(3, 40)
    exported = torch.export.export(module, (x,))

    model = tilewright.compile(exported, default_format="Float32")

    found = model(x)
    assert isinstance(found, torch.Tensor)
    assert torch.allclose(found, module(x), atol=1e-2)
    assert model.compare().levels[-1].pcc > 0.9999
