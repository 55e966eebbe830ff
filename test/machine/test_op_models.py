from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilewright.machine.catalog import device_names, load_device
from tilewright.machine.kernels import KERNELS, Kind, kernel_named
from tilewright.machine.opmodel import KernelShape, Operand, OpModel, best_model, legal_models, max_ublock_tiles
from tilewright.support.dataformat import DataFormat, MathFidelity
from tilewright.support.errors import ResourceError, UnsupportedInputError

N150 = load_device("wormhole_n150")
F16 = DataFormat.Float16_b


def make_shape(
    kernel: str,
    *,
    batch: int = 1,
    out: tuple[int, int] = (4, 12),
    inner: int = 12,
    fmt: DataFormat = F16,
    accumulate: DataFormat = F16,
    batched_in1: bool = False,
    resident: bool = False,
    kind: Kind | None = None,
) -> KernelShape:
    """A shape of `kernel` with operands that suit it."""
    kind = kind or kernel_named(kernel).kinds[0]
    rows, cols = out
    whole = Operand(fmt, batch * rows * cols)
    parameter = Operand(fmt, cols, resident=resident, broadcast=True)
    inputs = {
        "matmul": (
            Operand(fmt, batch * rows * inner),
            Operand(fmt, (batch if batched_in1 else 1) * inner * cols, resident=resident),
        ),
        "eltwise": (whole, parameter),
        "reduce": (Operand(fmt, batch * rows * cols * inner),),
        "movement": (whole,),
        "fused_row": (whole, parameter),
    }[kind]
    inner_tiles = {"matmul": inner, "reduce": inner, "fused_row": cols}.get(kind, 0)
    return KernelShape(kernel, kind, batch, out, inner_tiles, inputs, fmt, accumulate, accumulate, MathFidelity.HiFi4)


shapes = st.builds(
    make_shape,
    st.sampled_from(["matmul", "add", "exp", "reduce_sum", "softmax", "layer_norm", "permute"]),
    batch=st.integers(1, 24),
    out=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    inner=st.integers(1, 48),
    fmt=st.sampled_from([F16, DataFormat.Float32, DataFormat.Bfp8_b, DataFormat.Bfp4_b]),
    accumulate=st.sampled_from([F16, DataFormat.Float32]),
    batched_in1=st.booleans(),
    resident=st.booleans(),
)


def check_legal(shape: KernelShape, model: OpModel) -> None:
    """What any model must satisfy."""
    (grid_r, grid_c), (m, n), (rt, ct) = model.grid, model.mblock, model.ublock
    rows, cols = shape.out_tiles
    assert shape.batch * rows * cols == grid_r * grid_c * model.t * m * n * rt * ct
    assert shape.batch * rows == model.t * model.parts[0] * m * rt
    assert cols == model.parts[1] * n * ct
    assert 1 <= grid_r <= N150.grid.rows
    assert 1 <= grid_c <= N150.grid.cols
    assert rt * ct <= max_ublock_tiles(shape.accumulate_format)
    assert model.l1_bytes == sum(size for _, size in model.buffers) <= N150.l1_bytes_per_core
    assert model.m_k * model.u_kt == (shape.inner_tiles if shape.walks_inner else 1)
    if not shape.folds_batch:
        assert model.t % shape.batch == 0
    if shape.kind == "fused_row":
        assert model.parts[1] == 1


@settings(max_examples=60)
@given(shapes, st.booleans())
def test_every_model_multiplies_out_and_fits(shape: KernelShape, spread_rows: bool) -> None:
    models = list(legal_models(N150, shape, spread_rows=spread_rows))
    for model in models:
        check_legal(shape, model)
    assert [m.cores for m in models] == sorted((m.cores for m in models), reverse=True)
    assert len(set(models)) == len(models)
    if models:
        best = best_model(N150, shape, spread_rows=spread_rows)
        assert best in models
        assert best.cores == models[0].cores


@settings(max_examples=30)
@given(shapes, st.booleans())
def test_every_output_tile_belongs_to_one_place(shape: KernelShape, spread_rows: bool) -> None:
    model = best_model(N150, shape, spread_rows=spread_rows)
    (m, n), (rt, ct), (row_parts, col_parts) = model.mblock, model.ublock, model.parts
    rows = Counter(
        ((s * row_parts + p) * m + i) * rt + y
        for s, p, i, y in product(range(model.t), range(row_parts), range(m), range(rt))
    )
    cols = Counter((q * n + j) * ct + x for q, j, x in product(range(col_parts), range(n), range(ct)))
    assert rows == Counter(range(shape.batch * shape.out_tiles[0]))
    assert cols == Counter(range(shape.out_tiles[1]))


def test_a_matmul_with_weights_folds_the_batch_into_rows() -> None:
    model = best_model(N150, make_shape("matmul", batch=8, out=(4, 16)))
    assert model.grid == (8, 8)


def test_a_matmul_of_two_batched_operands_walks_the_batch_in_time() -> None:
    model = best_model(N150, make_shape("matmul", batch=12, out=(4, 4), inner=1, batched_in1=True))
    assert model.grid == (4, 4)
    assert model.t == 12


def test_whole_rows_stay_on_a_core() -> None:
    shape = make_shape("softmax", batch=96, out=(4, 4))
    assert best_model(N150, shape).grid == (8, 1)
    spread = best_model(N150, shape, spread_rows=True)
    assert spread.grid == (8, 8)
    assert spread.parts == (64, 1)


