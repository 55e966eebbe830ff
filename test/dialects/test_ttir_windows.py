"""Convolutions, poolings and norms: constructors, and the attribute of flattened images."""

from __future__ import annotations

import pytest
from xdsl.context import Context
from xdsl.dialects import test as xdsl_test
from xdsl.dialects.builtin import Builtin, IntegerAttr, IntegerType, StringAttr, bf16, f32, i32
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError, VerifyException

from tilewright.dialects import ttir
from tilewright.dialects.ttir import TTIR
from tilewright.dialects.types import shape_of, tensor_type

FLAT = "#ttir<flattened_compat batch_size = {}, input_height = {}, input_width = {}>"


def attribute(text: str) -> Attribute:
    context = Context()
    context.load_dialect(TTIR)
    return Parser(context, text).parse_attribute()


def test_flattened_attribute_reads_and_prints() -> None:
    text = FLAT.format(1, 28, 30)
    found = attribute(text)
    assert found == ttir.FlattenedCompatInfoAttr.of(1, 28, 30)
    assert str(found) == text
    assert attribute(text[:-1] + ",>") == found


@pytest.mark.parametrize(
    "text",
    [
        "#ttir<flattened_compat batch_size = 1>",
        "#ttir<flattened_compat input_height = 1, batch_size = 1, input_width = 1>",
        "#ttir<flattened_compat batch_size = 1, input_height = x, input_width = 1>",
    ],
)
def test_malformed_flattened_attribute_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        attribute(text)


def value(*shape: int, of: Attribute = f32) -> SSAValue:
    return xdsl_test.TestOp(result_types=[tensor_type(shape, of)]).results[0]


X = value(2, 8, 9, 4, of=bf16)
FLATTENED = ttir.FlattenedCompatInfoAttr.of(2, 8, 9)
ROWS = value(1, 1, 144, 4, of=bf16)
BUILT = [
    (ttir.Conv1dOp(value(2, 9, 4), value(6, 2, 3), stride=2, padding=(1, 0), groups=2), (2, 4, 6)),
    (ttir.Conv1dOp(value(2, 4, 9), value(6, 4, 3), value(1, 6, 1), dilation=2, layout="NCL"), (2, 6, 5)),
    (ttir.Conv2dOp(X, value(6, 4, 3, 2), padding=(1, 0, 2, 3), stride=(2, 1)), (2, 5, 11, 6)),
    (ttir.Conv2dOp(value(4, 2, 9, 8), value(6, 4, 3, 2), value(6, 1, 1, 1), layout="CNWH"), (6, 2, 8, 6)),
    (ttir.Conv2dOp(ROWS, value(6, 4, 1, 1), flattened_compat_info=FLATTENED), (1, 1, 144, 6)),
    (ttir.Conv3dOp(value(1, 4, 8, 9, 4), value(6, 4, 3, 2, 1), padding=1, padding_mode="replicate"), (1, 4, 9, 11, 6)),
    (ttir.Conv3dOp(value(1, 4, 4, 8, 9), value(6, 4, 3, 2, 1), layout="NCDHW"), (1, 6, 2, 7, 9)),
    (ttir.ConvTranspose2dOp(X, value(4, 3, 3, 2), stride=2, output_padding=1, groups=2), (2, 18, 19, 6)),
    (ttir.ConvTranspose2dOp(ROWS, value(4, 3, 1, 1), flattened_compat_info=FLATTENED), (1, 1, 144, 3)),
    (ttir.AvgPool2dOp(X, 2), (2, 4, 4, 4)),
    (ttir.AvgPool2dOp(X, (3, 2), 2, (1, 0), ceil_mode=True, count_include_pad=False), (2, 5, 5, 4)),
    (ttir.MaxPool2dOp(X, 3, 2, 1, 2), (2, 3, 4, 4)),
    (ttir.MaxPool2dOp(ROWS, 2, flattened_compat_info=FLATTENED), (1, 1, 32, 4)),
    (ttir.MaxPool2dWithIndicesOp(X, 2, 1, index_type=i32), (2, 7, 8, 4)),
    (ttir.GlobalAvgPool2dOp(X), (2, 1, 1, 4)),
    (ttir.Upsample2dOp(X, (2, 3), "bilinear"), (2, 16, 27, 4)),
    (ttir.BatchNormInferenceOp(X, *[value(4)] * 4, 1e-5, 3), (2, 8, 9, 4)),
    (ttir.BatchNormTrainingOp(X, *[value(4)] * 4, 1e-5, 3, 0.1), (2, 8, 9, 4)),
    (ttir.GroupNormOp(X, 2, value(4), epsilon=1e-5), (2, 8, 9, 4)),
    (ttir.GroupNormOp(X, 4, None, value(8), input_mask=value(1, 4, 32, 32), channel_dim=1), (2, 8, 9, 4)),
]


@pytest.mark.parametrize(("op", "shape"), BUILT, ids=lambda x: x.name if isinstance(x, Operation) else None)
def test_constructor_infers_the_result(op: Operation, shape: tuple[int, ...]) -> None:
    op.verify()
    assert shape_of(op.results[0]) == shape
    context = Context()
    for dialect in (Builtin, xdsl_test.Test, TTIR):
        context.load_dialect(dialect)
    sources = "".join(f'%{i} = "test.op"() : () -> {v.type}\n' for i, v in enumerate(op.operands))
    types = ", ".join(str(v.type) for v in op.operands), ", ".join(str(r.type) for r in op.results)
    properties = ", ".join(f"{name} = {attribute}" for name, attribute in op.properties.items())
    names = ", ".join(f"%{i}" for i in range(len(op.operands)))
    text = f'{sources}"{op.name}"({names}) <{{{properties}}}> : ({types[0]}) -> ({types[1]})'
    *_, again = Parser(context, text).parse_module().body.block.ops
    assert again.properties == op.properties


def test_constructors_take_what_they_are_told() -> None:
    op = ttir.Conv2dOp(X, value(6, 4, 3, 2), result_type=tensor_type((2, 6, 8, 6), f32))
    assert op.result.type == tensor_type((2, 6, 8, 6), f32)
    assert op.height_dim == IntegerAttr(1, 64)
    pool = ttir.MaxPool2dWithIndicesOp(X, 2, index_type=IntegerType(16))
    assert pool.result.type == tensor_type((2, 4, 4, 4), bf16)
    assert pool.result_indices.type == tensor_type((2, 4, 4, 4), IntegerType(16))
    assert ttir.Upsample2dOp(X, 2).mode == StringAttr("nearest")


def test_constructor_leaves_no_use_behind() -> None:
    x, weight = value(2, 8, 9, 4), value(6, 4, 3, 2)
    op = ttir.Conv2dOp(x, weight)
    assert [use.operation for use in x.uses] == [op]
    with pytest.raises(VerifyException, match="operand 'weight' has 4 input channels, expected 2"):
        ttir.Conv2dOp(x, weight, groups=2)
    assert [use.operation for use in weight.uses] == [op]


@pytest.mark.parametrize("layout", ["NHW", "NHCC", "NDHW", "NCW"])
def test_layout_of_other_letters_is_refused(layout: str) -> None:
    with pytest.raises(VerifyException, match="expected an order of 'NLC', 'NHWC' or 'NDHWC'"):
        ttir.Conv2dOp(X, value(6, 4, 3, 2), layout=layout)
