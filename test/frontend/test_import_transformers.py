"""Transformers with random weights, small in every size: the same bits as eager, names, locations, speed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from tilewright.frontend.importer import import_exported
from tilewright.frontend.program import ImportedProgram

transformers = pytest.importorskip("transformers")

SIZES = {
    "vocab_size": 100,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
IDS = torch.arange(16).view(2, 8) * 5 % 97 + 1
MASK = torch.tensor([[1] * 8, [1] * 5 + [0] * 3])
IMAGE = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)


def bert() -> nn.Module:
    return transformers.BertModel(transformers.BertConfig(**SIZES))


def gpt2() -> nn.Module:
    sizes = {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=1, eos_token_id=2))


def t5() -> nn.Module:
    sizes = {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    return transformers.T5ForConditionalGeneration(transformers.T5Config(**sizes))


def vit() -> nn.Module:
    sizes = {key: SIZES[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads")}
    return transformers.ViTModel(transformers.ViTConfig(**sizes, intermediate_size=64, image_size=32, patch_size=8))


def llama() -> nn.Module:
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES, num_key_value_heads=2))


def mixtral() -> nn.Module:
    sizes = {**SIZES, "num_hidden_layers": 1}
    config = transformers.MixtralConfig(**sizes, num_key_value_heads=2, num_local_experts=4)
    return transformers.MixtralForCausalLM(config)


MODELS: dict[str, tuple[Callable[[], nn.Module], dict[str, Any]]] = {
    "bert": (bert, {"input_ids": IDS, "attention_mask": MASK}),
    "gpt2": (gpt2, {"input_ids": IDS, "use_cache": False}),
    "t5": (t5, {"input_ids": IDS, "decoder_input_ids": IDS, "use_cache": False}),
    "vit": (vit, {"pixel_values": IMAGE}),
    "llama": (llama, {"input_ids": IDS, "attention_mask": MASK, "use_cache": False}),
    "mixtral": (mixtral, {"input_ids": IDS, "use_cache": False}),
}


@pytest.mark.parametrize("name", MODELS)
def test_transformers_compute_what_eager_computes(
    name: str, check_import: Callable[..., ImportedProgram], callees: Callable[[ImportedProgram], list[str]]
) -> None:
    make, kwargs = MODELS[name]
    torch.manual_seed(0)
    module = make().eval()

    program = check_import(module, (), kwargs)

    parameters = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    assert {name for name in program.values if name in parameters}
    assert ("transformers.grouped_mm_fallback.default" in callees(program)) is (name == "mixtral")
    for op in program.entry.body.block.ops:
        assert op.name == "func.return" or re.search(r'/transformers/.*\.py":\d+', str(op.location)), op


def test_import_takes_a_fraction_of_the_export() -> None:
    module = transformers.BertModel(transformers.BertConfig(**{**SIZES, "num_hidden_layers": 6})).eval()
    started = time.process_time()
    exported = torch.export.export(module, (IDS,), {"attention_mask": MASK}, strict=False)
    export_seconds = time.process_time() - started

    seconds: list[float] = []
    for _ in range(5):
        started = time.process_time()
        program = import_exported(exported)
        seconds.append(time.process_time() - started)

    assert len(list(program.entry.body.block.ops)) > 130
    # 0.015 s against 0.5 s where this was written.
    assert min(seconds) < export_seconds / 6
