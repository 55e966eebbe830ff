"""The buffers in which `ttir.moe_gpt` hands its work to `ttir.selective_reduce_combine`.

T tokens of all devices of the group, E experts on the device, K choices of a token, H numbers of a token:

- counts (1, align(E)): of each expert, how many tokens chose it;
- records (1, (T + 1) align(2 E + 1)): for each token that chose an expert of the device, in their order: its number,
  for each expert which choice it was, K + 1 if none, and for each expert the score, the bits of a bfloat16;
- lists (E, (T + 1) align(1)): of each expert the numbers of its tokens, each at the start of align(1) words;
- blocks (cores, 2, 32, H): what the experts made of their tokens. Core 3 a + b has the b-th third of the columns of
  the a-th part of the tokens of each expert: of n tokens, part a has n // 4, and one more if a < n mod 4. In a core's
  buffer the rows of an expert follow each other, T / 4 rows for each expert.

align rounds up to 4 words of 32 bits, the 16 bytes to which L1 is aligned. After the last record, and after the last
token of a list, stands a word of ones. What is not written is zero here, and undefined on the device.

Source: the documentation of ``ttir.moe_gpt`` in tt-mlir's ``TTIROps.td`` (shapes) and of tt-metal's
``ttnn.experimental.selective_reduce_combine`` (blocks), the kernels of both in tt-metal (``moe_gpt/.../dm1.cpp``,
``selective_reduce_combine/.../{reader,writer}.cpp``), and the golden function of ``moe_gpt`` in tt-mlir (records, and
that core i is row i of the blocks). That function places the columns of a core at another offset in its buffer than
the kernels, and has no place for a third expert; the kernels are followed. Where on the device the cores are, which
depends on the machine, is not part of a tensor.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from tilewright.runtime.functions.ttir.numbers import convert

HEIGHT, WIDTH = 4, 3
"""Parts into which tokens and columns are cut: the defaults of `moe_gpt`, and constants in tt-mlir's runtime."""

CORES = HEIGHT * WIDTH
"""The cores whose buffers hold the blocks."""

END = 0xFFFFFFFF
"""The word after the last record and the last token."""

_ALIGNMENT = 4


def align(words: int) -> int:
    """The number of words that `words` of them take."""
    return -(-words // _ALIGNMENT) * _ALIGNMENT


def chosen_slots(choices: torch.Tensor, experts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Whether each token of `choices` (T, K) chose each of `experts` (n), and with which choice first; both (T, n)."""
    hits = choices[:, None, :] == experts[None, :, None]
    return hits.any(-1), hits.int().argmax(-1)


def written_counts(chosen: torch.Tensor, held: int) -> torch.Tensor:
    """The counts, of `chosen` (T, n) for the first n of `held` experts."""
    counts = torch.zeros(1, align(held), dtype=torch.int64)
    counts[0, : chosen.shape[1]] = chosen.sum(0)
    return counts


def written_records(chosen: torch.Tensor, slots: torch.Tensor, scores: torch.Tensor, held: int) -> torch.Tensor:
    """The records, of `chosen` and `slots` (T, n) and the scores (T, K)."""
    tokens, choices = scores.shape
    experts = chosen.shape[1]
    bits = convert(scores, torch.bfloat16).view(torch.int16).to(torch.int64) & 0xFFFF
    records = torch.zeros(tokens + 1, align(2 * held + 1), dtype=torch.int64)
    routed = chosen.any(1).nonzero().squeeze(1)
    own = chosen[routed]
    rows = torch.zeros(len(routed), records.shape[1], dtype=torch.int64)
    rows[:, 0] = routed
    rows[:, 1 : 1 + held] = choices + 1
    rows[:, 1 : 1 + experts] = torch.where(own, slots[routed], choices + 1)
    rows[:, 1 + held : 1 + held + experts] = torch.where(own, bits[routed].gather(1, slots[routed]), 0)
    records[: len(routed)] = rows
    records[len(routed), 0] = END
    return records.reshape(1, -1)


def written_lists(chosen: torch.Tensor, held: int) -> torch.Tensor:
    """The lists, of `chosen` (T, n) for the first n of `held` experts."""
    lists = torch.zeros(held, len(chosen) + 1, align(1), dtype=torch.int64)
    for expert in range(held):
        tokens = chosen[:, expert].nonzero().squeeze(1) if expert < chosen.shape[1] else torch.empty(0)
        lists[expert, : len(tokens), 0] = tokens
        lists[expert, len(tokens), 0] = END
    return lists.reshape(held, -1)


def written_blocks(made: Sequence[torch.Tensor], tokens: int, hidden: int, dtype: torch.dtype) -> torch.Tensor:
    """The buffers of the cores (CORES, numbers), of what each expert made (n, H) of its n of T tokens."""
    width = hidden // WIDTH
    blocks = torch.zeros(len(made), HEIGHT, tokens // HEIGHT, WIDTH, width, dtype=dtype)
    for block, rows in zip(blocks, made, strict=True):
        block[_places(len(rows), tokens)] = convert(rows, dtype).reshape(-1, WIDTH, width)
    return blocks.permute(1, 3, 0, 2, 4).reshape(CORES, -1)


def read_blocks(buffers: torch.Tensor, counts: Sequence[int], tokens: int, hidden: int) -> list[torch.Tensor]:
    """What each expert made of its tokens (n, H), of the buffers (cores, ..) and the counts."""
    rows, width = tokens // HEIGHT, hidden // WIDTH
    used = buffers.reshape(buffers.shape[0], -1)[:CORES, : len(counts) * rows * width]
    blocks = used.reshape(HEIGHT, WIDTH, len(counts), rows, width).permute(2, 0, 3, 1, 4)
    return [b.reshape(HEIGHT, rows, hidden)[_places(n, tokens)] for b, n in zip(blocks, counts, strict=True)]


def _places(count: int, tokens: int) -> torch.Tensor:
    """Where `count` rows stand in (HEIGHT, T / HEIGHT), row by row."""
    sizes = torch.tensor([count // HEIGHT + (part < count % HEIGHT) for part in range(HEIGHT)])
    return torch.arange(tokens // HEIGHT) < sizes[:, None]
