"""`ttir-cache-to-values`: results and caches are those of writing in place, bit for bit; what cannot be is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.dialects.scf import Scf

from tilewright.dialects import ttir
from tilewright.dialects.discardable import TIED
from tilewright.dialects.text import parse_module, print_module
from tilewright.stages import make_context, make_interpreter, run_passes
from tilewright.support.errors import UnsupportedInputError

CONTEXT = make_context()
CONTEXT.load_dialect(Scf)
EXTENT = st.integers(1, 3)


def module_of(text: str) -> ModuleOp:
    """The module that `text` is."""
    module = parse_module(text, CONTEXT, "cache.mlir")
    module.verify()
    return module


def main_of(module: ModuleOp) -> FuncOp:
    """Its function `@main`."""
    return next(op for op in module.walk() if isinstance(op, FuncOp) and op.sym_name.data == "main")


def ties(function: FuncOp) -> list[int | None]:
    """For each result the argument that it is tied to."""
    attributes = function.res_attrs.data if function.res_attrs is not None else ()
    found = [a.data.get(TIED) for a in attributes] or [None] * len(function.function_type.outputs)
    return [t.value.data if isinstance(t, IntegerAttr) else None for t in found]


def bits(tensor: torch.Tensor) -> list[int]:
    """The bytes of a tensor."""
    return tensor.contiguous().view(-1).view(torch.uint8).tolist()


def run(module: ModuleOp, inputs: Sequence[torch.Tensor]) -> tuple[list[list[int]], list[list[int]]]:
    """The results of `@main` and its arguments afterwards, tied ones written back."""
    arguments = [tensor.clone() for tensor in inputs]
    results: list[list[int]] = []
    found = make_interpreter(module).run("main", arguments)
    for result, tied in zip(found, ties(main_of(module)), strict=True):
        assert isinstance(result, torch.Tensor)
        if tied is None:
            results.append(bits(result))
        else:
            arguments[tied].copy_(result)
    return results, [bits(a) for a in arguments]


def check(text: str, *inputs: torch.Tensor, tied: Sequence[int] = (0,)) -> ModuleOp:
    """Check that the pass keeps what `@main` does; the module after it."""
    module = module_of(text)
    expected = run(module, inputs)

    run_passes(module, "ttir-cache-to-values", context=CONTEXT)

    assert not [op for op in module.walk() if isinstance(op, ttir.CacheOp)]
    assert [t for t in ties(main_of(module)) if t is not None] == list(tied)
    assert run(module, inputs) == expected
    # What the pass made is there in the text too.
    assert run(module_of(print_module(module)), inputs) == expected
    return module


def random(shape: Sequence[int], seed: int = 0) -> torch.Tensor:
    """Normal numbers, with a NaN, an infinity and -0 among them."""
    drawn = torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))
    drawn.view(-1)[:3] = torch.tensor([float("nan"), float("inf"), -0.0])[: drawn.numel()]
    return drawn


def type_of(tensor: torch.Tensor) -> str:
    """Its type in the IR."""
    names = {torch.float32: "f32", torch.int32: "i32", torch.int64: "i64", torch.bfloat16: "bf16", torch.uint32: "ui32"}
    return f"tensor<{'x'.join([*map(str, tensor.shape), names[tensor.dtype]])}>"


def function(op: str, properties: str, *inputs: torch.Tensor) -> str:
    """A function of one cache op that returns what the cache was before and is after."""
    types = [type_of(i) for i in inputs]
    arguments = ", ".join(f"%{i}: {t}" for i, t in enumerate(types))
    names = ", ".join(f"%{i}" for i in range(len(inputs)))
    count = inputs[0].numel()
    reshape = f'"ttir.reshape"(%0) <{{shape = [{count} : i32]}}> : ({types[0]}) -> tensor<{count}xf32>'
    return f"""
    func.func @main({arguments}) -> (tensor<{count}xf32>, tensor<{count}xf32>) {{
      %before = {reshape}
      "ttir.{op}"({names}) {properties} : ({", ".join(types)}) -> ()
      %after = {reshape}
      return %before, %after : tensor<{count}xf32>, tensor<{count}xf32>
    }}
    """


@settings(max_examples=25)
@given(EXTENT, EXTENT, EXTENT, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
def test_fill_cache(batches: int, heads: int, rows: int, before: int, after: int, free: int) -> None:
    inputs = random((before + batches + after, heads, rows + free, 2)), random((batches, heads, rows, 2), 1)
    check(function("fill_cache", f"<{{batch_offset = {before} : i32}}>", *inputs), *inputs)


@settings(max_examples=25)
@given(EXTENT, EXTENT, EXTENT, st.integers(0, 2), st.integers(0, 1), st.data())
def test_update_cache(users: int, heads: int, rows: int, before: int, after: int, data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(), (1,), (users,)]))
    count = users if shape == (users,) else 1
    positions = data.draw(st.lists(st.integers(0, rows - 1), min_size=count, max_size=count))
    dtype = data.draw(st.sampled_from([torch.int32, torch.int64, torch.uint32]))
    index = torch.tensor(positions).reshape(shape).to(dtype)
    inputs = random((before + users + after, heads, rows, 2)), random((1, heads, users, 2), 1), index
    check(function("update_cache", f"<{{batch_offset = {before} : i32}}>", *inputs), *inputs)


@settings(max_examples=25)
@given(EXTENT, EXTENT, st.integers(0, 1), st.booleans(), st.sampled_from([torch.float32, torch.bfloat16]), st.data())
def test_paged_update_cache_without_pages(
    users: int, heads: int, padding: int, shared: bool, dtype: torch.dtype, data: st.DataObject
) -> None:
    positions = data.draw(st.lists(st.integers(-1, 3), min_size=users, max_size=users))
    cache = random((1 if shared else users + padding, heads, 4, 2))
    new = random((1, users, heads + padding, 2), 1).to(dtype)
    inputs = cache, new, torch.tensor(positions, dtype=torch.int32)
    check(function("paged_update_cache", f"<{{share_cache = {str(shared).lower()}}}>", *inputs), *inputs)


@settings(max_examples=25)
@given(EXTENT, EXTENT, EXTENT, st.sampled_from([torch.int32, torch.uint32]), st.data())
def test_paged_update_cache(users: int, heads: int, pages: int, dtype: torch.dtype, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(-1, 32 * pages - 1), min_size=users, max_size=users))
    row = st.lists(st.integers(0, 2), min_size=pages, max_size=pages)
    table = data.draw(st.lists(row, min_size=users, max_size=users))
    index = torch.tensor(positions).to(torch.int32).view(dtype)
    inputs = random((3, heads, 32, 2)), random((1, users, heads, 2), 1), index, torch.tensor(table).to(dtype)
    check(function("paged_update_cache", "", *inputs), *inputs)


@settings(max_examples=25)
@given(EXTENT, st.integers(1, 100), EXTENT, st.booleans(), st.data())
def test_paged_fill_cache(heads: int, rows: int, users: int, named: bool, data: st.DataObject) -> None:
    row = st.lists(st.integers(-1, 4), min_size=4, max_size=4)
    table = torch.tensor(data.draw(st.lists(row, min_size=users, max_size=users)), dtype=torch.int32)
    batches = data.draw(st.integers(1, 3)) if named else 1
    inputs = [random((5, heads, 32, 2)), random((batches, heads, rows, 2), 1), table]
    if named:
        chosen = data.draw(st.lists(st.integers(0, users - 1), min_size=batches, max_size=batches))
        inputs.append(torch.tensor(chosen, dtype=torch.int32))
    check(function("paged_fill_cache", "", *inputs), *inputs)


C, X, POSITION = "tensor<1x1x4x1xf32>", "tensor<1x1x1x1xf32>", "tensor<1xi32>"
ARGUMENTS = f"%c: {C}, %x: {X}, %i: {POSITION}"
FILL = f'"ttir.fill_cache"(%c, %x) <{{batch_offset = 0 : i32}}> : ({C}, {X}) -> ()'


def update(cache: str = "%c", new: str = "%x") -> str:
    """A row of a cache is written."""
    return f'"ttir.update_cache"({cache}, {new}, %i) <{{batch_offset = 0 : i32}}> : ({C}, {X}, {POSITION}) -> ()'


def doubled(name: str, of: str) -> str:
    """A value computed from a cache."""
    return f'%{name} = "ttir.add"({of}, {of}) : ({C}, {C}) -> {C}'


INPUTS = random((1, 1, 4, 1)), random((1, 1, 1, 1), 1), torch.tensor([2], dtype=torch.int32)


def main(body: str, results: str, arguments: str = ARGUMENTS) -> str:
    """The function `@main`."""
    return f"func.func @main({arguments}) -> ({results}) {{\n{body}\n}}\n"


def test_each_use_gets_the_value_at_its_place() -> None:
    body = f"""
      {doubled("a", "%c")}
      {update()}
      {doubled("b", "%c")}
      {FILL}
      {doubled("d", "%c")}
      return %a, %b, %d, %c : {C}, {C}, {C}, {C}
    """
    check(main(body, f"{C}, {C}, {C}, {C}"), *INPUTS)


def test_cache_that_is_no_argument_is_not_returned() -> None:
    body = f"""
      {doubled("a", "%c")}
      {update("%a")}
      return %a : {C}
    """
    check(main(body, C), *INPUTS, tied=())


def test_two_caches_are_tied_each_to_its_argument() -> None:
    body = f"""
      {update("%k")}
      {update()}
      {update("%k")}
      return
    """
    text = main(body, "", f"{ARGUMENTS}, %k: {C}")
    check(text, *INPUTS, random((1, 1, 4, 1), 5), tied=(0, 3))


def test_caches_filled_with_one_value_stay_apart() -> None:
    whole = f'"ttir.fill_cache"(%{{}}, %n) <{{{{batch_offset = 0 : i32}}}}> : ({C}, {C}) -> ()'
    body = f"""
      {whole.format("c")}
      {whole.format("k")}
      {update("%k")}
      {update("%n")}
      {doubled("a", "%c")}
      {doubled("b", "%k")}
      return %a, %b, %n : {C}, {C}, {C}
    """
    text = main(body, f"{C}, {C}, {C}", f"{ARGUMENTS}, %k: {C}, %n: {C}")
    check(text, *INPUTS, random((1, 1, 4, 1), 5), random((1, 1, 4, 1), 6), tied=(0, 3, 4))


def test_device_code_of_a_partitioned_module() -> None:
    text = main(f"{update()}\nreturn %c : {C}", C)
    check(f"ttcore.device_module {{ builtin.module {{\n{text}}}}}", *INPUTS)


WRITE = f"""
    func.func private @write({ARGUMENTS}) -> {C} {{
      {doubled("a", "%c")}
      {update()}
      return %a : {C}
    }}
