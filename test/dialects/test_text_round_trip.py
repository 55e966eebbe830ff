"""Attributes, locations and aliases read back as what was printed, and are kept where xDSL alone loses them."""

from __future__ import annotations

import pytest
from xdsl.dialects.builtin import CallSiteLoc, FileLineColLoc, FusedLoc, ModuleOp, NameLoc, NoneAttr, UnknownLoc
from xdsl.ir import Attribute, Block, Operation

from tilewright.dialects.text import SourceError, parse_module, print_module
from tilewright.dialects.text.aliases import LARGEST_EXPANSION
from tilewright.dialects.text.locations import ends_of_range, file_location, range_location
from tilewright.stages import make_context
from tilewright.support.locations import source_line

CONTEXT = make_context()
CONTEXT.allow_unregistered = True


def parse(text: str) -> ModuleOp:
    return parse_module(text, CONTEXT, "f.mlir")


def attribute(text: str) -> Attribute:
    """The attribute that `text` says, which reads back as itself."""
    module = parse(f'"t.op"() {{a = {text}}} : () -> ()')
    again = parse(print_module(module))
    assert again.is_structurally_equivalent(module), print_module(module)
    return module.body.block.ops.first.attributes["a"]  # pyright: ignore[reportOptionalMemberAccess]


def locations(module: Operation) -> list[str]:
    """The locations of all ops and block arguments."""
    blocks: list[Block] = [b for op in module.walk() for region in op.regions for b in region.blocks]
    return [str(op.location) for op in module.walk()] + [str(a.location) for b in blocks for a in b.args]


@pytest.mark.parametrize(
    "text",
    [
        "1 : i32",
        "-1 : si8",
        "255 : ui8",
        "0xFFFFFFE0 : i32",
        "true",
        "1.0 : bf16",
        "0.1 : f32",
        "0.1 : f64",
        "-0.0 : f16",
        "1.0e300 : f64",
        "1.0e39 : f32",
        "3.0 : f80",
        "1.0e-5 : f128",
        "1.0e22 : f128",
        "0.1 : f8E4M3FN",
        "0x7F800001 : f32",
        "0xFFC12345 : f32",
        "0x7E01 : f16",
        "0xFFC1 : bf16",
        "0x7FF0000000000001 : f64",
        "0xFC : f8E5M2",
        "0xFF : f8E4M3FN",
        "array<i64: 1, -2>",
        "array<i1: true, false>",
        "array<i32>",
        "array<f32: 0x7FC00001, 1.0, -0.0>",
        "array<bf16: 1.5>",
        "array<f64>",
        "strided<[1, ?], offset: ?>",
        "affine_map<(d0, d1) -> (d1, d0 floordiv 32)>",
        "affine_set<(d0) : (d0 >= 0)>",
        "[1 : i32, [unit, @a::@\"b c\"]]",
        '{a = 1 : i32, "b c" = unit}',
        '"caf\\C3\\A9 \\22\\5C\\0A"',
        '"\\FF\\00"',
        "tensor<?x4xf32>",
        "tensor<*xf32>",
        "tensor<0x16xf32>",
        "tensor<2xi1, #t.encoding<[1, \">\"]>>",
        "vector<[4]x2xf32>",
        "memref<2x?xf32, strided<[1, 2]>, 3 : i32>",
        "tuple<i32, !t.type<f32>>",
        "complex<f64>",
        "(i32, f32) -> (tensor<2xui16>, none)",
        "() -> ()",
        "index",
        'opaque<"a", "b"> : tensor<2xf32>',
        "#t.attr<loc(x) { [ ( ) ] } -> \"}\">",
        'loc("a":1:2)',
        "dense_resource<none> : tensor<2xf32>",
    ],
)  # fmt: skip
def test_attribute(text: str) -> None:
    attribute(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("tensor<64 x 31 x bf16>", "tensor<64x31xbf16>"),
        ("tensor<? x3x 4 x!ttcore.tile<32x32, f32>>", "tensor<?x3x4x!ttcore.tile<32x32, f32>>"),
        ("tensor<0 x f32>", "tensor<0xf32>"),
        ("memref<2 x 3x f32>", "memref<2x3xf32>"),
    ],
)
def test_shapes_may_have_spaces(text: str, same: str) -> None:
    assert attribute(text) == attribute(same)


def test_strings_are_utf8() -> None:
    assert attribute('"caf\\C3\\A9"') == attribute('"café"')


def test_float_overflows_to_infinity() -> None:
    assert attribute("1.0e39 : f32") == attribute("0x7F800000 : f32")
    assert attribute("-1.0e6 : f16") == attribute("0xFC00 : f16")


