"""Torch's side of the table of ATen overloads: how it is generated, and how a name in it becomes a callable."""

from __future__ import annotations

import sys
from functools import cache

import torch

from tilewright.frontend.narrowing import AnyOverload
from tilewright.support.aten_overloads import is_known_overload

_NAMESPACE = "aten"

_RANDOM_ONLY_WITH_DROPOUT = frozenset(
    {
        "scaled_dot_product_attention",
        "_scaled_dot_product_attention_math",
        "_scaled_dot_product_flash_attention_for_cpu",
        "lstm",
        "gru",
        "rnn_tanh",
        "rnn_relu",
    }
)

_UNINITIALISED = ("empty", "new_empty", "resize")

_FOREIGN = ("quantize", "qparams", "sparse", "mkldnn", "miopen", "cudnn", "fbgemm", "mps_", "nested", "cuda", "nnpack")
"""Parts of names of ops on other devices, layouts or element types than the models here have."""

_OF_SPARSE_TENSORS = (
    "coalesce",
    "indices",
    "values",
    "crow_",
    "ccol_",
    "row_i",
    "col_i",
    "to_dense",
    "sspaddmm",
    "smm",
)

_REFUSED = frozenset(
    # They read files, keep autograd's books or name dimensions.
    {"from_file", "data", "rename", "refine_names", "align_to", "pin_memory", "set", "batch_norm_update_stats"}
    # They trust strides, offsets or labels that they are given.
    | {"slice_inverse", "segment_reduce", "ctc_loss", "_ctc_loss"}
    # Only backends implement it.
    | {"convolution_overrideable"}
)

_WITHOUT_TENSOR_RESULT = frozenset(
    {"item", "equal", "is_nonzero", "sym_size", "sym_stride", "sym_numel", "sym_storage_offset", "sym_is_contiguous"}
    | {"sym_constrain_range", "sym_constrain_range_for_size"}
)

_PRIVATE_NAMES = """
_adaptive_avg_pool2d _adaptive_avg_pool3d _addmm_activation _aminmax _assert_async _assert_scalar
_assert_tensor_metadata _cdist_forward _cholesky_solve_helper _chunk_cat _conj _conj_copy _conj_physical
_convolution _convolution_mode _dim_arange _embedding_bag _embedding_bag_forward_only _euclidean_dist _fft_c2c
_fft_c2r _fft_r2c _foreach_abs _foreach_add _foreach_addcdiv _foreach_addcmul _foreach_clamp_max _foreach_clamp_min
_foreach_div _foreach_exp _foreach_log _foreach_maximum _foreach_minimum _foreach_mul _foreach_neg _foreach_norm
_foreach_pow _foreach_reciprocal _foreach_sign _foreach_sqrt _foreach_sub _functional_assert_async
_functional_assert_scalar _fused_rms_norm _grouped_mm _histogramdd_bin_edges _histogramdd_from_bin_cts
_histogramdd_from_bin_tensors _index_put_impl _int_mm _is_all_true _is_any_true _linalg_check_errors _linalg_det
_linalg_eigh _linalg_eigvals _linalg_slogdet _linalg_solve_ex _linalg_svd _local_scalar_dense _log_softmax
_logcumsumexp _lu_with_info _masked_softmax _native_batch_norm_legit _native_batch_norm_legit_functional
_native_batch_norm_legit_no_training _native_multi_head_attention _neg_view _neg_view_copy _pack_padded_sequence
_pad_circular _pad_enum _pad_packed_sequence _pdist_forward _prelu_kernel _safe_softmax
_scaled_dot_product_attention_math _scaled_dot_product_flash_attention_for_cpu _shape_as_tensor _softmax _stack
_thnn_fused_gru_cell
_thnn_fused_lstm_cell _to_copy _transform_bias_rescale_qkv _transformer_encoder_layer_fwd _trilinear _unique
_unique2 _unsafe_index _unsafe_index_put _unsafe_masked_index _unsafe_masked_index_put_accumulate _unsafe_view
_upsample_bicubic2d_aa _upsample_bilinear2d_aa _upsample_nearest_exact1d _upsample_nearest_exact2d
_upsample_nearest_exact3d _weight_norm _weight_norm_interface
"""

_PRIVATE = frozenset(_PRIVATE_NAMES.split())
"""Private ops that export or torch's decompositions produce."""

_TYPES = frozenset({"Tensor", "int", "bool", "float", "number", "str", "Device"})
"""Types of arguments and results, apart from lists and optionals of them."""

_KERNELS = ("CPU", "CompositeImplicitAutograd", "CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional")


@cache
def resolve_overload(name: str) -> AnyOverload | None:
    """The overload that `name` (`aten.add.Tensor`) stands for; None if the table does not have it."""
    return _overload(name) if is_known_overload(name) else None


def find_functional_overloads() -> list[str]:
    """What `support/aten_overloads.txt` holds, computed from the torch that is installed."""
    registered = torch._C._dispatch_get_all_op_names()  # pyright: ignore[reportPrivateUsage]
    found: set[str] = set()
    for qualified in registered:
        namespace, _, rest = qualified.partition("::")
        base, _, overload = rest.partition(".")
        name = f"{namespace}.{base}.{overload or 'default'}"
        if namespace == _NAMESPACE and _may_be_called(base) and _is_functional(_overload(name)):
            found.add(name)
    return sorted(found)


def _overload(name: str) -> AnyOverload | None:
    namespace, base, overload = name.split(".")
    packet = getattr(getattr(torch.ops, namespace), base, None)
    return getattr(packet, overload, None)


def _may_be_called(base: str) -> bool:
    is_private = base.startswith("_") and not base.endswith("__")
    return not (
        (is_private and base not in _PRIVATE)
        or base in _REFUSED
        or base.startswith((*_UNINITIALISED, *_OF_SPARSE_TENSORS))
        or "backward" in base
        or any(part in base for part in _FOREIGN)
    )


def _is_functional(overload: AnyOverload | None) -> bool:
    if overload is None:
        return False
    schema = overload._schema  # pyright: ignore[reportPrivateUsage]
    base = overload.overloadpacket.__name__
    is_random = torch.Tag.nondeterministic_seeded in overload.tags and base not in _RANDOM_ONLY_WITH_DROPOUT
    # Names of dimensions show as `str` among the types.
    if schema.is_mutable or is_random or "Dimname" in str(schema):
        return False
    types = [str(value.type) for value in [*schema.arguments, *schema.returns]]
    if not all(_scalar_type(type) in _TYPES for type in types):
        return False
    has_tensor_result = any("Tensor" in str(value.type) for value in schema.returns)
    if not (has_tensor_result or base in _WITHOUT_TENSOR_RESULT or base in _PRIVATE):
        return False
    has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key  # pyright: ignore[reportPrivateUsage]
    return any(has_kernel(overload.name(), key) for key in _KERNELS)


def _scalar_type(type: str) -> str:
    """`Tensor` for `List[Optional[Tensor]]`."""
    return type.replace("Optional[", "").replace("List[", "").rstrip("]")


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in find_functional_overloads())
