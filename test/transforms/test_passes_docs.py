"""docs/passes.md lists exactly the passes and options that exist, and its examples are true."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

import pytest
from xdsl.parser import Parser

from tilewright.stages import make_context, run_passes
from tilewright.support.errors import TilewrightError
from tilewright.universe import TILEWRIGHT_UNIVERSE

TEXT = (Path(__file__).parents[2] / "docs" / "passes.md").read_text(encoding="utf-8")

FUNCTION = """
func.func @f(
  %x : tensor<4x8xf32>,
  %w : tensor<5x8xf32> {{ttcore.argument_type = #ttcore.argument_type<parameter>}},
  %i : tensor<4xi64>
) -> {type} {{
  {op}
  func.return {value} : {type}
}}
"""
"""What the page says that an example stands in."""

SQUARE = """
func.func private @square(%y : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %square = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %square : tensor<4x8xf32>
}
"""
"""The function that an example may call."""


@dataclass(frozen=True)
class Section:
    """What the page says of one pass.

    Attributes:
        options: Name and default of each.
        before: The op of the example.
        after: Lines that follow from it.
        refused: Whether these are what the error says.
    """

    options: dict[str, str]
    before: str
    after: tuple[str, ...]
    refused: bool


def sections() -> dict[str, Section]:
    """The page by pass."""
    found: dict[str, Section] = {}
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        name = re.match(r"`([^`]+)`\n", part)
        example = re.search(r"```mlir\n(.*?)\n// (becomes|is refused)\n(.*?)\n```", part, flags=re.DOTALL)
        assert name is not None
        assert example is not None, name[1]
        options = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (\S+) \|", part, flags=re.MULTILINE))
        found[name[1]] = Section(options, example[1], tuple(example[3].splitlines()), example[2] == "is refused")
    return found


SECTIONS = sections()


def test_page_lists_exactly_the_registered_passes() -> None:
    assert set(SECTIONS) == set(TILEWRIGHT_UNIVERSE.all_passes)


@pytest.mark.parametrize("name", sorted(TILEWRIGHT_UNIVERSE.all_passes))
def test_page_lists_exactly_the_options(name: str) -> None:
    pass_type = TILEWRIGHT_UNIVERSE.all_passes[name]()
    expected: dict[str, str] = {}
    for field in fields(pass_type):
        assert field.default is not MISSING, field.name
        expected[field.name.replace("_", "-")] = "none" if field.default is None else str(field.default)

    assert SECTIONS[name].options == expected


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_example_is_true(name: str) -> None:
    section = SECTIONS[name]
    value, type_ = "%0", section.before.rpartition(" : " if "->" not in section.before else "-> ")[2]
    if "ttcore.tile" in type_:
        value, type_ = "%x", "tensor<4x8xf32>"  # no function returns tiles
    context = make_context()
    text = FUNCTION.format(op=section.before, value=value, type=type_) + (SQUARE if "@square" in section.before else "")
    module = Parser(context, text).parse_module()
    module.verify()
    if section.refused:
        with pytest.raises(TilewrightError) as caught:
            run_passes(module, name, context=context)
        assert caught.value.why in section.after
        return

    run_passes(module, name, context=context)

    lines = {line.strip() for line in str(module).splitlines()}
    assert set(section.after) <= lines, "\n".join(sorted(lines))


def test_order_of_the_pipeline_is_as_told() -> None:
    pipeline = TILEWRIGHT_UNIVERSE.all_passes["tilewright"]()()
    stages = pipeline.stages()  # type: ignore[attr-defined]
    told = re.search(r"`tilewright` runs these, in this order: (.*?)\.\n", TEXT, flags=re.DOTALL)

    assert told is not None
    assert re.findall(r"`([^`]+)`", told[1]) == [each.name for _, passes in stages for each in passes]


def test_options_of_the_pipeline_are_those_of_its_passes() -> None:
    expected = SECTIONS["tile-assign-formats"].options | SECTIONS["tile-place-ops"].options

    assert SECTIONS["tilewright"].options == expected
