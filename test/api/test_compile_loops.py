"""Loops and branches that torch exports as operators run on the host."""

from __future__ import annotations

import torch
from torch._higher_order_ops.while_loop import while_loop

import tilewright


class Doubles(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, y = while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2), (torch.tensor(0), x))
        return y + 1


class Chooses(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos(), (x,))


def test_while_loop() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    model = tilewright.compile(Doubles(), (x,), default_format="Float32")
    torch.testing.assert_close(model(x), x * 8 + 1)
    assert [op.op for op in model.report.host_ops] == ["higher_order.while_loop"]


def test_cond() -> None:
    model = tilewright.compile(Chooses(), (torch.ones(3),), default_format="Float32")
    for x in (torch.ones(3), -torch.ones(3)):
        torch.testing.assert_close(model(x), Chooses()(x))
