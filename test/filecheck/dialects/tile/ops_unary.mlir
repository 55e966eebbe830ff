// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Element-wise kernels of one operand; the last one is placed.

!t = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
!i = tensor<1x2x!ttcore.tile<32x32, si32>, #tile.layout<[20, 40], pad = undef, dram>>

func.func @unary(%x : !t) {
  %abs = tile.abs %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %neg = tile.neg %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %exp = tile.exp %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %log = tile.log %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %sqrt = tile.sqrt %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %rsqrt = tile.rsqrt %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %reciprocal = tile.reciprocal %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %tanh = tile.tanh %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %sigmoid = tile.sigmoid %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %gelu = tile.gelu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %relu = tile.relu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %silu = tile.silu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %erf = tile.erf %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %sine = tile.sine %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %cosine = tile.cosine %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %logical_not = tile.logical_not %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  func.return
}
// CHECK-LABEL: func.func @unary(
// CHECK-NEXT{LITERAL}: %abs = tile.abs %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %neg = tile.neg %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %exp = tile.exp %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %log = tile.log %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %sqrt = tile.sqrt %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %rsqrt = tile.rsqrt %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %reciprocal = tile.reciprocal %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %tanh = tile.tanh %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %sigmoid = tile.sigmoid %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %gelu = tile.gelu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %relu = tile.relu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %silu = tile.silu %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %erf = tile.erf %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %sine = tile.sine %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %cosine = tile.cosine %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %logical_not = tile.logical_not %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return

func.func @others(%x : !t) {
  %a = tile.clamp %x low = -1.000000e+00 : f32 high = 0x7F800000 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %b = tile.typecast %x, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : !t -> !i
  %c = tile.exp %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [0, 1], grid = [1, 2], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> {kept} : !t -> !t
  func.return
}
// CHECK-LABEL: func.func @others(
// CHECK-NEXT{LITERAL}: %a = tile.clamp %x low = -1.000000e+00 : f32 high = 0x7F800000 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %b = tile.typecast %x, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, si32>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %c = tile.exp %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [0, 1], grid = [1, 2], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> {kept} : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return