def test_dest_holds_half_as_many_32_bit_tiles() -> None:
    for accumulate, tiles in ((F16, 8), (DataFormat.Float32, 4), (DataFormat.Int32, 4)):
        shape = make_shape("add", out=(64, 64), accumulate=accumulate)
        rt, ct = best_model(N150, shape).ublock
        assert rt * ct == tiles


def test_u_kt_is_the_largest_factor_that_fits() -> None:
    assert best_model(N150, make_shape("matmul", out=(8, 8), inner=48)).u_kt == 48
    long_inner = make_shape("matmul", out=(8, 8), inner=4096)
    model = best_model(N150, long_inner)
    assert model.m_k > 1
    strips = dict(model.buffers)
    # The next factor, twice as large, would need more than there is.
    assert 2 * (strips["in0"] + strips["in1"]) + strips["out"] > N150.l1_bytes_per_core


def test_the_strips_of_a_matmul() -> None:
    """Per core: in0 two strips of rows x u_kt, in1 two of u_kt x cols, out two blocks, partial results one block."""
    shape = make_shape("matmul", out=(32, 32), inner=64, fmt=DataFormat.Bfp8_b)
    for model in legal_models(N150, shape):
        rows, cols = model.block_tiles
        buffers = {"in0": 2 * rows * model.u_kt * 1120, "in1": 2 * cols * model.u_kt * 1120}
        buffers["out"] = model.buf_size_mb * rows * cols * 1120
        if model.m_k > 1:
            buffers["intermed"] = rows * cols * 2080
        assert dict(model.buffers) == buffers


def test_parameters_stay_in_l1_if_that_pays_and_fits() -> None:
    repeated = make_shape("matmul", batch=8, out=(4, 12), resident=True)
    assert best_model(N150, repeated).resident == (1,)
    huge = make_shape("matmul", batch=8, out=(8, 8), inner=8192, resident=True)
    assert best_model(N150, huge).resident == ()


def test_a_single_buffer_if_two_do_not_fit() -> None:
    wide = make_shape("exp", out=(1, 8 * 211), accumulate=F16)
    assert best_model(N150, wide).buf_size_mb == 2
    wider = make_shape("exp", out=(1, 8 * 307), accumulate=F16)
    assert best_model(N150, wider).buf_size_mb == 1


def test_what_does_not_fit_is_explained() -> None:
    """1571 tile columns are prime: they cannot be spread over columns of cores."""
    shape = make_shape("matmul", out=(1, 1571), inner=24)
    with pytest.raises(ResourceError) as caught:
        best_model(N150, shape, where="model.py:12 lm_head")
    message = caught.value.render()
    assert message.startswith(
        "model.py:12 lm_head: error: no placement of kernel 'matmul' fits the L1 of wormhole_n150"
    )
    # 2 * (1 + 1571) strips of one tile, one block of results and one of partial results.
    needed = (2 * (1 + 1571) + 2 * 1571) * 2080
    assert f"needs {needed:,} bytes per core" in message
    assert f"{needed - 1_028_096:,} too many" in message
    assert "in1" in message
    assert "pad them to a multiple of 8" in message


def test_a_row_that_does_not_fit_is_explained() -> None:
    with pytest.raises(ResourceError, match="whole rows of 4096 tiles: split the row"):
        best_model(N150, make_shape("softmax", out=(4, 4096)))


@pytest.mark.parametrize(
    ("device", "options", "message"),
    [
        (
            "grayskull_e150",
            {"accumulate": DataFormat.Float32},
            r"no format Float32.*\n.*\n.*e150 accumulates",
        ),
        ("wormhole_n150", {"fmt": DataFormat.Fp8_e4m3}, "wormhole_n150 has no format Fp8_e4m3"),
    ],
)
def test_formats_that_a_device_lacks(device: str, options: dict[str, DataFormat], message: str) -> None:
    with pytest.raises(UnsupportedInputError, match=message):
        best_model(load_device(device), make_shape("matmul", **options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch = 0"),
        ({"out": (4, 0)}, "out cols = 0"),
        ({"inner": 0}, "inner tiles = 0"),
        ({"kind": "eltwise"}, "cannot be used as 'eltwise'.*\n.*its kind is matmul"),
    ],
)
def test_impossible_shapes(options: dict[str, object], message: str) -> None:
    with pytest.raises(UnsupportedInputError, match=message):
        make_shape("matmul", **options)  # pyright: ignore[reportArgumentType]


def test_an_inner_extent_where_none_belongs() -> None:
    with pytest.raises(UnsupportedInputError, match="inner tiles = 3"):
        KernelShape("exp", "eltwise", 1, (1, 1), 3, (Operand(F16, 1),), F16, F16, F16, MathFidelity.LoFi)
    with pytest.raises(UnsupportedInputError, match="a row is 2 tiles wide"):
        KernelShape("softmax", "fused_row", 1, (1, 2), 3, (Operand(F16, 2),), F16, F16, F16, MathFidelity.LoFi)


def test_an_unknown_kernel_is_an_error() -> None:
    with pytest.raises(UnsupportedInputError, match=r"no kernel 'sofmax'\n.*did you mean 'softmax'"):
        make_shape("sofmax")


@pytest.mark.parametrize("device", device_names())
@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_every_kernel_has_a_model_on_every_device(device: str, kernel: str) -> None:
    shape = make_shape(kernel, batch=2, out=(4, 6), inner=3)
    assert best_model(load_device(device), shape).l1_bytes > 0