"""
CALL = f"func.call @write(%c, %x, %i) : ({C}, {X}, {POSITION}) -> {C}"


def test_functions_that_are_called_give_the_new_values() -> None:
    body = f"""
      %before = func.call @outer(%c, %x, %i) {{kept}} : ({C}, {X}, {POSITION}) -> {C}
      {doubled("b", "%c")}
      return %before, %b : {C}, {C}
    """
    outer = f"""
    func.func private @outer({ARGUMENTS}) -> {C} {{
      %0 = {CALL}
      {FILL}
      return %0 : {C}
    }}
    """
    # The callees come after their callers.
    module = check(main(body, f"{C}, {C}") + outer + WRITE, *INPUTS)

    assert "@outer(%c, %x, %i) {kept}" in print_module(module)


def test_attributes_of_results_stay() -> None:
    text = f"func.func @main({ARGUMENTS}) -> ({C} {{kept}}) {{\n{update()}\nreturn %c : {C}\n}}"
    module = check(text, *INPUTS)

    attributes = main_of(module).res_attrs
    assert attributes is not None
    assert [list(a.data) for a in attributes] == [["kept"], [TIED]]


def test_module_without_caches_stays() -> None:
    text = main(f"{doubled('a', '%c')}\nreturn %a : {C}", C)
    module = module_of(text)
    before = str(module)

    run_passes(module, "ttir-cache-to-values", context=CONTEXT)

    assert str(module) == before


def test_new_ops_have_the_location_of_the_op() -> None:
    text = main(f'{update()} loc("here":7:1)\nreturn', "")
    module = module_of(text)

    run_passes(module, "ttir-cache-to-values", context=CONTEXT)

    *made, _ = main_of(module).body.block.ops
    assert {str(op.location) for op in made} == {'loc("here":7:1)'}


UNKNOWN = "tensor<1x1x?x1xf32>"
REFUSED = {
    "a shape is not known": (
        f"func.func @main(%c: {UNKNOWN}, %x: {X}) {{\n"
        f'"ttir.fill_cache"(%c, %x) <{{batch_offset = 0 : i32}}> : ({UNKNOWN}, {X}) -> ()\nreturn\n}}'
    ),
    "it stands in a loop or branch": main(
        f"%p = arith.constant true\nscf.if %p {{\n{update()}\n}}\nreturn", "", ARGUMENTS
    ),
    "changes an argument that it gets twice": WRITE.replace("@write", "@twice").replace(f"%x: {X}", f"%x: {X}, %d: {C}")
    + main(f"%0 = func.call @twice(%c, %x, %c, %i) : ({C}, {X}, {C}, {POSITION}) -> {C}\nreturn", ""),
    "the function that it runs changes an argument in place": WRITE
    + main(
        '%0 = "ttcore.composite"(%c, %x, %i) <{composite_name = "w", decomposition = @write}> : '
        f"({C}, {X}, {POSITION}) -> {C}\nreturn",
        "",
    ),
    "operand 'cache' has 1": main(update().replace("= 0 : i32", "= 1 : i32") + "\nreturn", ""),
    "changes an argument in place": main(
        f"{update()}\nfunc.call @main(%c, %x, %i) : ({C}, {X}, {POSITION}) -> ()\nreturn", ""
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_expressed_is_refused(why: str) -> None:
    module = parse_module(REFUSED[why], CONTEXT, "cache.mlir")

    with pytest.raises(UnsupportedInputError) as raised:
        run_passes(module, "ttir-cache-to-values", context=CONTEXT)

    assert why in f"{raised.value.why}"
    assert raised.value.where is not None
