"""What a model changes or holds: buffers, inputs written in place, parameters that change between calls."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import tilewright

FLOAT32 = {"default_format": "Float32"}


class Counter(nn.Module):
    """Counts its calls, and keeps a running mean."""

    calls: torch.Tensor
    mean: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.calls += 1
        self.mean.mul_(0.5).add_(x.mean(0) * 0.5)
        return x - self.mean, self.calls


def test_buffers_are_changed_by_each_call_and_by_nothing_else() -> None:
    module, x = Counter(), torch.randn(3, 4)
    twin = copy.deepcopy(module)

    model = tilewright.compile(module, (x,), **FLOAT32)

    assert module.calls == 0
    for _ in range(3):
        found, expected = model(x), twin(x)
        assert torch.equal(found[1], expected[1])  # type: ignore[index]
        assert torch.allclose(found[0], expected[0], atol=2e-2)  # type: ignore[index]
        assert torch.allclose(module.mean, twin.mean, atol=2e-3)
    mean = module.mean.clone()
    accuracy = model.compare()
    assert all(level.pcc > 0.999 for level in accuracy.levels)
    assert module.calls == 3
    assert torch.equal(module.mean, mean)


class BatchNorm(nn.Module):
    """In training mode it updates statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x)


def test_statistics_of_batch_norm_are_updated_in_training_mode() -> None:
    module, x = BatchNorm().train(), torch.randn(8, 4)
    twin = copy.deepcopy(module)

    found = tilewright.compile(module, (x,), **FLOAT32)(x)

    assert torch.allclose(found, twin(x), atol=1e-2)  # type: ignore[arg-type]
    assert torch.allclose(module.norm.running_mean, twin.norm.running_mean, atol=1e-3)  # type: ignore[arg-type]
    assert module.norm.num_batches_tracked == 1


def test_switching_modes_is_seen() -> None:
    module, x = nn.Dropout(0.5), torch.ones(100)
    module.eval()
    model = tilewright.compile(module, (x,))
    assert torch.equal(model(x), x)  # type: ignore[arg-type]

    module.train()

    assert (model(x) == 0).any()  # type: ignore[union-attr]
    module.eval()
    assert torch.equal(model(x), x)  # type: ignore[arg-type]


def test_input_written_in_place_is_written() -> None:
    def forward(x: torch.Tensor) -> torch.Tensor:
        x.add_(1)
        return x * 2

    x = torch.zeros(4)
    model = tilewright.compile(forward, (x,))
    assert torch.equal(x, torch.zeros(4))

    found = model(x)

    assert torch.equal(x, torch.ones(4))
    assert torch.equal(found, torch.full((4,), 2.0))  # type: ignore[arg-type]
    assert model.compare().levels[-1].equal
    assert torch.equal(x, torch.ones(4))


def test_returned_input_is_the_input() -> None:
    x = torch.zeros(4)

    assert tilewright.compile(lambda x: (x, x + 1))(x)[0] is x  # type: ignore[index]


def scale(module: nn.Module) -> None:
    with torch.no_grad():
        module.weight.mul_(2)  # type: ignore[union-attr, operator]


def load(module: nn.Module) -> None:
    module.load_state_dict({"weight": torch.ones(3, 4), "bias": torch.full((3,), 5.0)})


def assign(module: nn.Module) -> None:
    module.load_state_dict({"weight": torch.ones(3, 4), "bias": torch.full((3,), 5.0)}, assign=True)


def replace(module: nn.Module) -> None:
    module.weight = nn.Parameter(torch.full((3, 4), 0.25))


def step(module: nn.Module) -> None:
    optimiser = torch.optim.SGD(module.parameters(), lr=0.5)
    module(torch.ones(1, 4)).sum().backward()
    optimiser.step()


@pytest.mark.parametrize("change", [scale, load, assign, replace, step])
def test_changed_parameters_are_seen(change: object) -> None:
    module, x = nn.Linear(4, 3), torch.randn(2, 4)
    model = tilewright.compile(module, (x,), **FLOAT32)
    before = model(x)

    change(module)  # type: ignore[operator]

    found = model(x)
    assert not torch.allclose(found, before, atol=0.1)  # type: ignore[arg-type]
    assert torch.allclose(found, module(x), atol=1e-2)  # type: ignore[arg-type]


def test_parameter_under_two_names_is_one() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.out = nn.Embedding(7, 8), nn.Linear(8, 7, bias=False)
            self.out.weight = self.embed.weight

        def forward(self, i: torch.Tensor) -> torch.Tensor:
            return self.out(self.embed(i))

    module, ids = Tied(), torch.tensor([[1, 2], [3, 6]])
    model = tilewright.compile(module, (ids,), **FLOAT32)

    assert torch.allclose(model(ids), module(ids), atol=2e-2)  # type: ignore[arg-type]
    assert len(model.program.imported.values) == 1


def test_results_own_their_memory() -> None:
    module, x = nn.Linear(4, 3), torch.randn(2, 4)
    model = tilewright.compile(module, (x,))
    first = model(x)
    kept = first.clone()  # type: ignore[union-attr]

    first.zero_()  # type: ignore[union-attr]

    assert torch.equal(model(x), kept)  # type: ignore[arg-type]


def test_calling_records_no_gradients() -> None:
    module, x = nn.Linear(4, 3), torch.randn(2, 4, requires_grad=True)

    assert not tilewright.compile(module, (x,))(x).requires_grad  # type: ignore[union-attr]
