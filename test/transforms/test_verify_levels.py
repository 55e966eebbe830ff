"""Every rule of every level's contract: what breaks it is refused, and the message says op, place, rule and pass."""

from __future__ import annotations

import pytest
from xdsl.parser import Parser

from tilewright.stages import make_context, run_passes
from tilewright.support.errors import ResourceError, TilewrightError, VerifyError

AT = 'loc("encoder.0"("model.py":12:4))'
WHERE = "model.py:12 (encoder.0)"

TILES = "tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>"
OTHER_TILES = "tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[5], pad = undef, dram>>"
PRECISION = "<accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer>"


def function(body: str) -> str:
    """A function of `%x : tensor<4xf32>` around one op."""
    return f"func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {{ {body} {AT}\n func.return %x : tensor<4xf32> }}"


def partitioned(device: str, host: str = "") -> str:
    """A module with these contents of device and host module."""
    return (
        f"ttcore.device_module {{ builtin.module {{ {device} }} }}\nttcore.cpu_module {{ builtin.module {{ {host} }} }}"
    )


def queue(allocation: str = "0, 805306368", memory: str = "dram", entries: int = 1) -> str:
    """A queue @q of one tile of 2080 bytes."""
    return f"tile.queue queue @q entries = {entries} : i64 grid = [1, 1] {memory} at [{allocation}] : {TILES} {AT}"


def epoch(queue_name: str = "q", tiles: str = TILES, origin: str = "0, 0", l1: int = 8320) -> str:
    """An epoch of one kernel that reads and writes a queue."""
    placement = (
        f"at <origin = [{origin}], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, "
        f"buffers = 2, resident = [], l1 = {l1}>"
    )
    return (
        f"tile.epoch @e chip = 0 : i64 index = 0 : i64 {{ %0 = tile.pop @{queue_name} : {tiles} {AT}\n"
        f"%1 = tile.exp %0, {PRECISION} {placement} : {tiles} -> {tiles} {AT}\n"
        f"tile.push %1 to @{queue_name} : {tiles} {AT} }}"
    )


def program(body: str) -> str:
    """A program of one op."""
    return f"tile.program @f() -> () {{ {body} {AT}\n tile.return }}"


BROKEN = {
    "a TTIR op at level 1": (
        "verify-aten",
        function('%0 = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>'),
        ("ttir.exp", "level 1 holds aten.call alone", "the importer"),
    ),
    "a kernel at level 2": (
        "verify-ttir",
        function(f"%0 = tile.tilize %x, {PRECISION} : tensor<4xf32> -> {TILES.replace('undef', '0.0')}"),
        ("tile.tilize", "level 2 holds ttir ops, aten.call and ttcore.load_cached", "aten-to-ttir"),
    ),
    "a function beside the modules": (
        "verify-partitioned",
        f"func.func private @f() -> () {AT}",
        ("func.func", "the root holds a device module and a cpu module", "ttir-partition"),
    ),
    "an operator on the device": (
        "verify-partitioned",
        partitioned(function('%0 = aten.call "aten.relu.default"(%x) : (tensor<4xf32>) -> tensor<4xf32>')),
        ("aten.call", "the device module calls no operators", "ttir-partition"),
    ),
    "a host op without reasons": (
        "verify-partitioned",
        partitioned(
            "",
            'func.func @h(%x : tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu"} {'
            f'%0 = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32> {AT}\n func.return %0 : tensor<4xf32> }}',
        ),
        ("ttir.exp", "every host op carries its reasons", "ttir-partition"),
    ),
    "a TTIR op at level 4": (
        "verify-tile",
        function('%0 = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>'),
        ("ttir.exp", "level 4 holds kernels, tilize, untilize, calls and loads", "ttir-to-tile"),
    ),
    "an epoch that pops from no queue": (
        "verify-placed",
        epoch("absent"),
        ("tile.pop", "queue @absent does not exist", "tile-place-ops"),
    ),
    "a program that pops from no queue": (
        "verify-placed",
        program(f"%0 = tile.pop @absent : {TILES}"),
        ("tile.pop", "queue @absent does not exist", "tile-place-ops"),
    ),
    "a value that is no entry": (
        "verify-placed",
        queue() + epoch(tiles=OTHER_TILES),
        ("tile.pop", "its value is no entry of queue @q", "tile-place-ops"),
    ),
    "an epoch that is not there": (
        "verify-placed",
        program("tile.execute @absent"),
        ("tile.execute", "epoch @absent does not exist", "tile-place-ops"),
    ),
}

TOO_LARGE = {
    "a channel that is not there": (
        queue("6, 805306368"),
        ("queue @q lies outside of DRAM", "channel 6 of 6", "tile-place-ops"),
    ),
    "a buffer past the end of its channel": (
        queue(f"0, {2**31 - 32}"),
        ("queue @q", f"bytes {2**31 - 32} to {2**31 - 32 + 2080} of {2**31}", "tile-place-ops"),
    ),
    "entries past the end of a channel": (
        queue(f"0, {2**31 - 2080}", entries=2),
        ("queue @q", f"bytes {2**31 - 2080} to {2**31 + 2080} of {2**31}", "tile-place-ops"),
    ),
    "a core that is not there": (
        queue() + epoch(origin="8, 0"),
        ("tile.exp lies outside of the core grid", "it reaches row 9 and column 1 of 8x8", "tile-place-ops"),
    ),
    "more than L1": (
        queue() + epoch(l1=1028097),
        ("tile.exp does not fit L1", "1028097 bytes on each core, 1028096 are available", "tile-place-ops"),
    ),
}


def refusal(passes: str, text: str) -> TilewrightError:
    """The error with which the passes refuse IR that verifies."""
    context = make_context()
    module = Parser(context, text, "model.mlir").parse_module()
    module.verify()
    with pytest.raises(TilewrightError) as caught:
        run_passes(module, passes, context=context)
    return caught.value


@pytest.mark.parametrize("case", BROKEN)
def test_broken_contract_is_refused(case: str) -> None:
    passes, text, (op, rule, blame) = BROKEN[case]

    error = refusal(passes, text)

    assert isinstance(error, VerifyError)
    assert error.what == f"{op} breaks the contract of its level"
    assert error.where == f"{WHERE}: {op}"
    assert error.why == rule
    assert error.hint == f"look at {blame}"


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_does_not_fit_the_device_is_refused(case: str) -> None:
    text, (what, why, hint) = TOO_LARGE[case]

    error = refusal("verify-placed", text)

    assert isinstance(error, ResourceError)
    assert what in error.what
    assert error.where is not None
    assert error.where.startswith(WHERE)
    assert why in (error.why or "")
    assert hint in (error.hint or "")


def test_limits_are_those_of_the_chosen_device() -> None:
    text = queue("6, 805306368") + epoch(origin="9, 10")

    run_passes(Parser(make_context(), text).parse_module(), "verify-placed{device=blackhole_p150}")
    with pytest.raises(ResourceError, match="of 6"):
        run_passes(Parser(make_context(), text).parse_module(), "verify-placed{device=wormhole_n150}")


def test_last_byte_and_last_core_are_usable() -> None:
    text = queue(f"5, {2**31 - 2080}") + epoch(origin="7, 7", l1=1028096)

    run_passes(Parser(make_context(), text).parse_module(), "verify-placed")


def test_queues_on_the_host_have_no_place_in_dram() -> None:
    run_passes(Parser(make_context(), queue("99, 0", memory="host")).parse_module(), "verify-placed")
