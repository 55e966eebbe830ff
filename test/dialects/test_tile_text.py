"""The text of `tile` and `aten`: what is printed reads back as the same text, in both forms, for every op."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import (
    ArrayAttr,
    Builtin,
    FloatAttr,
    IntAttr,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    StringAttr,
    TensorType,
    f32,
    f64,
)
from xdsl.dialects.func import Func
from xdsl.ir import Attribute, Operation
from xdsl.parser import Parser
from xdsl.printer import Printer

from tilewright.dialects import aten
from tilewright.dialects.aten import ATEN
from tilewright.dialects.tile import TILE, LayoutAttr, Memory, Placement, PlacementAttr, PrecisionAttr
from tilewright.dialects.tile.attributes import ACCUMULATE_FORMATS
from tilewright.dialects.ttcore import TTCORE
from tilewright.support.dataformat import DataFormat, MathFidelity, Rounding

ROOT = Path(__file__).parents[1] / "filecheck" / "dialects"
FILES = [p for d in ("tile", "aten") for p in sorted((ROOT / d).glob("*.mlir")) if "invalid" not in p.name]


def context() -> Context:
    """A context with all dialects that the files use."""
    found = Context(allow_unregistered=True)
    for dialect in (Builtin, Func, xdsl_test.Test, TTCORE, TILE, ATEN):
        found.load_dialect(dialect)
    return found


def text_of(op: Operation, *, generic: bool) -> str:
    """`op` printed."""
    stream = io.StringIO()
    Printer(stream, print_generic_format=generic).print_op(op)
    return stream.getvalue()


def parsed(text: str) -> ModuleOp:
    """The verified module of `text`."""
    module = Parser(context(), text).parse_module()
    module.verify()
    return module


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_printed_text_reads_back_as_itself(path: Path, generic: bool) -> None:
    text = text_of(parsed(path.read_text(encoding="utf-8")), generic=generic)
    assert text_of(parsed(text), generic=generic) == text


def test_files_hold_every_op() -> None:
    found = {op.name for path in FILES for op in parsed(path.read_text(encoding="utf-8")).walk()}
    defined = {op.name for dialect in (TILE, ATEN) for op in dialect.operations}
    assert defined - found == set()


def reread(attribute: Attribute) -> Attribute:
    """`attribute`, printed and parsed."""
    return Parser(context(), str(attribute)).parse_attribute()


@given(
    st.lists(st.integers(1, 1 << 20), max_size=4).map(tuple),
    st.none() | st.floats(allow_nan=False, width=32),
    st.sampled_from(Memory),
)
def test_layout_reads_back(logical: tuple[int, ...], pad: float | None, memory: Memory) -> None:
    layout = LayoutAttr.of(logical, pad, memory)
    assert reread(layout) == layout
    assert layout.pad_value == pad


FORMATS = st.sampled_from(DataFormat)


@given(st.sampled_from(ACCUMULATE_FORMATS), FORMATS, st.sampled_from(MathFidelity), st.sampled_from(Rounding))
def test_precision_reads_back(
    accumulate: DataFormat, intermediate: DataFormat, fidelity: MathFidelity, rounding: Rounding
) -> None:
    precision = PrecisionAttr.of(accumulate, intermediate, fidelity, rounding)
    assert reread(precision) == precision
    choices = precision.choices
    assert (choices.accumulate, choices.intermediate) == (accumulate, intermediate)
    assert (choices.fidelity, choices.rounding) == (fidelity, rounding)


COUNT = st.integers(1, 64)
PAIR = st.tuples(COUNT, COUNT)


@given(
    st.builds(
        Placement,
        origin=st.tuples(st.integers(0, 9), st.integers(0, 9)),
        grid=PAIR,
        t=COUNT,
        mblock=PAIR,
        ublock=PAIR,
        m_k=COUNT,
        u_kt=COUNT,
        buffers=COUNT,
        resident=st.lists(st.integers(0, 3), max_size=3).map(tuple),
        l1=st.integers(0, 1 << 21),
    )
)
def test_placement_reads_back(placement: Placement) -> None:
    attribute = PlacementAttr.of(placement)
    assert reread(attribute) == attribute
    assert attribute.placement == placement


def test_placement_knows_its_cores_and_tiles() -> None:
    place = Placement((1, 2), (2, 3), 5, (2, 1), (2, 4), 1, 1, 2, (), 0)
    assert place.cores == {(1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4)}
    assert place.tiles == (5 * 2 * 2 * 2) * (3 * 1 * 4)


NAMES = st.text(st.characters(codec="ascii"), max_size=6)
CONSTANTS = st.one_of(
    st.just(aten.NoneAttr()),
    st.booleans().map(IntegerAttr.from_bool),
    st.integers(-(2**63), 2**63 - 1).map(lambda n: IntegerAttr(n, IntegerType(64))),
    st.floats().map(lambda x: FloatAttr(x, f64)),
    NAMES.map(StringAttr),
    NAMES.map(StringAttr).map(aten.DtypeAttr),
    NAMES.map(StringAttr).map(aten.DeviceAttr),
    st.complex_numbers().map(lambda c: aten.ComplexAttr(StringAttr(repr(c.real)), StringAttr(repr(c.imag)))),
)


class Arguments:
    """Argument lists with operands numbered in the order in which they appear."""

    def __init__(self) -> None:
        self.operands = 0

    def number(self, tree: object) -> Attribute:
        """`tree`, each None in it replaced by the next operand."""
        if isinstance(tree, list):
            return ArrayAttr([self.number(t) for t in tree])
        if tree is None:
            self.operands += 1
            return aten.OperandAttr(IntAttr(self.operands - 1))
        assert isinstance(tree, Attribute)
        return tree


TREES = st.recursive(st.none() | CONSTANTS, lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@given(NAMES, st.lists(TREES, max_size=4), st.dictionaries(NAMES, TREES, max_size=3))
def test_call_reads_back(callee: str, args: list[object], kwargs: dict[str, object]) -> None:
    numbered = Arguments()
    positional = [numbered.number(a) for a in args]
    keyword = {k: numbered.number(a) for k, a in kwargs.items()}
    types = [TensorType(f32, (n,)) for n in range(numbered.operands)]
    values = xdsl_test.TestOp(result_types=types)
    call = aten.CallOp(callee, values.results, positional, keyword, [TensorType(f32, ())])
    module = ModuleOp([values, call])
    module.verify()
    for generic in (False, True):
        text = text_of(module, generic=generic)
        read = parsed(text)
        assert text_of(read, generic=generic) == text
        # The generic form writes every property as it is, so that nothing is lost on the way through the other.
        assert text_of(read, generic=True) == text_of(module, generic=True)