PLACE = file_location("f", 1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unknown", UnknownLoc()),
        ('"f":1:2', PLACE),
        ('"f":4294967295:2060', file_location("f", 4294967295, 2060)),
        ('"f":1:2 to 3:4', range_location(PLACE, file_location("f", 3, 4))),
        ('"f":1:2 to :4', range_location(PLACE, file_location("f", 1, 4))),
        ('"n"', None),
        ('"n"("f":1:2)', None),
        ('"caf\\C3\\A9"(unknown)', None),
        ('callsite("n" at "f":1:2)', CallSiteLoc),
        ('callsite(callsite("a" at "b") at fused["f":1:2 to 3:4])', CallSiteLoc),
        ('fused["a", "f":1:2]', FusedLoc),
        ("fused[]", FusedLoc),
        ('fused<"meta">["a", unknown]', FusedLoc),
        ('fused<{a = 1 : i32}>["f":1:2 to :4]', FusedLoc),
        ("#early", None),
        ("#late", None),
        ('fused[#late, "x"(#late)]', FusedLoc),
    ],
)
def test_location(text: str, expected: Attribute | type[Attribute] | None) -> None:
    module = parse(
        f"""
#early = loc("early"("g":7:8))
"t.outer"() ({{
^bb0(%a: i32 loc({text})):
  "t.inner"() : () -> () loc({text})
}}) : () -> () loc({text})
func.func @f(%a: i32 {{t.x}} loc({text}), %b: i32 loc({text})) -> i32 {{
  return %a : i32 loc({text})
}} loc({text})
#late = loc("late"(#deep))
#deep = loc("g":7:8)
"""
    )
    outer = module.body.block.ops.first
    assert outer is not None
    found = locations(module)[1:]
    assert found == [str(outer.location)] * len(found)
    assert expected in (None, outer.location, type(outer.location))

    printed = print_module(module, locations=True)
    assert locations(parse(printed)) == locations(module)
    assert "#" not in printed
    assert "loc" not in print_module(module)


def test_range_is_a_pair_of_places() -> None:
    start, end = file_location("f", 1, 2), file_location("f", 3, 4)
    assert ends_of_range(range_location(start, end)) == (start, end)
    assert ends_of_range(FusedLoc((start, end), NoneAttr())) is None
    assert source_line(range_location(start, end)) == "f:1"


def test_location_of_module() -> None:
    module = parse('module @m attributes {t.a} { } loc("m")')
    assert module.location == parse(print_module(module, locations=True)).location
    assert isinstance(module.location, NameLoc)


def test_op_without_location_gets_its_place() -> None:
    module = parse('%0 = "t.a"() : () -> i32\n\n  "t.b"(%0) : (i32) -> ()\n"t.c"() : () -> () loc(unknown)\n')
    a, b, c = module.body.block.ops

    assert a.location == file_location("f.mlir", 1, 6)
    assert b.location == FileLineColLoc(*(file_location("f.mlir", 3, 3)).parameters)  # pyright: ignore[reportArgumentType]
    assert c.location == UnknownLoc()
    assert locations(parse(print_module(module, locations=True))) == locations(module)


def test_types_and_attributes_may_be_aliases_defined_later() -> None:
    module = parse('"t.op"() {a = #x} : () -> !t\n!t = tensor<2x!e>\n#x = [#y, !t]\n#y = 3 : i32\n!e = bf16\n')
    expected = parse('"t.op"() {a = [3 : i32, tensor<2xbf16>]} : () -> tensor<2xbf16>')
    assert module.is_structurally_equivalent(expected)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('"t.op"() : () -> () loc(#x)', (1, 25), "undefined symbol alias '#x'"),
        ('\n#a = loc("x"(#b))\n#b = loc("y"(#a))', (3, 14), "alias '#a' is defined by itself"),
        ('#a = loc("x")\n#a = loc("y")', (2, 1), "redefinition of alias '#a'"),
        ('"t.op"() : () -> () loc(#a)\n#a = loc("x")\n#a = loc("y")', (3, 1), "redefinition of alias '#a'"),
        ('"t.op"() : () -> !a\n!a = 3 : i32', (2, 6), "the alias '!a' is no type"),
        ('"t.op"() : () -> () loc(#a)\n#a = 3 : i32', (1, 25), "expected a location"),
        ('#a = loc("x"', (1, 13), "')' expected"),
        ('"t.op"() : () -> () loc(#a)\n\n#a = loc(5)', (3, 10), "expected a location"),
    ],
)
def test_bad_alias_is_an_error_where_it_stands(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(SourceError) as raised:
        parse(text)
    assert (raised.value.line, raised.value.column) == place
    assert raised.value.message == message


def test_aliases_cannot_grow_without_bound() -> None:
    doubling = [f"#a{i + 1} = loc(fused[#a{i}, #a{i}])" for i in range(60)]
    with pytest.raises(SourceError, match=f"longer than {LARGEST_EXPANSION} characters"):
        parse("\n".join(['#a0 = loc("xxxxxxxx")', *doubling]))


def test_unregistered_op_does_not_hide_a_registered_one() -> None:
    with pytest.raises(SourceError, match="operation 'return' is not registered"):
        parse("return")
    parse("func.func @f() { return }")
