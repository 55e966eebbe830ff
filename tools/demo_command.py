"""What `tilewright demo` does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright.support.errors import TilewrightError
from tilewright.tools.console import Alignment, Steps, make_table, output_console
from tilewright.tools.ir_files import make_folder, write_levels
from tilewright.tools.tables import error_line, host_table, milliseconds

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tilewright.demo import DemoFormat, FormatResult
    from tilewright.model import CompiledModel

SHOWN_PAIRS = 8
"""How many pairs of sentences are printed; the five paraphrases and those that follow them."""

SENTENCE_WIDTH = 20
"""How much of a sentence a table shows."""


def run_and_print(output: Path, device: str) -> None:
    """Run the demo and print what came out.

    Raises:
        TilewrightError: the model is not installed, or an accuracy target was missed.
    """
    # The model comes from an installed package; nothing is fetched.
    os.environ["HF_HUB_OFFLINE"] = "1"
    make_folder(output)
    with Steps(0) as steps:
        steps.begin("importing PyTorch")
        from tilewright.demo import load_encoder, run_demo, step_count

        steps.extend(2 + step_count())
        steps.begin("loading all-MiniLM-L6-v2")
        encoder, batches = load_encoder()

        def write(each: DemoFormat, model: CompiledModel) -> None:
            write_levels(model, output / each.folder)

        results = run_demo(encoder, batches, device=device, begin=steps.begin, compiled=write)
    print_results(results, output)


def print_results(results: Sequence[FormatResult], output: Path) -> None:
    """Print the tables.

    Raises:
        TilewrightError: an accuracy target was missed.
    """
    from tilewright.demo import BATCH, LENGTH, SENTENCES

    console = output_console()
    console.print(
        f"all-MiniLM-L6-v2: {len(SENTENCES)} sentences in batches of {BATCH}, padded to {LENGTH} tokens, "
        f"on the model of {results[0].estimate.device}\n"
    )
    for table in (pcc_table(results), ranking_table(results, SENTENCES)):
        console.print(table)
        console.print()
    print_places(console, results)
    print_host_ops(console, results)
    console.print(time_table(results))
    console.print(f"{error_line(results[0].estimate)}\n")
    console.print(f"The IR of each level is in {output}{os.sep}:", soft_wrap=True)
    for result in results:
        console.print(f"  {result.format.folder}{os.sep}1-aten.mlir .. 5-placed.mlir")
    misses = [line for result in results for line in result.misses()]
    if misses:
        raise TilewrightError("an accuracy target was missed", why="; ".join(misses))
    console.print("\nAll accuracy targets are met.")


def pcc_table(results: Sequence[FormatResult]) -> Table:
    """PCC of the embeddings per level and format, and the least that is accepted."""
    levels = [accuracy.level for accuracy in results[0].accuracies]
    columns: list[tuple[str, Alignment]] = [(level, "right") for level in levels]
    table = make_table(
        "PCC of the embeddings against torch, by level",
        ("format", "left"),
        ("activations", "left"),
        ("weights", "left"),
        *columns,
        ("at least", "right"),
    )
    for result in results:
        chosen = result.format
        row = [f"{accuracy.pcc:.7f}" for accuracy in result.accuracies]
        table.add_row(chosen.name, chosen.default_format, chosen.parameter_format, *row, str(chosen.target))
    return table


def ranking_table(results: Sequence[FormatResult], sentences: Sequence[str]) -> Table:
    """The most similar pairs in torch's order; a similarity is followed by its place where that is another."""
    columns: list[tuple[str, Alignment]] = [(result.format.name, "right") for result in results]
    table = make_table(
        "Cosine similarity of the closest pairs, in torch's order; !n: in another place, n",
        ("", "right"),
        ("sentences", "left"),
        ("torch", "right"),
        *columns,
    )
    for index, pair in enumerate(results[0].ranking.pairs[:SHOWN_PAIRS]):
        cells: list[str] = []
        for result in results:
            found = result.ranking.pairs[index]
            moved = found.found_place != found.expected_place
            cells.append(f"{found.found:.4f}{f' !{found.found_place}' if moved else ''}")
        first, second = (shorten(sentences[i]) for i in pair.pair)
        table.add_row(str(pair.expected_place), f"{first} | {second}", f"{pair.expected:.4f}", *cells)
    return table


def shorten(sentence: str) -> str:
    """As much of a sentence as a table has room for."""
    return sentence if len(sentence) <= SENTENCE_WIDTH else f"{sentence[: SENTENCE_WIDTH - 1].rstrip()}…"


def print_places(console: Console, results: Sequence[FormatResult]) -> None:
    """Which pairs changed places, and how similar those are that swapped."""
    from tilewright.demo import SWAP_LIMIT

    for result in results:
        ranking = result.ranking
        if not ranking.moved:
            console.print(f"{result.format.name}: all {len(ranking.pairs)} pairs are in torch's places.")
            continue
        changed = [pair for pair in ranking.pairs if pair.expected_place != pair.found_place]
        moves = ", ".join(f"{pair.expected_place}!{pair.found_place}" for pair in changed)
        console.print(
            f"{result.format.name}: {ranking.moved} of {len(ranking.pairs)} pairs changed places ({moves}); those that "
            f"swapped differ by at most {ranking.largest_swap:.4f} in torch (below {SWAP_LIMIT} is allowed)."
        )
    console.print()


def print_host_ops(console: Console, results: Sequence[FormatResult]) -> None:
    """The ops on the host with their reasons, or that there is none."""
    for result in results:
        report = result.report
        if report.host_ops:
            console.print(f"{result.format.name}: {report.ops_host} of {report.ops_total} ops run on the host")
            console.print(host_table(report))
    clean = [result for result in results if not result.report.host_ops]
    if clean:
        names = ", ".join(result.format.name for result in clean)
        console.print(f"No op runs on the host, all {clean[0].report.ops_total} run on the device ({names}).\n")


def time_table(results: Sequence[FormatResult]) -> Table:
    """Predicted latency of a batch, throughput and utilisation per format."""
    from tilewright.demo import BATCH

    table = make_table(
        f"Predicted time of a batch of {BATCH}",
        ("format", "left"),
        ("latency", "right"),
        ("device", "right"),
        ("host", "right"),
        ("transfers", "right"),
        ("sentences/s", "right"),
        ("utilisation", "right"),
    )
    for result in results:
        estimate = result.estimate
        table.add_row(
            result.format.name,
            milliseconds(estimate.latency_s),
            milliseconds(estimate.device_s),
            milliseconds(estimate.host_s),
            milliseconds(estimate.transfer_s),
            f"{estimate.throughput:.0f}",
            f"{estimate.utilisation:.1%}",
        )
    return table
