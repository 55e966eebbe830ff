"""The tile type and what argument attributes say."""

from __future__ import annotations

import pytest
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntAttr, ModuleOp, StringAttr, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import Region
from xdsl.utils.exceptions import VerifyException

from tilewright.dialects.ttcore import (
    ArgumentType,
    ArgumentTypeAttr,
    CpuModuleOp,
    DeviceModuleOp,
    LoadCachedOp,
    TileType,
    argument_type_of,
)
from tilewright.dialects.types import element_type_of, shape_of, tensor_of, tensor_type
from tilewright.support.dataformat import DataFormat


@pytest.mark.parametrize("format", DataFormat)
def test_tile_has_a_type_for_every_format(format: DataFormat) -> None:
    tile = TileType.of(format)

    assert str(tile) == f"!ttcore.tile<32x32, {format.type_name}>"
    assert tile.format is format
    assert tile.get_shape() == (32, 32)
    assert TileType.of(format) is tile


def test_tile_of_unknown_format_is_refused() -> None:
    with pytest.raises(VerifyException, match="no data type 'bf8'; did you mean"):
        TileType(ArrayAttr([IntAttr(32), IntAttr(32)]), StringAttr("bf8"))


def test_argument_type() -> None:
    type = tensor_type((4,), f32)
    parameter = DictionaryAttr({"ttcore.argument_type": ArgumentTypeAttr(ArgumentType.PARAMETER)})
    attributes = ArrayAttr([parameter, DictionaryAttr({})])
    function = FuncOp("f", ([type, type], []), Region(), arg_attrs=attributes)

    assert argument_type_of(function, 0) is ArgumentType.PARAMETER
    assert argument_type_of(function, 1) is None
    assert argument_type_of(FuncOp("g", ([type], []), Region()), 0) is None


def test_modules_hold_a_module() -> None:
    device, host = ModuleOp([]), ModuleOp([])
    root = ModuleOp([DeviceModuleOp(device), CpuModuleOp(host)])

    root.verify()
    first, second = root.body.block.ops
    assert isinstance(first, DeviceModuleOp)
    assert first.module is device
    assert isinstance(second, CpuModuleOp)
    assert second.module is host


def test_load_cached_names_its_callee() -> None:
    load = LoadCachedOp("const_eval", [], [tensor_type((4,), f32)])

    assert load.callee.string_value() == "const_eval"
    assert shape_of(load.results[0]) == (4,)


def test_equal_tensor_types_are_one_object() -> None:
    assert tensor_type([2, 3], f32) is tensor_type((2, 3), f32)


def test_other_than_a_tensor_has_no_shape() -> None:
    module = FuncOp("f", ([f32], []))
    for ask in (tensor_of, shape_of, element_type_of):
        with pytest.raises(TypeError, match="expected a ranked tensor, found f32"):
            ask(module.args[0])
